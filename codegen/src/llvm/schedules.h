#pragma once
/// One emitter for each way to walk a kernel's space on the host. Each adds its functions to the module.

#include <tarry/ir/kernel.h>

#include "llvm/ir.h"

namespace tarry::codegen {

void emit_map(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes);
void emit_row(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes);
void emit_column(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes);
void emit_split(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes);

/// Lanes of a vector for this kernel: what fills the machine's vectors with the dtypes that most of
/// its live nodes have.
int choose_lanes(const ir::Kernel& kernel, const std::vector<bool>& live, int vector_bytes);

/// Levels where the only axis that lanes go along is the innermost outer one: `row` is what does not
/// change along it.
std::vector<ir::Level> levels_along_outer(const ir::Kernel& kernel);

}  // namespace tarry::codegen
