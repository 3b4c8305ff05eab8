#include "interp/lanewise.h"

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

struct Div {
  template <class T>
  static T of(T a, T b) {
    return a / b;
  }
};
struct Sqrt {
  static float of(float a) { return __builtin_sqrtf(a); }
  static double of(double a) { return __builtin_sqrt(a); }
};
struct Floor {
  static float of(float a) { return __builtin_floorf(a); }
  static double of(double a) { return __builtin_floor(a); }
};
struct Ceil {
  static float of(float a) { return __builtin_ceilf(a); }
  static double of(double a) { return __builtin_ceil(a); }
};
struct Trunc {
  static float of(float a) { return __builtin_truncf(a); }
  static double of(double a) { return __builtin_trunc(a); }
};
struct Rint {
  static float of(float a) { return __builtin_rintf(a); }
  static double of(double a) { return __builtin_rint(a); }
};
struct Fma {
  static float of(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static double of(double a, double b, double c) { return __builtin_fma(a, b, c); }
};

template <class F>
Loop unary_float(ir::DType t) {
  return for_float(t, [](auto x) -> Loop { return unary<F, decltype(x)>; });
}

}  // namespace

Loop float_loop(ir::Op op, ir::DType t) {
  switch (op) {
    case ir::Op::div: return for_float(t, [](auto x) -> Loop { return binary<Div, decltype(x)>; });
    case ir::Op::fma: return for_float(t, [](auto x) -> Loop { return ternary<Fma, decltype(x)>; });
    case ir::Op::sqrt: return unary_float<Sqrt>(t);
    case ir::Op::floor: return unary_float<Floor>(t);
    case ir::Op::ceil: return unary_float<Ceil>(t);
    case ir::Op::trunc: return unary_float<Trunc>(t);
    case ir::Op::rint: return unary_float<Rint>(t);
    default: return nullptr;
  }
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
