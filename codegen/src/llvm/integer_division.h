#pragma once
/// Divisions of 64-bit integers, a vector at once, where no processor has an instruction for it.

#include "llvm/ir.h"

namespace tarry::codegen {

/// Replaces divisions of vectors of 64-bit integers, which LLVM would take apart, by products with the divisor's
/// reciprocal in float64, twice: the second time of what the first one left. What divides all elements alike is
/// inverted before the loop. For processors that convert vectors of 64-bit integers to float64 and back.
void divide_vectors(llvm::Function& function);

}  // namespace tarry::codegen
