#include "numpy/host_linalg.h"

#include "broadcast.h"
#include "numpy/core_axes.h"
#include "numpy/matrices.h"
#include "numpy/matrix_stack.h"

#include <tarry/numpy.h>
#include <tarry/runtime/lapack.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tarry::numpy::linalg::on_host {

namespace lapack = runtime::lapack;

namespace {

Shape lead_of(const Array& x) { return Shape(std::span<const int64_t>(x.shape().data(), x.shape().size() - 2)); }

/// `x` with `lead` in place of its leading axes.
Array spread(const Array& x, const ir::Shape& lead) {
  Shape shape = lead;
  for (size_t axis : {x.shape().size() - 2, x.shape().size() - 1}) shape.push_back(x.shape()[axis]);
  return broadcast_to(x, shape);
}

/// The diagonal of an LU decomposition: its product, and the same as a direction and the logarithm of its size.
template <class T>
struct Determinant {
  T product = 1, sign = 1;
  double logarithm = 0;

  /// The product, but where it left the range of numbers on the way to a value inside.
  T value() const {
    const double size = std::abs(product);
    return sign == T(0) || (std::isnormal(size)) ? product : sign * std::exp(logarithm);
  }
};

/// What a routine makes of each square matrix in its place; ValueError with `refusal` where it cannot.
template <class T>
Array each_square(const Arg& a, int64_t (*routine)(int64_t, T*), const char* refusal) {
  const MatrixStack<T> s(a);
  s.need_square();
  Filling<T> result(s.shape({s.n, s.n}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<T> matrix = s.matrix(i);
    if (routine(s.n, matrix.data()) != 0) throw ValueError(refusal);
    std::copy(matrix.begin(), matrix.end(), result.at(i, s.n * s.n));
  }
  return result.transposed(s.result());
}

/// z over its size; of real numbers the sign alone, which an infinite one has too.
template <class T>
T direction(T z, double size) {
  if constexpr (std::same_as<T, double>)
    return z < 0 ? -1 : 1;
  else
    return z / size;
}

template <class T>
Determinant<T> determinant(const MatrixStack<T>& s, int64_t i) {
  std::vector<T> matrix = s.matrix(i);
  std::vector<int32_t> pivots(static_cast<size_t>(s.n));
  if (lapack::lu(s.n, matrix.data(), pivots.data()) > 0) return {0, 0, -INFINITY};
  Determinant<T> d;
  for (int64_t k = 0; k < s.n; ++k) {
    const T z = matrix[static_cast<size_t>(k * s.n + k)];
    const double size = std::abs(z);
    d.product *= z;
    d.sign *= direction(z, size);
    d.logarithm += std::log(size);
    if (pivots[static_cast<size_t>(k)] != k + 1) d.product = -d.product, d.sign = -d.sign;
  }
  return d;
}

/// Singular values, and with `vectors` other than none what they stand between.
template <class T>
SVD decompose(const MatrixStack<T>& s, lapack::Vectors vectors) {
  const bool none = vectors == lapack::Vectors::none, full = vectors == lapack::Vectors::full;
  const int64_t k = std::min(s.m, s.n), left = full ? s.m : k, right = full ? s.n : k;
  if (k == 0 && full)
    return {identities(s.shape({left, left}), s.result()), zeros(s.shape({0}), s.real_result()),
            identities(s.shape({right, right}), s.result())};
  Filling<T> u(s.shape({none ? 0 : left, s.m})), vt(s.shape({s.n, none ? 0 : right}));
  Filling<double> values(s.shape({k}));
  for (int64_t i = 0; i < s.count && k > 0; ++i) {
    std::vector<T> matrix = s.matrix(i);
    T* const first = none ? nullptr : u.at(i, s.m * left);
    T* const second = none ? nullptr : vt.at(i, s.n * right);
    if (lapack::svd(s.m, s.n, vectors, matrix.data(), values.at(i, k), first, second) != 0)
      throw ValueError("SVD did not converge");
  }
  return {u.transposed(s.result()), values.plain(s.real_result()), vt.transposed(s.result())};
}

/// Eigenvalues, and eigenvectors where they are asked for.
template <class T>
Eigen decompose_hermitian(const Arg& a, bool vectors) {
  const MatrixStack<T> s(a);
  s.need_square();
  Filling<double> values(s.shape({s.n}));
  Filling<T> found(vectors ? s.shape({s.n, s.n}) : Shape{0, 0});
  for (int64_t i = 0; i < s.count && s.n > 0; ++i) {
    std::vector<T> matrix = s.matrix(i);
    if (lapack::eigh(s.n, vectors, matrix.data(), values.at(i, s.n)) != 0)
      throw ValueError("Eigenvalues did not converge");
    if (vectors) std::copy(matrix.begin(), matrix.end(), found.at(i, s.n * s.n));
  }
  return {values.plain(s.real_result()), found.transposed(s.result())};
}

}  // namespace

template <class T>
Array solve(const Arg& a, const Arg& b) {
  const Array y = b.array(), matrices = a.array();
  const bool vector = y.ndim() == 1;
  const Shape x_shape = matrices.shape();
  need_matrix(matrices);
  need_square(x_shape[x_shape.size() - 2], x_shape.back());
  axes_of_solve(vector).need(1, y.ndim(), vector ? 1 : 2);
  const Array columns = vector ? expand_dims(y, 1) : y;
  const Shape y_shape = columns.shape();
  axes_of_solve(vector).match(x_shape.back(), y_shape[y_shape.size() - 2]);
  ir::Shape lead = lead_of(matrices);
  if (!frontend::broadcast_into(lead, lead_of(columns)))
    refuse_stacks(x_shape, y_shape, x_shape.back(), y_shape.back());
  const Array wide_a = spread(matrices, lead), wide_b = spread(columns, lead);
  const MatrixStack<T> left(wide_a), right(wide_b);
  Filling<T> x(left.shape({right.n, left.n}));
  for (int64_t i = 0; i < left.count; ++i) {
    std::vector<T> matrix = left.matrix(i), columns_of = right.matrix(i);
    if (lapack::solve(left.n, right.n, matrix.data(), columns_of.data()) != 0) throw ValueError("Singular matrix");
    std::copy(columns_of.begin(), columns_of.end(), x.at(i, left.n * right.n));
  }
  const Array result = x.transposed(left.is_single ? right.result() : left.result());
  return vector ? squeeze(result, -1) : result;
}

template <class T>
Array inv(const Arg& a) {
  return each_square<T>(a, lapack::inverse<T>, "Singular matrix");
}

template <class T>
SignAndLog slogdet(const Arg& a) {
  const MatrixStack<T> s(a);
  s.need_square();
  Filling<T> sign(s.lead);
  Filling<double> logarithm(s.lead);
  for (int64_t i = 0; i < s.count; ++i) {
    const Determinant<T> d = determinant(s, i);
    *sign.at(i, 1) = d.sign;
    *logarithm.at(i, 1) = d.logarithm;
  }
  return {sign.plain(s.result()), logarithm.plain(s.real_result())};
}

template <class T>
Array det(const Arg& a) {
  const MatrixStack<T> s(a);
  s.need_square();
  Filling<T> result(s.lead);
  for (int64_t i = 0; i < s.count; ++i) *result.at(i, 1) = determinant(s, i).value();
  return result.plain(s.result());
}

template <class T>
Array cholesky(const Arg& a) {
  return tril(each_square<T>(a, lapack::cholesky<T>, "Matrix is not positive definite"));
}

template <class T>
QR qr(const Arg& a, bool reduced) {
  const MatrixStack<T> s(a);
  const int64_t k = std::min(s.m, s.n), columns = reduced ? k : s.m;
  Filling<T> q(s.shape({columns, s.m})), r(s.shape({s.n, s.m}));
  for (int64_t i = 0; i < s.count; ++i) {
    std::vector<T> matrix = s.matrix(i), factors(static_cast<size_t>(k));
    if (k > 0) lapack::qr(s.m, s.n, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.end(), r.at(i, s.m * s.n));
    matrix.resize(static_cast<size_t>(s.m * std::max(columns, s.n)));
    if (columns > 0) lapack::make_q(s.m, columns, k, matrix.data(), factors.data());
    std::copy(matrix.begin(), matrix.begin() + s.m * columns, q.at(i, s.m * columns));
  }
  const Array upper = triu(r.transposed(s.result()));
  return {q.transposed(s.result()), reduced ? Array(upper[{ellipsis, slice(k), all}]).copy() : upper};
}

template <class T>
SVD svd(const Arg& a, bool full_matrices) {
  return decompose(MatrixStack<T>(a), full_matrices ? lapack::Vectors::full : lapack::Vectors::reduced);
}
template <class T>
Array svdvals(const Arg& a) {
  return decompose(MatrixStack<T>(a), lapack::Vectors::none).s;
}
template <class T>
Eigen eigh(const Arg& a) {
  return decompose_hermitian<T>(a, true);
}
template <class T>
Array eigvalsh(const Arg& a) {
  return decompose_hermitian<T>(a, false).eigenvalues;
}

template <class T>
LeastSquares lstsq(const Arg& a, const Arg& b, double rcond) {
  const Array y = b.array();
  const bool vector = y.ndim() == 1;
  const Array columns = vector ? expand_dims(y, 1) : y;
  const MatrixStack<T> s(a), right(columns);
  if (s.lead.size() != 0 || right.lead.size() != 0) throw ValueError("lstsq takes single matrices");
  if (s.m != right.m) throw ValueError("Incompatible dimensions");
  const int64_t rows = std::max(s.m, s.n), k = std::min(s.m, s.n);
  std::vector<T> matrix = s.matrix(0), given = right.matrix(0), work(static_cast<size_t>(rows * right.n));
  for (int64_t c = 0; c < right.n; ++c) std::copy_n(given.begin() + c * s.m, s.m, work.begin() + c * rows);
  Filling<double> values(Shape{k});
  Filling<T> x(Shape{right.n, s.n});
  const double epsilon =
      s.is_single ? double{std::numeric_limits<float>::epsilon()} : std::numeric_limits<double>::epsilon();
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

#define TARRY_FOR(T)                               \
  template Array solve<T>(const Arg&, const Arg&); \
  template Array inv<T>(const Arg&);               \
  template Array det<T>(const Arg&);               \
  template SignAndLog slogdet<T>(const Arg&);      \
  template Array cholesky<T>(const Arg&);          \
  template QR qr<T>(const Arg&, bool);             \
  template SVD svd<T>(const Arg&, bool);           \
  template Array svdvals<T>(const Arg&);           \
  template Eigen eigh<T>(const Arg&);              \
  template Array eigvalsh<T>(const Arg&);          \
  template LeastSquares lstsq<T>(const Arg&, const Arg&, double)

TARRY_FOR(double);
TARRY_FOR(lapack::Complex);
#undef TARRY_FOR

}  // namespace tarry::numpy::linalg::on_host
