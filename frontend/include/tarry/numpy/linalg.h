#pragma once
/// Linear algebra by LAPACK, on the host. What goes in is computed and looked at, at the call. Leading axes count
/// stacks of matrices. Computed in float64, or complex128 for complex matrices; float32 in, float32 out, and complex64
/// likewise. ValueError where NumPy throws LinAlgError.
/// Derivatives are those of the function as it stands: of what reads one triangle, that triangle has them all.

#include <tarry/array.h>

namespace tarry::numpy::linalg {

/// The 2-norm of all elements; of a vector `order` (1, 2, inf, -inf, 0, or another p), of a matrix 1, 2, inf or their
/// negatives; along one axis.
TARRY_API Array norm(Arg x);
TARRY_API Array norm(Arg x, double order);
TARRY_API Array norm(Arg x, double order, Dim axis, KeepDims keep = KeepDims::no);

/// x with a · x = b; b is one vector, or a matrix of columns.
TARRY_API Array solve(Arg a, Arg b);
TARRY_API Array inv(Arg a);
TARRY_API Array det(Arg a);
struct SignAndLog {
  Array sign, logabsdet;
};
TARRY_API SignAndLog slogdet(Arg a);
/// The lower factor. ValueError for a matrix that is not positive definite.
TARRY_API Array cholesky(Arg a);
struct QR {
  Array q, r;
};
/// `reduced`: q (m, k), r (k, n) with k = min(m, n); else q (m, m), r (m, n).
TARRY_API QR qr(Arg a, bool reduced = true);
struct SVD {
  Array u, s, vh;
};
TARRY_API SVD svd(Arg a, bool full_matrices = true);
TARRY_API Array svdvals(Arg a);
struct Eigen {
  Array eigenvalues, eigenvectors;
};
/// Of symmetric or Hermitian matrices, of which the lower triangle is read; ascending.
TARRY_API Eigen eigh(Arg a);
TARRY_API Array eigvalsh(Arg a);
struct LeastSquares {
  Array x, residuals;
  int64_t rank;
  Array singular_values;
};
/// Singular values below rcond times the largest count as zero; a negative one means machine precision times
/// max(m, n).
TARRY_API LeastSquares lstsq(Arg a, Arg b, double rcond = -1);
TARRY_API Array pinv(Arg a, double rcond = -1);
TARRY_API Array matrix_rank(Arg a);
TARRY_API Array cond(Arg a);
TARRY_API Array matrix_power(Arg a, int64_t n);

}  // namespace tarry::numpy::linalg
