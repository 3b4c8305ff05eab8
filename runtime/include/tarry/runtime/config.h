#pragma once
/// What the environment says, read once at the first question.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace tarry::runtime {

enum class Tier : uint8_t { automatic, interpreter, llvm };

struct Config {
  int num_threads = 0;                      // TARRY_NUM_THREADS; 0: all cores this process may use
  std::atomic<Tier> tier{Tier::automatic};  // TARRY_TIER=auto|interp|llvm
  std::string passes;                       // TARRY_PASSES: names separated by commas; empty: the default list
  std::string dump;                         // TARRY_DUMP: of trace,passes,plan,kernel,llvm,asm,ptx; or all
  std::string log;                          // TARRY_LOG: of cache,compile,fallback; or all: what is told on stderr
  std::string cache_dir;                    // TARRY_CACHE_DIR; empty: the default place, off: none
  uint64_t memory_limit = 0;                // TARRY_MEMORY_LIMIT, bytes, with k, M, G, T suffixes (powers of 1024);
                                            // 0: the machine's memory
  std::string cuda_library;                 // TARRY_CUDA_LIBRARY: a file in the place of libcuda.so.1
  std::string cublas_library;               // TARRY_CUBLAS_LIBRARY: likewise of libcublas
  bool dumps(std::string_view what) const;  // whether `what` is in the list `dump`
  bool logs(std::string_view what) const;   // whether `what` is in the list `log`
};

/// Throws ValueError, at every call, when a variable cannot be read; its text names the variable.
const Config& config();

/// For tests: replaces the tier from now on.
void set_tier(Tier tier);

/// Fills `into` from a function that gives the value of a variable, or null.
void read_config(Config& into, const char* (*variable)(const char* name));

}  // namespace tarry::runtime
