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
/// x / 0 is 0, INT_MIN / -1 wraps, and the quotient rounds to minus infinity.
struct FloorDiv {
  template <class T>
  static T of(T a, T b) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return Neg::of(a);
      const T q = a / b;
      return q - ((a % b != 0) & ((a < 0) != (b < 0)));
    } else {
      return a / b;
    }
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
