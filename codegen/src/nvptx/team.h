#pragma once
/// Threads that share a row, and their reductions in the order of tarry/ir/reduction.h.

#include <memory>

#include "llvm/reduce.h"
#include "nvptx/device.h"

namespace tarry::codegen {

/// A power of two of neighbouring threads, as many as the launch says. Each takes `lanes` of the 32 lanes of a
/// reduction; as many threads as make 32 of these take blocks of 512 elements, one behind the other, and a larger team
/// as many runs of blocks at once. A smaller team has rows of no more elements than lanes.
class Team {
 public:
  /// `fixed_shift`: the size where it is known, else -1.
  Team(Device& device, int lanes, int fixed_shift);

  int lanes() const { return lanes_; }
  int threads_of_block() const { return ir::kReduceLanes / lanes_; }
  llvm::Value* rank() const { return rank_; }
  llvm::Value* number() const { return number_; }        // in the thread block
  llvm::Value* per_block() const { return per_block_; }  // teams in a thread block
  llvm::Value* leads() const { return leads_; }          // whether this thread is the first of its team
  /// Which run of blocks is this thread's, and its first lane.
  llvm::Value* run() const { return run_; }
  llvm::Value* first_lane() const { return first_lane_; }
  /// log2 of the number of runs.
  llvm::Value* runs_shift() const { return runs_shift_; }

  /// Of a thread's lanes: pairwise over the runs, missing ones being the identity, which changes nothing; then by 16,
  /// 8, 4, 2, 1. Each thread of the team gets the scalar, in memory form.
  llvm::Value* fold(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  llvm::Value* is_warp() { return b_.CreateICmpEQ(size_, frame_.number(kWarpThreads)); }
  /// In a team of several warps the lanes over all runs: each thread gets the one that has its number in the warp.
  llvm::Value* fold_runs(ir::Op op, ir::DType accumulator, llvm::Value* partial);

 private:
  llvm::Value* has_more_than(int threads);
  /// Whether this thread's number in the warp has a bit.
  llvm::Value* has_bit(int bit);
  llvm::Value* fold_in_warp(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  llvm::Value* fold_warps(ir::Op op, ir::DType accumulator, llvm::Value* in_warp);
  llvm::Value* fold_across_warps(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  llvm::Value* fold_whole_warp(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  llvm::Value* meet(ir::Op op, ir::DType accumulator, llvm::Value* mine, llvm::Value* other, llvm::Value* is_upper);
  llvm::Value* fold_lanes_of(ir::Op op, ir::DType accumulator, llvm::Value* partial);

  Device& device_;
  Frame& frame_;
  Builder& b_;
  const int lanes_;
  llvm::Value *size_, *rank_, *number_, *per_block_, *leads_, *runs_shift_, *run_, *first_lane_;
  std::vector<llvm::Value*> is_upper_;  // of a warp that has several runs, as they meet: which of two this thread is
  int fixed_shift_;
};

/// The binary counter over blocks of one reduction, of the lanes that a thread has. Its levels lie in the thread's own
/// memory and are touched once a block.
class LaneCounter {
 public:
  LaneCounter(Frame& frame, ir::Op op, ir::DType accumulator, int lanes);
  void push(llvm::Value* partial, llvm::Value* number);
  /// From the lowest occupied level to the highest; of none the identity.
  llvm::Value* fold(llvm::Value* count);

 private:
  llvm::Value* level(llvm::Value* k);
  Frame& frame_;
  ir::Op op_;
  ir::DType dtype_;
  llvm::Type* type_;
  int lanes_;
  llvm::Value* levels_;
};

}  // namespace tarry::codegen
