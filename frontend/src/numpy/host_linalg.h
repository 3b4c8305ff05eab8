#pragma once
/// The routines of tarry::numpy::linalg on the host, by LAPACK, for T = double and complex<double>. Arguments are as
/// there, and known; no derivatives.

#include <tarry/numpy/linalg.h>

namespace tarry::numpy::linalg::on_host {

template <class T>
Array solve(const Arg& a, const Arg& b);
template <class T>
Array inv(const Arg& a);
template <class T>
Array det(const Arg& a);
template <class T>
SignAndLog slogdet(const Arg& a);
template <class T>
Array cholesky(const Arg& a);
template <class T>
QR qr(const Arg& a, bool reduced);
template <class T>
SVD svd(const Arg& a, bool full_matrices);
template <class T>
Array svdvals(const Arg& a);
template <class T>
Eigen eigh(const Arg& a);
template <class T>
Array eigvalsh(const Arg& a);
template <class T>
LeastSquares lstsq(const Arg& a, const Arg& b, double rcond);

}  // namespace tarry::numpy::linalg::on_host
