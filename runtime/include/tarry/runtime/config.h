#pragma once
/// What the environment says, read once at the first question.

#include <cstdint>
#include <string>
#include <string_view>

namespace tarry::runtime {

enum class Tier : uint8_t { automatic, interpreter, llvm };

struct Config {
  int num_threads = 0;            // TARRY_NUM_THREADS; 0: all cores this process may use
  Tier tier = Tier::automatic;    // TARRY_TIER=auto|interp|llvm
  std::string passes;             // TARRY_PASSES: names separated by commas; empty: the default list
  std::string dump;               // TARRY_DUMP: of trace,passes,kernel,llvm,asm,ptx,plan
  std::string log;                // TARRY_LOG
  std::string cache_dir;          // TARRY_CACHE_DIR
  uint64_t memory_limit = 0;      // TARRY_MEMORY_LIMIT, bytes, with k, M, G suffixes; 0: the machine's memory
  bool dumps(std::string_view what) const;  // whether `what` is in the list `dump`
};
const Config& config();
/// For tests: replaces the tier from now on.
void set_tier(Tier tier);

}  // namespace tarry::runtime
