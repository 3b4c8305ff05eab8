#pragma once
/// asin, acos, atan, atan2.
///
/// atan beyond 1 is π/2 - atan(1/z); asin beyond 1/2 is π/2 - 2 asin(sqrt((1 - z) / 2)). What the
/// division and the square root lose is computed by fma and put back.

#include "arithmetic.h"

namespace tarry::passes::math {

/// base + atan(high + low) for |high| <= 1 and a base in two parts, of which the first is 0 or the larger.
template <template <class> class V, class T>
V<T> atan_from(V<T> base, V<T> base_low, V<T> high, V<T> low) {
  const V<T> square = high * high;
  const Pair<V<T>> cube = exact_product(high, square);
  const V<T> tail = careful_polynomial(square, Coefficients<T>::atan_tail);
  // atan(z + l) = atan z + l / (1 + z^2); for so small an l a line through the ends of the slope will do.
  const V<T> slope = fma(square, T(-0.5), T(1));
  const V<T> curve = fma(cube.high, tail, fma(cube.low, tail, fma(low, slope, base_low)));
  const Pair<V<T>> sum = fast_sum(base, high);
  return sum.high + (sum.low + curve);
}

/// The angle of the point (x, y) for x, y >= 0, not both 0 or infinite, turned by π/2 - … where x < 0.
template <template <class> class V, class T>
V<T> angle(V<T> y, V<T> x, V<bool> x_negative) {
  using C = Coefficients<T>;
  const V<bool> steep = y > x;
  const V<T> numerator = select(steep, x, y), denominator = select(steep, y, x);
  const V<T> z = numerator / denominator;
  const V<T> rest = fma(-z, denominator, numerator) / denominator;
  // Where the quotient or its residual is subnormal there is nothing to put back.
  const V<T> low = select(abs(rest) < z * Format<T>::power(-Format<T>::mantissa + 1), rest, T(0));
  // steep: π/2 ∓ atan z; flat: atan z, or π - atan z on the left.
  const V<bool> minus = steep ^ x_negative;
  const V<T> base = select(steep, V<T>(C::half_pi[0]), select(x_negative, V<T>(2 * C::half_pi[0]), T(0)));
  const V<T> base_low = select(steep, V<T>(C::half_pi[1]), select(x_negative, V<T>(2 * C::half_pi[1]), T(0)));
  return atan_from(base, base_low, select(minus, -z, z), select(minus, -low, low));
}

template <class M, template <class> class V, class T>
V<T> atan(M&, V<T> x) {
  using C = Coefficients<T>;
  const V<T> magnitude = abs(x);
  const V<bool> steep = magnitude > T(1);
  const V<T> inverse = V<T>(-1) / magnitude;
  const V<T> lost = fma(inverse, magnitude, T(1)) * inverse;
  const V<T> result = atan_from(select(steep, V<T>(C::half_pi[0]), T(0)), select(steep, V<T>(C::half_pi[1]), T(0)),
                                select(steep, inverse, magnitude), select(steep, lost, T(0)));
  // Infinities have lost their fma; zeros keep their sign.
  return with_sign_of(select(magnitude == kInf<T>, V<T>(C::half_pi[0]), result), x);
}

template <class M, template <class> class V, class T>
V<T> atan2(M&, V<T> y, V<T> x) {
  using C = Coefficients<T>;
  using I = std::make_signed_t<BitsOf<T>>;
  const V<bool> left = bits<I>(x) < I(0);
  const V<T> a = abs(y), b = abs(x);
  const V<T> regular = angle(a, b, left);
  // On the axes' ends the quotient is no number: (0, ±0), (±inf, ±inf).
  const V<T> flat = select(left, V<T>(2 * C::half_pi[0]), T(0));
  const V<T> diagonal = select(left, V<T>(C::three_quarter_pi), C::quarter_pi);
  V<T> result = select(a == T(0), flat, regular);
  result = select((b == kInf<T>)&(a < kInf<T>), flat, result);
  result = select(a == kInf<T>, select(b == kInf<T>, diagonal, C::half_pi[0]), result);
  result = select((x == x) & (y == y), result, kNaN<T>);
  return with_sign_of(result, y);
}

/// asin z - z for z up to 1/2, from z and its square.
template <template <class> class V, class T>
V<T> asin_curve(V<T> z, V<T> square) {
  return z * square * polynomial(square, Coefficients<T>::asin_tail);
}

/// sqrt((1 - z) / 2) as a pair, and its square.
template <class W>
struct HalfAngle {
  Pair<W> root;
  W square;
};
template <template <class> class V, class T>
HalfAngle<V<T>> half_angle(V<T> magnitude) {
  const V<T> square = fma(magnitude, T(-0.5), T(0.5));
  const V<T> root = sqrt(square);
  const V<T> lost = fma(-root, root, square) / (root + root);
  return {{root, select(square > T(0), lost, T(0))}, square};
}

template <class M, template <class> class V, class T>
V<T> asin(M&, V<T> x) {
  using C = Coefficients<T>;
  const V<T> magnitude = abs(x);
  const V<bool> large = magnitude > T(0.5);
  const auto [root, root_square] = half_angle(magnitude);
  const V<T> z = select(large, root.high, magnitude);
  const V<T> square = select(large, root_square, magnitude * magnitude);
  const V<T> curve = asin_curve(z, square);
  // π/2 - 2 (z + curve + low)
  const Pair<V<T>> sum = fast_sum(V<T>(C::half_pi[0]), z * T(-2));
  const V<T> far = sum.high + (sum.low + fma(curve + root.low, T(-2), T(C::half_pi[1])));
  return with_sign_of(select(large, far, z + curve), x);
}

template <class M, template <class> class V, class T>
V<T> acos(M&, V<T> x) {
  using C = Coefficients<T>;
  const V<T> magnitude = abs(x);
  const V<bool> large = magnitude > T(0.5);
  const auto [root, root_square] = half_angle(magnitude);
  const V<T> z = select(large, root.high, x);
  const V<T> square = select(large, root_square, x * x);
  const V<T> curve = asin_curve(z, square) + select(large, root.low, T(0));
  // near 1: 2 asin; near -1: π - 2 asin; between: π/2 - asin x.
  const V<bool> negative = x < T(0);
  const V<T> sign = select(large & ~negative, V<T>(1), T(-1)), factor = select(large, sign + sign, sign);
  const V<T> turns = select(large, select(negative, V<T>(2), T(0)), T(1));
  const Pair<V<T>> sum = fast_sum(turns * C::half_pi[0], z * factor);
  return sum.high + (sum.low + fma(curve, factor, turns * C::half_pi[1]));
}

}  // namespace tarry::passes::math
