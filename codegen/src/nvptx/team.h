#pragma once
/// Threads that share a row, and their reductions in the order of tarry/ir/reduction.h.

#include <memory>

#include "llvm/reduce.h"
#include "nvptx/device.h"

namespace tarry::codegen {

/// A power of two of neighbouring threads, as many as the launch says. Each takes `lanes` of the 32 lanes of a
/// reduction; as many threads as these make 32 take a block of 512 elements, a larger team several blocks at once,
/// a batch. A smaller team has rows of no more elements than lanes.
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
  llvm::Value* batch_shift() const { return batch_shift_; }
  /// This thread's block within a batch, and its first lane.
  llvm::Value* block() const { return block_; }
  llvm::Value* first_lane() const { return first_lane_; }
  /// Batches that cover so many blocks.
  llvm::Value* batches(llvm::Value* blocks);

  /// Pairwise over the blocks of a batch, missing ones being the identity, which changes nothing: all threads that
  /// share lanes get the result.
  llvm::Value* fold_batch(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  /// By 16, 8, 4, 2, 1; each thread of the team gets the scalar, in memory form.
  llvm::Value* fold_lanes_of(ir::Op op, ir::DType accumulator, llvm::Value* partial);

 private:
  llvm::Value* has_more_than(int threads);
  llvm::Value* across_warps(ir::Op op, ir::DType accumulator, llvm::Value* partial);
  llvm::Value* spread(llvm::Value* partial);

  Device& device_;
  Frame& frame_;
  Builder& b_;
  const int lanes_;
  llvm::Value *size_, *rank_, *number_, *per_block_, *leads_, *batch_shift_, *block_, *first_lane_, *lead_lane_;
  int fixed_shift_;
};

/// The binary counter over batches (or blocks) of one reduction, of the lanes that a thread has. Its levels lie in the
/// thread's own memory and are touched once a batch.
class BatchCounter {
 public:
  BatchCounter(Frame& frame, ir::Op op, ir::DType accumulator, int lanes);
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
