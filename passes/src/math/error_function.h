#pragma once
/// erf.
///
/// An odd polynomial near zero. Further out 1 - erfc, with the fourth root of erfc (in float64: the sixth) from a
/// polynomial: a root takes fewer terms than erfc itself.

#include "arithmetic.h"

namespace tarry::passes::math {

/// c[0] + c[1] t + c[2] w + c[3] tw + c[4] w^2 + c[5] tw^2 + … in groups of four, which do not wait for each other.
template <template <class> class V, class T, size_t N>
V<T> polynomial_in_two(V<T> t, V<T> w, const T (&c)[N]) {
  const auto pair = [&](size_t k) { return k + 1 < N ? fma(t, c[k + 1], c[k]) : V<T>(c[k]); };
  const auto group = [&](size_t k) { return k + 2 < N ? fma(w, pair(k + 2), pair(k)) : pair(k); };
  const V<T> square = w * w;
  size_t start = (N - 1) / 4 * 4;
  V<T> sum = group(start);
  while (start > 0) {
    start -= 4;
    sum = fma(square, sum, group(start));
  }
  return sum;
}

/// erf(x) for x from erf_limit on: t = x - erf_limit, square = x^2.
template <template <class> class V, class T>
V<T> erf_beyond_limit(V<T> t, V<T> square) {
  using C = Coefficients<T>;
  // Powers of w = t^2 + 2 erf_limit t take the place of those of t^2: the square is there already.
  constexpr T limit_square = C::erf_limit * C::erf_limit;
  const V<T> slope = polynomial_in_two(t, square - limit_square, C::erfc_root_slope);
  // The square of erfc_root + u without the rounding of that sum, which the powers would multiply.
  const V<T> u = t * slope;
  const V<T> root_square = fma(u, u + T(2 * C::erfc_root), C::erfc_root_square);
  const V<T> rest = std::is_same_v<T, float> ? root_square : root_square * root_square;
  return fma(-rest, root_square, V<T>(1));
}

template <class M, template <class> class V, class T>
V<T> erf(M&, V<T> x) {
  using C = Coefficients<T>;
  using I = std::make_signed_t<BitsOf<T>>;
  const V<T> magnitude = at_most(abs(x), C::erf_end);
  const V<T> square = magnitude * magnitude;
  const V<T> near = fma(magnitude, horner(square, C::erf_small), magnitude);
  const V<T> t = magnitude - C::erf_limit;
  // The sign bit itself picks, which spares x86 a comparison; of a NaN either will do.
  const V<bool> is_near = bits<I>(t) < I(0);
  return with_sign_of(select(is_near, near, erf_beyond_limit(t, square)), x);
}

}  // namespace tarry::passes::math
