#include <tarry/ir/error.h>

#include "llvm/points.h"
#include "llvm/row_walk.h"
#include "llvm/schedules.h"
#include "llvm/scratch.h"

namespace tarry::codegen {
namespace {

class RowEmitter {
 public:
  RowEmitter(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes)
      : frame_(module, kernel, kKernelSymbol),
        live_(live_nodes(kernel.body)),
        plan_(ir::plan_rows(kernel)),
        scratch_(frame_, plan_),
        lanes_(choose_lanes(kernel, live_, vector_bytes)),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, lanes_, &row_) {}

  void emit() {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    std::vector<int> axes, all;
    for (int a = 0; a < frame_.kernel.outer_rank; ++a) axes.push_back(a);
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    Odometer outer(frame_, axes, all);
    outer.set(frame_.outer_begin);
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value*) {
      emit_row([&](int access) { return outer.offset(access); });
      outer.advance();
    });
    frame_.finish();
  }

 private:
  void emit_row(const std::function<llvm::Value*(int)>& offset) {
    Point origin(frame_, offset);
    row_.start_group();
    for (size_t p = 0; p < plan_.phases.size(); ++p) {
      row_.emit(living(plan_.phases[p].before), origin);
      emit_phase(static_cast<int>(p), offset);
    }
    row_.emit(living(plan_.after), origin);
  }

  void emit_phase(int p, const std::function<llvm::Value*(int)>& offset) {
    if (plan_.phases[p].elements.empty()) return;
    RowWalk walk(frame_, plan_, p, lanes_,
                 [&](ir::Value v, ScratchObject::Kind kind) { return scratch_.address(v, kind); });
    walk.start(body_, offset);
    Builder& b = frame_.b;
    if (!walk.reduces()) return walk.run_elements(body_, b.getInt64(0), length_);

    fold_blocks(walk);
  }

  /// The last group of blocks never leaves the registers, so that a row of one block needs no memory.
  void fold_blocks(RowWalk& walk) {
    Builder& b = frame_.b;
    Variable blocks = frame_.variable(b.getInt64Ty(), b.getInt64(0));
    std::vector<std::vector<Variable>> last;
    for (auto& a : walk.accumulators()) {
      a->start();
      last.push_back(identities(*a));
    }
    frame_.for_loop(b.getInt64(0), length_, ir::kReduceBlock, [&](llvm::Value* begin) {
      for (auto& a : walk.accumulators()) a->reset();
      llvm::Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
      walk.run_elements(body_, begin, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_));
      llvm::Value* number = blocks.get(b);
      std::vector<Counter::Group> groups;
      for (size_t i = 0; i < last.size(); ++i) {
        Accumulator& a = *walk.accumulators()[i];
        groups.push_back(counter(a).join(levels(a), number, a.read()));
        for (size_t v = 0; v < last[i].size(); ++v) last[i][v].set(b, groups[i].lanes[v]);
      }
      frame_.if_then(b.CreateICmpSLT(end, length_), [&] {
        for (size_t i = 0; i < last.size(); ++i) {
          Accumulator& a = *walk.accumulators()[i];
          counter(a).keep(levels(a), groups[i]);
        }
      });
      blocks.set(b, b.CreateAdd(number, b.getInt64(1)));
    });
    llvm::Value* count = blocks.get(b);
    llvm::Value* occupied = b.CreateAnd(count, b.CreateSub(count, b.getInt64(1)));
    llvm::Value* empty = b.CreateICmpEQ(length_, b.getInt64(0));
    for (size_t i = 0; i < last.size(); ++i) {
      Accumulator& a = *walk.accumulators()[i];
      LaneVectors tail;
      for (const Variable& v : last[i]) tail.push_back(v.get(b));
      const LaneVectors all = counter(a).fold(levels(a), occupied, &tail, b.getTrue());
      llvm::Value* folded = a.with_nan(fold_lanes(b, a.fold(), all));
      row_.bind(a.node(), finish_reduction(frame_, a.node(), folded, empty));
    }
  }

  std::vector<Variable> identities(const Accumulator& a) {
    llvm::Constant* none = identity(frame_.b, a.fold().reduce, a.fold().dtype, lanes_);
    std::vector<Variable> vectors;
    for (int i = 0; i < ir::kReduceLanes / lanes_; ++i) vectors.push_back(frame_.variable(none->getType(), none));
    return vectors;
  }

  Counter counter(const Accumulator& a) { return {frame_, a.fold(), lanes_}; }
  llvm::Value* levels(const Accumulator& a) { return scratch_.address(a.node(), ScratchObject::Kind::levels); }

  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  Frame frame_;
  const std::vector<bool> live_;
  const ir::RowPlan plan_;
  Scratch scratch_;
  const int lanes_;
  Body uniform_, row_, body_;
  llvm::Value* length_ = nullptr;
};

}  // namespace

void emit_row(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  RowEmitter(module, kernel, vector_bytes).emit();
}

}  // namespace tarry::codegen
