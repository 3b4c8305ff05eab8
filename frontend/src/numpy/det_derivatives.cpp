// Derivatives of det. It is a polynomial, so all of them exist at every matrix, singular ones too. The first is the
// adjugate, the matrix of cofactors, which is det(A) A⁻¹ where that exists.

#include "autodiff/custom.h"
#include "axes.h"
#include "numpy/linalg_derivatives.h"
#include "numpy/matrices.h"
#include "place.h"
#include "value.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <numbers>

namespace tarry::numpy::linalg::derivatives {

using frontend::Arrays;
using frontend::with_tangents;

namespace {

/// As a factor for matrices.
Array of_matrices(const Array& x) { return expand_dims(expand_dims(x, -1), -1); }

DType in_double(DType t) { return ir::is_complex(t) ? DType::complex128 : DType::float64; }

/// By element, the product of the others.
Array products_of_others(const Array& x) {
  const Array ahead = flip(cumulative_prod(flip(x, {-1}), -1, true), {-1});
  return Array(cumulative_prod(x, -1, true)[{ellipsis, slice(0, -1)}]) * Array(ahead[{ellipsis, slice(1, none)}]);
}

/// By singular values, without a division: adj(U S Vᴴ) = det(U Vᴴ) V adj(S) Uᴴ.
Array adjugate_by_svd(const Array& a) {
  const SVD f = linalg::svd(a);
  const Array v = adjoint(f.vh) * expand_dims(products_of_others(f.s), -2);
  return of_matrices(linalg::det(f.u) * linalg::det(f.vh)) * matmul(v, adjoint(f.u));
}

/// Of a stack with values.
Array adjugate_of(const Array& given) {
  const frontend::Near near(given);
  const Array a = given.astype(in_double(given.dtype()));
  const Array singular = of_matrices(linalg::slogdet(a).sign == 0), unit = eye(last_extent(a), -1, 0, a.dtype());
  Array result = of_matrices(linalg::det(a)) * linalg::inv(where(singular, unit, a));
  if (any(singular)) result = where(singular, adjugate_by_svd(where(singular, a, unit)), result);
  return result.astype(given.dtype());
}

/// Below this share of the largest, a singular value makes the inverse too inaccurate for a second derivative, in which
/// two large terms nearly cancel.
constexpr double kSmall = 1e-5;

/// By matrix, whether that holds; badly scaled rows and columns do no harm.
Array is_ill(const Array& a) {
  const auto by_largest = [](const Array& x, int64_t axis) {
    const Array largest = max(abs(x), axis, keepdims);
    return x / where(largest == 0, 1.0, largest);
  };
  const Array s = linalg::svdvals(by_largest(by_largest(a, -1), -2));
  return ~(Array(s[{ellipsis, -1}]) > kSmall * Array(s[{ellipsis, 0}]));
}

/// Matrices, along a new axis in front of the last two, over which a polynomial of a degree below n - 1 has the mean
/// that is its value at A. Where A is ill conditioned they are not: A = U S Vᴴ is moved by ρ ω U Vᴴ, for all roots of
/// unity ω of an order that makes the mean of every power of ω vanish.
Array points_around(const Array& a) {
  const Array fixed = stop_gradient(a);
  const bool known = !frontend::is_abstract(fixed);
  const Array ill = is_ill(fixed);
  if (known && !any(ill)) return expand_dims(a, -3);
  const int64_t n = last_extent(a), count = std::max<int64_t>(n - 1, 1);
  const SVD f = linalg::svd(fixed);
  const Array largest = max(f.s, -1, keepdims);
  // Small beside the others, so that moving them changes little; they keep the small ones apart from 0.
  const Array least = min(where(f.s > kSmall * largest, f.s, largest), -1);
  const Array far = where(ill, where(least > 0, least / 8, 0x1p-100), 0.0);
  const Array turns = arange(double(count)) * (2 * std::numbers::pi / double(count));
  const Array roots = cos(turns) + std::complex<double>(0, 1) * sin(turns);
  const Array moves = of_matrices(expand_dims(far, -1) * roots) * expand_dims(matmul(f.u, f.vh), -3);
  return expand_dims(a, -3) + moves;
}

/// The adjugate, whose tangent is det(A) (tr(A⁻¹ dA) A⁻¹ - A⁻¹ dA A⁻¹), of degree n - 2.
Array adjugate(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{adjugate_of(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        if (last_extent(at[0]) == 0) return Arrays{t[0]};
        const frontend::Near near(at[0]);
        const frontend::ManyAxes one_more;
        const DType type = in_double(at[0].dtype());
        const Array points = points_around(at[0].astype(type)), w = linalg::inv(points);
        const Array change = matmul(w, expand_dims(t[0].astype(type), -3));
        const Array trace = of_matrices(sum(diagonal(change, 0, -2, -1), -1));
        const Array means = mean(of_matrices(linalg::det(points)) * (trace * w - matmul(change, w)), -3);
        return Arrays{ir::is_complex(type) ? means : real_part(means)};
      })[0];
}

}  // namespace

Array det(const Array& a) {
  return with_tangents(
      {as_float(a)}, [](const Arrays& x) { return Arrays{linalg::det(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        return Arrays{sum(swapaxes(adjugate(at[0]), -1, -2) * t[0], {-2, -1})};
      })[0];
}

}  // namespace tarry::numpy::linalg::derivatives
