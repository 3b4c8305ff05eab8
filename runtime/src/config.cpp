#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/words.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>

namespace tarry::runtime {
namespace {

[[noreturn]] void reject(const char* name, std::string_view value, const char* wanted) {
  throw ValueError(std::string(name) + "='" + std::string(value) + "' is not " + wanted);
}

int parse_threads(const char* name, std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < 0 || n > 4096)
    reject(name, text, "a number of threads (0 to 4096; 0 means all cores)");
  return n;
}

uint64_t parse_size(const char* name, std::string_view text) {
  uint64_t n = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, n);
  const std::string_view unit(end, static_cast<size_t>(last - end));
  int shift = -1;
  if (unit.empty()) shift = 0;
  if (unit.size() == 1) {
    switch (unit[0]) {
      case 'k':
      case 'K': shift = 10; break;
      case 'm':
      case 'M': shift = 20; break;
      case 'g':
      case 'G': shift = 30; break;
      case 't':
      case 'T': shift = 40; break;
    }
  }
  if (error != std::errc() || shift < 0 || n > std::numeric_limits<uint64_t>::max() >> shift)
    reject(name, text, "a number of bytes (such as 800000000, 512M or 4G)");
  return n << shift;
}

Tier parse_tier(const char* name, std::string_view text) {
  if (text == "auto") return Tier::automatic;
  if (text == "interp") return Tier::interpreter;
  if (text == "llvm") return Tier::llvm;
  reject(name, text, "a tier (auto, interp or llvm)");
}

/// Names that nothing is called by would be asked for in vain. `known` begins with "all".
void check_list(const char* name, std::string_view text, std::span<const std::string_view> known) {
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view word = take_until(rest, ',');
    if (word.empty() || std::ranges::find(known, word) != known.end()) continue;
    std::string wanted = "all, or a list of " + std::string(known[1]);
    for (std::string_view other : known.subspan(2)) wanted += ", " + std::string(other);
    reject(name, text, wanted.c_str());
  }
}
constexpr std::string_view kDumps[] = {"all", "trace", "passes", "plan", "kernel", "llvm", "asm", "ptx"};
constexpr std::string_view kLogs[] = {"all", "cache", "compile", "fallback"};

const char* environment(const char* name) { return std::getenv(name); }

Config& live_config() {
  static constinit MadeOnce<Config> live;
  return live.get([] {
    auto made = std::make_unique<Config>();
    read_config(*made, environment);
    return made.release();
  });
}

}  // namespace

void read_config(Config& into, const char* (*variable)(const char* name)) {
  const auto text = [&](const char* name) -> std::string_view {
    const char* value = variable(name);
    return value ? value : "";
  };
  const auto threads = text("TARRY_NUM_THREADS"), tier = text("TARRY_TIER"), limit = text("TARRY_MEMORY_LIMIT");
  if (!threads.empty()) into.num_threads = parse_threads("TARRY_NUM_THREADS", threads);
  if (!tier.empty()) into.tier = parse_tier("TARRY_TIER", tier);
  if (!limit.empty()) into.memory_limit = parse_size("TARRY_MEMORY_LIMIT", limit);
  into.passes = text("TARRY_PASSES");
  into.dump = text("TARRY_DUMP");
  check_list("TARRY_DUMP", into.dump, kDumps);
  into.log = text("TARRY_LOG");
  check_list("TARRY_LOG", into.log, kLogs);
  into.cache_dir = text("TARRY_CACHE_DIR");
  into.cuda_library = text("TARRY_CUDA_LIBRARY");
  into.cublas_library = text("TARRY_CUBLAS_LIBRARY");
}

bool Config::dumps(std::string_view what) const { return lists(dump, what) || lists(dump, "all"); }
bool Config::logs(std::string_view what) const { return lists(log, what) || lists(log, "all"); }

const Config& config() { return live_config(); }

void set_tier(Tier tier) { live_config().tier = tier; }

}  // namespace tarry::runtime
