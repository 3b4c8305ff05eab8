#pragma once
/// Linear algebra by the system's LAPACK: the one inside the serial BLAS, or liblapack. Loaded at the first call.
///
/// Matrices are of T, double or Complex, in Fortran order, compact, and overwritten. The functions return LAPACK's
/// `info`: 0 for success, positive where the matrix does not allow it. Throw DeviceError without a LAPACK, MemoryError,
/// and ValueError for extents beyond 2^31 - 1. Calls run one at a time, on the calling thread.

#include <complex>
#include <cstdint>

namespace tarry::runtime::lapack {

using Complex = std::complex<double>;

/// a · x = b for b (n, columns), which becomes x.
template <class T>
int64_t solve(int64_t n, int64_t columns, T* a, T* b);
/// P · L · U of a (n, n) in place; pivots[i] is the row, counted from 1, that row i was swapped with.
template <class T>
int64_t lu(int64_t n, T* a, int32_t* pivots);
template <class T>
int64_t inverse(int64_t n, T* a);
/// The lower factor, in the lower triangle; what is above stays.
template <class T>
int64_t cholesky(int64_t n, T* a);
/// R in the upper triangle, below it what `make_q` needs, with min(m, n) factors.
template <class T>
int64_t qr(int64_t m, int64_t n, T* a, T* factors);
/// The first `columns` columns of Q (m, columns), from `count` factors.
template <class T>
int64_t make_q(int64_t m, int64_t columns, int64_t count, T* a, const T* factors);
enum class Vectors { none, reduced, full };
/// a = u · diag(s) · vt; u (m, k or m) and vt (k or n, n), with k = min(m, n), are unused for `none`.
template <class T>
int64_t svd(int64_t m, int64_t n, Vectors vectors, T* a, double* s, T* u, T* vt);
/// Ascending eigenvalues of a symmetric or Hermitian matrix, of which the lower triangle is read; with `vectors` they
/// take its place.
template <class T>
int64_t eigh(int64_t n, bool vectors, T* a, double* values);
/// Least squares by singular values: b (max(m, n), columns) becomes x in its first n rows; s has min(m, n).
template <class T>
int64_t least_squares(int64_t m, int64_t n, int64_t columns, T* a, T* b, double* s, double rcond, int32_t* rank);

}  // namespace tarry::runtime::lapack
