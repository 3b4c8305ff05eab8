#pragma once
/// erf.
///
/// An odd polynomial near zero. Further out 1 - erfc, with the square root of erfc (in float64: the sixth root) from a
/// polynomial: a root takes fewer terms than erfc itself.

#include "arithmetic.h"

namespace tarry::passes::math {

/// erf(erf_limit + t), up to erf_end.
template <template <class> class V, class T>
V<T> erf_beyond_limit(V<T> t) {
  using C = Coefficients<T>;
  if constexpr (std::is_same_v<T, float>) {
    const V<T> root = fma(t, polynomial(t, C::erfc_root_tail), C::erfc_root);
    return fma(-root, root, V<T>(1));
  } else {
    // The square of root = erfc_root + u without the rounding of that sum, which would count six times.
    const V<T> u = t * polynomial(t, C::erfc_root_tail);
    const V<T> square = fma(u, u + T(2 * C::erfc_root), C::erfc_root_square);
    return fma(-(square * square), square, V<T>(1));
  }
}

template <class M, template <class> class V, class T>
V<T> erf(M&, V<T> x) {
  using C = Coefficients<T>;
  using I = std::make_signed_t<BitsOf<T>>;
  const V<T> magnitude = abs(x);
  const V<T> near = fma(magnitude, horner(x * x, C::erf_small), magnitude);
  const V<T> t = at_most(magnitude, C::erf_end) - C::erf_limit;
  // The sign bit itself picks, which spares x86 a comparison; of a NaN either will do.
  const V<bool> is_near = bits<I>(t) < I(0);
  return with_sign_of(select(is_near, near, erf_beyond_limit(t)), x);
}

}  // namespace tarry::passes::math
