#include "interp/lanewise.h"

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

struct Eq {
  template <class T>
  static uint8_t of(T a, T b) {
    return a == b;
  }
};
struct Ne {
  template <class T>
  static uint8_t of(T a, T b) {
    return a != b;
  }
};
struct Lt {
  template <class T>
  static uint8_t of(T a, T b) {
    return a < b;
  }
};
struct Le {
  template <class T>
  static uint8_t of(T a, T b) {
    return a <= b;
  }
};
struct Gt {
  template <class T>
  static uint8_t of(T a, T b) {
    return a > b;
  }
};
struct Ge {
  template <class T>
  static uint8_t of(T a, T b) {
    return a >= b;
  }
};

template <class F>
Loop compare(ir::DType t) {
  return for_number(t, [](auto x) -> Loop { return binary<F, decltype(x)>; });
}

}  // namespace

Loop compare_loop(ir::Op op, ir::DType t) {
  switch (op) {
    case ir::Op::eq: return compare<Eq>(t);
    case ir::Op::ne: return compare<Ne>(t);
    case ir::Op::lt: return compare<Lt>(t);
    case ir::Op::le: return compare<Le>(t);
    case ir::Op::gt: return compare<Gt>(t);
    case ir::Op::ge: return compare<Ge>(t);
    default: return nullptr;
  }
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
