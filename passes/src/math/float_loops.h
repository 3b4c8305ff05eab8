#pragma once
/// The loops of float32 and float64.

#include "run_loop.h"

#include "functions.h"

namespace tarry::passes::math {

namespace function {
TARRY_FLOAT_UNARY(TARRY_UNARY_FUNCTION)
TARRY_FLOAT_BINARY(TARRY_BINARY_FUNCTION)
}  // namespace function

template <class T>
Loop float_loop(ir::Op op) {
  switch (op) {
    TARRY_FLOAT_UNARY(TARRY_UNARY_LOOP)
    TARRY_FLOAT_BINARY(TARRY_BINARY_LOOP)
    default: return nullptr;
  }
}

}  // namespace tarry::passes::math
