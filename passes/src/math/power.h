#pragma once
/// pow, cbrt, hypot.
///
/// pow is 2^(y log2 |x|), with the logarithm in more digits than the result has: doubles for float32,
/// pairs of doubles for float64 (log2 as the series of atanh(f / (2 + f)), whose first two terms are
/// carried in pairs). The special cases, C99's, are cold.

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

/// log2(2^n m) in doubles, for floats.
template <template <class> class V>
V<double> log2_of_split(V<float> n, V<float> m) {
  using C = Coefficients<double>;
  const V<double> f = convert<double>(m) - 1.0;
  // f / (2 + f) from a float reciprocal and one step of Newton, good to 2^-46.
  const V<double> reciprocal = convert<double>(V<float>(1) / (m + 1.0f));
  const V<double> estimate = f * reciprocal;
  const V<double> s = fma(fma(-estimate, f + 2.0, f), reciprocal, estimate);
  const V<double> z = s * s;
  const V<double> series = fma(z, horner(z, C::powf_log2_tail), V<double>(C::two_over_ln2[0]));
  return fma(s, series, convert<double>(n));
}

/// 2^exponent, rounded to float; infinity beyond.
template <template <class> class V>
V<float> exp2_as_float(V<double> exponent) {
  // Far beyond both ends of float32.
  const V<double> bounded = at_most(at_least(exponent, -200.0), 200.0);
  const V<double> rounded = bounded + Format<double>::rounder;
  const V<double> r = bounded - (rounded - Format<double>::rounder);
  const V<double> fraction = fma(r, polynomial(r, Coefficients<double>::powf_exp2), V<double>(1.0));
  const V<uint64_t> power = bits<uint64_t>(fraction) + (bits<uint64_t>(rounded) << V<uint64_t>(52));
  return convert<float>(bits<double>(power));
}

/// What log2 |x| becomes where x is zero or infinite.
template <template <class> class V, class T>
V<double> log2_with_ends(V<T> x, V<double> log2) {
  const V<double> zero_or_inf = select(convert<double>(x) == 0.0, V<double>(-kInf<double>), kInf<double>);
  return select((abs(x) > T(0)) & (abs(x) < kInf<T>), log2, zero_or_inf);
}

template <class M, template <class> class V>
V<float> pow(M& m, V<float> x, V<float> y) {
  const auto regular = split_regular(x);
  const V<float> fast = exp2_as_float(convert<double>(y) * log2_of_split(regular.n, regular.m));
  return m.cold(is_irregular(x) | ~(abs(y) < kInf<float>), fast, [&] {
    const auto any = split_exponent(abs(x));
    const V<double> log2 = log2_with_ends(x, log2_of_split(any.n, any.m));
    return pow_specials(x, y, exp2_as_float(convert<double>(y) * log2));
  });
}

/// log2(2^n m) as a pair.
template <template <class> class V>
Pair<V<double>> log2_of_split(V<double> n, V<double> m) {
  using C = Coefficients<double>;
  using P = Pair<V<double>>;
  // s = f / (2 + f) as a pair; f - 2s is exact.
  const V<double> f = m - 1.0;
  const V<double> reciprocal = V<double>(1.0) / (m + 1.0);
  const V<double> s = f * reciprocal;
  const V<double> s_low = fma(-s, f, fma(s, -2.0, f)) * reciprocal;
  // log2 m = s (c + z + z R(z)), z = s^2. The sum of c and z is a pair; beside it z R(z) is below 2^-10, so
  // that one rounded number holds enough of it.
  const P z = exact_product(s, s);
  const P series = fast_sum(V<double>(C::two_over_ln2[0]), z.high);
  const V<double> z_low = fma(s + s, s_low, z.low) + C::two_over_ln2[1];
  const V<double> series_low = fma(z.high, polynomial(z.high, C::pow_log2_rest), series.low + z_low);
  const P product = exact_product(s, series.high);
  const V<double> product_low = fma(s, series_low, fma(s_low, series.high, product.low));
  const P whole = fast_sum(n, product.high);
  return fast_sum(whole.high, whole.low + product_low);
}

/// 2^r for |r| a little above 1/2.
template <template <class> class V>
V<double> exp2_reduced(V<double> r) {
  return fma(r, polynomial(r, Coefficients<double>::pow_exp2_slope), V<double>(1.0));
}

template <class M, template <class> class V>
V<double> pow(M& m, V<double> x, V<double> y) {
  constexpr double rounder = Format<double>::rounder;
  // y log2 x = n + r. Up to this exponent 2^n is a normal number.
  constexpr double last = 1000;
  const auto regular = split_regular(x);
  const Pair<V<double>> log2 = log2_of_split(regular.n, regular.m);
  const V<double> shifted = fma(y, log2.high, V<double>(rounder));
  const V<double> n = shifted - rounder;
  const V<double> r = fma(y, log2.low, fma(y, log2.high, -n));
  const V<uint64_t> fast = bits<uint64_t>(exp2_reduced(r)) + (bits<uint64_t>(shifted) << V<uint64_t>(52));
  // NaN compares as irregular.
  return m.cold(is_irregular(x) | ~(abs(n) < last), bits<double>(fast), [&] {
    const auto any = split_exponent(abs(x));
    const Pair<V<double>> log2 = log2_of_split(any.n, any.m);
    const V<double> high = at_most(at_least(y * log2_with_ends(x, log2.high), -1100.0), 1100.0);
    const V<double> low = fma(y, log2.low, fma(y, log2.high, -high));
    constexpr double rounder = Format<double>::scale_rounder;
    const V<double> shifted = high + rounder;
    // Where the exponent was cut to its bounds `low` means nothing.
    const V<double> r = (high - (shifted - rounder)) + select(abs(high) < 1100.0, low, 0.0);
    return pow_specials(x, y, scale(exp2_reduced(r), shifted));
  });
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
