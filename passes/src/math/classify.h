#pragma once
/// sign, copysign, nextafter, classification, and the bit cast that sees one NaN only.

#include "arithmetic.h"

namespace tarry::passes::math {

template <class M, template <class> class V, class T>
V<T> sign(M&, V<T> x) {
  if constexpr (std::is_floating_point_v<T>) {
    // A NaN is neither above nor below; + 0 turns -0 to +0.
    return select(x > T(0), V<T>(1), select(x < T(0), V<T>(-1), x + T(0)));
  } else if constexpr (std::is_signed_v<T>) {
    return select(x > T(0), V<T>(1), select(x < T(0), V<T>(-1), T(0)));
  } else {
    return select(x > T(0), V<T>(1), T(0));
  }
}

template <class M, template <class> class V, class T>
V<bool> isnan(M&, V<T> x) {
  return x != x;
}
template <class M, template <class> class V, class T>
V<bool> isinf(M&, V<T> x) {
  return abs(x) == kInf<T>;
}
template <class M, template <class> class V, class T>
V<bool> isfinite(M&, V<T> x) {
  return abs(x) < kInf<T>;
}
template <class M, template <class> class V, class T>
V<bool> signbit(M&, V<T> x) {
  using I = std::make_signed_t<BitsOf<T>>;
  return (bits<I>(x) < I(0)) & (x == x);
}

template <class M, template <class> class V, class T>
V<T> copysign(M&, V<T> magnitude, V<T> sign) {
  return with_sign_of(abs(magnitude), select(sign == sign, sign, T(0)));
}

/// The bits as an unsigned integer; a NaN is the positive quiet one.
template <class M, template <class> class V, class T>
V<BitsOf<T>> bitcast(M&, V<T> x) {
  using B = BitsOf<T>;
  return select(x == x, bits<B>(x), std::bit_cast<B>(kNaN<T>));
}

/// The number after x on the way to `to`, for any binary format: B holds the bits of a T, or of the
/// half that a T was widened from.
template <template <class> class V, class T, class B>
V<B> next_bits(V<T> x, V<T> to, V<B> x_bits, V<B> to_bits, B sign, B nan) {
  // Away from zero the bits grow, towards it they shrink; from zero it is the smallest subnormal.
  const V<bool> inwards = (x < to) ^ (x > T(0));
  const V<B> step = select(inwards, V<B>(B(-1)), B(1));
  const V<B> next = select(x == T(0), (to_bits & V<B>(sign)) | V<B>(1), x_bits + step);
  const V<B> moved = select(x == to, to_bits, next);
  return select((x == x) & (to == to), moved, nan);
}

template <class M, template <class> class V, class T>
V<T> nextafter(M&, V<T> x, V<T> to) {
  using B = BitsOf<T>;
  return bits<T>(next_bits(x, to, bits<B>(x), bits<B>(to), Format<T>::sign, std::bit_cast<B>(kNaN<T>)));
}

}  // namespace tarry::passes::math
