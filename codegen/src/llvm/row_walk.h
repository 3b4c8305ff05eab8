#pragma once
/// One walk along a row: what `row` and `split` kernels share.

#include <memory>

#include "llvm/reduce.h"
#include "llvm/walk.h"

namespace tarry::codegen {

/// Where a walk keeps values of whole rows: object `i` of `scratch_objects`.
using ScratchAddress = std::function<llvm::Value*(ir::Value, ScratchObject::Kind)>;

class RowWalk : public Walk {
 public:
  RowWalk(Frame& frame, const ir::RowPlan& plan, int phase, int lanes, ScratchAddress scratch);

  bool reduces() const { return !accumulators_.empty(); }
  std::vector<std::unique_ptr<Accumulator>>& accumulators() { return accumulators_; }

  /// Ahead of the walk, at the origin that `offset` gives.
  void start(Body& body, const std::function<llvm::Value*(int)>& offset);
  /// Elements [begin, end) of the row, within one block where there are reductions.
  void run_elements(Body& body, llvm::Value* begin, llvm::Value* end);

  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  struct Kept {
    ir::Value value;
    llvm::Value* address;
  };
  static Shape shape_of(Frame& frame, const ir::RowPlan& plan, int phase, int lanes);
  llvm::Value* kept_address(const Kept& kept);
  Variable& state_of(ir::Value scan);

  Frame& row_frame_;
  const ir::RowPlan::Phase& phase_;
  int lanes_;
  ScratchAddress scratch_;
  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  std::vector<std::pair<ir::Value, Variable>> scans_;
  std::vector<ir::Value> keeps_;
  std::vector<Kept> kept_, restored_;
  llvm::Value* first_of_vector_ = nullptr;
  int vector_ = 0;
};

/// The number of elements of a row.
llvm::Value* row_length(Frame& frame);

}  // namespace tarry::codegen
