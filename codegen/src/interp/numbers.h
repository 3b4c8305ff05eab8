#pragma once
/// Scalar meanings shared by several families of loops.

#include <cstdint>
#include <type_traits>

namespace tarry::codegen::interp {
namespace {

/// An unsigned type in which T's arithmetic wraps without promotion to a signed type.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) <= 4, uint32_t, uint64_t>;

struct Add {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
    else
      return a + b;
  }
};
struct Sub {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
    else
      return a - b;
  }
};
struct Mul {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
    else
      return a * b;
  }
};
struct Max {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return a >= b ? a : b;
    else
      return (a >= b) | (a != a) ? a : b;
  }
};
struct Min {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return a <= b ? a : b;
    else
      return (a <= b) | (a != a) ? a : b;
  }
};
struct And {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a | b);
  }
};

}  // namespace
}  // namespace tarry::codegen::interp
