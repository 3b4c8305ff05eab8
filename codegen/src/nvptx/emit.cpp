#include "nvptx/emit.h"

namespace tarry::codegen {

void emit_gpu(llvm::Module& module, const GpuShape& shape, int index_bits) {
  for (const GpuFunctionOf& which : shape.functions) {
    const GpuFunction f = which.function;
    switch (f) {
      case GpuFunction::points:
      case GpuFunction::clear:
      case GpuFunction::claim: emit_points(module, shape, f, index_bits); break;
      case GpuFunction::rows:
      case GpuFunction::rows_wide:
      case GpuFunction::rows_far: emit_rows(module, shape, f, index_bits); break;
      case GpuFunction::finish_rows: emit_finish_rows(module, shape, index_bits); break;
      case GpuFunction::walk_chunks:
      case GpuFunction::fold_chunks: emit_part_of_rows(module, shape, which, index_bits); break;
      case GpuFunction::columns:
      case GpuFunction::columns_wide: emit_columns(module, shape, f, index_bits); break;
      case GpuFunction::finish_columns: emit_finish_columns(module, shape, index_bits); break;
      case GpuFunction::scans: emit_scans(module, shape, index_bits); break;
    }
  }
}

}  // namespace tarry::codegen
