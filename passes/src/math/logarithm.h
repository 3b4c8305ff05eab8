#pragma once
/// log, log2, log10, log1p.
///
/// x = 2^n m with m between sqrt(1/2) and sqrt(2), so that log x = n ln 2 + log(1 + f), f = m - 1. In
/// float32 log(1 + f) is f - f^2/2 + f^3 P(f); in float64 the series of atanh(f / (2 + f)), as in
/// FreeBSD's msun (e_log.c), whose division costs less than the long polynomial.

#include "arithmetic.h"

namespace tarry::passes::math {

template <template <class> class V, class T>
struct Split {
  V<T> n, m;
};

/// The bits of sqrt(1/2), rounded down.
template <class T>
inline constexpr BitsOf<T> kSqrtHalfBits = std::is_same_v<T, float> ? 0x3f3504f3u : 0x3fe6a09e667f3bccull;

/// x = 2^n m for finite positive x, subnormal ones too; others give something.
template <template <class> class V, class T>
Split<V, T> split_exponent(V<T> x) {
  using F = Format<T>;
  using B = BitsOf<T>;
  constexpr T two_mantissa = F::power(F::mantissa);
  const V<bool> subnormal = x < kSmallestNormal<T>;
  const V<T> scaled = select(subnormal, x * two_mantissa, x);
  const V<B> i = bits<B>(scaled) + V<B>(std::bit_cast<B>(T(1)) - kSqrtHalfBits<T>);
  // The biased exponent in the low bits of 2^mantissa is that plus the exponent.
  const V<T> biased = bits<T>((i >> V<B>(F::mantissa)) | V<B>(std::bit_cast<B>(two_mantissa)));
  const V<T> n = biased - select(subnormal, V<T>(two_mantissa + F::bias + F::mantissa), two_mantissa + F::bias);
  return {n, bits<T>((i & V<B>(F::mantissa_mask)) + V<B>(kSqrtHalfBits<T>))};
}

/// Whether x is zero, subnormal, negative, infinite or NaN: everything below the least normal number and
/// above the largest one in one comparison, which is of signed integers since processors have those.
template <template <class> class V, class T>
V<bool> is_irregular(V<T> x) {
  using B = BitsOf<T>;
  using S = std::make_signed_t<B>;
  constexpr B least = std::bit_cast<B>(kSmallestNormal<T>), sign = Format<T>::sign;
  constexpr S last = std::bit_cast<S>(static_cast<B>((Format<T>::infinity - 1 - least) ^ sign));
  return bits<S>(bits<B>(x) - V<B>(static_cast<B>(least ^ sign))) > V<S>(last);
}

/// As split_exponent for what is_irregular leaves.
template <template <class> class V, class T>
Split<V, T> split_regular(V<T> x) {
  using F = Format<T>;
  using B = BitsOf<T>;
  using S = std::make_signed_t<B>;
  constexpr bool converts = std::is_same_v<T, float>;
  // AVX2 converts no 64-bit integers: there the exponent is biased, and goes into the low bits of 2^mantissa.
  constexpr B bias = converts ? 0 : std::bit_cast<B>(T(1));
  const V<B> i = bits<B>(x) + V<B>(bias - kSqrtHalfBits<T>);
  const V<T> m = bits<T>((i & V<B>(F::mantissa_mask)) + V<B>(kSqrtHalfBits<T>));
  if constexpr (converts) {
    return {convert<float>(bits<S>(i) >> V<S>(F::mantissa)), m};
  } else {
    constexpr T two_mantissa = F::power(F::mantissa);
    const V<B> biased = i >> V<B>(F::mantissa);
    return {bits<T>(biased | V<B>(std::bit_cast<B>(two_mantissa))) - T(two_mantissa + F::bias), m};
  }
}

/// log(1 + f) = f + tail for f from sqrt(1/2) - 1 to sqrt(2) - 1.
template <template <class> class V, class T>
V<T> log_tail(V<T> f) {
  using C = Coefficients<T>;
  if constexpr (std::is_same_v<T, float>) {
    const V<T> square = f * f;
    return fma(square * f, polynomial(f, C::log_tail), square * T(-0.5));
  } else {
    // log(1 + f) = f - (f^2/2 - s (f^2/2 + R)) with R the rest of the series over s.
    const V<T> s = f / (f + T(2));
    const V<T> z = s * s;
    const V<T> half_square = f * f * T(0.5);
    return fma(s, fma(z, polynomial(z, C::log_tail), half_square), -half_square);
  }
}

/// What log gives outside the finite positive numbers, in place of `result`.
template <template <class> class V, class T>
V<T> log_specials(V<T> x, V<T> result) {
  result = select(x > T(0), result, select(x == T(0), V<T>(-kInf<T>), kNaN<T>));
  return select(x == kInf<T>, x, result);
}

/// finish(n, f) for x = 2^n (1 + f), with the special values of a logarithm.
template <class M, template <class> class V, class T, class Finish>
V<T> log_of_split(M& m, V<T> x, Finish finish) {
  const auto regular = split_regular(x);
  return m.cold(is_irregular(x), finish(regular.n, regular.m - T(1)), [&] {
    const auto any = split_exponent(x);
    return log_specials(x, finish(any.n, any.m - T(1)));
  });
}

template <class M, template <class> class V, class T>
V<T> log(M& m, V<T> x) {
  using C = Coefficients<T>;
  return log_of_split(m, x, [](V<T> n, V<T> f) {
    const V<T> tail = fma(n, C::ln2[1], log_tail(f));
    return fma(n, C::ln2[0], tail + f);
  });
}

/// n·unit + log(1 + f)·factor, both constants in two parts.
template <template <class> class V, class T>
V<T> log_in_base(V<T> n, V<T> f, const T (&factor)[2], const T (&unit)[2]) {
  const Pair<V<T>> product = exact_product(f, V<T>(factor[0]));
  const Pair<V<T>> sum = fast_sum(n * unit[0], product.high);
  // The tail holds -f^2 / 2, whose square is rounded: put back what that lost.
  const Pair<V<T>> square = exact_product(f, f);
  const V<T> lost = fma(square.low, T(-0.5) * factor[0], product.low);
  const V<T> tail = fma(f, factor[1], fma(log_tail(f), factor[0], lost));
  return sum.high + (sum.low + fma(n, unit[1], tail));
}

template <class M, template <class> class V, class T>
V<T> log2(M& m, V<T> x) {
  return log_of_split(m, x, [](V<T> n, V<T> f) {
    constexpr T one[2] = {1, 0};
    return log_in_base(n, f, Coefficients<T>::log2_e_parts, one);
  });
}

template <class M, template <class> class V, class T>
V<T> log10(M& m, V<T> x) {
  return log_of_split(
      m, x, [](V<T> n, V<T> f) { return log_in_base(n, f, Coefficients<T>::log10_e_parts, Coefficients<T>::log10_2); });
}

/// n ln 2 + log(1 + x + low), where low is small beside x and x > -1 is finite.
template <template <class> class V, class T>
V<T> log1p_pair(V<T> x, V<T> low, V<T> extra_n) {
  using C = Coefficients<T>;
  using F = Format<T>;
  using B = BitsOf<T>;
  constexpr B one = std::bit_cast<B>(T(1));
  // 1 + x = 2^n (1 + f), where f comes from x itself: 2^-n x + (2^-n - 1).
  const V<B> i = bits<B>(x + T(1)) + V<B>(one - kSqrtHalfBits<T>);
  const V<B> exponent = (i & V<B>(F::infinity)) - V<B>(one);
  const V<T> four_down = bits<T>(V<B>(std::bit_cast<B>(T(4))) - exponent);
  const V<T> n = bits<T>((i >> V<B>(F::mantissa)) | V<B>(std::bit_cast<B>(F::power(F::mantissa)))) -
                 T(F::power(F::mantissa) + F::bias) + extra_n;
  const V<T> quarter = four_down * T(0.25);
  const Pair<V<T>> f = fast_sum(quarter - T(1), x * T(0.25) * four_down);
  // log(1 + f + c) is log(1 + f) + c / (1 + f) to first order, and c is tiny.
  const V<T> correction = fma(low, quarter, f.low) * fma(f.high, f.high - T(1), T(1));
  const Pair<V<T>> sum = fast_sum(n * C::ln2[0], f.high);
  const V<T> tail = fma(n, C::ln2[1], log_tail(f.high)) + correction;
  return sum.high + (sum.low + tail);
}

template <class M, template <class> class V, class T>
V<T> log1p(M&, V<T> x) {
  V<T> result = log1p_pair(x, V<T>(0), V<T>(0));
  result = select(x > T(-1), result, select(x == T(-1), V<T>(-kInf<T>), kNaN<T>));
  // Tiny arguments, zeros and subnormals among them, are their own result, and so is infinity.
  return select((abs(x) < Format<T>::power(-Format<T>::mantissa - 3)) | (x == kInf<T>), x, result);
}

}  // namespace tarry::passes::math
