#pragma once
/// sin, cos, tan.
///
/// x = n π/2 + r with |r| <= π/4. n π/2 is subtracted in three parts by fma (Cody and Waite), r kept as
/// a pair where the bound asks for it; arguments too large for that go to a cold region that multiplies
/// by the digits of 2/π (payne_hanek.h). Then the minimax polynomials of sine, cosine or tangent, chosen
/// and signed by n.

#include "arithmetic.h"
#include "payne_hanek.h"

namespace tarry::passes::math {

/// Up to here three parts of π/2 are enough, and n is exact.
template <class T>
inline constexpr T kReducible = std::is_same_v<T, float> ? T(0x1p17) : T(0x1p27);

/// n, the integer nearest to 2 x / π, and in the low bits of an integer n + shift.
template <template <class> class V, class T>
struct NearestQuadrant {
  V<T> n;
  V<BitsOf<T>> shifted;
  NearestQuadrant(V<T> x, int shift) {
    const T rounder = Format<T>::rounder + T(shift);
    const V<T> rounded = fma(x, Coefficients<T>::two_over_pi, rounder);
    n = rounded - rounder;
    shifted = bits<BitsOf<T>>(rounded);
  }
};

/// Reduces x; |r| is a little above π/4 at most, to twice the digits of T. The n is that of x + shift π/2.
template <template <class> class V, class T>
Quadrant<V, T> reduce_near(V<T> x, int shift = 0) {
  using C = Coefficients<T>;
  const NearestQuadrant<V, T> nearest(x, shift);
  const V<T> n = nearest.n;
  const V<T> first = fma(n, -C::half_pi_from_below[0], x);  // exact
  const V<T> high = first - n * C::half_pi_from_below[1];
  // Exact too: where the product is the larger one, both are multiples of a unit that leaves room.
  const V<T> subtracted = first - high;
  const V<T> excess = fma(n, C::half_pi_from_below[1], -subtracted);
  return {nearest.shifted, high, fma(n, C::half_pi_from_below[2], excess)};
}

/// The signs and the choice between sine and cosine that n asks for.
template <template <class> class V, class T>
V<T> choose_by_quadrant(V<BitsOf<T>> n, V<T> sine, V<T> cosine) {
  using B = BitsOf<T>;
  constexpr B top = 8 * sizeof(T) - 1;
  const V<bool> odd = (n & V<B>(1)) != B(0);
  return bits<T>(bits<B>(select(odd, cosine, sine)) ^ ((n & V<B>(2)) << V<B>(top - 1)));
}

/// (cos r - 1) / r^2 and (r - sin r) / r^3.
template <template <class> class V, class T>
struct Series {
  V<T> cosine, sine;
  explicit Series(V<T> square)
      : cosine(horner(square, Coefficients<T>::cos_tail)), sine(horner(square, Coefficients<T>::sin_tail)) {}
};

/// sin x from r as a pair, whose excess counts once in either series.
template <template <class> class V, class T>
V<T> sin_of(const Quadrant<V, T>& q) {
  const V<T> square = q.high * q.high;
  const Series<V, T> series(square);
  const V<T> cosine = fma(q.high, fma(q.high, series.cosine, q.excess), V<T>(1));
  // Where the excess is +0 a zero keeps its sign.
  const V<T> sine = q.high - fma(q.high * square, series.sine, q.excess);
  return choose_by_quadrant(q.n, sine, cosine);
}

/// The same in fewer steps, for |x| up to kReducible: r is rounded, which a bound of 2 ulp allows.
template <template <class> class V, class T>
V<T> sin_of_near(V<T> x, int shift) {
  using C = Coefficients<T>;
  const NearestQuadrant<V, T> nearest(x, shift);
  const V<T> n = nearest.n;
  const V<T> most = fma(n, -C::half_pi_from_below[1], fma(n, -C::half_pi_from_below[0], x));
  const V<T> square = most * most;
  const V<T> r = fma(n, -C::half_pi_from_below[2], most);
  const Series<V, T> series(square);
  const V<T> cosine = fma(square, series.cosine, V<T>(1));
  const V<T> sine = r - fma(r * square, series.sine, V<T>(0));
  return choose_by_quadrant(nearest.shifted, sine, cosine);
}

/// sin(x + shift π/2).
template <class M, template <class> class V, class T>
V<T> sin_shifted(M& m, V<T> x, int shift) {
  const V<T> near = std::is_same_v<T, float> ? sin_of(reduce_near(x, shift)) : sin_of_near(x, shift);
  return m.cold(abs(x) > kReducible<T>, near, [&] {
    Quadrant<V, T> far = reduce_far(x);
    far.n = far.n + V<BitsOf<T>>(static_cast<BitsOf<T>>(shift));
    return sin_of(far);
  });
}

template <class M, template <class> class V, class T>
V<T> sin(M& m, V<T> x) {
  return sin_shifted(m, x, 0);
}

template <class M, template <class> class V, class T>
V<T> cos(M& m, V<T> x) {
  return sin_shifted(m, x, 1);
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
  const Pair<V<T>> t = fast_sum(q.high, fma(q.high * square, tail, fma(-q.excess, slope, lost)));
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
