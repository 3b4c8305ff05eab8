#include <tarry/numpy/linalg.h>

#include "broadcast.h"
#include "cell.h"
#include "numpy/complex/linalg.h"
#include "numpy/core_axes.h"
#include "numpy/linalg_derivatives.h"
#include "numpy/matrices.h"
#include "observe.h"
#include "place.h"

#include <tarry/numpy.h>
#include <tarry/runtime/lapack.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

namespace tarry::numpy::linalg {

using frontend::cell_of;
using frontend::HostOp;
namespace lapack = runtime::lapack;

namespace {

constexpr double kEpsilon64 = std::numeric_limits<double>::epsilon(),
                 kEpsilon32 = std::numeric_limits<float>::epsilon();

DType result_dtype(DType t) {
  if (ir::is_half(t)) throw TypeError("array type " + std::string(ir::info(t).name) + " is unsupported in linalg");
  return t == DType::float32 ? t : DType::float64;
}

/// A stack of matrices, to be read one by one in Fortran order.
class Stack {
 public:
  explicit Stack(const Arg& a) : dtype(result_dtype(cell_of(a).dtype)) {
    const Array x = a.array();
    if (x.ndim() < 2)
      throw ValueError(std::to_string(x.ndim()) + "-dimensional array given. Array must be at least two-dimensional");
    lead = Shape(std::span<const int64_t>(x.shape().data(), x.shape().size() - 2));
    m = x.shape()[x.shape().size() - 2];
    n = x.shape()[x.shape().size() - 1];
    count = ir::num_elements(lead);
    view_ = frontend::compact(swapaxes(x.astype(DType::float64), -1, -2), a.here());
  }
  void need_square() const {
    if (m != n) throw ValueError("Last 2 dimensions of the array must be square");
  }
  /// A copy that a routine may overwrite.
  std::vector<double> matrix(int64_t i) const {
    const double* from = static_cast<const double*>(view_.data) + i * m * n;
    return {from, from + m * n};
  }
  Shape shape(std::initializer_list<int64_t> last) const {
    Shape s = lead;
    for (int64_t e : last) s.push_back(e);
    return s;
  }

  DType dtype;
  Shape lead;
  int64_t m = 0, n = 0, count = 0;

 private:
  frontend::CompactView view_;
};

/// Results of a stack, filled matrix by matrix.
class Filling {
 public:
  explicit Filling(const Shape& shape) : array_(frontend::new_array(DType::float64, shape)) {}
  double* at(int64_t i, int64_t size) { return static_cast<double*>(cell_of(array_).buffer.data()) + i * size; }
  /// Matrices that were filled in Fortran order.
  Array transposed(DType t) const { return swapaxes(array_, -1, -2).astype(t).copy(); }
  Array plain(DType t) const { return t == DType::float64 ? array_ : array_.astype(t); }

 private:
  Array array_;
};

[[noreturn]] void singular() { throw ValueError("Singular matrix"); }

}  // namespace

// ---- systems -----------------------------------------------------------------------------------

Array solve(Arg a, Arg b) {
  if (const HostOp host("solve", a, b); host.falls_back())
    return host.result(solve(host.argument(a), host.argument(b)));
  if (derivatives::needed(a) || derivatives::needed(b)) return derivatives::solve(a.array(), b.array());
  if (iscomplexobj(a) || iscomplexobj(b)) return of_complex::solve(a, b);
  const Array y = b.array();
  const bool vector = y.ndim() == 1;
  const Array columns = vector ? expand_dims(y, 1) : y;
  Array matrices = a.array();
  if (matrices.ndim() < 2 || columns.ndim() < 2) throw ValueError("solve needs a matrix, and a vector or a matrix");
  // Leading axes broadcast.
  auto lead_of = [](const Array& x) { return Shape(std::span<const int64_t>(x.shape().data(), x.shape().size() - 2)); };
  ir::Shape lead = lead_of(matrices);
  if (!frontend::broadcast_into(lead, lead_of(columns))) throw ValueError("the stacks of matrices do not broadcast");
  auto spread = [&](const Array& x) {
    Shape shape = lead;
    for (int64_t axis : {-2, -1}) shape.push_back(x.shape()[x.shape().size() + static_cast<size_t>(axis)]);
    return broadcast_to(x, shape);
  };
  const Array wide_a = spread(matrices), wide_b = spread(columns);
  const Stack left(wide_a), right(wide_b);
  left.need_square();
  axes_of_solve(vector).match(left.n, right.m);
  Filling x(left.shape({right.n, left.n}));
  for (int64_t i = 0; i < left.count; ++i) {
    std::vector<double> matrix = left.matrix(i), columns_of = right.matrix(i);
    if (lapack::solve(left.n, right.n, matrix.data(), columns_of.data()) != 0) singular();
    std::copy(columns_of.begin(), columns_of.end(), x.at(i, left.n * right.n));
  }
  const DType t = left.dtype == DType::float32 && right.dtype == DType::float32 ? DType::float32 : DType::float64;
  const Array result = x.transposed(t);
  return vector ? squeeze(result, -1) : result;
}

Array inv(Arg a) {
  if (const HostOp host("inv", a); host.falls_back()) return host.result(inv(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::inv(a.array());
  if (iscomplexobj(a)) return of_complex::inv(a);
  const Stack s(a);
  s.need_square();
  Filling result(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<double> matrix = s.matrix(i);
    if (lapack::inverse(s.n, matrix.data()) != 0) singular();
    std::copy(matrix.begin(), matrix.end(), result.at(i, s.n * s.n));
  }
  return result.transposed(s.dtype);
}

SignAndLog slogdet(Arg a) {
  if (const HostOp host("slogdet", a); host.falls_back()) {
    const SignAndLog r = slogdet(host.argument(a));
    return {host.result(r.sign), host.result(r.logabsdet)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::slogdet(a.array());
  if (iscomplexobj(a)) return of_complex::slogdet(a);
  const Stack s(a);
  s.need_square();
  Filling sign(s.lead), logarithm(s.lead);
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<double> matrix = s.matrix(i);
    std::vector<int32_t> pivots(static_cast<size_t>(s.n));
    const bool is_singular = lapack::lu(s.n, matrix.data(), pivots.data()) > 0;
    double sum = is_singular ? -INFINITY : 0, factor = is_singular ? 0 : 1;
    for (int64_t k = 0; k < s.n && !is_singular; ++k) {
      const double d = matrix[static_cast<size_t>(k * s.n + k)];
      sum += std::log(std::abs(d));
      if (d < 0) factor = -factor;
      if (pivots[static_cast<size_t>(k)] != k + 1) factor = -factor;
    }
    *sign.at(i, 1) = factor;
    *logarithm.at(i, 1) = sum;
  }
  return {sign.plain(s.dtype), logarithm.plain(s.dtype)};
}

Array det(Arg a) {
  if (const HostOp host("det", a); host.falls_back()) return host.result(det(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::det(a.array());
  if (iscomplexobj(a)) return of_complex::det(a);
  const Stack s(a);
  s.need_square();
  Filling result(s.lead);
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<double> matrix = s.matrix(i);
    std::vector<int32_t> pivots(static_cast<size_t>(s.n));
    double product = lapack::lu(s.n, matrix.data(), pivots.data()) > 0 ? 0 : 1;
    for (int64_t k = 0; k < s.n; ++k) {
      product *= matrix[static_cast<size_t>(k * s.n + k)];
      if (pivots[static_cast<size_t>(k)] != k + 1) product = -product;
    }
    *result.at(i, 1) = product;
  }
  return result.plain(s.dtype);
}

Array cholesky(Arg a) {
  if (const HostOp host("cholesky", a); host.falls_back()) return host.result(cholesky(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::cholesky(a.array());
  if (iscomplexobj(a)) return of_complex::cholesky(a);
  const Stack s(a);
  s.need_square();
  Filling result(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<double> matrix = s.matrix(i);
    if (lapack::cholesky(s.n, matrix.data()) != 0) throw ValueError("Matrix is not positive definite");
    std::copy(matrix.begin(), matrix.end(), result.at(i, s.n * s.n));
  }
  return tril(result.transposed(s.dtype));
}

// ---- factorisations ----------------------------------------------------------------------------

QR qr(Arg a, bool reduced) {
  if (const HostOp host("qr", a); host.falls_back()) {
    const QR r = qr(host.argument(a), reduced);
    return {host.result(r.q), host.result(r.r)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::qr(a.array(), reduced);
  if (iscomplexobj(a)) return of_complex::qr(a, reduced);
  const Stack s(a);
  const int64_t k = std::min(s.m, s.n), columns = reduced ? k : s.m;
  Filling q(s.shape({columns, s.m})), r(s.shape({s.n, s.m}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<double> matrix = s.matrix(i), factors(static_cast<size_t>(k));
    if (k > 0) lapack::qr(s.m, s.n, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.end(), r.at(i, s.m * s.n));
    matrix.resize(static_cast<size_t>(s.m * std::max(columns, s.n)));
    if (columns > 0) lapack::make_q(s.m, columns, k, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.begin() + s.m * columns, q.at(i, s.m * columns));
  }
  const Array upper = triu(r.transposed(s.dtype));
  return {q.transposed(s.dtype), reduced ? Array(upper[{ellipsis, slice(k), all}]).copy() : upper};
}

SVD svd(Arg a, bool full_matrices) {
  if (const HostOp host("svd", a); host.falls_back()) {
    const SVD r = svd(host.argument(a), full_matrices);
    return {host.result(r.u), host.result(r.s), host.result(r.vh)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::svd(a.array(), full_matrices);
  if (iscomplexobj(a)) return of_complex::svd(a, full_matrices, true);
  const Stack s(a);
  const int64_t k = std::min(s.m, s.n), left = full_matrices ? s.m : k, right = full_matrices ? s.n : k;
  if (k == 0 && full_matrices)
    return {identities(s.shape({left, left}), s.dtype), zeros(s.shape({0}), s.dtype),
            identities(s.shape({right, right}), s.dtype)};
  Filling u(s.shape({left, s.m})), values(s.shape({k})), vt(s.shape({s.n, right}));
  for (int64_t i = 0; i < s.count && k > 0; ++i) {
    std::vector<double> matrix = s.matrix(i);
    const auto vectors = full_matrices ? lapack::Vectors::full : lapack::Vectors::reduced;
    if (lapack::svd(s.m, s.n, vectors, matrix.data(), values.at(i, k), u.at(i, s.m * left), vt.at(i, s.n * right)) != 0)
      throw ValueError("SVD did not converge");
  }
  return {u.transposed(s.dtype), values.plain(s.dtype), vt.transposed(s.dtype)};
}

Array svdvals(Arg a) {
  if (const HostOp host("svdvals", a); host.falls_back()) return host.result(svdvals(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::svdvals(a.array());
  if (iscomplexobj(a)) return of_complex::svd(a, false, false).s;
  const Stack s(a);
  const int64_t k = std::min(s.m, s.n);
  Filling values(s.shape({k}));
  for (int64_t i = 0; i < s.count && k > 0; ++i) {
    std::vector<double> matrix = s.matrix(i);
    if (lapack::svd(s.m, s.n, lapack::Vectors::none, matrix.data(), values.at(i, k), nullptr, nullptr) != 0)
      throw ValueError("SVD did not converge");
  }
  return values.plain(s.dtype);
}

Eigen eigh(Arg a) {
  if (const HostOp host("eigh", a); host.falls_back()) {
    const Eigen r = eigh(host.argument(a));
    return {host.result(r.eigenvalues), host.result(r.eigenvectors)};
  }
  if (derivatives::needed_of_matrix(a)) return derivatives::eigh(a.array());
  if (iscomplexobj(a)) return of_complex::eigh(a, true);
  const Stack s(a);
  s.need_square();
  Filling values(s.shape({s.n})), vectors(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count && s.n > 0; ++i) {
    std::vector<double> matrix = s.matrix(i);
    if (lapack::eigh(s.n, true, matrix.data(), values.at(i, s.n)) != 0)
      throw ValueError("Eigenvalues did not converge");
    std::copy(matrix.begin(), matrix.end(), vectors.at(i, s.n * s.n));
  }
  return {values.plain(s.dtype), vectors.transposed(s.dtype)};
}

Array eigvalsh(Arg a) {
  if (const HostOp host("eigvalsh", a); host.falls_back()) return host.result(eigvalsh(host.argument(a)));
  if (derivatives::needed_of_matrix(a)) return derivatives::eigvalsh(a.array());
  if (iscomplexobj(a)) return of_complex::eigh(a, false).eigenvalues;
  const Stack s(a);
  s.need_square();
  Filling values(s.shape({s.n}));
  for (int64_t i = 0; i < s.count && s.n > 0; ++i) {
    std::vector<double> matrix = s.matrix(i);
    if (lapack::eigh(s.n, false, matrix.data(), values.at(i, s.n)) != 0)
      throw ValueError("Eigenvalues did not converge");
  }
  return values.plain(s.dtype);
}

LeastSquares lstsq(Arg a, Arg b, double rcond) {
  if (const HostOp host("lstsq", a, b); host.falls_back()) {
    const LeastSquares r = lstsq(host.argument(a), host.argument(b), rcond);
    return {host.result(r.x), host.result(r.residuals), r.rank, host.result(r.singular_values)};
  }
  if (derivatives::needed(a) || derivatives::needed(b)) return derivatives::lstsq(a.array(), b.array(), rcond);
  if (iscomplexobj(a) || iscomplexobj(b)) return of_complex::lstsq(a, b, rcond);
  const Array y = b.array();
  const bool vector = y.ndim() == 1;
  const Array columns = vector ? expand_dims(y, 1) : y;
  const Stack s(a), right(columns);
  if (s.lead.size() != 0 || right.lead.size() != 0) throw ValueError("lstsq takes single matrices");
  if (s.m != right.m) throw ValueError("Incompatible dimensions");
  const int64_t rows = std::max(s.m, s.n), k = std::min(s.m, s.n);
  std::vector<double> matrix = s.matrix(0), given = right.matrix(0), work(static_cast<size_t>(rows * right.n));
  for (int64_t c = 0; c < right.n; ++c) std::copy_n(given.begin() + c * s.m, s.m, work.begin() + c * rows);
  Filling values(Shape{k}), x(Shape{right.n, s.n});
  if (rcond < 0) rcond = (s.dtype == DType::float32 ? kEpsilon32 : kEpsilon64) * static_cast<double>(rows);
  int32_t rank = 0;
  if (k > 0 && lapack::least_squares(s.m, s.n, right.n, matrix.data(), work.data(), values.at(0, k), rcond, &rank) != 0)
    throw ValueError("SVD did not converge in Linear Least Squares");
  for (int64_t c = 0; c < right.n; ++c) std::copy_n(work.begin() + c * rows, s.n, x.at(0, 0) + c * s.n);
  Filling residuals(rank == s.n && s.m > s.n ? Shape{right.n} : Shape{0});
  for (int64_t c = 0; c < right.n && rank == s.n && s.m > s.n; ++c) {
    double sum = 0;
    for (int64_t i = s.n; i < s.m; ++i)
      sum += work[static_cast<size_t>(c * rows + i)] * work[static_cast<size_t>(c * rows + i)];
    residuals.at(0, 0)[c] = sum;
  }
  const Array solution = x.transposed(s.dtype);
  return {vector ? squeeze(solution, -1) : solution, residuals.plain(s.dtype), rank, values.plain(s.dtype)};
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
  const double rows = static_cast<double>(std::max(x.shape()[x.shape().size() - 2], x.shape().back()));
  const double epsilon = s.dtype() == DType::float32 ? kEpsilon32 : kEpsilon64;
  return count_nonzero(s > max(s, -1, keepdims) * rows * epsilon, -1);
}

Array cond(Arg a) {
  const Array s = svdvals(a);
  return Array(s[{ellipsis, 0}]) / Array(s[{ellipsis, -1}]);
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
  auto extreme = [&](const Array& v) { return least ? min(v) : max(v); };
  if (std::abs(order) == 1) return extreme(sum(abs(data), 0));
  if (std::abs(order) == INFINITY) return extreme(sum(abs(data), 1));
  if (std::abs(order) == 2) return extreme(svdvals(data));
  throw ValueError("Invalid norm order for matrices.");
}

Array norm(Arg x, double order, Dim axis, KeepDims keep) {
  return vector_norm(as_float(x.array()), order, axis.value, keep);
}

}  // namespace tarry::numpy::linalg
