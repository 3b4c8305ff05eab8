#pragma once
/// Divisions by multiplications, where the divider would be what a loop waits for.

#include "llvm/ir.h"

namespace tarry::codegen {

/// How the processor divides vectors.
enum class Divider : uint8_t {
  /// Fast enough, or without the instructions that it takes to do better.
  plain,
  /// One result in the time of some twenty multiplications, and all the while the multipliers could work: Intel's with
  /// AVX-512.
  slow,
};

/// Replaces divisions of floats, a register at once, in innermost loops by multiplications while that shortens the
/// loop. The divider and the multipliers work side by side; a loop takes as long as the busier of them. What divides
/// all elements alike is inverted once, before the loop, and a division then costs half. Loops whose results go around
/// the cache wait for memory, and divide as they would.
///
/// The quotients are those of the division, bit by bit: the product with a correctly rounded reciprocal, corrected once
/// by the exact remainder (after P. Markstein, "Computation of elementary functions on the IBM RISC System/6000
/// processor", IBM J. Res. Dev. 34, 1990), as long as nothing comes near the ends of the exponents' range. Tests try
/// every divisor with the numerators whose quotients are nearest to the middle between two floats; no error of these
/// steps moves another one across. Vectors in which something is too large or too small are divided by the instruction;
/// numerators that are zero are not among them.
void balance_divisions(llvm::Function& function);

}  // namespace tarry::codegen
