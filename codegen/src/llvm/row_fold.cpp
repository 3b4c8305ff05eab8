#include "llvm/row_fold.h"

namespace tarry::codegen {
namespace {

class RowFolder {
 public:
  RowFolder(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length)
      : frame_(frame), scratch_(scratch), walk_(walk), length_(length), blocks_(frame.variable(frame.b.getInt64Ty())) {}

  std::vector<llvm::Value*> run() {
    Builder& b = frame_.b;
    blocks_.set(b, b.getInt64(0));
    for (auto& a : walk_.accumulators()) {
      a->start();
      last_.push_back(identities(*a));
    }
    frame_.for_loop(b.getInt64(0), length_, ir::kReduceBlock, [&](llvm::Value* begin) { fold_block(begin); });
    return results();
  }

 private:
  /// The last group of blocks never leaves the registers, so that a row of one block needs no memory.
  void fold_block(llvm::Value* begin) {
    Builder& b = frame_.b;
    for (auto& a : walk_.accumulators()) a->reset();
    llvm::Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
    walk_.run_elements(begin, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_));
    llvm::Value* number = blocks_.get(b);
    std::vector<Counter::Group> groups;
    for (size_t i = 0; i < last_.size(); ++i) {
      Accumulator& a = *walk_.accumulators()[i];
      groups.push_back(counter(a).join(levels(a), number, a.read()));
      for (size_t v = 0; v < last_[i].size(); ++v) last_[i][v].set(b, groups[i].lanes[v]);
    }
    frame_.if_then(b.CreateICmpSLT(end, length_), [&] {
      for (size_t i = 0; i < last_.size(); ++i) {
        Accumulator& a = *walk_.accumulators()[i];
        counter(a).keep(levels(a), groups[i]);
      }
    });
    blocks_.set(b, b.CreateAdd(number, b.getInt64(1)));
  }

  std::vector<llvm::Value*> results() {
    Builder& b = frame_.b;
    llvm::Value* count = blocks_.get(b);
    llvm::Value* occupied = b.CreateAnd(count, b.CreateSub(count, b.getInt64(1)));
    llvm::Value* empty = b.CreateICmpEQ(length_, b.getInt64(0));
    std::vector<llvm::Value*> values;
    for (size_t i = 0; i < last_.size(); ++i) {
      Accumulator& a = *walk_.accumulators()[i];
      LaneVectors tail;
      for (const Variable& v : last_[i]) tail.push_back(v.get(b));
      const LaneVectors all = counter(a).fold(levels(a), occupied, &tail, b.getTrue());
      llvm::Value* folded = a.with_nan(fold_lanes(b, a.fold(), all));
      values.push_back(finish_reduction(frame_, a.node(), folded, empty));
    }
    return values;
  }

  std::vector<Variable> identities(const Accumulator& a) {
    llvm::Constant* none = identity(frame_.b, a.fold().reduce, a.fold().dtype, walk_.lanes());
    std::vector<Variable> vectors;
    for (int i = 0; i < ir::kReduceLanes / walk_.lanes(); ++i)
      vectors.push_back(frame_.variable(none->getType(), none));
    return vectors;
  }

  Counter counter(const Accumulator& a) { return {frame_, a.fold(), walk_.lanes()}; }
  llvm::Value* levels(const Accumulator& a) { return scratch_.address(a.node(), ScratchObject::Kind::levels); }

  Frame& frame_;
  Scratch& scratch_;
  RowWalk& walk_;
  llvm::Value* length_;
  Variable blocks_;
  std::vector<std::vector<Variable>> last_;  // by accumulator
};

}  // namespace

std::vector<llvm::Value*> fold_row(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length) {
  return RowFolder(frame, scratch, walk, length).run();
}

}  // namespace tarry::codegen
