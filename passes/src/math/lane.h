#pragma once
/// The value type of expansions built ahead of time: one element, with the meaning of ops.h.
///
/// `Lane<T>` and `Expr<T>` (trace.h) have the same face, so that an expansion is written once for
/// both: operators, the free functions below, and a model that knows cold regions.

#include <bit>
#include <cstdint>
#include <type_traits>

namespace tarry::passes::math {

template <class T>
struct Lane {
  T v{};
  Lane() = default;
  constexpr Lane(T x) : v(x) {}

  // Integers wrap around: signed arithmetic goes through the unsigned type.
  friend Lane operator+(Lane a, Lane b) {
    return wrap([](auto x, auto y) { return x + y; }, a, b);
  }
  friend Lane operator-(Lane a, Lane b) {
    return wrap([](auto x, auto y) { return x - y; }, a, b);
  }
  friend Lane operator*(Lane a, Lane b) {
    return wrap([](auto x, auto y) { return x * y; }, a, b);
  }
  friend Lane operator/(Lane a, Lane b) requires std::is_floating_point_v<T> { return a.v / b.v; }
  friend Lane operator-(Lane a) {
    if constexpr (std::is_floating_point_v<T>)
      return -a.v;
    else
      return Lane(T{}) - a;
  }
  friend Lane operator&(Lane a, Lane b) { return static_cast<T>(a.v & b.v); }
  friend Lane operator|(Lane a, Lane b) { return static_cast<T>(a.v | b.v); }
  friend Lane operator^(Lane a, Lane b) { return static_cast<T>(a.v ^ b.v); }
  friend Lane operator~(Lane a) {
    if constexpr (std::is_same_v<T, bool>)
      return !a.v;
    else
      return static_cast<T>(~a.v);
  }
  friend Lane operator<<(Lane a, Lane b) {
    using U = std::make_unsigned_t<T>;
    const U count = static_cast<U>(b.v);
    return count < 8 * sizeof(T) ? static_cast<T>(static_cast<U>(static_cast<U>(a.v) << (count & (8 * sizeof(T) - 1))))
                                 : T{};
  }
  friend Lane operator>>(Lane a, Lane b) {
    using U = std::make_unsigned_t<T>;
    const U count = static_cast<U>(b.v);
    const U last = 8 * sizeof(T) - 1;
    if constexpr (std::is_signed_v<T>)
      return static_cast<T>(a.v >> (count < last ? count : last));
    else
      return count <= last ? static_cast<T>(a.v >> (count & last)) : T{};
  }
  friend Lane<bool> operator==(Lane a, Lane b) { return a.v == b.v; }
  friend Lane<bool> operator!=(Lane a, Lane b) { return a.v != b.v; }
  friend Lane<bool> operator<(Lane a, Lane b) { return a.v < b.v; }
  friend Lane<bool> operator<=(Lane a, Lane b) { return a.v <= b.v; }
  friend Lane<bool> operator>(Lane a, Lane b) { return a.v > b.v; }
  friend Lane<bool> operator>=(Lane a, Lane b) { return a.v >= b.v; }

 private:
  template <class F>
  static Lane wrap(F f, Lane a, Lane b) {
    if constexpr (std::is_integral_v<T>) {
      // At least unsigned int, lest 16-bit operands be promoted to signed ones that overflow.
      using U = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
      return static_cast<T>(f(static_cast<U>(a.v), static_cast<U>(b.v)));
    } else {
      return f(a.v, b.v);
    }
  }
};

template <class T>
Lane<T> select(Lane<bool> c, Lane<T> a, std::type_identity_t<Lane<T>> b) {
  return c.v ? a.v : b.v;
}
inline Lane<float> fma(Lane<float> a, Lane<float> b, Lane<float> c) { return __builtin_fmaf(a.v, b.v, c.v); }
inline Lane<double> fma(Lane<double> a, Lane<double> b, Lane<double> c) { return __builtin_fma(a.v, b.v, c.v); }
inline Lane<float> sqrt(Lane<float> a) { return __builtin_sqrtf(a.v); }
inline Lane<double> sqrt(Lane<double> a) { return __builtin_sqrt(a.v); }
inline Lane<float> abs(Lane<float> a) { return __builtin_fabsf(a.v); }
inline Lane<double> abs(Lane<double> a) { return __builtin_fabs(a.v); }
inline Lane<float> floor(Lane<float> a) { return __builtin_floorf(a.v); }
inline Lane<double> floor(Lane<double> a) { return __builtin_floor(a.v); }
inline Lane<float> ceil(Lane<float> a) { return __builtin_ceilf(a.v); }
inline Lane<double> ceil(Lane<double> a) { return __builtin_ceil(a.v); }
inline Lane<float> trunc(Lane<float> a) { return __builtin_truncf(a.v); }
inline Lane<double> trunc(Lane<double> a) { return __builtin_trunc(a.v); }
inline Lane<float> rint(Lane<float> a) { return __builtin_rintf(a.v); }
inline Lane<double> rint(Lane<double> a) { return __builtin_rint(a.v); }

/// The primitive of 64-bit integers: rounds down, x / 0 is 0, INT64_MIN / -1 wraps.
inline Lane<uint64_t> floor_div(Lane<uint64_t> a, Lane<uint64_t> b) { return b.v == 0 ? 0 : a.v / b.v; }
inline Lane<int64_t> floor_div(Lane<int64_t> a, Lane<int64_t> b) {
  if (b.v == 0) return 0;
  if (b.v == -1) return -a;
  const int64_t q = a.v / b.v;
  return q * b.v != a.v && (a.v < 0) != (b.v < 0) ? q - 1 : q;
}

/// The bits of a value in another type of its size.
template <class U, class T>
Lane<U> bits(Lane<T> a) {
  return std::bit_cast<U>(a.v);
}

/// A conversion that is exact, rounds to nearest, or keeps the low bits of an integer; from a float to
/// an integer only for values in range.
template <class U, class T>
Lane<U> convert(Lane<T> a) {
  return static_cast<U>(a.v);
}

/// Evaluates everything but cold regions, and says whether one was needed: its result then does not count.
struct HotModel {
  template <class T>
  using V = Lane<T>;
  bool rare = false;

  template <class T, class Slow>
  Lane<T> cold(Lane<bool> predicate, Lane<T> fast, Slow) {
    rare |= predicate.v;
    return fast;
  }
};

/// Evaluates cold regions too.
struct FullModel {
  template <class T>
  using V = Lane<T>;

  template <class T, class Slow>
  Lane<T> cold(Lane<bool> predicate, Lane<T> fast, Slow slow) {
    return predicate.v ? slow() : fast;
  }
};

}  // namespace tarry::passes::math
