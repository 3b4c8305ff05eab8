#pragma once
/// Runs kernels as PTX on the interpreter of tests/cudasim, in the memory of the process.

#include <tarry/codegen/nvptx.h>

#include <span>
#include <vector>

#include "ptx/launch.h"

namespace tarry::test {

/// What launches may reach: arrays of the test, whole, and scratch memory that must be written before it is read.
using DeviceArrays = std::vector<std::span<std::byte>>;

struct PtxOptions {
  int sm = 75;
  int index_bits = 32;
  int multiprocessors = 2;
  int64_t shared_bytes = 48 * 1024;
  cudasim::WarpOrder order = cudasim::WarpOrder::ahead;
};

/// Counts of all launches of a plan.
struct PtxCounts {
  int launches = 0;
  uint64_t thread_instructions = 0, global_read = 0, global_written = 0;
};

/// Arrays by access; those of index accesses are empty. Throws what the interpreter finds wrong.
PtxCounts run_ptx(const codegen::GpuKernel& kernel, const codegen::Launch& launch, const DeviceArrays& arrays,
                  const PtxOptions& options);

}  // namespace tarry::test
