#include <tarry/numpy/linalg.h>

#include "numpy/host_linalg.h"
#include "numpy/linalg_derivatives.h"
#include "numpy/matrices.h"
#include "place.h"

#include <tarry/numpy.h>

#include <cmath>
#include <complex>
#include <limits>

namespace tarry::numpy::linalg {

using frontend::HostOp;
using Complex = std::complex<double>;

// ---- systems -----------------------------------------------------------------------------------

Array solve(Arg a, Arg b) {
  if (const HostOp host("solve", a, b); host.falls_back())
    return host.result(solve(host.argument(a), host.argument(b)));
  if (derivatives::needed(a) || derivatives::needed(b)) return derivatives::solve(a.array(), b.array());
  return iscomplexobj(a) || iscomplexobj(b) ? on_host::solve<Complex>(a, b) : on_host::solve<double>(a, b);
}

Array inv(Arg a) {
  if (const HostOp host("inv", a); host.falls_back()) return host.result(inv(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::inv(a.array());
  return iscomplexobj(a) ? on_host::inv<Complex>(a) : on_host::inv<double>(a);
}

SignAndLog slogdet(Arg a) {
  if (const HostOp host("slogdet", a); host.falls_back()) {
    const SignAndLog r = slogdet(host.argument(a));
    return {host.result(r.sign), host.result(r.logabsdet)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::slogdet(a.array());
  return iscomplexobj(a) ? on_host::slogdet<Complex>(a) : on_host::slogdet<double>(a);
}

Array det(Arg a) {
  if (const HostOp host("det", a); host.falls_back()) return host.result(det(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::det(a.array());
  return iscomplexobj(a) ? on_host::det<Complex>(a) : on_host::det<double>(a);
}

Array cholesky(Arg a) {
  if (const HostOp host("cholesky", a); host.falls_back()) return host.result(cholesky(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::cholesky(a.array());
  return iscomplexobj(a) ? on_host::cholesky<Complex>(a) : on_host::cholesky<double>(a);
}

// ---- factorisations ----------------------------------------------------------------------------

QR qr(Arg a, bool reduced) {
  if (const HostOp host("qr", a); host.falls_back()) {
    const QR r = qr(host.argument(a), reduced);
    return {host.result(r.q), host.result(r.r)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::qr(a.array(), reduced);
  return iscomplexobj(a) ? on_host::qr<Complex>(a, reduced) : on_host::qr<double>(a, reduced);
}

SVD svd(Arg a, bool full_matrices) {
  if (const HostOp host("svd", a); host.falls_back()) {
    const SVD r = svd(host.argument(a), full_matrices);
    return {host.result(r.u), host.result(r.s), host.result(r.vh)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::svd(a.array(), full_matrices);
  return iscomplexobj(a) ? on_host::svd<Complex>(a, full_matrices) : on_host::svd<double>(a, full_matrices);
}

Array svdvals(Arg a) {
  if (const HostOp host("svdvals", a); host.falls_back()) return host.result(svdvals(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::svdvals(a.array());
  return iscomplexobj(a) ? on_host::svdvals<Complex>(a) : on_host::svdvals<double>(a);
}

Eigen eigh(Arg a) {
  if (const HostOp host("eigh", a); host.falls_back()) {
    const Eigen r = eigh(host.argument(a));
    return {host.result(r.eigenvalues), host.result(r.eigenvectors)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::eigh(a.array());
  return iscomplexobj(a) ? on_host::eigh<Complex>(a) : on_host::eigh<double>(a);
}

Array eigvalsh(Arg a) {
  if (const HostOp host("eigvalsh", a); host.falls_back()) return host.result(eigvalsh(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::eigvalsh(a.array());
  return iscomplexobj(a) ? on_host::eigvalsh<Complex>(a) : on_host::eigvalsh<double>(a);
}

LeastSquares lstsq(Arg a, Arg b, double rcond) {
  if (const HostOp host("lstsq", a, b); host.falls_back()) {
    const LeastSquares r = lstsq(host.argument(a), host.argument(b), rcond);
    return {host.result(r.x), host.result(r.residuals), r.rank, host.result(r.singular_values)};
  }
  if (derivatives::needed(a) || derivatives::needed(b)) return derivatives::lstsq(a.array(), b.array(), rcond);
  return iscomplexobj(a) || iscomplexobj(b) ? on_host::lstsq<Complex>(a, b, rcond)
                                            : on_host::lstsq<double>(a, b, rcond);
}

// ---- composed ----------------------------------------------------------------------------------

Array pinv(Arg a, double rcond) {
  const Array x = a.array();
  if (x.ndim() >= 2 && x.size() == 0) return zeros_like(swapaxes(as_float(x), -1, -2));
  const SVD f = svd(a, false);
  const Array largest = max(f.s, -1, keepdims);
  const Array keep = f.s > largest * (rcond < 0 ? 1e-15 : rcond);
  const Array inverted = where(keep, 1 / where(keep, f.s, 1), 0);
  return matmul(conj(swapaxes(f.vh, -1, -2)), expand_dims(inverted, -1) * conj(swapaxes(f.u, -1, -2)));
}

Array matrix_rank(Arg a) {
  const Array x = a.array();
  if (x.ndim() < 2) return any(x != 0).astype(DType::int64);
  const Array s = svdvals(a);
  if (s.shape().back() == 0) return count_nonzero(s, -1);
  const double rows = static_cast<double>(std::max(x.shape()[x.shape().size() - 2], x.shape().back()));
  const double epsilon = s.dtype() == DType::float32 ? double{std::numeric_limits<float>::epsilon()}
                                                     : std::numeric_limits<double>::epsilon();
  return count_nonzero(s > max(s, -1, keepdims) * rows * epsilon, -1);
}

Array cond(Arg a) {
  const Array x = a.array(), s = svdvals(a);
  if (s.shape().back() == 0) throw ValueError("cond is not defined on empty arrays");
  const Array ratio = Array(s[{ellipsis, 0}]) / Array(s[{ellipsis, -1}]);
  // 0 / 0, of a matrix of zeros.
  return where(isnan(ratio) & !any(isnan(x), {-2, -1}), INFINITY, ratio);
}

Array matrix_power(Arg a, int64_t n) {
  const frontend::Near near(a);
  Array base = n < 0 ? inv(a) : a.array();
  if (base.ndim() < 2 || base.shape().back() != base.shape()[base.shape().size() - 2])
    throw ValueError("Last 2 dimensions of the array must be square");
  if (n == 0) return broadcast_to(identity(base.shape().back(), base.dtype()), base.shape()).copy();
  Array result;
  bool started = false;
  for (auto rest = static_cast<uint64_t>(n < 0 ? -n : n); rest != 0; rest >>= 1) {
    if (rest & 1) result = started ? matmul(result, base) : base;
    started |= rest & 1;
    if (rest > 1) base = matmul(base, base);
  }
  return result;
}

// ---- norms -------------------------------------------------------------------------------------

namespace {

Array squares(const Array& x) { return iscomplexobj(x) ? x.real() * x.real() + x.imag() * x.imag() : x * x; }

Array vector_norm(const Array& x, double order, const Axes& axes, KeepDims keep) {
  if (order == INFINITY) return max(abs(x), axes, keep);
  if (order == -INFINITY) return min(abs(x), axes, keep);
  if (order == 0) return sum((x != 0).astype(ir::part_of(x.dtype())), axes, keep);
  if (order == 1) return sum(abs(x), axes, keep);
  if (order == 2) return sqrt(sum(squares(x), axes, keep));
  return power(sum(power(abs(x), order), axes, keep), 1 / order);
}

}  // namespace

Array norm(Arg x) { return vector_norm(ravel(as_float(x.array())), 2, {}, KeepDims::no); }

Array norm(Arg x, double order) {
  const Array data = as_float(x.array());
  if (data.ndim() == 1) return vector_norm(data, order, {}, KeepDims::no);
  if (data.ndim() != 2) throw ValueError("Improper number of dimensions to norm.");
  const bool least = order < 0;
  auto extreme = [&](const Array& v) { return least ? min(v) : v.size() == 0 ? sum(v) : max(v); };
  if (std::abs(order) == 1) return extreme(sum(abs(data), 0));
  if (std::abs(order) == INFINITY) return extreme(sum(abs(data), 1));
  if (std::abs(order) == 2) return extreme(svdvals(data));
  throw ValueError("Invalid norm order for matrices.");
}

Array norm(Arg x, double order, Dim axis, KeepDims keep) {
  return vector_norm(as_float(x.array()), order, axis.value, keep);
}

}  // namespace tarry::numpy::linalg
