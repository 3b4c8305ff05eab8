#pragma once
/// Reductions with 32 lanes, in the order of ir/reduction.h.

#include <tarry/ir/reduction.h>

#include <span>
#include <vector>

#include "llvm/frame.h"

namespace tarry::codegen {

/// The 32 lanes, as vectors of `lanes` each.
using LaneVectors = std::vector<llvm::Value*>;

/// How the accumulators of a reduction meet.
struct Fold {
  ir::Op reduce;
  ir::DType dtype;         // of the accumulator
  bool nan_apart = false;  // an extremum whose NaNs are noticed elsewhere: they meet as numbers, in one instruction

  llvm::Value* operator()(Builder& b, llvm::Value* older, llvm::Value* newer) const;
};

/// What one reduction of a walk has gathered in the present block.
class Accumulator {
 public:
  /// `unroll` vectors are added in one turn of the walk. Where these are all 32 lanes they stay in registers.
  /// `copies_last`: whether what a turn computes beyond the end of the walk is what the last point gives.
  Accumulator(Frame& frame, ir::Value node, int lanes, int unroll, bool copies_last);

  ir::Value node() const { return node_; }
  const Fold& fold() const { return fold_; }

  /// Forgets the NaNs noticed so far, ahead of the first of several blocks.
  void start();
  /// Each lane to the identity.
  void reset();
  /// Folds in the operand of the reduction, in register form: vector `u` of the turn, whose first
  /// element has the number `first` in the row.
  void add(llvm::Value* operand, int u, llvm::Value* first);
  /// A turn that works on fewer than 32 elements is framed by these two.
  void save();
  void keep_lanes_below(llvm::Value* count);
  LaneVectors read();
  /// A vector or scalar of accumulators after the last block, NaN if one was noticed since `start`.
  llvm::Value* with_nan(llvm::Value* folded);

 private:
  llvm::Value* place(int vector);
  llvm::Type* type() const;
  void notice_nan(llvm::Value* x, int u);

  Frame& frame_;
  ir::Value node_;
  Fold fold_;
  int lanes_;
  std::vector<Variable> registers_;  // one for each vector, or
  llvm::Value* memory_ = nullptr;    // 32 elements on the stack
  std::vector<Variable> saved_;
  Variable nan_;                      // where NaNs are apart: which lanes have met one, all bits or none
  llvm::Value* unnoticed_ = nullptr;  // the last vector, to be looked at together with the next one
};

/// The binary counter over blocks (or over aligned groups of 2^k blocks) of one reduction.
class Counter {
 public:
  Counter(Frame& frame, const Fold& fold, int lanes) : frame_(frame), fold_(fold), lanes_(lanes) {}
  /// 2^level blocks folded, which belong there.
  struct Group {
    LaneVectors lanes;
    llvm::Value* level;
  };
  /// Block `number` with all earlier ones that it completes a group with; `levels` points at the counter's memory.
  /// `block` holds the last 2^from of them already.
  Group join(llvm::Value* levels, llvm::Value* number, const LaneVectors& block, int from = 0);
  void keep(llvm::Value* levels, const Group& group) { store(level(levels, group.level), group.lanes); }
  /// Adds block `number`.
  void push(llvm::Value* levels, llvm::Value* number, const LaneVectors& block) {
    keep(levels, join(levels, number, block));
  }
  /// The levels that are bits of `occupied`, from the lowest to the highest, over `tail` where has_tail holds (both may
  /// be null). Without any: the identity.
  LaneVectors fold(llvm::Value* levels, llvm::Value* occupied, const LaneVectors* tail, llvm::Value* has_tail);
  LaneVectors load(llvm::Value* address);
  void store(llvm::Value* address, const LaneVectors& lanes);
  static int64_t lane_bytes(ir::DType accumulator) { return ir::kReduceLanes * scratch_bytes(accumulator); }

 private:
  llvm::Value* level(llvm::Value* levels, llvm::Value* k);
  Frame& frame_;
  Fold fold_;
  int lanes_;
};

/// The identity of a reduction in memory form.
llvm::Constant* identity(Builder& b, ir::Op reduce, ir::DType accumulator, int lanes);

/// Folds the lanes by 16, 8, 4, 2, 1.
llvm::Value* fold_lanes(Builder& b, const Fold& fold, LaneVectors lanes);

/// From the folded accumulator to the value of the node, in register form; `empty` holds where the
/// row has no element.
llvm::Value* finish_reduction(Frame& frame, ir::Value node, llvm::Value* folded, llvm::Value* empty);

/// An operand of a reduction or scan in the form that accumulates: float16 as float32, bool as a byte.
llvm::Value* to_accumulator(Builder& b, llvm::Value* operand, ir::DType t);
/// And back, rounded.
llvm::Value* from_accumulator(Builder& b, llvm::Value* accumulator, ir::DType t);

/// The reduction that folds as add_at and its kin do.
ir::Op fold_of(ir::Op update);
/// What lies at `place`, of dtype t, becomes itself ∘ value, with ∘ as the op `update` has it; `value` in register
/// form.
void fold_into(Builder& b, ir::Op update, ir::DType t, llvm::Value* place, llvm::Value* value);

}  // namespace tarry::codegen
