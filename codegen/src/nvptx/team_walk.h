#pragma once
/// One walk along a row by a team of threads.

#include <map>

#include "nvptx/places.h"
#include "nvptx/team.h"

namespace tarry::codegen {

class TeamWalk : public ThreadLanes {
 public:
  /// Where a value's kept element of the row stands.
  using Kept = std::function<llvm::Value*(ir::Value, llvm::Value* element)>;
  using Offset = std::function<llvm::Value*(int)>;

  /// `row(access)`: the row's own offset in bytes.
  TeamWalk(Device& device, Team& team, const ir::RowPlan& plan, int phase, Offset row, Kept kept);

  bool reduces() const { return !folds_.empty(); }
  const std::vector<ir::Value>& reductions() const { return reductions_; }

  /// Batches [first, end) of a row that has `length` elements for this team; `single` evaluates what a group of lanes
  /// does not fill, null where there are no groups.
  void run(Body& body, Body* single, llvm::Value* first, llvm::Value* end, llvm::Value* length);
  /// Behind it: the lanes of a reduction.
  llvm::Value* lanes_of(ir::Value reduction) { return folds_.at(reduction.id).all.get(frame_.b); }

  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  struct Fold {
    Variable block;  // lanes of the block at hand
    Variable all;    // of all batches
    std::unique_ptr<BatchCounter> counter;
  };
  void run_batch(Body& body, Body* single, llvm::Value* batch, llvm::Value* length);
  void run_block(Body& body, Body* single, llvm::Value* begin, llvm::Value* end);
  void run_in_order(Body& body, llvm::Value* begin, llvm::Value* end);
  void run_single(Body& single, llvm::Value* first, llvm::Value* end);
  void evaluate(Body& body, llvm::Value* element);
  llvm::Value* scan_integers(ir::Op op, ir::DType t, llvm::Value* mine, Variable& state);
  llvm::Value* scan_in_order(ir::Op op, ir::DType t, llvm::Value* mine, Variable& state);

  Team& team_;
  const ir::RowPlan::Phase& phase_;
  Kept kept_;
  Places along_;
  std::vector<ir::Value> reductions_, keeps_;
  std::map<uint32_t, Fold> folds_;
  std::map<uint32_t, Variable> scans_;
  llvm::Value* element_ = nullptr;  // this thread's first
  llvm::Value* inside_ = nullptr;   // null, or whether the row has that element
  llvm::Value* single_ = nullptr;   // null, or the lane that a single element belongs to
};

}  // namespace tarry::codegen
