#pragma once
/// Where a kernel's vector constants live.

#include "llvm/ir.h"

#include <cstdint>

namespace tarry::codegen {

/// Whether vector constants are kept in memory, and how.
enum class Splats : uint8_t { as_llvm_does, whole, one_number };

/// `whole`: turns operands that are one number in all lanes of an AVX2 vector into loads from read-only memory,
/// which instructions take as they are. LLVM itself broadcasts such a number into a register first: an
/// instruction more for each coefficient of a polynomial, in kernels whose speed follows from how many
/// elements fit into the processor's window.
///
/// `one_number`: AVX-512 broadcasts in the instruction that reads, and LLVM makes use of that where a constant is read
/// once. Here also where it is read several times, if there are more constants than registers for them.
///
/// Runs behind all other passes, since they would undo it. Changes no value.
void keep_splats_in_memory(llvm::Function& function, Splats how);

}  // namespace tarry::codegen
