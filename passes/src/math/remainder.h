#pragma once
/// fmod, mod and floor_div of floats: exact remainders, as C and NumPy define them.
///
/// While the quotient has fewer bits than a significand, x - q y is exact in one fma, q off by one at
/// most. Longer quotients go to a cold region, which takes 50 bits at a time.

#include "arithmetic.h"

namespace tarry::passes::math {

/// a - q b for the integral q near a / b below 2^(mantissa + 1), brought into 0 … b.
template <class W>
W reduce_once(W a, W b) {
  const W r = fma(-trunc(a / b), b, a);
  return select(r < W(0), r + b, r);
}

/// a mod b in doubles, for positive a and b whose quotient has up to `bits` bits.
template <template <class> class V>
V<double> long_remainder(V<double> a, V<double> b, int quotient_bits) {
  constexpr int step = 50;
  for (int shift = (quotient_bits - 1) / step * step; shift >= 0; shift -= step) {
    V<double> shifted = b;
    for (int left = shift; left > 0; left -= 1000) shifted = shifted * Format<double>::power(left < 1000 ? left : 1000);
    a = select(shifted < kInf<double>, reduce_once(a, shifted), a);
  }
  return a;
}

template <class M, template <class> class V, class T>
V<T> fmod(M& m, V<T> x, V<T> y) requires std::is_floating_point_v<T> {
  const V<T> a = abs(x), b = abs(y);
  const V<T> q = trunc(a / b);
  const V<T> r = fma(-q, b, a);
  const V<T> near = select(a < b, a, select(r < T(0), r + b, r));
  const V<bool> far = (q >= Format<T>::power(Format<T>::mantissa)) & (b > T(0)) & (a < kInf<T>);
  const V<T> remainder = m.cold(far, near, [&] {
    if constexpr (std::is_same_v<T, float>) {
      return convert<float>(long_remainder(convert<double>(a), convert<double>(b), 278));
    } else {
      return long_remainder(a, b, 2100);
    }
  });
  return with_sign_of(remainder, x);
}

template <class M, template <class> class V, class T>
V<T> mod(M& m, V<T> x, V<T> y) requires std::is_floating_point_v<T> {
  const V<T> r = fmod(m, x, y);
  const V<T> moved = select((y < T(0)) ^ (r < T(0)), r + y, r);
  return select(r == T(0), with_sign_of(V<T>(0), y), moved);
}

template <class M, template <class> class V, class T>
V<T> floor_div(M& m, V<T> x, V<T> y) requires std::is_floating_point_v<T> {
  const V<T> r = fmod(m, x, y);
  const V<T> quotient = (x - r) / y;
  const V<T> moved = select((r != T(0)) & ((y < T(0)) ^ (r < T(0))), quotient - T(1), quotient);
  const V<T> below = floor(moved);
  const V<T> nearest = select(moved - below > T(0.5), below + T(1), below);
  const V<T> plain = x / y;
  const V<T> result = select(moved == T(0), with_sign_of(V<T>(0), plain), nearest);
  return select(y == T(0), plain, result);
}

/// Where a zero factor (dividend) makes a zero, whatever the other is.
template <class M, template <class> class V, class T>
V<T> mul0(M& m, V<T> a, V<T> b) {
  const V<T> plain = a * b;
  return m.cold(plain != plain, plain, [&] { return select((a == T(0)) | (b == T(0)), V<T>(0), plain); });
}
template <class M, template <class> class V, class T>
V<T> div0(M& m, V<T> a, V<T> b) {
  const V<T> plain = a / b;
  return m.cold(plain != plain, plain, [&] { return select(a == T(0), V<T>(0), plain); });
}

}  // namespace tarry::passes::math
