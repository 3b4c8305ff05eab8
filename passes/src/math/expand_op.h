#pragma once
/// Appends the expansion of one op to the graph that is being traced (trace.h).

#include "trace.h"

#include <span>

namespace tarry::passes::math {

/// The value of elementwise `op`, no primitive, on operands of dtype `operand` in the traced graph;
/// an invalid value when there is no expansion.
ir::Value expand_op(ir::Op op, ir::DType operand, ir::DType result, std::span<const ir::Value> operands);

/// exp(x) of float32 or float64, the same bits, for an x that is no number above 0.
ir::Value expand_exp_of_nonpositive(ir::DType dtype, ir::Value x);

}  // namespace tarry::passes::math
