#include "interp/lanewise.h"
#include "interp/numbers.h"

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

struct Xor {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T of(T a) {
    return static_cast<T>(~a);
  }
};
struct BoolNot {
  static uint8_t of(uint8_t a) { return a ^ 1; }
};
template <class T>
constexpr bool within_width(T count) {
  return static_cast<std::make_unsigned_t<T>>(count) < 8 * sizeof(T);
}
struct Shl {
  template <class T>
  static T of(T a, T count) {
    const auto safe = static_cast<Wrapping<T>>(count) & (8 * sizeof(T) - 1);
    return within_width(count) ? static_cast<T>(static_cast<Wrapping<T>>(a) << safe) : T{0};
  }
};
struct Shr {
  template <class T>
  static T of(T a, T count) {
    const auto safe = static_cast<Wrapping<T>>(count) & (8 * sizeof(T) - 1);
    T past = 0;
    if constexpr (std::is_signed_v<T>) past = a < 0 ? -1 : 0;
    return within_width(count) ? static_cast<T>(a >> safe) : past;
  }
};
struct Popcount {
  template <class T>
  static T of(T a) {
    auto magnitude = static_cast<std::make_unsigned_t<T>>(a);
    if constexpr (std::is_signed_v<T>)
      if (a < 0) magnitude = static_cast<std::make_unsigned_t<T>>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
    return static_cast<T>(__builtin_popcountll(magnitude));
  }
};

template <class F>
Loop integers(ir::DType t) {
  return for_integer(t, [](auto x) -> Loop { return binary<F, decltype(x)>; });
}
template <class F>
Loop integers_and_bool(ir::DType t) {
  return ir::is_bool(t) ? binary<F, uint8_t> : integers<F>(t);
}

}  // namespace

Loop bits_loop(ir::Op op, ir::DType t) {
  switch (op) {
    case ir::Op::and_: return integers_and_bool<And>(t);
    case ir::Op::or_: return integers_and_bool<Or>(t);
    case ir::Op::xor_: return integers_and_bool<Xor>(t);
    case ir::Op::not_:
      if (ir::is_bool(t)) return unary<BoolNot, uint8_t>;
      return for_integer(t, [](auto x) -> Loop { return unary<Not, decltype(x)>; });
    case ir::Op::shl: return integers<Shl>(t);
    case ir::Op::shr: return integers<Shr>(t);
    case ir::Op::popcount: return for_integer(t, [](auto x) -> Loop { return unary<Popcount, decltype(x)>; });
    default: return nullptr;
  }
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
