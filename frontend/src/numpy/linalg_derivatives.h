#pragma once
/// The routines of linalg where a transform follows what goes in, or batches it: the same values, with rules for their
/// tangents, of stacks too.

#include <tarry/numpy/linalg.h>

namespace tarry::numpy::linalg::derivatives {

/// Whether a transform follows this array, or it is an element of a batch.
bool needed(const Arg& a);
/// Likewise; what is no matrix is left to the routine itself, which refuses it.
bool needed_of_matrix(const Arg& a);

Array solve(const Array& a, const Array& b);
Array inv(const Array& a);
Array det(const Array& a);
SignAndLog slogdet(const Array& a);
Array cholesky(const Array& a);
QR qr(const Array& a, bool reduced);
SVD svd(const Array& a, bool full_matrices);
Array svdvals(const Array& a);
Eigen eigh(const Array& a);
Array eigvalsh(const Array& a);
LeastSquares lstsq(const Array& a, const Array& b, double rcond);

}  // namespace tarry::numpy::linalg::derivatives
