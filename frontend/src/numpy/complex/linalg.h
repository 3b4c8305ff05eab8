#pragma once
/// tarry::numpy::linalg of complex matrices.

#include <tarry/numpy/linalg.h>

namespace tarry::numpy::linalg::of_complex {

Array solve(Arg a, Arg b);
Array inv(Arg a);
Array det(Arg a);
SignAndLog slogdet(Arg a);
Array cholesky(Arg a);
QR qr(Arg a, bool reduced);
/// `vectors`: else u and vh are not computed.
SVD svd(Arg a, bool full_matrices, bool vectors);
Eigen eigh(Arg a, bool vectors);
LeastSquares lstsq(Arg a, Arg b, double rcond);

}  // namespace tarry::numpy::linalg::of_complex
