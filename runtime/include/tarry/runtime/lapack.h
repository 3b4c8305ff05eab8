#pragma once
/// Linear algebra by the system's LAPACK: the one inside the serial BLAS, or liblapack. Loaded at the first call.
///
/// Matrices are float64 or complex128 in Fortran order, compact, and overwritten. The functions return LAPACK's `info`: 0 for
/// success, positive where the matrix does not allow it. Throw DeviceError without a LAPACK, MemoryError, and
/// ValueError for extents beyond 2^31 - 1. Calls run one at a time, on the calling thread.

#include <complex>
#include <cstdint>

namespace tarry::runtime::lapack {

/// a · x = b for b (n, columns), which becomes x.
int64_t solve(int64_t n, int64_t columns, double* a, double* b);
/// P · L · U of a (n, n) in place; pivots[i] is the row, counted from 1, that row i was swapped with.
int64_t lu(int64_t n, double* a, int32_t* pivots);
int64_t inverse(int64_t n, double* a);
/// The lower factor, in the lower triangle; what is above stays.
int64_t cholesky(int64_t n, double* a);
/// R in the upper triangle, below it what `make_q` needs, with min(m, n) factors.
int64_t qr(int64_t m, int64_t n, double* a, double* factors);
/// The first `columns` columns of Q (m, columns), from `count` factors.
int64_t make_q(int64_t m, int64_t columns, int64_t count, double* a, const double* factors);
enum class Vectors { none, reduced, full };
/// a = u · diag(s) · vt; u (m, k or m) and vt (k or n, n), with k = min(m, n), are unused for `none`.
int64_t svd(int64_t m, int64_t n, Vectors vectors, double* a, double* s, double* u, double* vt);
/// Ascending eigenvalues of a symmetric matrix, of which the lower triangle is read; with `vectors` they take its
/// place.
int64_t eigh(int64_t n, bool vectors, double* a, double* values);
/// Least squares by singular values: b (max(m, n), columns) becomes x in its first n rows; s has min(m, n).
int64_t least_squares(int64_t m, int64_t n, int64_t columns, double* a, double* b, double* s, double rcond,
                      int32_t* rank);

// Of complex128. Singular values and eigenvalues are real; transposed factors are conjugated.
using Complex = std::complex<double>;
int64_t solve(int64_t n, int64_t columns, Complex* a, Complex* b);
int64_t lu(int64_t n, Complex* a, int32_t* pivots);
int64_t inverse(int64_t n, Complex* a);
int64_t cholesky(int64_t n, Complex* a);
int64_t qr(int64_t m, int64_t n, Complex* a, Complex* factors);
int64_t make_q(int64_t m, int64_t columns, int64_t count, Complex* a, const Complex* factors);
int64_t svd(int64_t m, int64_t n, Vectors vectors, Complex* a, double* s, Complex* u, Complex* vt);
int64_t eigh(int64_t n, bool vectors, Complex* a, double* values);
int64_t least_squares(int64_t m, int64_t n, int64_t columns, Complex* a, Complex* b, double* s, double rcond,
                      int32_t* rank);

}  // namespace tarry::runtime::lapack
