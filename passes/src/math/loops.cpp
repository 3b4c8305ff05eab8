#include <tarry/passes/math/loops.h>

#include <tarry/passes/expand.h>

#include "run_loop.h"

namespace tarry::passes {

using ir::DType;

Loop elementwise_loop(ir::Op op, DType operand) {
  if (is_primitive(op, operand)) return nullptr;
  if (ir::is_half(operand)) return math::half_loop(op, operand);
  if (operand == DType::float32) return math::float32_loop(op);
  if (operand == DType::float64) return math::float64_loop(op);
  return ir::is_bool(operand) ? math::bool_loop(op) : math::int_loop(op, operand);
}

Loop cast_loop(DType from, DType to) { return is_primitive_cast(from, to) ? nullptr : math::half_cast_loop(from, to); }

}  // namespace tarry::passes
