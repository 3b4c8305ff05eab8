#include "run_loop.h"

#include "functions.h"

namespace tarry::passes::math {

namespace {

namespace function {
TARRY_INT_UNARY(TARRY_UNARY_FUNCTION)
TARRY_INT_BINARY(TARRY_BINARY_FUNCTION)
TARRY_SHORT_INT_BINARY(TARRY_BINARY_FUNCTION)
TARRY_BOOL_UNARY(TARRY_UNARY_FUNCTION)
TARRY_BOOL_BINARY(TARRY_BINARY_FUNCTION)
}  // namespace function

template <class T>
Loop loop_of(ir::Op op) {
  if constexpr (sizeof(T) <= 4) {
    switch (op) {
      TARRY_SHORT_INT_BINARY(TARRY_BINARY_LOOP)
      default: break;
    }
  }
  switch (op) {
    TARRY_INT_UNARY(TARRY_UNARY_LOOP)
    TARRY_INT_BINARY(TARRY_BINARY_LOOP)
    default: return nullptr;
  }
}

}  // namespace

Loop int_loop(ir::Op op, ir::DType t) {
  switch (t) {
    case ir::DType::int8: return loop_of<int8_t>(op);
    case ir::DType::int16: return loop_of<int16_t>(op);
    case ir::DType::int32: return loop_of<int32_t>(op);
    case ir::DType::int64: return loop_of<int64_t>(op);
    case ir::DType::uint8: return loop_of<uint8_t>(op);
    case ir::DType::uint16: return loop_of<uint16_t>(op);
    case ir::DType::uint32: return loop_of<uint32_t>(op);
    case ir::DType::uint64: return loop_of<uint64_t>(op);
    default: return nullptr;
  }
}

Loop bool_loop(ir::Op op) {
  using T = bool;
  switch (op) {
    TARRY_BOOL_UNARY(TARRY_UNARY_LOOP)
    TARRY_BOOL_BINARY(TARRY_BINARY_LOOP)
    default: return nullptr;
  }
}

}  // namespace tarry::passes::math
