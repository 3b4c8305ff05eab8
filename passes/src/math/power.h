#pragma once
/// pow, cbrt, hypot.
///
/// pow is 2^(y log2 |x|), with the logarithm in more digits than the result has: doubles for float32,
/// pairs of doubles for float64 (log2 as the series of atanh(f / (2 + f)), whose first two terms are
/// carried in pairs). The special cases are C99's.

#include "logarithm.h"

namespace tarry::passes::math {

/// Signs and special values of pow around `magnitude`, which is |x|^y where that is regular: for |x| of
/// 0 and infinity too, but not where |x| = 1, y = 0 or something is NaN.
template <template <class> class V, class T>
V<T> pow_specials(V<T> x, V<T> y, V<T> magnitude) {
  using B = BitsOf<T>;
  // Integers from 2^mantissa on are floats without a fraction; from the next power of two on all are even.
  const V<T> half = y * T(0.5);
  const V<bool> integer = trunc(y) == y;
  const V<bool> odd = integer & (trunc(half) != half);
  const V<B> sign = select(odd, bits<B>(x) & V<B>(Format<T>::sign), B{0});
  const V<T> signed_result = bits<T>(bits<B>(magnitude) | sign);
  const V<bool> invalid = (x < T(0)) & ~integer & (x != -kInf<T>);
  const V<bool> unordered = (x != x) | (y != y);
  const V<T> result = select(invalid | unordered, V<T>(kNaN<T>), signed_result);
  // (-1)^±inf is 1 as well.
  const V<bool> one = (y == T(0)) | (x == T(1)) | ((x == T(-1)) & (abs(y) == kInf<T>));
  return select(one, V<T>(1), result);
}

/// |x|^y in doubles, for floats.
template <template <class> class V>
V<float> pow_magnitude(V<float> x, V<float> y) {
  using C = Coefficients<double>;
  const auto [n, m] = split_exponent(x);
  const V<double> f = convert<double>(m) - 1.0;
  // f / (2 + f) from a float reciprocal and one step of Newton, good to 2^-46.
  const V<double> reciprocal = convert<double>(V<float>(1) / (m + 1.0f));
  const V<double> estimate = f * reciprocal;
  const V<double> s = fma(fma(-estimate, f + 2.0, f), reciprocal, estimate);
  const V<double> z = s * s;
  const V<double> series = fma(z, horner(z, C::powf_log2_tail), V<double>(C::two_over_ln2[0]));
  const V<double> log2 = fma(s, series, convert<double>(n));
  const V<double> zero_or_inf = select(convert<double>(x) == 0.0, V<double>(-kInf<double>), kInf<double>);
  const V<bool> regular = (x > 0.0f) & (x < kInf<float>);
  const V<double> exponent = convert<double>(y) * select(regular, log2, zero_or_inf);
  // Far beyond both ends of float32.
  const V<double> bounded = at_most(at_least(exponent, -200.0), 200.0);
  const V<double> rounded = bounded + Format<double>::rounder;
  const V<double> r = bounded - (rounded - Format<double>::rounder);
  const V<double> fraction = fma(r, polynomial(r, C::powf_exp2), V<double>(1.0));
  const V<double> power = bits<double>((bits<uint64_t>(rounded) + V<uint64_t>(1023)) << V<uint64_t>(52));
  return convert<float>(fraction * power);
}

template <template <class> class V>
V<double> pow_magnitude(V<double> x, V<double> y) {
  using C = Coefficients<double>;
  using P = Pair<V<double>>;
  const auto [n, m] = split_exponent(x);
  const V<double> f = m - 1.0;
  // s = f / (2 + f) as a pair.
  const P d = fast_sum(V<double>(2.0), f);
  const V<double> reciprocal = V<double>(1.0) / d.high;
  const V<double> s = f * reciprocal;
  const V<double> s_low = fma(-s, d.low, fma(-s, d.high, f)) * reciprocal;
  // log2 m = s (c1 + c3 z + z^2 T(z)), z = s^2.
  const P z = exact_product(s, s);
  const V<double> z_low = fma(s + s, s_low, z.low);
  const V<double> rest = z.high * z.high * polynomial(z.high, C::pow_log2_tail);
  const P third = exact_product(z.high, V<double>(C::two_thirds_over_ln2[0]));
  const V<double> third_low = fma(z_low, C::two_thirds_over_ln2[0], fma(z.high, C::two_thirds_over_ln2[1], third.low));
  const P sum = fast_sum(third.high, rest);
  const P series = fast_sum(V<double>(C::two_over_ln2[0]), sum.high);
  const V<double> series_low = (sum.low + third_low) + (series.low + C::two_over_ln2[1]);
  const P product = exact_product(s, series.high);
  const V<double> product_low = fma(s, series_low, fma(s_low, series.high, product.low));
  const P whole = fast_sum(n, product.high);
  const P log2 = fast_sum(whole.high, whole.low + product_low);
  // y log2 x as a pair, with what is neither positive nor finite put in.
  const V<double> zero_or_inf = select(x == 0.0, V<double>(-kInf<double>), kInf<double>);
  const V<bool> regular = (x > 0.0) & (x < kInf<double>);
  const V<double> high = at_most(at_least(y * select(regular, log2.high, zero_or_inf), -1100.0), 1100.0);
  const V<double> low = fma(y, log2.low, fma(y, log2.high, -high));
  const V<double> whole_n = (high + Format<double>::rounder) - Format<double>::rounder;
  // Where the exponent was cut to its bounds `low` means nothing.
  const V<double> r = (high - whole_n) + select(abs(high) < 1100.0, low, 0.0);
  const V<double> curve = r * r * polynomial(r, C::pow_exp2_tail);
  const V<double> linear = fma(r, C::ln2_parts[0], fma(r, C::ln2_parts[1], curve));
  return scale(linear + 1.0, whole_n);
}

template <class M, template <class> class V, class T>
V<T> pow(M&, V<T> x, V<T> y)
  requires std::is_floating_point_v<T>
{
  return pow_specials(x, y, pow_magnitude(abs(x), y));
}

/// A step of Halley's from an estimate y of the cube root of v: the error's cube.
template <class W>
W closer_cube_root(W y, W v) {
  const W cube = y * y * y;
  return y * ((cube + v + v) / (cube + cube + v));
}

template <class M, template <class> class V, class T>
V<T> cbrt(M&, V<T> x) {
  using C = Coefficients<T>;
  // |x| = 2^(3q) v with v between 1/(2 sqrt 2) and 2 sqrt 2.
  const auto [n, m] = split_exponent(abs(x));
  const V<T> q = rint(n * T(1.0 / 3));
  const V<T> v = m * power_of_two(fma(q, T(-3), n));
  V<T> y = closer_cube_root(horner(v, C::cbrt_estimate), v);
  if constexpr (std::is_same_v<T, double>) y = closer_cube_root(y, v);
  // One step of Newton's, whose residual has all its digits.
  const Pair<V<T>> square = exact_product(y, y);
  const V<T> residual = fma(-square.low, y, fma(-square.high, y, v));
  const V<T> root = y + residual / (square.high * T(3));
  const V<T> result = with_sign_of(root * power_of_two(q), x);
  return select((x == T(0)) | ~(abs(x) < kInf<T>), x, result);
}

template <class M, template <class> class V>
V<float> hypot(M&, V<float> x, V<float> y) {
  const V<double> a = convert<double>(x), b = convert<double>(y);
  const V<float> result = convert<float>(sqrt(fma(a, a, b * b)));
  return select((abs(x) == kInf<float>) | (abs(y) == kInf<float>), V<float>(kInf<float>), result);
}

template <class M, template <class> class V>
V<double> hypot(M&, V<double> x, V<double> y) {
  const V<double> a = abs(x), b = abs(y);
  const V<bool> swapped = a < b;
  const V<double> larger = select(swapped, b, a), smaller = select(swapped, a, b);
  // Squares stay in range between 2^-1000 and 2^1000.
  const V<bool> huge = larger > 0x1p500, tiny = larger < 0x1p-450;
  const V<double> down = select(huge, V<double>(0x1p-600), select(tiny, V<double>(0x1p600), 1.0));
  const V<double> up = select(huge, V<double>(0x1p600), select(tiny, V<double>(0x1p-600), 1.0));
  const V<double> l = larger * down, s = smaller * down;
  const V<double> result = sqrt(fma(l, l, s * s)) * up;
  return select((a == kInf<double>) | (b == kInf<double>), V<double>(kInf<double>), result);
}

}  // namespace tarry::passes::math
