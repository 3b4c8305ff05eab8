#pragma once
/// Division, remainders, powers and divisors of integers, and the arithmetic of bools.
///
/// Quotients of up to 16 bits come out of a float32 division and those of 32 bits out of a float64 one:
/// the quotient of two n-bit integers that is no integer keeps 2^-n away from the next, which is far
/// more than the rounding of the division, so that floor and trunc see the right integer. Such loops
/// run as vectors, which hardware integer division never does. 64 bits have a primitive of their own.

#include "arithmetic.h"

namespace tarry::passes::math {

/// A float type in which quotients of T are right up to the next integer.
template <class T>
using QuotientFloat = std::conditional_t<sizeof(T) <= 2, float, double>;

/// An integral value to T, modulo its range.
template <class T, template <class> class V, class W>
V<T> wrapped_integer(V<W> x) {
  using U = std::make_unsigned_t<T>;
  const auto low = convert<U>(bits<BitsOf<W>>(x + Format<W>::rounder));
  if constexpr (std::is_same_v<T, U>)
    return low;
  else
    return bits<T>(low);
}

/// Dividend, divisor (1 in place of 0) and whether the divisor is 0.
template <template <class> class V, class T>
struct Division {
  using W = QuotientFloat<T>;
  V<bool> by_zero;
  V<W> a, b;
  Division(V<T> x, V<T> y) : by_zero(y == T(0)), a(convert<W>(x)), b(convert<W>(select(by_zero, V<T>(1), y))) {}
};

template <class M, template <class> class V, class T>
V<T> floor_div(M&, V<T> x, V<T> y) requires(std::is_integral_v<T> && sizeof(T) <= 4) {
  const Division<V, T> d(x, y);
  return select(d.by_zero, V<T>(0), wrapped_integer<T>(floor(d.a / d.b)));
}

template <class M, template <class> class V, class T>
V<T> mod(M&, V<T> x, V<T> y) requires std::is_integral_v<T> {
  if constexpr (sizeof(T) == 8) {
    return select(y == T(0), V<T>(0), x - floor_div(x, y) * y);
  } else {
    const Division<V, T> d(x, y);
    return select(d.by_zero, V<T>(0), wrapped_integer<T>(fma(-floor(d.a / d.b), d.b, d.a)));
  }
}

template <class M, template <class> class V, class T>
V<T> fmod(M& m, V<T> x, V<T> y) requires std::is_integral_v<T> {
  if constexpr (sizeof(T) == 8) {
    const V<T> r = mod(m, x, y);
    if constexpr (std::is_unsigned_v<T>)
      return r;
    else
      return select((r != T(0)) & ((x < T(0)) ^ (y < T(0))), r - y, r);
  } else {
    const Division<V, T> d(x, y);
    return select(d.by_zero, V<T>(0), wrapped_integer<T>(fma(-trunc(d.a / d.b), d.b, d.a)));
  }
}

/// Squares and multiplies; exponents of four bits are the usual ones, the rest is cold.
template <class M, template <class> class V, class T>
V<T> pow(M& m, V<T> x, V<T> y) requires std::is_integral_v<T> {
  constexpr int width = std::is_signed_v<T> ? 8 * sizeof(T) - 1 : 8 * sizeof(T);
  V<T> result = T(1), square = x;
  const auto take_bits = [&](int from, int to) {
    for (int k = from; k < to; ++k) {
      result = select((y & T(T(1) << k)) != T(0), result * square, result);
      if (k + 1 < width) square = square * square;
    }
    return result;
  };
  const V<T> few = take_bits(0, 4);
  const V<T> power = m.cold(y > T(15), few, [&] { return take_bits(4, width); });
  if constexpr (std::is_unsigned_v<T>) {
    return power;
  } else {
    // 1 / x, truncated: only 1 and -1 have something left.
    const V<T> parity = select((y & T(1)) != T(0), x, T(1));
    const V<T> reciprocal = select((x == T(1)) | (x == T(-1)), parity, T(0));
    return select(y < T(0), reciprocal, power);
  }
}

/// Euclid's steps for what is left of two numbers, a few at a time: the rest is cold, as most pairs need far fewer than
/// the worst. `rest(a, b)` is a mod b, of numbers that are not negative, b not 0.
template <int steps, class M, class W, class Rest>
W euclid(M& m, W a, W b, Rest rest) {
  constexpr int now = steps < 12 ? steps : 12;
  for (int i = 0; i < now; ++i) {
    const auto done = b == W(0);
    const W next = select(done, W(0), rest(a, select(done, W(1), b)));
    a = select(done, a, b);
    b = next;
  }
  if constexpr (steps > now)
    return m.cold(b != W(0), a, [&] { return euclid<steps - now>(m, a, b, rest); });
  else
    return a;
}

/// In floats where the quotients are right (see above), 64 bits as unsigned integers. Consecutive Fibonacci numbers
/// take the most steps: 1.44 for each bit.
template <class M, template <class> class V, class T>
V<T> gcd(M& m, V<T> x, V<T> y) requires std::is_integral_v<T> {
  constexpr int steps = static_cast<int>(8 * sizeof(T) * 1.4405) + 2;
  if constexpr (sizeof(T) <= 4) {
    using W = QuotientFloat<T>;
    return wrapped_integer<T>(euclid<steps>(m, abs(convert<W>(x)), abs(convert<W>(y)),
                                            [](V<W> a, V<W> b) { return fma(-floor(a / b), b, a); }));
  } else if constexpr (std::is_signed_v<T>) {
    const auto magnitude = [](V<T> v) { return bits<uint64_t>(select(v < T(0), -v, v)); };
    return bits<T>(gcd(m, magnitude(x), magnitude(y)));
  } else {
    return euclid<steps>(m, x, y, [](V<T> a, V<T> b) { return a - floor_div(a, b) * b; });
  }
}

// bool, where add is or and mul is and.
#define TARRY_BOOL_FUNCTION(name, expression)  \
  template <class M, template <class> class V> \
  V<bool> name(M&, V<bool> a, V<bool> b) {     \
    return expression;                         \
  }
TARRY_BOOL_FUNCTION(add, a | b)
TARRY_BOOL_FUNCTION(mul, a& b)
TARRY_BOOL_FUNCTION(max, a | b)
TARRY_BOOL_FUNCTION(min, a& b)
TARRY_BOOL_FUNCTION(eq, ~(a ^ b))
TARRY_BOOL_FUNCTION(ne, a ^ b)
TARRY_BOOL_FUNCTION(lt, ~a& b)
TARRY_BOOL_FUNCTION(le, ~a | b)
TARRY_BOOL_FUNCTION(gt, a & ~b)
TARRY_BOOL_FUNCTION(ge, a | ~b)
#undef TARRY_BOOL_FUNCTION

template <class M, template <class> class V>
V<bool> abs(M&, V<bool> a) {
  return a;
}

}  // namespace tarry::passes::math
