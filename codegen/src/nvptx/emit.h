#pragma once
/// The same kernels for GPUs: each adds one function to a module for the nvptx64 target.

#include "llvm/ir.h"
#include "nvptx/shape.h"

namespace tarry::codegen {

/// All functions of a kernel, for a compute capability.
void emit_gpu(llvm::Module& module, const GpuShape& shape, int sm, int index_bits);

/// `function` is one of points, clear, claim, pairs.
void emit_points(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits);
void emit_carried(llvm::Module& module, const GpuShape& shape, int index_bits);
/// Over sorted pairs.
void emit_fold_points(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits);
void emit_sort_runs(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_merge_runs(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_product_tiles(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_keys(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_positions(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_elements(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_search(llvm::Module& module, const GpuShape& shape, int index_bits);
/// `function` is one of rows, rows_wide, rows_far.
void emit_rows(llvm::Module& module, const GpuShape& shape, GpuFunction function, int sm, int index_bits);
void emit_finish_rows(llvm::Module& module, const GpuShape& shape, int index_bits);
/// `function` is walk_chunks or fold_chunks.
void emit_part_of_rows(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits);
/// `function` is columns or columns_wide.
void emit_columns(llvm::Module& module, const GpuShape& shape, GpuFunction function, int index_bits);
void emit_finish_columns(llvm::Module& module, const GpuShape& shape, int index_bits);
void emit_scans(llvm::Module& module, const GpuShape& shape, int index_bits);

}  // namespace tarry::codegen
