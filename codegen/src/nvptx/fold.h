#pragma once
/// One reduction by the threads of a block: a warp folds a block of 512 elements, a lane each thread.

#include "llvm/reduce.h"
#include "nvptx/device.h"

namespace tarry::codegen {

class BlockFold {
 public:
  /// Its shared memory begins at `offset`.
  BlockFold(Device& device, ir::Value node, int64_t offset);
  static int64_t shared_bytes(const ir::Kernel& kernel, ir::Value node);

  ir::Value node() const { return node_; }
  llvm::Type* type() const;  // of a lane

  /// The thread's own lane of the block at hand.
  void reset();
  void add(llvm::Value* operand);
  /// Leaves the lane as partial `warp` in shared memory.
  void leave(llvm::Value* warp);
  /// One step of the pairwise tree over the warps' partials: this warp's with that of warp + by.
  void pair(llvm::Value* warp, int by);
  /// By one warp: adds partial `warp` to the counter, as number `number` at level `base`.
  void push(llvm::Value* warp, llvm::Value* number, int base);
  void push(llvm::Value* lane_value, llvm::Value* number, llvm::Value* base);
  /// By one warp: the lanes after `count` blocks.
  llvm::Value* fold_levels(llvm::Value* count);
  /// The same over what stands at `tail`, if `has_tail`.
  llvm::Value* fold_levels_onto(llvm::Value* count, llvm::Value* has_tail, llvm::Value* tail);
  /// By one warp: the value for lane 0, left for `result`, empty where the row is.
  void finish(llvm::Value* lanes, llvm::Value* empty);
  /// What `finish` left, in register form; behind a barrier.
  llvm::Value* result();

 private:
  llvm::Value* slot(llvm::Value* row);
  llvm::Value* level(llvm::Value* k) {
    return slot(device_.frame.b.CreateAdd(k, device_.frame.b.getInt64(kBlockWarps)));
  }
  llvm::Value* fold(llvm::Value* older, llvm::Value* newer);
  llvm::Value* fold_onto(llvm::Value* count, llvm::Value* begun, llvm::Value* partial);
  llvm::Value* result_place(llvm::Value* lane);

  Device& device_;
  ir::Value node_;
  ir::Op op_;
  ir::DType dtype_;  // of the accumulator
  int64_t offset_;
  Variable lane_;
};

}  // namespace tarry::codegen
