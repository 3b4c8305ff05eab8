#pragma once
/// Matrix products: BLAS for matrices of float32 and float64.

#include <tarry/array.h>

#include <string_view>
#include <vector>

namespace tarry::numpy {

/// Stacks of matrices broadcast over the leading axes; vectors count as a row (left) or a column (right).
/// ValueError for 0-d operands and for inner extents that differ.
TARRY_API Array matmul(Arg a, Arg b);
/// Inner product of vectors, matrix product, product with a scalar; else sum over the last axis of a
/// and the second-to-last of b.
TARRY_API Array dot(Arg a, Arg b);

/// Inner products of vectors along the last axis, the first conjugated; of stacks of matrices with vectors, and of
/// vectors, conjugated, with matrices.
TARRY_API Array vecdot(Arg a, Arg b);
TARRY_API Array matvec(Arg a, Arg x);
TARRY_API Array vecmat(Arg x, Arg a);

/// The product of the flattened arrays, as vectors.
TARRY_API Array vdot(Arg a, Arg b);
/// All products of an element of a and one of b.
TARRY_API Array outer(Arg a, Arg b);
/// Sums of products over the last axes.
TARRY_API Array inner(Arg a, Arg b);
/// Sums of products over the last `axes` axes of a and the first ones of b, or over the axes listed for each.
TARRY_API Array tensordot(Arg a, Arg b, int64_t axes = 2);
TARRY_API Array tensordot(Arg a, Arg b, const std::vector<int64_t>& axes_a, const std::vector<int64_t>& axes_b);
TARRY_API Array kron(Arg a, Arg b);
TARRY_API Array cross(Arg a, Arg b);
/// Einstein's sums: `einsum("ij,jk->ik", {a, b})`. "..." stands for axes that broadcast; without "->" the letters that
/// occur once stay, in order.
TARRY_API Array einsum(std::string_view subscripts, const std::vector<Array>& operands, Here here = {});

}  // namespace tarry::numpy
