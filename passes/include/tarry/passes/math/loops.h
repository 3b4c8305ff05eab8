#pragma once
/// The expansions of expand.h, built ahead of time as loops over compact arrays: what the interpreter
/// runs for every op that is no primitive. Bit-equal to the expanded kernel.

#include <tarry/ir/dtype.h>
#include <tarry/ir/ops.h>

#include <cstdint>

namespace tarry::passes {

/// out[i] = op(operands[0][i], …) for i < n. Operands and result are compact and have the dtypes that
/// the op table gives them; bools are bytes 0 and 1. `out` may be one of the operands, else they do
/// not overlap. Needs AVX2, FMA and F16C on x86-64.
using Loop = void (*)(const void* const* operands, void* out, int64_t n);

/// The loop of an elementwise op that is_primitive denies for operands of this dtype; null for
/// primitives and for dtypes that the op does not accept. Casts: see cast_loop.
Loop elementwise_loop(ir::Op op, ir::DType operand);

/// The loop of a cast that is_primitive_cast denies; null for the others.
Loop cast_loop(ir::DType from, ir::DType to);

}  // namespace tarry::passes
