#include <tarry/ir/error.h>

#include "llvm/points.h"
#include "llvm/row_walk.h"
#include "llvm/schedules.h"
#include "llvm/scratch.h"

namespace tarry::codegen {
namespace {

/// The two functions of a split kernel have the same skeleton: one outer point, its row-level values,
/// and then either a range of blocks or the rest.
class SplitEmitter {
 public:
  SplitEmitter(llvm::Module& module, const ir::Kernel& kernel, const char* symbol, int vector_bytes)
      : frame_(module, kernel, symbol),
        live_(live_nodes(kernel.body)),
        plan_(ir::plan_rows(kernel)),
        scratch_(frame_, plan_),
        lanes_(choose_lanes(kernel, live_, vector_bytes)),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, lanes_, &row_) {
    if (plan_.phases.size() != 1) throw InternalError("a split kernel has one walk along its rows");
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    std::vector<int> axes, all;
    for (int a = 0; a < kernel.outer_rank; ++a) axes.push_back(a);
    for (size_t a = 0; a < kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    outer_.emplace(frame_, axes, all);
    outer_->set(frame_.outer_begin);
    origin_.emplace(frame_, [this](int access) { return outer_->offset(access); });
    row_.emit(living(plan_.phases[0].before, live_), *origin_);
  }

  void emit_partial() {
    Builder& b = frame_.b;
    RowWalk walk(frame_, plan_, scratch_, {{0, &body_}});
    walk.start({[this](int access) { return outer_->offset(access); }});
    llvm::Value* first = b.CreateMul(frame_.inner_begin, b.getInt64(ir::kReduceBlock));
    walk.seek(first);
    for (auto& a : walk.accumulators()) a->start();
    frame_.for_loop(frame_.inner_begin, frame_.inner_end, 1, [&](llvm::Value* block) {
      for (auto& a : walk.accumulators()) a->reset();
      llvm::Value* begin = b.CreateMul(block, b.getInt64(ir::kReduceBlock));
      llvm::Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
      walk.run_elements(begin, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_));
      llvm::Value* number = b.CreateSub(block, frame_.inner_begin);
      for (auto& a : walk.accumulators()) counter(a->fold()).push(levels(a->node()), number, a->read());
    });
    llvm::Value* count = b.CreateSub(frame_.inner_end, frame_.inner_begin);
    for (auto& a : walk.accumulators()) {
      Counter c = counter(a->fold());
      LaneVectors all = c.fold(levels(a->node()), count, nullptr, nullptr);
      for (llvm::Value*& lanes : all) lanes = a->with_nan(lanes);
      c.store(chunk(a->node(), frame_.outer_end), all);
    }
    frame_.finish();
  }

  void emit_finish() {
    Builder& b = frame_.b;
    llvm::Value* incomplete = b.CreateICmpNE(frame_.outer_end, b.getInt64(0));
    llvm::Value* chunks = b.CreateSub(frame_.inner_end, frame_.inner_begin);
    llvm::Value* whole = b.CreateSub(chunks, frame_.outer_end);
    llvm::Value* empty = b.CreateICmpEQ(length_, b.getInt64(0));
    for (ir::Value v : plan_.phases[0].elements) {
      if (!ir::is_reduce(frame_.kernel.body.op(v))) continue;
      const Fold fold{frame_.kernel.body.op(v), accumulator(v)};
      Counter c = counter(fold);
      frame_.for_loop(b.getInt64(0), whole, 1, [&](llvm::Value* number) {
        c.push(levels(v), number, c.load(chunk(v, b.CreateAdd(frame_.inner_begin, number))));
      });
      // Without a chunk this reads the first one's memory, and takes nothing from it.
      llvm::Value* last = b.CreateAdd(frame_.inner_begin, b.CreateSelect(incomplete, whole, b.getInt64(0)));
      const LaneVectors tail = c.load(chunk(v, last));
      const LaneVectors all = c.fold(levels(v), whole, &tail, incomplete);
      llvm::Value* folded = fold_lanes(b, fold, all);
      row_.bind(v, finish_reduction(frame_, v, folded, empty));
    }
    row_.emit(living(plan_.after, live_), *origin_);
    frame_.finish();
  }

 private:
  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }
  Counter counter(const Fold& fold) { return {frame_, fold, lanes_}; }
  llvm::Value* levels(ir::Value v) { return scratch_.address(v, ScratchObject::Kind::levels); }

  /// The lanes of a chunk, in memory that all threads share: the word holds its address.
  llvm::Value* chunk(ir::Value v, llvm::Value* number) {
    Builder& b = frame_.b;
    llvm::Value* base = b.CreateIntToPtr(scratch_.word(v, ScratchObject::Kind::lanes), b.getPtrTy());
    return frame_.byte_offset(base, b.CreateMul(number, b.getInt64(Counter::lane_bytes(accumulator(v)))));
  }

  Frame frame_;
  const std::vector<bool> live_;
  const ir::RowPlan plan_;
  Scratch scratch_;
  const int lanes_;
  Body uniform_, row_, body_;
  llvm::Value* length_ = nullptr;
  std::optional<Odometer> outer_;
  std::optional<Point> origin_;
};

}  // namespace

void emit_split(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  SplitEmitter(module, kernel, kKernelSymbol, vector_bytes).emit_partial();
  SplitEmitter(module, kernel, kFinishSymbol, vector_bytes).emit_finish();
}

}  // namespace tarry::codegen
