#pragma once
/// The scratch memory of a column kernel: for every column of a strip, the lanes of each reduction, its
/// binary counter, kept elements, and values of the row. All are arrays whose rows are one pitch apart.

#include "llvm/reduce.h"
#include "llvm/scratch.h"

namespace tarry::codegen {

class Strip {
 public:
  Strip(Frame& frame, const ir::RowPlan& plan, int lanes)
      : frame_(frame), scratch_(frame, plan), plan_(plan), lanes_(lanes) {}
  /// Once, behind the prologue.
  void open(llvm::Value* row_length);

  int lanes() const { return lanes_; }
  const ir::RowPlan& plan() const { return plan_; }
  bool keeps(ir::Value v) const;

  /// Element `column` of row `row` of an array; null is row 0.
  llvm::Value* element(ir::Value v, ScratchObject::Kind kind, llvm::Value* row, llvm::Value* column, int bytes);

  void fill_scan(ir::Value scan);
  /// Lanes that a block of so few rows does not reach become the identity.
  void fill_missing_lanes(ir::Value reduction, llvm::Value* rows);
  /// Adds the lanes to the counter, as block `number`; with one block there is none.
  void push_block(ir::Value reduction, llvm::Value* number);
  /// From lanes and counter to the value for each column.
  void finish(ir::Value reduction, llvm::Value* blocks);

 private:
  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }
  llvm::Value* lanes_array(ir::Value v) { return scratch_.address(v, ScratchObject::Kind::lanes); }
  llvm::Value* level(ir::Value v, llvm::Value* k);
  /// For vectors of `count` elements in a row: body(byte offset)
  void over(llvm::Value* count, int bytes, const std::function<void(llvm::Value*)>& body);
  llvm::Value* load(ir::DType t, llvm::Value* address);
  void store(ir::DType t, llvm::Value* value, llvm::Value* address);
  /// to = older ⊕ newer, for all lanes of all columns
  void fold_all(ir::Value v, llvm::Value* older, llvm::Value* newer, llvm::Value* to);
  void copy_all(ir::Value v, llvm::Value* from, llvm::Value* to);
  void fill(ir::Value v, llvm::Value* to, llvm::Value* count);
  void fold_lanes_of(ir::Value v);

  Frame& frame_;
  Scratch scratch_;
  const ir::RowPlan& plan_;
  int lanes_;
  llvm::Value* length_ = nullptr;
  llvm::Value* pitch_ = nullptr;   // in elements
  llvm::Value* active_ = nullptr;  // lanes that some row reaches
};

/// In elements; the launcher allots as much.
inline constexpr int64_t kPitchUnit = 64;

}  // namespace tarry::codegen
