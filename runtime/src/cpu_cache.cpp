#include <tarry/runtime/cpu_cache.h>
#include <tarry/runtime/fork.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

#include "machine.h"

namespace tarry::runtime {
namespace {

constinit std::atomic<int64_t> wanted{0};

constexpr int64_t kLeast = int64_t{256} << 10;  // that any processor has
constexpr int64_t kEstimate = int64_t{32} << 20;
/// A last cache larger than this consists of slices, one for each of many cores. A virtual machine of two cores is
/// shown all of the 260 MB that sixty share; what it can count on are its own slices, 2 to 8 MB each, or a sixteenth of
/// all: of 480 MB an output of 16 MB was found there again, of 260 it was not.
constexpr int64_t kLargestOfOne = int64_t{64} << 20;
constexpr int64_t kSlice = int64_t{8} << 20;

int64_t share_of_last(int64_t bytes, int64_t cores) {
  return bytes > kLargestOfOne ? std::min(bytes, std::max(kSlice * cores, bytes / 16)) : bytes;
}

/// "512K", "32M"; 0 where it cannot be read.
int64_t bytes_of(const std::string& text) {
  char* end = nullptr;
  const int64_t number = std::strtoll(text.c_str(), &end, 10);
  if (*end == 'K') return number << 10;
  if (*end == 'M') return number << 20;
  return number;
}

/// As Linux describes them for the first processor.
int64_t measure() {
  int64_t second = 0, last = 0;
  for (int i = 0; i < 8; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    const std::string level = text_of_file(folder + "level");
    if (level.empty()) break;
    if (level == "2\n") second = bytes_of(text_of_file(folder + "size"));
    if (level == "3\n") last = bytes_of(text_of_file(folder + "size"));
  }
  const int64_t cores = usable_cores(), all = share_of_last(last, cores) + second * cores;
  return all > 0 ? all : kEstimate;
}

}  // namespace

int64_t cache_bytes() {
  static constinit MadeOnce<const int64_t> bytes;
  const int64_t other = wanted.load(std::memory_order_relaxed);
  return other ? other : bytes.get([] { return new const int64_t(measure()); });
}

bool exceeds_cache(int64_t bytes) {
  return (bytes > kLeast || wanted.load(std::memory_order_relaxed)) && bytes > cache_bytes();
}

void set_cache_bytes(int64_t bytes) { wanted.store(bytes, std::memory_order_relaxed); }

}  // namespace tarry::runtime
