#include "interp/lanewise.h"
#include "interp/numbers.h"

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

struct Neg {
  template <class T>
  static T of(T a) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
    else
      return -a;
  }
};
struct Abs {
  template <class T>
  static T of(T a) {
    if constexpr (std::is_unsigned_v<T>)
      return a;
    else if constexpr (std::is_integral_v<T>)
      return a < 0 ? Neg::of(a) : a;
    else
      return __builtin_copysign(a, T{1});
  }
  static float of(float a) { return __builtin_copysignf(a, 1.0f); }
};
/// x / y for y that is not 0.
uint64_t quotient(uint64_t x, uint64_t y) {
#ifdef __AVX512DQ__
  // As llvm/integer_division.cpp has it: vectors have no such instruction, but convert to float64 and back.
  const double inverse = 1.0 / static_cast<double>(y) * (1 - 0x1p-50);
  const auto estimate = [inverse](uint64_t n) { return static_cast<uint64_t>(static_cast<double>(n) * inverse); };
  const uint64_t first = estimate(x), rest = x - first * y, second = estimate(rest);
  return first + second + (rest - second * y >= y);
#else
  return x / y;
#endif
}

/// x / 0 is 0, INT_MIN / -1 wraps, and the quotient rounds to minus infinity. Without a branch, so that it becomes
/// vectors.
struct FloorDiv {
  template <class T>
  static T of(T a, T b) {
    const auto x = static_cast<uint64_t>(a < 0 ? Neg::of(a) : a), y = static_cast<uint64_t>(b < 0 ? Neg::of(b) : b);
    const uint64_t divisor = y == 0 ? 1 : y, q = quotient(x, divisor);
    const bool down = (a < 0) != (b < 0);
    const auto rounded = static_cast<T>(down ? -q - (q * divisor != x) : q);
    return y == 0 ? 0 : rounded;
  }
};
struct Within {
  static int64_t of(int64_t index, int64_t size) {
    const int64_t counted = index < 0 ? index + size : index;
    return Min::of(Max::of(counted, int64_t{0}), size - 1);
  }
};

template <class F>
Loop binary_number(ir::DType t) {
  return for_number(t, [](auto x) -> Loop { return binary<F, decltype(x)>; });
}
template <class F>
Loop unary_number(ir::DType t) {
  return for_number(t, [](auto x) -> Loop { return unary<F, decltype(x)>; });
}

}  // namespace

Loop arithmetic_loop(ir::Op op, ir::DType t) {
  switch (op) {
    case ir::Op::add: return binary_number<Add>(t);
    case ir::Op::sub: return binary_number<Sub>(t);
    case ir::Op::mul: return binary_number<Mul>(t);
    case ir::Op::max: return binary_number<Max>(t);
    case ir::Op::min: return binary_number<Min>(t);
    case ir::Op::within: return t == ir::DType::int64 ? binary<Within, int64_t> : nullptr;
    case ir::Op::neg: return unary_number<Neg>(t);
    case ir::Op::abs: return unary_number<Abs>(t);
    case ir::Op::floor_div:
      if (t == ir::DType::int64) return binary<FloorDiv, int64_t>;
      if (t == ir::DType::uint64) return binary<FloorDiv, uint64_t>;
      return nullptr;
    default: return nullptr;
  }
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
