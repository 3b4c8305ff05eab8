#pragma once
/// erf.
///
/// An odd polynomial near zero; further out 1 - 2^(x Q(x)) with a minimax polynomial for the exponent
/// log2(erfc x), whose error counts the less the closer erf is to 1.

#include "arithmetic.h"

namespace tarry::passes::math {

/// 1 - 2^(x Q(x)), exact to a few units of a last place that counts little where the power is small.
template <template <class> class V, class T>
V<T> erf_large(V<T> x) {
  using C = Coefficients<T>;
  using B = BitsOf<T>;
  V<T> exponent, low;
  if constexpr (std::is_same_v<T, float>) {
    // What Q loses would cost a quarter of an ulp, and what the product loses a fifth.
    const V<T> first = C::erf_large[0], tail = polynomial<1>(x, C::erf_large);
    const V<T> q = fma(x, tail, first);
    const Pair<V<T>> product = exact_product(x, q);
    exponent = product.high, low = fma(x, fma(x, tail, first - q), product.low);
  } else {
    exponent = x * polynomial(x, C::erf_large);
  }
  const V<T> rounded = exponent + Format<T>::rounder;
  V<T> r = exponent - (rounded - Format<T>::rounder);
  if constexpr (std::is_same_v<T, float>) r = r + low;
  const V<T> fraction = fma(r, polynomial(r, C::erf_exp2), V<T>(1));
  const V<B> power = bits<B>(fraction) + (bits<B>(rounded) << V<B>(Format<T>::mantissa));
  return V<T>(1) - bits<T>(power);
}

template <class M, template <class> class V, class T>
V<T> erf(M&, V<T> x) {
  using C = Coefficients<T>;
  const V<T> magnitude = abs(x);
  const V<T> square = x * x;
  // In float32 the sums of polynomial would cost half an ulp near the limit.
  V<T> ratio;
  if constexpr (std::is_same_v<T, float>)
    ratio = horner(square, C::erf_small);
  else
    ratio = polynomial(square, C::erf_small);
  const V<T> small = fma(magnitude, ratio, magnitude);
  const V<T> large = erf_large(at_most(magnitude, C::erf_end));
  return with_sign_of(select(magnitude >= C::erf_limit, large, small), x);
}

}  // namespace tarry::passes::math
