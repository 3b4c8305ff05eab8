#include <tarry/codegen/nvptx.h>
#include <tarry/ir/text.h>
#include <tarry/passes/expand.h>

#include "cpu/compiler_library.h"
#include "nvptx/launch.h"

namespace tarry::codegen {
namespace {

constexpr int kOldestGpu = 75;
constexpr int kNewestGpu = 90;

/// Shared memory that a function declares: where threads of several warps meet.
int64_t shared_bytes(const GpuShape& shape, GpuFunction f) {
  switch (f) {
    case GpuFunction::rows:
    case GpuFunction::rows_wide:
    case GpuFunction::rows_far: return shape.scans ? 0 : kSharedBytes;
    case GpuFunction::finish_rows:
    case GpuFunction::walk_chunks:
    case GpuFunction::fold_chunks:
    case GpuFunction::columns:
    case GpuFunction::columns_wide:
    case GpuFunction::sort_runs:
    case GpuFunction::product_tiles:
    case GpuFunction::finish_columns: return kSharedBytes;
    case GpuFunction::points:
    case GpuFunction::carried:
    case GpuFunction::clear:
    case GpuFunction::claim:
    case GpuFunction::pairs:
    case GpuFunction::merge_runs:
    case GpuFunction::keys:
    case GpuFunction::positions:
    case GpuFunction::elements:
    case GpuFunction::search:
    case GpuFunction::fold_points:
    case GpuFunction::scans: return 0;
  }
  return 0;
}

GpuKernel describe(ir::Kernel primitive, int sm, int index_bits, GpuRoutine routine, const Carry& carry) {
  if (sm < kOldestGpu || sm > kNewestGpu)
    throw ValueError("no PTX for compute capability " + std::to_string(sm) +
                     ": 75 to 90 are known, and newer GPUs take these");
  if (index_bits != 32 && index_bits != 64) throw ValueError("indices have 32 or 64 bits");
  auto shape = std::make_shared<GpuShape>(shape_of(std::move(primitive), routine, carry));
  if (const std::string why = why_not_on_gpu(*shape); !why.empty()) throw NotOnDevice(why);
  GpuKernel kernel;
  kernel.sm = sm;
  kernel.index_bits = index_bits;
  for (const GpuFunctionOf& f : shape->functions)
    kernel.entries.push_back({f.name(), kBlockThreads, shared_bytes(*shape, f.function)});
  kernel.shape = std::move(shape);
  return kernel;
}

}  // namespace

std::string why_not_on_gpu(const ir::Kernel& kernel) {
  return why_not_on_gpu(shape_of(passes::expand(kernel), GpuRoutine::run));
}

GpuKernel compile_ptx(const ir::Kernel& kernel, int sm, int index_bits, GpuRoutine routine, const Carry& carry) {
  GpuKernel made = describe(passes::expand(kernel), sm, index_bits, routine, carry);
  made.ptx = run_compiler({&made.shape->kernel, CompilerOutput::ptx, sm, 0, index_bits, routine, &carry});
  return made;
}

GpuKernel with_ptx(const ir::Kernel& kernel, int sm, int index_bits, std::string ptx, GpuRoutine routine,
                   const Carry& carry) {
  GpuKernel made = describe(passes::expand(kernel), sm, index_bits, routine, carry);
  made.ptx = std::move(ptx);
  return made;
}

std::string ptx_key(const ir::Kernel& kernel, int sm, int index_bits, GpuRoutine routine, const Carry& carry) {
  return compiler_identity() + "\nsm_" + std::to_string(sm) + ", indices of " + std::to_string(index_bits) +
         " bits, routine " + std::to_string(static_cast<int>(routine)) + ", " + carry.text() + "\n" +
         ir::print(passes::expand(kernel));
}

std::string emit_ptx(const ir::Kernel& kernel, int sm) { return compile_ptx(kernel, sm).ptx; }

}  // namespace tarry::codegen
