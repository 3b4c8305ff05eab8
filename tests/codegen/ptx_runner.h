#pragma once
/// Runs kernels as PTX on the interpreter of tests/cudasim, in the memory of the process.

#include <tarry/codegen/nvptx.h>

#include "interp_support.h"

#include <map>
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
  uint32_t most_blocks = 0, most_shared_bytes = 0;  // of one launch
  std::map<std::string, int> by_entry;
  uint64_t thread_instructions = 0, global_read = 0, global_written = 0;
  bool outside = false;  // some index was told to be
};

/// Arrays by access; those of index accesses are empty. Throws what the interpreter finds wrong.
PtxCounts run_ptx(const codegen::GpuKernel& kernel, const codegen::Launch& launch, const DeviceArrays& arrays,
                  const PtxOptions& options);

/// As an executor beside others, for kernels without computed places: arrays end where extents and strides say.
const codegen::Backend& ptx_backend();

/// The memory of one access.
struct PlacedArray {
  Data data;
  std::vector<int64_t> strides;
  int64_t base = 0;    // the element at the origin
  int64_t offset = 0;  // of an index access
};

/// Fails where a kernel leaves other values than interpreted, beyond its arrays too.
PtxCounts expect_interpreted_bits(const ir::Kernel& kernel, const std::vector<int64_t>& extents,
                                  std::vector<PlacedArray> arrays, const PtxOptions& options,
                                  std::vector<uint64_t> scalars = {});

/// Fails where a text has arithmetic that the assembler may contract, or that is not exact.
void expect_strict(const std::string& ptx);

}  // namespace tarry::test
