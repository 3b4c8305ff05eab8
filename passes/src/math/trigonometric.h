#pragma once
/// sin, cos, tan.
///
/// x = n π/2 + r with |r| <= π/4. n π/2 is subtracted in three parts by fma (Cody and Waite), r kept as
/// a pair; arguments too large for that go to a cold region that multiplies by the digits of 2/π
/// (payne_hanek.h). Then the minimax polynomials of sine, cosine or tangent, chosen and signed by n.

#include "arithmetic.h"
#include "payne_hanek.h"

namespace tarry::passes::math {

/// Up to here three parts of π/2 are enough, and n is exact.
template <class T>
inline constexpr T kReducible = std::is_same_v<T, float> ? T(0x1p17) : T(0x1p27);

template <template <class> class V, class T>
Quadrant<V, T> reduce_near(V<T> x) {
  using C = Coefficients<T>;
  const V<T> rounded = fma(x, C::two_over_pi, Format<T>::rounder);
  const V<T> n = rounded - Format<T>::rounder;
  const V<T> first = fma(n, -C::half_pi[0], x);
  const Pair<V<T>> product = exact_product(n, V<T>(-C::half_pi[1]));
  const Pair<V<T>> r = exact_sum(first, product.high);
  return {bits<BitsOf<T>>(rounded), r.high, fma(n, -C::half_pi[2], r.low + product.low)};
}

/// sin(high + low) for |high| <= π/4.
template <template <class> class V, class T>
V<T> sin_reduced(V<T> high, V<T> low, V<T> square) {
  const V<T> tail = horner(square, Coefficients<T>::sin_tail);
  return high + fma(high * square, tail, low);
}

template <template <class> class V, class T>
V<T> cos_reduced(V<T> high, V<T> low, V<T> square) {
  const V<T> half = square * T(0.5);
  const V<T> top = V<T>(1) - half;
  const V<T> rest = fma(square * square, horner(square, Coefficients<T>::cos_tail), -(high * low));
  return top + (((V<T>(1) - top) - half) + rest);
}

/// sin(x + shift π/2).
template <template <class> class V, class T>
V<T> sin_of(const Quadrant<V, T>& q, int shift) {
  using B = BitsOf<T>;
  const V<T> square = q.high * q.high;
  const V<B> n = shift ? q.n + V<B>(static_cast<B>(shift)) : q.n;
  const V<bool> odd = (n & V<B>(1)) != B(0);
  const V<T> value = select(odd, cos_reduced(q.high, q.low, square), sin_reduced(q.high, q.low, square));
  return bits<T>(bits<B>(value) ^ ((n & V<B>(2)) << V<B>(8 * sizeof(T) - 2)));
}

template <class M, template <class> class V, class T>
V<T> sin(M& m, V<T> x) {
  const V<T> result =
      m.cold(abs(x) > kReducible<T>, sin_of(reduce_near(x), 0), [&] { return sin_of(reduce_far(x), 0); });
  // Zeros keep their sign.
  return select(x == T(0), x, result);
}

template <class M, template <class> class V, class T>
V<T> cos(M& m, V<T> x) {
  return m.cold(abs(x) > kReducible<T>, sin_of(reduce_near(x), 1), [&] { return sin_of(reduce_far(x), 1); });
}

/// tan r or -1 / tan r, by the parity of n.
template <template <class> class V, class T>
V<T> tan_of(const Quadrant<V, T>& q) {
  using B = BitsOf<T>;
  const auto [square, square_low] = exact_product(q.high, q.high);
  // tan(r + l) = tan r + l (1 + tan^2 r), where 1 + r^2 + r^4 is near enough. What the square lost counts
  // r times the slope of (tan r - r) / r by the square, some 1/3 + r^2 / 3.
  const V<T> slope = fma(square, square + T(1), T(1));
  const V<T> lost = square_low * q.high * fma(square, T(1.0 / 3), T(1.0 / 3));
  const V<T> tail = careful_polynomial(square, Coefficients<T>::tan_tail);
  const Pair<V<T>> t = fast_sum(q.high, fma(q.high * square, tail, fma(q.low, slope, lost)));
  const V<bool> odd = (q.n & V<B>(1)) != B(0);
  // -1 / (high + low), the quotient corrected by its residual.
  const V<T> inverse = V<T>(-1) / t.high;
  const V<T> residual = fma(inverse, t.low, fma(inverse, t.high, T(1)));
  return select(odd, fma(inverse, residual, inverse), t.high);
}

template <class M, template <class> class V, class T>
V<T> tan(M& m, V<T> x) {
  const V<T> result = m.cold(abs(x) > kReducible<T>, tan_of(reduce_near(x)), [&] { return tan_of(reduce_far(x)); });
  return select(x == T(0), x, result);
}

}  // namespace tarry::passes::math
