#pragma once
/// One walk along a row, or along several with a phase of each: what `row` and `split` kernels share.

#include <memory>

#include "llvm/reduce.h"
#include "llvm/scratch.h"
#include "llvm/walk.h"

namespace tarry::codegen {

class RowWalk : public Walk {
 public:
  struct Part {
    int phase;
    Body* body;
  };
  /// Several parts: those of `stage_rows` that walk together, each at a row of its own.
  RowWalk(Frame& frame, const ir::RowPlan& plan, Scratch& scratch, const std::vector<Part>& parts);
  /// Of whole blocks alone: several side by side, or one where it reads ahead, since memory cannot follow faster.
  static RowWalk of_whole_blocks(Frame& frame, const ir::RowPlan& plan, Scratch& scratch,
                                 const std::vector<Part>& parts);

  int lanes() const { return shape_of_row_.lanes; }
  bool reduces() const { return !accumulators_.empty(); }
  std::vector<std::unique_ptr<Accumulator>>& accumulators() { return accumulators_; }

  /// Ahead of the walk, at the origins of the parts.
  void start(const std::vector<Offset>& offsets);
  /// Elements [begin, end) of the row, within one block where there are reductions.
  void run_elements(llvm::Value* begin, llvm::Value* end);
  int blocks_at_once() const { return shape_of_row_.strands; }
  /// So many whole blocks from there on. The accumulators of a later one follow those of an earlier one.
  void run_blocks(llvm::Value* begin);

  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  struct Kept {
    ir::Value value;
    llvm::Value* address;
  };
  struct RowPart {
    const ir::RowPlan::Phase* phase;
    Body* body;
    std::vector<Kept> restored = {};
  };
  RowWalk(Frame& frame, const ir::RowPlan& plan, Scratch& scratch, const std::vector<Part>& parts, const Shape& shape);
  void add_part(const ir::RowPlan& plan, const Part& part, const Shape& shape);
  void evaluate(RowPart& part);
  void evaluate_vector(llvm::Value* first, int u);
  llvm::Value* kept_address(const Kept& kept);
  Variable& state_of(ir::Value scan);

  Frame& row_frame_;
  Scratch& scratch_;
  const Shape shape_of_row_;
  std::vector<RowPart> row_parts_;
  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  std::vector<std::pair<ir::Value, Variable>> scans_;
  std::vector<ir::Value> keeps_;
  std::vector<Kept> kept_;
  llvm::Value* first_of_vector_ = nullptr;
  int vector_ = 0, strand_ = 0;
};

/// The number of elements of a row.
llvm::Value* row_length(Frame& frame);

}  // namespace tarry::codegen
