#pragma once
/// Where a kernel's vector constants live.

#include "llvm/ir.h"

namespace tarry::codegen {

/// Turns operands that are one number in all lanes of an AVX2 vector into loads from read-only memory,
/// which instructions take as they are. LLVM itself broadcasts such a number into a register first: an
/// instruction more for each coefficient of a polynomial, in kernels whose speed follows from how many
/// elements fit into the processor's window. Runs behind all other passes, since they would undo it.
/// Changes no value.
void keep_splats_in_memory(llvm::Function& function);

}  // namespace tarry::codegen
