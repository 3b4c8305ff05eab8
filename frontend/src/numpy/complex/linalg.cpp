#include "linalg.h"

#include "broadcast.h"
#include "cell.h"
#include "numpy/core_axes.h"
#include "numpy/matrices.h"
#include "observe.h"

#include <tarry/numpy.h>
#include <tarry/runtime/lapack.h>

#include <cmath>
#include <vector>

namespace tarry::numpy::linalg::of_complex {

using frontend::cell_of;
namespace lapack = runtime::lapack;
using Z = lapack::Complex;

namespace {

/// Matrices in complex128, to be read one by one in Fortran order.
class Stack {
 public:
  explicit Stack(const Arg& a) : dtype(cell_of(a).dtype) {
    const Array x = a.array();
    if (x.ndim() < 2)
      throw ValueError(std::to_string(x.ndim()) + "-dimensional array given. Array must be at least two-dimensional");
    lead = Shape(std::span<const int64_t>(x.shape().data(), x.shape().size() - 2));
    m = x.shape()[x.shape().size() - 2];
    n = x.shape()[x.shape().size() - 1];
    count = ir::num_elements(lead);
    view_ = frontend::compact(swapaxes(x.astype(DType::complex128), -1, -2), a.here());
  }
  void need_square() const {
    if (m != n) throw ValueError("Last 2 dimensions of the array must be square");
  }
  /// A copy that a routine may overwrite.
  std::vector<Z> matrix(int64_t i) const {
    const Z* from = static_cast<const Z*>(view_.data) + i * m * n;
    return {from, from + m * n};
  }
  Shape shape(std::initializer_list<int64_t> last) const {
    Shape s = lead;
    for (int64_t e : last) s.push_back(e);
    return s;
  }
  bool is_single() const { return dtype != DType::complex128 && dtype != DType::float64 && !ir::is_int(dtype); }
  /// Of complex results and of real ones.
  DType result() const { return is_single() ? DType::complex64 : DType::complex128; }
  DType real_result() const { return ir::part_of(result()); }

  DType dtype;
  Shape lead;
  int64_t m = 0, n = 0, count = 0;

 private:
  frontend::CompactView view_;
};

/// Results of a stack, filled matrix by matrix.
template <class T>
class Filling {
 public:
  explicit Filling(const Shape& shape) : array_(frontend::new_array(dtype_of<T>(), shape)) {}
  T* at(int64_t i, int64_t size) { return static_cast<T*>(cell_of(array_).buffer.data()) + i * size; }
  /// Matrices that were filled in Fortran order.
  Array transposed(DType t) const { return swapaxes(array_, -1, -2).astype(t).copy(); }
  Array plain(DType t) const { return array_.astype(t); }

 private:
  Array array_;
};

[[noreturn]] void singular() { throw ValueError("Singular matrix"); }

/// The product of the diagonal of an LU decomposition, as a direction and the logarithm of its size.
struct Determinant {
  Z sign = 1;
  double logarithm = 0;
};

Determinant determinant(const Stack& s, int64_t i) {
  std::vector<Z> matrix = s.matrix(i);
  std::vector<int32_t> pivots(static_cast<size_t>(s.n));
  if (lapack::lu(s.n, matrix.data(), pivots.data()) > 0) return {0, -INFINITY};
  Determinant d;
  for (int64_t k = 0; k < s.n; ++k) {
    const Z z = matrix[static_cast<size_t>(k * s.n + k)];
    const double size = std::abs(z);
    d.sign *= z / size;
    d.logarithm += std::log(size);
    if (pivots[static_cast<size_t>(k)] != k + 1) d.sign = -d.sign;
  }
  return d;
}

}  // namespace

Array solve(Arg a, Arg b) {
  const Array y = b.array();
  const bool vector = y.ndim() == 1;
  const Array columns = vector ? expand_dims(y, 1) : y;
  const Array matrices = a.array();
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
  Filling<Z> x(left.shape({right.n, left.n}));
  for (int64_t i = 0; i < left.count; ++i) {
    std::vector<Z> matrix = left.matrix(i), columns_of = right.matrix(i);
    if (lapack::solve(left.n, right.n, matrix.data(), columns_of.data()) != 0) singular();
    std::copy(columns_of.begin(), columns_of.end(), x.at(i, left.n * right.n));
  }
  const Array result = x.transposed(left.is_single() && right.is_single() ? DType::complex64 : DType::complex128);
  return vector ? squeeze(result, -1) : result;
}

Array inv(Arg a) {
  const Stack s(a);
  s.need_square();
  Filling<Z> result(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<Z> matrix = s.matrix(i);
    if (lapack::inverse(s.n, matrix.data()) != 0) singular();
    std::copy(matrix.begin(), matrix.end(), result.at(i, s.n * s.n));
  }
  return result.transposed(s.result());
}

SignAndLog slogdet(Arg a) {
  const Stack s(a);
  s.need_square();
  Filling<Z> sign(s.lead);
  Filling<double> logarithm(s.lead);
  for (int64_t i = 0; i < s.count; ++i) {
    const Determinant d = determinant(s, i);
    *sign.at(i, 1) = d.sign;
    *logarithm.at(i, 1) = d.logarithm;
  }
  return {sign.plain(s.result()), logarithm.plain(s.real_result())};
}

Array det(Arg a) {
  const Stack s(a);
  s.need_square();
  Filling<Z> result(s.lead);
  for (int64_t i = 0; i < s.count; ++i) {
    const Determinant d = determinant(s, i);
    *result.at(i, 1) = d.sign * std::exp(d.logarithm);
  }
  return result.plain(s.result());
}

Array cholesky(Arg a) {
  const Stack s(a);
  s.need_square();
  Filling<Z> result(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<Z> matrix = s.matrix(i);
    if (lapack::cholesky(s.n, matrix.data()) != 0) throw ValueError("Matrix is not positive definite");
    std::copy(matrix.begin(), matrix.end(), result.at(i, s.n * s.n));
  }
  return tril(result.transposed(s.result()));
}

QR qr(Arg a, bool reduced) {
  const Stack s(a);
  const int64_t k = std::min(s.m, s.n), columns = reduced ? k : s.m;
  Filling<Z> q(s.shape({columns, s.m})), r(s.shape({s.n, s.m}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<Z> matrix = s.matrix(i), factors(static_cast<size_t>(k));
    if (k > 0) lapack::qr(s.m, s.n, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.end(), r.at(i, s.m * s.n));
    matrix.resize(static_cast<size_t>(s.m * std::max(columns, s.n)));
    if (columns > 0) lapack::make_q(s.m, columns, k, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.begin() + s.m * columns, q.at(i, s.m * columns));
  }
  const Array upper = triu(r.transposed(s.result()));
  return {q.transposed(s.result()), reduced ? Array(upper[{ellipsis, slice(k), all}]).copy() : upper};
}

SVD svd(Arg a, bool full_matrices, bool vectors) {
  const Stack s(a);
  const int64_t k = std::min(s.m, s.n), left = full_matrices ? s.m : k, right = full_matrices ? s.n : k;
  const auto which = !vectors        ? lapack::Vectors::none
                     : full_matrices ? lapack::Vectors::full
                                     : lapack::Vectors::reduced;
  if (k == 0 && full_matrices && vectors)
    return {identities(s.shape({left, left}), s.result()), zeros(s.shape({0}), s.real_result()),
            identities(s.shape({right, right}), s.result())};
  Filling<Z> u(s.shape({vectors ? left : 0, s.m})), vt(s.shape({s.n, vectors ? right : 0}));
  Filling<double> values(s.shape({k}));
  for (int64_t i = 0; i < s.count && k > 0; ++i) {
    std::vector<Z> matrix = s.matrix(i);
    Z* const first = vectors ? u.at(i, s.m * left) : nullptr;
    Z* const second = vectors ? vt.at(i, s.n * right) : nullptr;
    if (lapack::svd(s.m, s.n, which, matrix.data(), values.at(i, k), first, second) != 0)
      throw ValueError("SVD did not converge");
  }
  return {u.transposed(s.result()), values.plain(s.real_result()), vt.transposed(s.result())};
}

Eigen eigh(Arg a, bool vectors) {
  const Stack s(a);
  s.need_square();
  Filling<double> values(s.shape({s.n}));
  Filling<Z> found(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count && s.n > 0; ++i) {
    std::vector<Z> matrix = s.matrix(i);
    if (lapack::eigh(s.n, vectors, matrix.data(), values.at(i, s.n)) != 0)
      throw ValueError("Eigenvalues did not converge");
    std::copy(matrix.begin(), matrix.end(), found.at(i, s.n * s.n));
  }
  return {values.plain(s.real_result()), found.transposed(s.result())};
}

LeastSquares lstsq(Arg a, Arg b, double rcond) {
  const Array y = b.array();
  const bool vector = y.ndim() == 1;
  const Array columns = vector ? expand_dims(y, 1) : y;
  const Stack s(a), right(columns);
  if (s.lead.size() != 0 || right.lead.size() != 0) throw ValueError("lstsq takes single matrices");
  if (s.m != right.m) throw ValueError("Incompatible dimensions");
  const int64_t rows = std::max(s.m, s.n), k = std::min(s.m, s.n);
  std::vector<Z> matrix = s.matrix(0), given = right.matrix(0), work(static_cast<size_t>(rows * right.n));
  for (int64_t c = 0; c < right.n; ++c) std::copy_n(given.begin() + c * s.m, s.m, work.begin() + c * rows);
  Filling<double> values(Shape{k});
  Filling<Z> x(Shape{right.n, s.n});
  const double epsilon = s.is_single() ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                       : std::numeric_limits<double>::epsilon();
  if (rcond < 0) rcond = epsilon * static_cast<double>(rows);
  int32_t rank = 0;
  if (k > 0 && lapack::least_squares(s.m, s.n, right.n, matrix.data(), work.data(), values.at(0, k), rcond, &rank) != 0)
    throw ValueError("SVD did not converge in Linear Least Squares");
  for (int64_t c = 0; c < right.n; ++c) std::copy_n(work.begin() + c * rows, s.n, x.at(0, 0) + c * s.n);
  const bool has_residuals = rank == s.n && s.m > s.n;
  Filling<double> residuals(has_residuals ? Shape{right.n} : Shape{0});
  for (int64_t c = 0; c < right.n && has_residuals; ++c) {
    double sum = 0;
    for (int64_t i = s.n; i < s.m; ++i) sum += std::norm(work[static_cast<size_t>(c * rows + i)]);
    residuals.at(0, 0)[c] = sum;
  }
  const Array solution = x.transposed(s.result());
  return {vector ? squeeze(solution, -1) : solution, residuals.plain(s.real_result()), rank,
          values.plain(s.real_result())};
}

}  // namespace tarry::numpy::linalg::of_complex
