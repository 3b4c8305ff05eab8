#pragma once
/// Matrix products: BLAS for matrices of float32 and float64.

#include <tarry/array.h>

namespace tarry::numpy {

/// Stacks of matrices broadcast over the leading axes; vectors count as a row (left) or a column (right).
/// ValueError for 0-d operands and for inner extents that differ.
TARRY_API Array matmul(Arg a, Arg b);
/// Inner product of vectors, matrix product, product with a scalar; else sum over the last axis of a
/// and the second-to-last of b.
TARRY_API Array dot(Arg a, Arg b);

}  // namespace tarry::numpy
