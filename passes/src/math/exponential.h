#pragma once
/// exp, exp2, expm1, sinh, cosh, tanh.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2 by Cody and Waite's two-part constant, a minimax polynomial for
/// e^r - 1 - r, and 2^n put in by exponent arithmetic in two steps, so that overflow and subnormal
/// results come out by themselves.

#include "arithmetic.h"

namespace tarry::passes::math {

/// x = n ln 2 + high + low: `high` is exact, |low| is at most 2^-8 of an ulp of 1 and may be rounded.
template <template <class> class V, class T>
struct Reduced {
  V<T> n, high, low;
};

template <template <class> class V, class T>
Reduced<V, T> reduce_by_ln2(V<T> x) {
  using C = Coefficients<T>;
  const V<T> n = fma(x, C::log2_e, Format<T>::rounder) - Format<T>::rounder;
  return {n, fma(n, -C::ln2[0], x), n * -C::ln2[1]};
}

/// Beyond these exp is 0 and infinite.
template <class T>
inline constexpr T kExpLow = std::is_same_v<T, float> ? T(-104) : T(-746);
template <class T>
inline constexpr T kExpHigh = std::is_same_v<T, float> ? T(89) : T(710);

/// x = n ln 2 + r, with n + offset in the low bits of `shifted`. The offset is even, lest ties round otherwise.
template <template <class> class V, class T>
struct Rounded {
  V<T> shifted, r;
};

/// r in one number: its rounding costs a fifth of an ulp, as does that of the series.
template <template <class> class V, class T>
Rounded<V, T> round_to_ln2(V<T> x, T offset) {
  using C = Coefficients<T>;
  const T rounder = Format<T>::rounder + offset;
  const V<T> shifted = fma(x, C::log2_e, rounder);
  const V<T> n = shifted - rounder;
  return {shifted, fma(n, -C::ln2[1], fma(n, -C::ln2[0], x))};
}

/// e^r for |r| <= ln 2 / 2, times `unit`, a power of two: bit for bit so, since every coefficient has it too.
template <template <class> class V, class T>
V<T> exp_near_zero(V<T> r, T unit = 1) {
  const auto slope = multiplied(Coefficients<T>::exp_slope, unit);
  if constexpr (std::is_same_v<T, float>)
    return fma(r, horner(r, slope.list), V<T>(unit));
  else
    return fma(r, polynomial(r, slope.list), V<T>(unit));
}

/// e^(high + low) for |high| <= ln 2 / 2, to a quarter of an ulp beyond the last rounding.
template <template <class> class V, class T>
V<T> exp_reduced(V<T> high, V<T> low) {
  const V<T> r = high + low;
  return (high + fma(r * r, polynomial(r, Coefficients<T>::exp_tail), low)) + T(1);
}

template <class M, template <class> class V, class T>
V<T> exp(M&, V<T> x) {
  const auto [shifted, r] = round_to_ln2(at_most(at_least(x, kExpLow<T>), kExpHigh<T>), T(2 * Format<T>::bias));
  return scale(exp_near_zero(r), shifted);
}

/// The bits of exp(x) for an x that is not above 0, or NaN: 2^n is then one power that is always normal, over one that
/// the series has in its coefficients.
template <template <class> class V, class T>
V<T> exp_of_nonpositive(V<T> x) {
  constexpr int lift = 63;  // brings every n into the normal exponents; with the bias an even offset
  const auto [shifted, r] = round_to_ln2(at_least(x, kExpLow<T>), T(lift + Format<T>::bias));
  return exp_near_zero(r, Format<T>::power(-lift)) * power_of_biased(shifted);
}

template <class M, template <class> class V, class T>
V<T> exp2(M&, V<T> x) {
  using C = Coefficients<T>;
  constexpr T lowest = -T(Format<T>::bias + Format<T>::mantissa + 2), highest = T(Format<T>::bias + 1);
  x = at_most(at_least(x, lowest), highest);
  const V<T> rounded = x + Format<T>::scale_rounder;
  const V<T> fraction = x - (rounded - Format<T>::scale_rounder);
  const Pair<V<T>> r = exact_product(fraction, V<T>(C::ln2_parts[0]));
  return scale(exp_reduced(r.high, fma(fraction, C::ln2_parts[1], r.low)), rounded);
}

/// (e^x - 1) / 2 as a sum of two, the second up to a fifth of the first, for x up to kExpHigh and not so low that 2^n
/// underflows.
template <template <class> class V, class T>
Pair<V<T>> half_expm1(V<T> x) {
  const auto [n, high, low] = reduce_by_ln2(x);
  const V<T> r = high + low;
  const V<T> t = power_of_two(n - T(1));
  const V<T> curve = fma(r * r, polynomial(r, Coefficients<T>::expm1_tail), low);
  // t (1 + high + curve) - 1/2, where no sum but the last loses its rounding error.
  const V<T> base = t - T(0.5);
  const V<T> base_low = (t - base) - T(0.5);
  const Pair<V<T>> sum = fast_sum(base, t * high);
  return {sum.high, fma(t, curve, sum.low + base_low)};
}

template <class M, template <class> class V, class T>
V<T> expm1(M&, V<T> x) {
  // Below it the result is -1 to all digits.
  constexpr T lowest = -T(Format<T>::mantissa + 3) * T(0.7);
  const Pair<V<T>> half = half_expm1(at_most(at_least(x, lowest), kExpHigh<T>));
  const V<T> sum = half.high + half.low;
  // Tiny arguments, zeros and subnormals among them, are their own result.
  return select(abs(x) < Format<T>::power(-Format<T>::mantissa - 3), x, sum + sum);
}

/// float32 tanh(x) for x from tanh_limit on: 1 - 1 / (e^2x / 2 + 1/2).
template <template <class> class V, class T>
V<T> tanh_beyond_limit(V<T> x) {
  using C = Coefficients<T>;
  constexpr T rounder = Format<T>::rounder + T(Format<T>::bias - 1);
  x = at_most(x, T(10));  // where it is 1
  // x = n ln 2 / 2 + r, with one constant: n is at most 29, and the larger it is, the less e^2x counts.
  const V<T> shifted = fma(x, C::two_over_ln2[0], rounder);
  const V<T> r = fma(shifted - rounder, -C::ln2_parts[0] / 2, x);
  const V<T> e = fma(r, horner(r, C::exp_twice_slope), V<T>(1));
  return V<T>(1) - V<T>(1) / fma(e, power_of_biased(shifted), V<T>(0.5));
}

template <class M, template <class> class V, class T>
V<T> tanh(M&, V<T> x) {
  const V<T> magnitude = abs(x);
  if constexpr (std::is_same_v<T, float>) {
    using C = Coefficients<T>;
    const V<T> square = x * x;
    const V<T> near = fma(magnitude, square * horner(square, C::tanh_tail), magnitude);
    return with_sign_of(select(magnitude < C::tanh_limit, near, tanh_beyond_limit(magnitude)), x);
  } else {
    // With h = (e^2x - 1) / 2 it is h / (h + 1), divided as pairs.
    const Pair<V<T>> parts = half_expm1(at_most(magnitude + magnitude, T(44)));
    const Pair<V<T>> h = fast_sum(parts.high, parts.low);
    const Pair<V<T>> d = exact_sum(V<T>(1), h.high);
    const V<T> reciprocal = V<T>(1) / d.high;
    const V<T> q = h.high * reciprocal;
    const V<T> rest = fma(-q, d.low + h.low, fma(-q, d.high, h.high) + h.low);
    return with_sign_of(fma(rest, reciprocal, q), x);
  }
}

/// e^x / 4 as a pair and e^-x / 4, for 0 <= x up to where sinh overflows.
template <class W>
struct ExpQuarters {
  Pair<W> up;
  W down;
};

template <template <class> class V, class T>
ExpQuarters<V<T>> exp_quarters(V<T> x) {
  constexpr T overflow = std::is_same_v<T, float> ? T(89.5) : T(710.6);
  const auto [n, high, low] = reduce_by_ln2(at_most(x, overflow));
  const V<T> r = high + low;
  const Pair<V<T>> curve = fast_sum(high, fma(r * r, polynomial(r, Coefficients<T>::expm1_tail), low));
  const Pair<V<T>> e = fast_sum(V<T>(1), curve.high);
  const V<T> quarter = power_of_two(n - T(2));
  const V<T> up = e.high * quarter;
  return {{up, (e.low + curve.low) * quarter}, V<T>(T(0.0625)) / up};
}

template <class M, template <class> class V, class T>
V<T> cosh(M&, V<T> x) {
  const auto [up, down] = exp_quarters(abs(x));
  const Pair<V<T>> sum = fast_sum(up.high, down);
  const V<T> half = sum.high + (sum.low + up.low);
  return half + half;
}

template <class M, template <class> class V, class T>
V<T> sinh(M&, V<T> x) {
  const V<T> magnitude = abs(x);
  const auto [up, down] = exp_quarters(magnitude);
  const Pair<V<T>> sum = fast_sum(up.high, -down);
  const V<T> half = sum.high + (sum.low + up.low);
  const V<T> square = x * x;
  const V<T> small = fma(magnitude * square, horner(square, Coefficients<T>::sinh_tail), magnitude);
  return with_sign_of(select(magnitude < T(1), small, half + half), x);
}

}  // namespace tarry::passes::math
