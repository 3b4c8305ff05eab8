#pragma once
/// The same kernels for GPUs.

#include <tarry/ir/kernel.h>

#include "llvm/ir.h"

namespace tarry::codegen {

/// Adds the kernel's entry functions to a module for the nvptx64 target.
void emit_nvptx(llvm::Module& module, const ir::Kernel& kernel);

}  // namespace tarry::codegen
