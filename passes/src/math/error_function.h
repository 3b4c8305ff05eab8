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
  const V<T> small = fma(magnitude, polynomial(square, C::erf_small), magnitude);
  const V<T> bounded = at_most(magnitude, C::erf_end);
  const Pair<V<T>> exponent = exact_product(bounded, polynomial(bounded, C::erf_large));
  const auto [n, high, low] = reduce_by_ln2(exponent.high);
  const V<T> complement = exp_reduced(high, low + exponent.low) * power_of_two(n);
  return with_sign_of(select(magnitude < C::erf_limit, small, V<T>(1) - complement), x);
}

}  // namespace tarry::passes::math
