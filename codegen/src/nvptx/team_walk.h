#pragma once
/// One walk along a row by a team of threads.

#include <map>

#include "nvptx/places.h"
#include "nvptx/team.h"

namespace tarry::codegen {

class TeamWalk : public ThreadLanes {
 public:
  /// Where a value's kept elements of the row begin.
  using Kept = std::function<llvm::Value*(ir::Value)>;

  /// `row(access)`: the row's origin.
  TeamWalk(Device& device, Team& team, const ir::RowPlan& plan, int phase, ByAccess row, const Kept& kept);

  bool reduces() const { return !folds_.empty(); }
  const std::vector<ir::Value>& reductions() const { return reductions_; }

  /// Blocks [first, end) of a row, which has so many elements for this team.
  struct Run {
    llvm::Value *first, *end, *length;
    llvm::Value* several;  // whether a run may have more than one block
  };
  /// `single` evaluates what a group of lanes does not fill, null where there are no groups.
  void run(Body& body, Body* single, const Run& run);
  /// Behind it, by all threads: what a reduction folds to, or the lanes over all runs, both as Team gives them.
  llvm::Value* result(ir::Value reduction) {
    return team_.fold(op(reduction), accumulator(reduction), folds_.at(reduction.id).all.get(frame_.b));
  }
  llvm::Value* lane(ir::Value reduction) {
    return team_.fold_runs(op(reduction), accumulator(reduction), folds_.at(reduction.id).all.get(frame_.b));
  }

  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  struct Fold {
    Variable block;  // lanes of the block at hand
    Variable all;    // of the run
    std::unique_ptr<LaneCounter> counter;
  };
  void run_block(Body& body, Body* single, llvm::Value* begin, llvm::Value* end);
  /// `first`: the first element of this thread.
  void run_any_block(Body& body, Body* single, llvm::Value* begin, llvm::Value* first, llvm::Value* end);
  void run_in_order(Body& body, llvm::Value* begin, llvm::Value* end);
  void run_single(Body& single, llvm::Value* first, llvm::Value* end);
  /// At so many elements ahead of this one.
  void evaluate(Body& body, llvm::Value* element, int64_t ahead = 0);
  int weight() const;
  /// How many turns of a thread in a whole block are written out one behind the other.
  int turns_at_once() const;
  llvm::Value* kept_place(ir::Value v);
  ir::Op op(ir::Value v) const { return frame_.kernel.body.op(v); }
  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }
  llvm::Value* scan_integers(ir::Op op, ir::DType t, llvm::Value* mine, Variable& state);
  llvm::Value* scan_in_order(ir::Op op, ir::DType t, llvm::Value* mine, Variable& state);

  Team& team_;
  const ir::RowPlan::Phase& phase_;
  std::map<uint32_t, llvm::Value*> kept_;
  Places along_;
  std::vector<ir::Value> reductions_, keeps_;
  std::map<uint32_t, Fold> folds_;
  std::map<uint32_t, Variable> scans_;
  llvm::Value* element_ = nullptr;  // this thread's first, but for `ahead_`
  int64_t ahead_ = 0;
  llvm::Value* inside_ = nullptr;  // null, or whether the row has that element
  llvm::Value* single_ = nullptr;  // null, or the lane that a single element belongs to
};

}  // namespace tarry::codegen
