#pragma once
/// Walks along a strip of columns, at one row or at row level.

#include "llvm/row_walk.h"
#include "llvm/strip.h"

namespace tarry::codegen {

class ColumnWalk : public Walk {
 public:
  /// Evaluates `nodes`; `restored` are read back from where an earlier walk kept them.
  ColumnWalk(Frame& frame, Strip& strip, Body& uniform, std::span<const ir::Value> nodes,
             std::span<const ir::Value> restored);

  const std::vector<ir::Value>& reductions() const { return reductions_; }
  const std::vector<ir::Value>& scans() const { return scans_; }

  /// At the origin that `offset` gives, row included.
  void start(const std::function<llvm::Value*(int)>& offset);
  /// Every column, at row `row`; null at row level.
  void run_strip(llvm::Value* row);

  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  llvm::Value* read_back(ir::Value v, ScratchObject::Kind kind, llvm::Value* row);
  void write(ir::Value v, llvm::Value* value, ScratchObject::Kind kind, llvm::Value* row);

  Frame& column_frame_;
  Strip& strip_;
  std::span<const ir::Value> nodes_, restored_;
  std::vector<ir::Value> needed_;  // values of the row that the nodes use
  std::vector<ir::Value> reductions_, scans_;
  Body body_;
  llvm::Value* row_ = nullptr;
  llvm::Value* column_ = nullptr;  // first of the vector, counted from the strip's
};

}  // namespace tarry::codegen
