#pragma once
/// Runs a kernel.

#include <cstdint>
#include <vector>

#include "ptx/fault.h"
#include "ptx/memory.h"
#include "ptx/program.h"

namespace cudasim {

/// In which order the warps of a thread block run.
enum class WarpOrder : uint8_t {
  ahead,     // each to its next barrier
  lockstep,  // each a basic block, in turn
  reversed   // the last warp of the last block first, each to its next barrier
};

struct LaunchOptions {
  WarpOrder order = WarpOrder::ahead;
  uint64_t max_instructions = uint64_t{1} << 36;  // executed by warps
  bool find_races = true;
};

struct LaunchShape {
  uint32_t grid[3] = {1, 1, 1};
  uint32_t block[3] = {1, 1, 1};
  uint32_t dynamic_shared = 0;
};

struct LaunchCounters {
  uint64_t warp_instructions = 0;
  uint64_t thread_instructions = 0;
  uint64_t global_read = 0, global_written = 0;                  // bytes
  uint64_t global_sectors_read = 0, global_sectors_written = 0;  // of 32 bytes, once for each instruction of a warp
  std::vector<uint64_t> block_threads;                           // executions of each basic block by threads
};

/// Throws Fault. The counters say what ran until then.
void run_kernel(const Program& program, const LaunchShape& shape, const std::vector<uint8_t>& params,
                GlobalMemory& memory, const LaunchOptions& options, LaunchCounters& counters);

}  // namespace cudasim
