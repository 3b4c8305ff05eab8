#include "llvm/row_fold.h"

#include "llvm/row_overlap.h"

namespace tarry::codegen {
namespace {

/// Vectors that sums may take of the registers; the rest is for what is added.
constexpr int kMostSums = 8;

class RowFolder {
 public:
  RowFolder(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length, RowWalk* whole)
      : frame_(frame),
        scratch_(scratch),
        walk_(walk),
        whole_(whole),
        length_(length),
        blocks_(frame.variable(frame.b.getInt64Ty())) {}

  std::vector<llvm::Value*> run() {
    Builder& b = frame_.b;
    blocks_.set(b, b.getInt64(0));
    for (auto& a : walk_.accumulators()) {
      a->start();
      last_.push_back(identities(*a));
    }
    llvm::Value* rest = b.getInt64(0);
    if (whole_) {
      for (auto& a : whole_->accumulators()) a->start();
      const int64_t elements = whole_->blocks_at_once() * ir::kReduceBlock;
      rest = b.CreateAnd(length_, b.getInt64(-elements));
      frame_.for_loop(b.getInt64(0), rest, elements, [&](llvm::Value* begin) { fold_whole(begin); });
    }
    const auto fold_rest = [&] {
      frame_.for_loop(rest, length_, ir::kReduceBlock, [&](llvm::Value* begin) { fold_block(begin); });
    };
    // Said to be rare, or what whole blocks need in every turn would have to make room in the registers for the rest.
    if (whole_) {
      frame_.if_then(b.CreateICmpSLT(rest, length_), fold_rest, false);
    } else {
      fold_rest();
    }
    return results();
  }

 private:
  void fold_block(llvm::Value* begin) {
    Builder& b = frame_.b;
    for (auto& a : walk_.accumulators()) a->reset();
    llvm::Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
    walk_.run_elements(begin, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_));
    llvm::Value* number = blocks_.get(b);
    std::vector<Counter::Group> groups;
    for (auto& a : walk_.accumulators()) groups.push_back(counter(*a).join(levels(*a), number, a->read()));
    take(groups, end, 1);
  }

  /// One block, or two side by side.
  void fold_whole(llvm::Value* begin) {
    Builder& b = frame_.b;
    auto& accumulators = whole_->accumulators();
    const int blocks = whole_->blocks_at_once();
    for (auto& a : accumulators) a->reset();
    whole_->run_blocks(begin);
    llvm::Value* number_of_last = b.CreateAdd(blocks_.get(b), b.getInt64(blocks - 1));
    std::vector<Counter::Group> groups;
    for (size_t i = 0; i < last_.size(); ++i) {
      Accumulator& a = *accumulators[i];
      LaneVectors lanes = a.read();
      if (blocks == 2) {
        const LaneVectors newer = accumulators[last_.size() + i]->read();
        for (size_t v = 0; v < lanes.size(); ++v) lanes[v] = a.fold()(b, lanes[v], newer[v]);
      }
      groups.push_back(counter(a).join(levels(a), number_of_last, lanes, blocks - 1));
    }
    take(groups, b.CreateAdd(begin, b.getInt64(blocks * ir::kReduceBlock)), blocks);
  }

  /// Groups that end with so many more blocks, the last one at `end`. The last group of all never leaves the registers,
  /// so that a row of one block needs no memory.
  void take(const std::vector<Counter::Group>& groups, llvm::Value* end, int64_t blocks) {
    Builder& b = frame_.b;
    for (size_t i = 0; i < last_.size(); ++i)
      for (size_t v = 0; v < last_[i].size(); ++v) last_[i][v].set(b, groups[i].lanes[v]);
    frame_.if_then(b.CreateICmpSLT(end, length_), [&] {
      for (size_t i = 0; i < last_.size(); ++i) {
        Accumulator& a = *walk_.accumulators()[i];
        counter(a).keep(levels(a), groups[i]);
      }
    });
    blocks_.set(b, b.CreateAdd(blocks_.get(b), b.getInt64(blocks)));
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
      if (whole_)
        for (int block = 0; block < whole_->blocks_at_once(); ++block)
          folded = whole_->accumulators()[block * last_.size() + i]->with_nan(folded);
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
  /// Found ahead of all rows, since nothing moves reads of words out of loops that may take no turn.
  llvm::Value* levels(const Accumulator& a) {
    return frame_.at_prologue([&] { return scratch_.address(a.node(), ScratchObject::Kind::levels); });
  }

  Frame& frame_;
  Scratch& scratch_;
  RowWalk& walk_;
  RowWalk* whole_;
  llvm::Value* length_;
  Variable blocks_;
  std::vector<std::vector<Variable>> last_;  // by accumulator
};

}  // namespace

std::vector<llvm::Value*> fold_row(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length, RowWalk* whole) {
  return RowFolder(frame, scratch, walk, length, whole).run();
}

bool is_light_fold(const ir::Kernel& kernel, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase, int lanes) {
  if (kernel.schedule != ir::Schedule::row || kernel.row_rank != 1) return false;
  if (2 * phase.elements.size() > kUnrolledNodes || !only_folds(kernel, plan, phase)) return false;
  int cost = 0, reductions = 0;
  for (ir::Value v : phase.elements) {
    cost += ir::cost(kernel.body.op(v), kernel.body.dtype(v));
    reductions += ir::is_reduce(kernel.body.op(v));
  }
  return cost < kHeavyWalk && 2 * reductions * ir::kReduceLanes / lanes <= kMostSums;
}

}  // namespace tarry::codegen
