#pragma once
/// Conversions to float32 that keep what a second rounding, to a half type, needs to know.

#include "arithmetic.h"

namespace tarry::passes::math {

/// x to float32; where that is inexact, the one of the two neighbours whose last bit is set. Rounding
/// the result to a shorter type gives what rounding x itself would give.
template <template <class> class V>
V<float> to_odd_float(V<double> x) {
  const V<float> nearest = convert<float>(x);
  const V<double> back = convert<double>(nearest);
  const V<uint32_t> b = bits<uint32_t>(nearest);
  const V<uint32_t> other = select(abs(back) < abs(x), b + V<uint32_t>(1), b - V<uint32_t>(1));
  return bits<float>(select((back == x) | ((b & V<uint32_t>(1)) != 0u), b, other));
}

/// As above, from any integer.
template <template <class> class V, class T>
V<float> to_odd_float(V<T> x) requires std::is_integral_v<T> {
  if constexpr (sizeof(T) <= 2) {
    return convert<float>(x);
  } else if constexpr (sizeof(T) == 4) {
    return to_odd_float(convert<double>(x));
  } else {
    // Twelve bits folded into one leave what float64 holds exactly; small values keep all of theirs.
    const V<T> folded = (x & T(~T(0xfff))) | select((x & T(0xfff)) != T(0), V<T>(0x800), T(0));
    V<bool> small = x < T(T(1) << 48);
    if constexpr (std::is_signed_v<T>) small = small & (x > -(T(1) << 48));
    return to_odd_float(convert<double>(select(small, x, folded)));
  }
}

}  // namespace tarry::passes::math
