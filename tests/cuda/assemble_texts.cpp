// Assembles the kernels that a folder of compiled kernels holds, for every capability that texts are made for, and the
// oldest text for a chip newer than all of them.
//
// assemble_texts FOLDER [MOST [JOBS [KEPT]]]: at most that many kernels, from all over the folder. Fails where a text
// is refused or warned of, or where more registers go through memory than there is a reason for. Texts of which
// registers go through memory are left in the folder KEPT.
#include "ptx_assembler.h"

#include <tarry/codegen/nvptx.h>
#include <tarry/ir/text.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tarry;

constexpr int kTexts[] = {75, 80, 90}, kNewest = 100;

/// Bytes of registers that may go through memory in a function, by test::Spill.
struct Limit {
  const char* reason;
  int most;
};
constexpr Limit kLimits[] = {{"nothing", 0},
                             {"more blocks at once", 128},
                             {"more values than registers", 1280},  // of the largest kernels
                             {"for no known reason", 0}};

/// What runtime/disk_cache keeps: a header with the length of the key, the key, the text. The key ends with the kernel.
struct Kept {
  ir::Kernel kernel;
  int index_bits = 32;
  codegen::GpuRoutine routine = codegen::GpuRoutine::run;
  codegen::Carry carry;
};

/// Of its text: for each access a number, and a word.
codegen::Carry read_carry(const std::string& text) {
  std::istringstream words(text);
  codegen::Carry carry;
  int from = 0;
  for (std::string apart; words >> from >> apart;) {
    carry.from.push_back(from);
    carry.apart.push_back(apart == "apart");
  }
  return carry;
}

bool read(const std::filesystem::path& file, Kept& kept) {
  std::ifstream in(file, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(in)), {});
  constexpr size_t kHeader = 32;
  uint64_t key_bytes = 0;
  if (all.size() < kHeader) return false;
  std::memcpy(&key_bytes, all.data() + 8, sizeof key_bytes);
  const std::string key = all.substr(kHeader, key_bytes);
  const size_t sm = key.find("\nsm_"), kernel = key.find("kernel @");
  if (sm == key.npos || kernel == key.npos) return false;  // code of the host
  kept.index_bits = key.find("indices of 64 bits", sm) < kernel ? 64 : 32;
  constexpr std::string_view kRoutine = "routine ";
  if (const size_t routine = key.find(kRoutine, sm); routine < kernel)
    kept.routine = static_cast<codegen::GpuRoutine>(std::stoi(key.substr(routine + kRoutine.size())));
  constexpr std::string_view kCarried = "carried: ";
  if (const size_t carried = key.find(kCarried, sm); carried < kernel)
    kept.carry = read_carry(key.substr(carried + kCarried.size(), kernel - carried - kCarried.size()));
  kept.kernel = ir::parse_kernel(key.substr(kernel));
  return true;
}

class Assembly {
 public:
  Assembly(std::string assembler, std::filesystem::path kept)
      : assembler_(std::move(assembler)), kept_(std::move(kept)) {}

  void take(const std::filesystem::path& file) {
    Kept kept;
    if (!read(file, kept)) return;
    for (int sm : kTexts) {
      const std::string ptx = codegen::compile_ptx(kept.kernel, sm, kept.index_bits, kept.routine, kept.carry).ptx;
      {
        const std::lock_guard guard(mutex_);
        if (!seen_.insert(std::hash<std::string>()(ptx)).second) continue;
      }
      assemble(ptx, sm, sm, file);
      if (sm == kTexts[0]) assemble(ptx, sm, kNewest, file);
    }
  }

  int report() const {
    std::printf("%zu texts, assembled %d times, %d functions: %zu complaints\n", seen_.size(), assembled_, functions_,
                complaints_);
    for (const auto& [reason, sum] : sums_)
      std::printf("  through memory, %s: %d functions, at most %d bytes\n", kLimits[reason].reason, sum.count,
                  sum.most);
    return seen_.empty() || complaints_ ? 1 : 0;
  }

 private:
  void assemble(const std::string& ptx, int sm, int chip, const std::filesystem::path& file) {
    const test::Assembled result = test::assemble(assembler_, ptx, chip);
    const std::vector<test::Spilled> spilled = test::spilled(assembler_, result, ptx, chip);
    const std::lock_guard guard(mutex_);
    ++assembled_;
    functions_ += static_cast<int>(result.functions.size());
    bool good = result.accepted && !result.warned;
    std::string lines;
    for (const test::Spilled& s : spilled) {
      const Limit& limit = kLimits[static_cast<size_t>(s.reason)];
      Sum& sum = sums_[static_cast<size_t>(s.reason)];
      ++sum.count;
      sum.most = std::max(sum.most, s.bytes);
      good = good && s.bytes <= limit.most;
      lines += "// " + s.function + ", " + std::to_string(s.registers) + " registers, " + std::to_string(s.bytes) +
               " bytes: " + limit.reason + "\n";
    }
    if (!lines.empty() && !kept_.empty())
      std::ofstream(kept_ / (file.stem().string() + "-" + std::to_string(sm) + "-" + std::to_string(chip) + ".ptx"))
          << ptx << lines;
    if (good) return;
    ++complaints_;
    std::printf("%s, sm_%d for sm_%d:\n%s\n", file.c_str(), sm, chip, result.said.c_str());
    std::fflush(stdout);
  }

  std::string assembler_;
  std::filesystem::path kept_;  // or none
  std::mutex mutex_;
  std::set<size_t> seen_;  // hashes of texts
  struct Sum {
    int count = 0, most = 0;
  };
  std::map<size_t, Sum> sums_;  // of spills, by reason
  int assembled_ = 0, functions_ = 0;
  size_t complaints_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  const std::string assembler = test::find_assembler();
  if (assembler.empty()) {
    std::puts("SKIPPED: there is no ptxas on this machine, so nothing was assembled");
    return 77;
  }
  if (count < 2) return 2;
  const size_t most = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : SIZE_MAX;
  const int jobs = count > 3 ? std::atoi(arguments[3]) : 1;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1]))
    if (entry.path().extension() == ".kernel") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  const size_t every = std::max<size_t>(1, files.size() / most);
  const std::filesystem::path kept = count > 4 ? arguments[4] : "";
  if (!kept.empty()) std::filesystem::create_directories(kept);
  Assembly assembly(assembler, kept);
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < jobs; ++i)
    threads.emplace_back([&] {
      for (size_t n; (n = next.fetch_add(every)) < files.size();) assembly.take(files[n]);
    });
  for (std::thread& t : threads) t.join();
  return assembly.report();
}
