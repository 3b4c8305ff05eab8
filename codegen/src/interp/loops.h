#pragma once
/// The loops the interpreter is made of: one primitive op on one dtype over a chunk of lanes.

#include <tarry/ir/dtype.h>
#include <tarry/ir/ops.h>

#include <cstddef>
#include <cstdint>

namespace tarry::codegen::interp {

/// The lanes of one operand: a compact array, or one value that all lanes share.
struct Lanes {
  const std::byte* data = nullptr;
  bool splat = false;
};

/// out[i] = op(operands[0][i], …) for i < n. Where all operands are splats n is 1. `out` may be the
/// array of an operand whose elements have the size of the result's; else they do not overlap.
using Loop = void (*)(std::byte* out, const Lanes* operands, int64_t n);

/// Elementwise ops have two sets of the same loops: for the vector baseline, and for the 64-byte vectors of AVX-512.
enum class LoopSet : uint8_t { baseline, wide };
/// The one whose vectors are the widest that this processor has.
LoopSet widest_loops();

/// The loop of a primitive elementwise op; null for others. `operand` is the dtype of operand 0
/// (for select: of the result).
Loop primitive_loop(LoopSet set, ir::Op op, ir::DType result, ir::DType operand);

// Files of a set are compiled for each one in a namespace of its own; to all others the baseline's is known.
#if !defined(TARRY_LOOP_SET)
#define TARRY_LOOP_SET baseline
#endif
namespace TARRY_LOOP_SET {
Loop primitive_loop(ir::Op op, ir::DType result, ir::DType operand);
// Its families; null where the family has no loop.
Loop arithmetic_loop(ir::Op op, ir::DType t);
Loop float_loop(ir::Op op, ir::DType t);
Loop compare_loop(ir::Op op, ir::DType t);
Loop bits_loop(ir::Op op, ir::DType t);
Loop select_loop(ir::DType t);
Loop cast_loop(ir::DType from, ir::DType to);
Loop copy_loop(ir::DType t);
}  // namespace TARRY_LOOP_SET

/// How a reduction meets memory: see reduction.h of ir for the order.
struct ReduceLoops {
  /// a ⊕ b in the accumulator's dtype.
  Loop fold = nullptr;
  /// Folds `groups` groups of 32 elements of one row into 32 accumulators, lane by lane.
  void (*groups)(std::byte* accumulators, const std::byte* elements, int64_t groups) = nullptr;
  /// From the operand's dtype to the accumulator's and back; null where they are the same.
  Loop widen = nullptr;
  Loop narrow = nullptr;
};
ReduceLoops reduce_loops(ir::Op reduce, ir::DType t);

/// out[j*rows + r] = carry[r] = carry[r] ⊕ x[j*rows + r] for j < steps, all in dtype `t`'s accumulator.
using ScanLoop = void (*)(std::byte* out, const std::byte* x, std::byte* carry, int64_t rows, int64_t steps);
ScanLoop scan_loop(ir::Op scan, ir::DType accumulator);

/// Copies between memory with strides and compact lanes, for elements of a size (1, 2, 4 or 8 bytes).
/// Strides are in elements.
struct MoveLoops {
  /// lanes[i*lane_stride] = memory[i*stride] for i < n.
  void (*gather)(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride, int64_t n);
  /// memory[i*stride] = lanes[i*lane_stride].
  void (*scatter)(std::byte* memory, int64_t stride, const std::byte* lanes, int64_t lane_stride, int64_t n);
  /// As gather where mask[i*lane_stride] holds; other lanes are left alone and other memory unread.
  void (*gather_masked)(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride,
                        const std::byte* mask, int64_t n);
  /// lanes[i*lane_stride] = memory[i*stride + offsets[i*lane_stride]], where mask[i*lane_stride] holds if
  /// there is a mask.
  void (*gather_at)(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride,
                    const int64_t* offsets, const std::byte* mask, int64_t n);
  /// lanes[i] = *value.
  void (*fill)(std::byte* lanes, const std::byte* value, int64_t n);
};
const MoveLoops& move_loops(size_t element_size);
/// Copies lanes to memory around the cache. A `stream_fence` puts them in order with what the thread writes later.
void stream(std::byte* memory, const std::byte* lanes, int64_t bytes);
void stream_fence();

/// One after the other: x = lanes[i], or what is there ∘ lanes[i], to memory[i*stride + offsets[i]].
using UpdateLoop = void (*)(std::byte* memory, int64_t stride, const int64_t* offsets, const std::byte* lanes,
                            int64_t n);
/// The loop of store_at and its kin; null for the kin on 16-bit floats, which go through `update_fold`.
UpdateLoop update_loop(ir::Op op, ir::DType t);
/// The reduction whose fold combines as add_at, mul_at, min_at or max_at does.
ir::Op update_fold(ir::Op op);

/// lanes[i*lane_stride] = start + i*stride, as int64.
void index_lanes(std::byte* lanes, int64_t lane_stride, int64_t start, int64_t stride, int64_t n);

/// Whether any of n bytes is not 0; whether all are.
bool any_lane(const std::byte* mask, int64_t n);
bool all_lanes(const std::byte* mask, int64_t n);

}  // namespace tarry::codegen::interp
