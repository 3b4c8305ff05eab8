#pragma once
/// erf.
///
/// An odd polynomial near zero; further out 1 - e^(-x Q(x)) with a minimax polynomial for the exponent
/// log(erfc x), whose error counts the less the closer erf is to 1.

#include "exponential.h"

namespace tarry::passes::math {

template <class M, template <class> class V, class T>
V<T> erf(M&, V<T> x) {
  using C = Coefficients<T>;
  const V<T> magnitude = abs(x);
  const V<T> square = x * x;
  const V<T> bounded = at_most(magnitude, C::erf_end);
  // In float32 the sums of polynomial would cost a quarter of an ulp.
  V<T> ratio, slope;
  if constexpr (std::is_same_v<T, float>) {
    ratio = horner(square, C::erf_small);
    slope = horner(bounded, C::erf_large);
  } else {
    ratio = polynomial(square, C::erf_small);
    slope = polynomial(bounded, C::erf_large);
  }
  const V<T> small = fma(magnitude, ratio, magnitude);
  const Pair<V<T>> exponent = exact_product(bounded, slope);
  const auto [n, high, low] = reduce_by_ln2(exponent.high);
  const V<T> complement = exp_reduced(high, low + exponent.low) * power_of_two(n);
  return with_sign_of(select(magnitude < C::erf_limit, small, V<T>(1) - complement), x);
}

}  // namespace tarry::passes::math
