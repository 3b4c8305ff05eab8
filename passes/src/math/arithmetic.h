#pragma once
/// What the elementary functions share: formats, polynomials, exact sums and products.

#include "coefficients.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace tarry::passes::math {

/// The layout of a binary floating-point type.
template <class T>
struct Format {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  static constexpr int mantissa = std::numeric_limits<T>::digits - 1;
  static constexpr int bias = std::numeric_limits<T>::max_exponent - 1;
  static constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
  static constexpr Bits mantissa_mask = (Bits{1} << mantissa) - 1;
  static constexpr Bits infinity = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  /// 2^e as a constant.
  static constexpr T power(int e) { return std::bit_cast<T>(static_cast<Bits>(e + bias) << mantissa); }
  /// Adding and subtracting this rounds to an integer; what lies between has the integer in its low bits.
  static constexpr T rounder = power(mantissa) + power(mantissa - 1);
  /// As rounder, but with the integer + 2 bias there: half of it is what the exponent of a power of two holds. It is
  /// even, so ties round as they do by `rounder`.
  static constexpr T scale_rounder = rounder + T(2 * bias);
};
template <class T>
using BitsOf = typename Format<T>::Bits;

template <class T>
inline constexpr T kInf = std::numeric_limits<T>::infinity();
template <class T>
inline constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();
template <class T>
inline constexpr T kSmallestNormal = std::numeric_limits<T>::min();

template <class T, size_t N>
struct Multiplied {
  T list[N];
};

/// The coefficients of `factor` times a polynomial.
template <class T, size_t N>
constexpr Multiplied<T, N> multiplied(const T (&c)[N], T factor) {
  Multiplied<T, N> product{};
  for (size_t k = 0; k < N; ++k) product.list[k] = c[k] * factor;
  return product;
}

/// Σ c[k] x^k, one fma a coefficient.
template <template <class> class V, class T, size_t N>
V<T> horner(V<T> x, const T (&c)[N]) {
  V<T> sum = c[N - 1];
  for (size_t k = N - 1; k-- > 0;) sum = fma(x, sum, c[k]);
  return sum;
}

/// Σ c[first + k] x^k in groups of four, which do not wait for each other: less latency than horner for
/// two multiplications.
template <size_t first = 0, template <class> class V, class T, size_t N>
V<T> polynomial(V<T> x, const T (&c)[N]) {
  static_assert(N > first + 4);
  constexpr size_t last = first + (N - first - 1) / 4 * 4;
  const auto group = [&](size_t start) {
    size_t k = start + 4 < N ? start + 3 : N - 1;
    V<T> sum = c[k];
    while (k-- > start) sum = fma(x, sum, c[k]);
    return sum;
  };
  const V<T> square = x * x;
  const V<T> fourth = square * square;
  V<T> sum = group(last);
  for (size_t start = last; start > first;) {
    start -= 4;
    sum = fma(fourth, sum, group(start));
  }
  return sum;
}

/// As polynomial, but the constant term comes last and alone, so that only one rounding is that large.
template <template <class> class V, class T, size_t N>
V<T> careful_polynomial(V<T> x, const T (&c)[N]) {
  return fma(x, polynomial<1>(x, c), c[0]);
}

/// A value as the unevaluated sum of two; |low| is at most half an ulp of high.
template <class W>
struct Pair {
  W high, low;
};

/// a + b exactly, where |a| >= |b| or a = 0.
template <class W>
Pair<W> fast_sum(W a, W b) {
  const W s = a + b;
  return {s, b - (s - a)};
}

/// a + b exactly.
template <class W>
Pair<W> exact_sum(W a, W b) {
  const W s = a + b;
  const W t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}

/// a * b exactly, barring underflow.
template <class W>
Pair<W> exact_product(W a, W b) {
  const W p = a * b;
  return {p, fma(a, b, -p)};
}

/// The magnitude of `magnitude` with the sign bit of `sign`, whatever the bits of a NaN.
template <template <class> class V, class T>
V<T> with_sign_of(V<T> magnitude, V<T> sign) {
  using B = BitsOf<T>;
  return bits<T>(bits<B>(magnitude) | (bits<B>(sign) & V<B>(Format<T>::sign)));
}

/// min and max of a value and a bound that are no NaN; a NaN value stays. One instruction on x86.
template <template <class> class V, class T>
V<T> at_least(V<T> x, T bound) {
  return select(V<T>(bound) > x, V<T>(bound), x);
}
template <template <class> class V, class T>
V<T> at_most(V<T> x, T bound) {
  return select(V<T>(bound) < x, V<T>(bound), x);
}

/// 2^n from rounder + bias + n, for n within the normal exponents.
template <template <class> class V, class T>
V<T> power_of_biased(V<T> n) {
  return bits<T>(bits<BitsOf<T>>(n) << V<BitsOf<T>>(Format<T>::mantissa));
}

/// 2^n for an integral n within the normal exponents.
template <template <class> class V, class T>
V<T> power_of_two(V<T> n) {
  return power_of_biased(n + V<T>(Format<T>::rounder + Format<T>::bias));
}

/// p * 2^n for n = rounded - scale_rounder up to twice the normal exponents; below them it rounds once more.
template <template <class> class V, class T>
V<T> scale(V<T> p, V<T> rounded) {
  using B = BitsOf<T>;
  // The integer stands in the low bits, and shifting to the exponent leaves nothing of the others.
  const V<B> biased_twice = bits<B>(rounded);
  const V<B> half = biased_twice >> V<B>(1);
  const auto power = [](V<B> e) { return bits<T>(e << V<B>(Format<T>::mantissa)); };
  return p * power(half) * power(biased_twice - half);
}

}  // namespace tarry::passes::math
