#pragma once
/// The same kernels for GPUs: one emitter for each schedule. Each adds its functions (layout.h) to a
/// module for the nvptx64 target.

#include <tarry/ir/kernel.h>

#include "llvm/ir.h"

namespace tarry::codegen {

void emit_gpu_map(llvm::Module& module, const ir::Kernel& kernel);
void emit_gpu_row(llvm::Module& module, const ir::Kernel& kernel);
void emit_gpu_column(llvm::Module& module, const ir::Kernel& kernel);
void emit_gpu_split(llvm::Module& module, const ir::Kernel& kernel);

}  // namespace tarry::codegen
