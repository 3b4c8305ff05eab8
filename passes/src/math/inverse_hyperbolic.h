#pragma once
/// asinh, acosh, atanh: log1p of an argument that is kept as a pair.

#include "logarithm.h"

namespace tarry::passes::math {

/// Below it asinh and atanh are their argument; above its inverse squared, 1 beside x^2 is nothing.
template <class T>
inline constexpr T kTinyAngle = std::is_same_v<T, float> ? T(0x1p-14) : T(0x1p-28);
template <class T>
inline constexpr T kLargeAngle = std::is_same_v<T, float> ? T(0x1p28) : T(0x1p56);

/// sqrt(high + low) as a pair; the low part of a zero is 0.
template <template <class> class V, class T>
Pair<V<T>> root_pair(V<T> high, V<T> low) {
  const V<T> root = sqrt(high);
  const V<T> rest = (fma(-root, root, high) + low) / (root + root);
  return {root, select(high > T(0), rest, T(0))};
}

/// log(2 x) for large x, else log(1 + u).
template <template <class> class V, class T>
V<T> log_of_sum(V<T> x, Pair<V<T>> u) {
  const V<bool> large = x > kLargeAngle<T>;
  return log1p_pair(select(large, x, u.high), select(large, V<T>(0), u.low), select(large, V<T>(1), T(0)));
}

template <class M, template <class> class V, class T>
V<T> asinh(M&, V<T> x) {
  const V<T> a = abs(x);
  // u = a + (sqrt(1 + a^2) - 1)
  const Pair<V<T>> square = exact_product(a, a);
  const Pair<V<T>> sum = exact_sum(V<T>(1), square.high);
  const Pair<V<T>> root = root_pair(sum.high, sum.low + square.low);
  const Pair<V<T>> less = exact_sum(root.high, V<T>(-1));
  const Pair<V<T>> u = fast_sum(a, less.high);
  const V<T> result = log_of_sum(a, Pair<V<T>>{u.high, u.low + (less.low + root.low)});
  return select((a < kTinyAngle<T>) | (a == kInf<T>), x, with_sign_of(result, x));
}

template <class M, template <class> class V, class T>
V<T> acosh(M&, V<T> x) {
  // u = t + sqrt(2 t + t^2), t = x - 1
  const V<T> t = x - T(1);
  const Pair<V<T>> square = exact_product(t, t);
  const Pair<V<T>> sum = exact_sum(t + t, square.high);
  const Pair<V<T>> root = root_pair(sum.high, sum.low + square.low);
  const Pair<V<T>> u = exact_sum(root.high, t);
  const V<T> result = log_of_sum(x, Pair<V<T>>{u.high, u.low + root.low});
  return select(x >= T(1), select(x == kInf<T>, x, result), kNaN<T>);
}

template <class M, template <class> class V, class T>
V<T> atanh(M&, V<T> x) {
  const V<T> a = abs(x);
  // u = 2 a / (1 - a)
  const Pair<V<T>> d = fast_sum(V<T>(1), -a);
  const V<T> u = (a + a) / d.high;
  const V<T> rest = fma(-u, d.low, fma(-u, d.high, a + a)) / d.high;
  const V<T> twice = log1p_pair(u, rest, V<T>(0));
  const V<T> inside = select(a < kTinyAngle<T>, a, twice * T(0.5));
  return with_sign_of(select(a < T(1), inside, select(a == T(1), V<T>(kInf<T>), kNaN<T>)), x);
}

}  // namespace tarry::passes::math
