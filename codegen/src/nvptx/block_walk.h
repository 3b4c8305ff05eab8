#pragma once
/// One walk along a row by the threads of a block: a warp takes 32 neighbours at a time.

#include <memory>

#include "llvm/body.h"
#include "nvptx/fold.h"

namespace tarry::codegen {

class BlockWalk : public Surroundings {
 public:
  using Offset = std::function<llvm::Value*(int)>;
  /// `kept(value)`: where the row's kept elements of a value stand.
  BlockWalk(Device& device, const ir::RowPlan& plan, int phase, std::function<llvm::Value*(ir::Value)> kept);

  /// Shared memory that the walks of a kernel need, one after the other.
  static int64_t shared_bytes(const ir::Kernel& kernel, const ir::RowPlan& plan);

  bool reduces() const { return !folds_.empty(); }
  std::vector<std::unique_ptr<BlockFold>>& folds() { return folds_; }

  /// Ahead of the walk, at a row's origin.
  void start(Body& body, Offset offset, llvm::Value* length);
  /// All elements, where nothing is folded and nothing scanned.
  void run_free(Body& body);
  /// Blocks [first, end) of the row, into the counters, numbered from `first`. Ends with a barrier.
  void run_blocks(Body& body, llvm::Value* first, llvm::Value* end);
  bool in_order() const { return !scans_.empty(); }

  llvm::Value* load(int access, llvm::Value* predicate) override;
  void store(int access, llvm::Value* value) override;
  llvm::Value* index(int access) override;
  llvm::Value* load_at(int access, llvm::Value* distance, llvm::Value* predicate) override;
  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;
  void computed(ir::Value node, llvm::Value* value) override;

 private:
  void evaluate(Body& body, llvm::Value* element);
  void fold_block(Body& body, llvm::Value* block);
  void evaluate_in_order(Body& body, llvm::Value* base);
  llvm::Value* offset(int access);
  llvm::Value* kept_address(ir::Value v);

  Device& device_;
  Frame& frame_;
  const ir::RowPlan::Phase& phase_;
  std::function<llvm::Value*(ir::Value)> kept_;
  std::vector<ir::Value> keeps_;
  std::vector<std::unique_ptr<BlockFold>> folds_;
  std::vector<std::pair<ir::Value, Variable>> scans_;
  Odometer along_;
  Offset row_offset_;
  llvm::Value* length_ = nullptr;
  llvm::Value* element_ = nullptr;  // this thread's, counted in the row
  llvm::Value* inside_ = nullptr;   // null, or whether the row has that element
};

}  // namespace tarry::codegen
