#pragma once
/// The order of a reduction: part of an op's meaning, the same for every axis, layout, executor and device.
///
/// The reduced axes, in C order, form one index i < n. Element i belongs to block i / 512 and to
/// lane i mod 32.
///  1. Within a block each lane starts at the identity and folds its elements in order of i.
///  2. Blocks combine lane by lane as a binary counter does: when block b is done, with k = 0, 1, …
///     while bit k of b is set, partial = level[k] ⊕ partial (the older is the left operand); then
///     level[k] = partial. At the end the occupied levels fold from the lowest to the highest,
///     partial = level[k] ⊕ partial.
///  3. Lanes fold by 16, 8, 4, 2, 1: lane l = lane l ⊕ lane (l + step) for l < step.
/// Missing elements are the identity. n = 0 gives the identity, except that an empty sum is +0.
/// float16 and bfloat16 accumulate in float32 and round once at the end.

#include <tarry/ir/dtype.h>
#include <tarry/ir/ops.h>

#include <cstdint>

namespace tarry::ir {

inline constexpr int64_t kReduceBlock = 512;
inline constexpr int kReduceLanes = 32;

/// The dtype that a reduction of `t` accumulates in.
constexpr DType accumulator(DType t) { return is_half(t) ? DType::float32 : t; }

/// The binary elementwise op that a reduction folds with.
constexpr Op fold_op(Op reduce) {
  switch (reduce) {
    case Op::reduce_sum: return Op::add;
    case Op::reduce_prod: return Op::mul;
    case Op::reduce_min: return Op::min;
    case Op::reduce_max: return Op::max;
    case Op::scan_sum: return Op::add;
    case Op::scan_prod: return Op::mul;
    default: return Op::add;
  }
}

/// The bit pattern of the identity of a reduction in accumulator dtype `t`: -0.0 for a sum, 1, and
/// for min and max the largest and smallest value (infinities for floats).
uint64_t identity_bits(Op reduce, DType t);

}  // namespace tarry::ir
