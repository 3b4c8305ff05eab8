#pragma once
/// One walk down columns by a thread block.

#include <map>
#include <memory>

#include "nvptx/places.h"
#include "nvptx/team.h"

namespace tarry::codegen {

/// A thread block as columns by ranks: the thread of rank r has, of each reduction of its column, the lanes l = r mod
/// ranks, and with them the elements r mod ranks. With `lanes` above 1 a column is so many neighbours.
struct ColumnGrid {
  ColumnGrid(Device& device, int lanes);
  int lanes;
  llvm::Value *columns, *column_shift, *ranks, *rank_shift;
  llvm::Value *column, *rank;     // this thread's
  llvm::Value* lanes_each;        // lanes of a reduction that a thread has
  llvm::Value* lanes_shift;       // log2 of them
  llvm::Value* active = nullptr;  // whether the thread has a column
  llvm::Value* number = nullptr;  // of the column's first neighbour, among all columns
};

class GridWalk : public ThreadLanes {
 public:
  /// `column(access)`: the column's origin.
  GridWalk(Device& device, ColumnGrid& grid, const ir::RowPlan& plan, int phase, ByAccess column);

  bool reduces() const { return !reductions_.empty(); }
  const std::vector<ir::Value>& reductions() const { return reductions_; }

  /// Ahead of run_lanes: where `leaves` holds, lanes go to scratch memory, as those of chunk `chunk`.
  void leave_lanes_to(llvm::Value* chunk, llvm::Value* leaves) {
    chunk_ = chunk;
    leaves_ = leaves;
  }
  /// Blocks [first, end) of columns with `length` elements, lane by lane: a lane's elements come in order, and no two
  /// lanes meet before they are done. Lanes come in the order in which 16, 8, 4, 2, 1 fold them.
  void run_lanes(Body& body, llvm::Value* first, llvm::Value* end, llvm::Value* length);
  /// The same from what chunks left.
  void run_chunks(llvm::Value* chunks);
  /// All elements in any order, where nothing is folded.
  void run_free(Body& body, llvm::Value* length);
  /// What a reduction of the whole column folds to, in memory form; for all threads, which take part.
  llvm::Value* result(ir::Value reduction);

  void reduce(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  struct Fold {
    Variable block;                        // the lane in the block at hand
    Variable lane;                         // the lane
    std::unique_ptr<LaneCounter> counter;  // over blocks
    std::unique_ptr<LaneCounter> tree;     // over lanes
  };
  void over_lanes(const std::function<void(llvm::Value*)>& walk_lane);
  void evaluate(Body& body, llvm::Value* element);
  void run_block(Body& body, llvm::Value* block, llvm::Value* lane, llvm::Value* length);
  llvm::Value* scratch(ir::Value v, GpuObject::Kind kind, ir::DType t, llvm::Value* row);
  llvm::Value* chunk_lane(ir::Value v, llvm::Value* chunk, llvm::Value* lane);
  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }
  llvm::Type* type(ir::Value v) const;

  ColumnGrid& grid_;
  const ir::RowPlan::Phase& phase_;
  Places along_;
  std::vector<ir::Value> reductions_, keeps_;
  std::map<uint32_t, Fold> folds_;
  llvm::Value *chunk_ = nullptr, *leaves_ = nullptr;
  llvm::Value* element_ = nullptr;
};

}  // namespace tarry::codegen
