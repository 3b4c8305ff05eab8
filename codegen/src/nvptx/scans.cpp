#include <tarry/ir/error.h>

#include <algorithm>
#include <optional>

#include "llvm/elementwise.h"
#include "llvm/row_walk.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/places.h"

namespace tarry::codegen {
namespace {

using llvm::Value;
using Kind = GpuObject::Kind;

/// Columns by threads: a thread goes down its rows, element by element, as scans demand. What it keeps meanwhile lies
/// in global memory so that neighbours' values are neighbours.
class ThreadColumns : public Surroundings {
 public:
  ThreadColumns(llvm::Module& module, const GpuShape& shape, int index_bits)
      : plan_(shape.far_plan),
        objects_(shape.objects),
        live_(live_nodes(shape.kernel.body)),
        device_(module, shape, GpuFunction::scans, index_bits),
        frame_(device_.frame),
        b_(frame_.b),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, 1, &row_),
        outer_(device_, 0, shape.kernel.outer_rank),
        along_(device_, shape.kernel.outer_rank, shape.kernel.outer_rank + shape.kernel.row_rank),
        here_(
            device_, 1, shape.kernel.outer_rank - 1,
            [this](int access) { return origin_of(device_, access, outer_.offset(access)); },
            [this](int access) { return along_.offset(access); }) {}

  void emit() {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    pitch_ = device_.global_threads();
    column_ = device_.global_thread();
    active_ = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length_, frame_.number(ir::kReduceLanes));
    ThreadLanes origin(
        device_, 1, frame_.kernel.outer_rank - 1,
        [this](int access) { return origin_of(device_, access, outer_.offset(access)); },
        [this](int) { return b_.getInt64(0); });
    device_.strided_loop(column_, outer_.points(), pitch_, [&](Value* number) {
      outer_.set(number);
      row_.start_group();
      for (size_t p = 0; p < plan_.phases.size(); ++p) {
        row_.emit(living(plan_.phases[p].before), origin);
        emit_phase(plan_.phases[p]);
      }
      row_.emit(living(plan_.after), origin);
    });
    frame_.finish();
  }

  Value* load(int access, Value* predicate) override { return here_.load(access, predicate); }
  void store(int access, Value* value) override { here_.store(access, value); }
  Value* index(int access) override { return here_.index(access); }
  Value* load_at(int access, Value* distance, Value* predicate) override {
    return here_.load_at(access, distance, predicate);
  }

  void reduce(ir::Value node, Value* x) override {
    Value* operand = to_accumulator(b_, x, frame_.kernel.body.dtype(node));
    Value* place = element(node, Kind::lanes, b_.CreateAnd(number_, frame_.number(ir::kReduceLanes - 1)));
    Value* in_block = b_.CreateAnd(number_, frame_.number(ir::kReduceBlock - 1));
    Value* first = b_.CreateICmpSLT(in_block, frame_.number(ir::kReduceLanes));
    Variable sum = frame_.variable(operand->getType(), operand);
    frame_.if_then(b_.CreateNot(first), [&] {
      Value* older = b_.CreateLoad(operand->getType(), place);
      sum.set(b_, emit_fold(b_, frame_.kernel.body.op(node), accumulator(node), older, operand));
    });
    b_.CreateStore(sum.get(b_), place);
  }

  Value* scan(ir::Value node, Value* x) override {
    Variable& state = states_.at(static_cast<size_t>(std::find(scans_.begin(), scans_.end(), node) - scans_.begin()));
    const ir::DType t = frame_.kernel.body.dtype(node);
    Value* operand = to_accumulator(b_, x, t);
    Value* next = emit_fold(b_, frame_.kernel.body.op(node), accumulator(node), state.get(b_), operand);
    state.set(b_, next);
    return from_accumulator(b_, next, t);
  }

  void computed(ir::Value node, Value* value) override {
    if (std::find(plan_.kept.begin(), plan_.kept.end(), node) == plan_.kept.end()) return;
    b_.CreateStore(to_memory(b_, value, frame_.kernel.body.dtype(node)), element(node, Kind::kept, number_));
  }

 private:
  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }

  /// Of this thread's column of a scratch object.
  Value* element(ir::Value v, Kind kind, Value* row) {
    const ir::DType t = kind == Kind::kept ? frame_.kernel.body.dtype(v) : accumulator(v);
    for (size_t i = 0; i < objects_.size(); ++i) {
      if (objects_[i].value != v || objects_[i].kind != kind) continue;
      Value* place = b_.CreateAdd(b_.CreateMul(device_.wide(row), device_.wide(pitch_)), device_.wide(column_));
      return b_.CreateGEP(memory_type(b_.getContext(), t), device_.object(static_cast<int>(i)), place);
    }
    throw InternalError("a value without the scratch memory it needs");
  }

  void emit_phase(const ir::RowPlan::Phase& phase) {
    if (phase.elements.empty()) return;
    std::vector<ir::Value> reductions;
    scans_.clear();
    states_.clear();
    for (ir::Value v : phase.elements) {
      if (ir::is_reduce(frame_.kernel.body.op(v))) reductions.push_back(v);
      if (ir::class_of(frame_.kernel.body.op(v)) != ir::OpClass::scan) continue;
      llvm::Constant* none = identity(b_, frame_.kernel.body.op(v), accumulator(v), 1);
      scans_.push_back(v);
      states_.push_back(frame_.variable(none->getType(), none));
    }
    body_.start_group();
    body_.prepare(phase.elements);
    Variable block = frame_.variable(frame_.index_type, frame_.number(0));
    frame_.for_loop(frame_.number(0), length_, ir::kReduceBlock, [&](Value* begin) {
      Value* end = b_.CreateAdd(begin, frame_.number(ir::kReduceBlock));
      end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_);
      frame_.for_loop(begin, end, 1, [&](Value* number) {
        number_ = number;
        along_.set(number);
        body_.start_group();
        for (ir::Value v : phase.restored) {
          const ir::DType t = frame_.kernel.body.dtype(v);
          Value* back = b_.CreateLoad(memory_type(b_.getContext(), t), element(v, Kind::kept, number));
          body_.bind(v, to_register(b_, back, t));
        }
        body_.emit(phase.elements, *this);
      });
      for (ir::Value v : reductions) push_block(v, block.get(b_), b_.CreateSub(end, begin));
      block.set(b_, b_.CreateAdd(block.get(b_), frame_.number(1)));
    });
    for (ir::Value v : reductions) row_.bind(v, finish(v, block.get(b_)));
  }

  Value* level(ir::Value v, Value* k, Value* lane) {
    return element(v, Kind::levels, b_.CreateAdd(b_.CreateMul(k, active_), lane));
  }

  /// Lane by lane, where there is more than one block.
  void push_block(ir::Value v, Value* number, Value* elements) {
    llvm::Type* type = memory_type(b_.getContext(), accumulator(v));
    const ir::Op op = frame_.kernel.body.op(v);
    frame_.if_then(b_.CreateICmpSGT(length_, frame_.number(ir::kReduceBlock)), [&] {
      frame_.for_loop(frame_.number(0), active_, 1, [&](Value* lane) {
        Variable partial = frame_.variable(type, identity(b_, op, accumulator(v), 1));
        frame_.if_then(b_.CreateICmpSLT(lane, elements),
                       [&] { partial.set(b_, b_.CreateLoad(type, element(v, Kind::lanes, lane))); });
        Variable k = frame_.variable(frame_.index_type, frame_.number(0));
        auto bit_set = [&] { return b_.CreateTrunc(b_.CreateLShr(number, k.get(b_)), b_.getInt1Ty()); };
        frame_.while_loop(bit_set, [&] {
          Value* older = b_.CreateLoad(type, level(v, k.get(b_), lane));
          partial.set(b_, emit_fold(b_, op, accumulator(v), older, partial.get(b_)));
          k.set(b_, b_.CreateAdd(k.get(b_), frame_.number(1)));
        });
        b_.CreateStore(partial.get(b_), level(v, k.get(b_), lane));
      });
    });
  }

  Value* finish(ir::Value v, Value* blocks) {
    llvm::Type* type = memory_type(b_.getContext(), accumulator(v));
    const ir::Op op = frame_.kernel.body.op(v);
    frame_.if_then(b_.CreateICmpSGT(blocks, frame_.number(1)), [&] {
      frame_.for_loop(frame_.number(0), active_, 1, [&](Value* lane) {
        Value* lowest = b_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, blocks, b_.getTrue());
        Variable partial = frame_.variable(type, b_.CreateLoad(type, level(v, lowest, lane)));
        Variable k = frame_.variable(frame_.index_type, b_.CreateAdd(lowest, frame_.number(1)));
        auto left = [&] { return b_.CreateLShr(blocks, k.get(b_)); };
        frame_.while_loop([&] { return b_.CreateICmpNE(left(), frame_.number(0)); },
                          [&] {
                            frame_.if_then(b_.CreateTrunc(left(), b_.getInt1Ty()), [&] {
                              Value* older = b_.CreateLoad(type, level(v, k.get(b_), lane));
                              partial.set(b_, emit_fold(b_, op, accumulator(v), older, partial.get(b_)));
                            });
                            k.set(b_, b_.CreateAdd(k.get(b_), frame_.number(1)));
                          });
        b_.CreateStore(partial.get(b_), element(v, Kind::lanes, lane));
      });
    });
    // By 16, 8, 4, 2, 1; a lane that no row reaches is the identity and changes nothing.
    Variable step = frame_.variable(frame_.index_type, frame_.number(ir::kReduceLanes / 2));
    frame_.while_loop([&] { return b_.CreateICmpSGT(step.get(b_), frame_.number(0)); },
                      [&] {
                        Value* by = step.get(b_);
                        Value* pairs = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, by, b_.CreateSub(active_, by));
                        frame_.for_loop(frame_.number(0), pairs, 1, [&](Value* lane) {
                          Value* older = b_.CreateLoad(type, element(v, Kind::lanes, lane));
                          Value* newer = b_.CreateLoad(type, element(v, Kind::lanes, b_.CreateAdd(lane, by)));
                          b_.CreateStore(emit_fold(b_, op, accumulator(v), older, newer),
                                         element(v, Kind::lanes, lane));
                        });
                        step.set(b_, b_.CreateLShr(by, frame_.number(1)));
                      });
    Value* empty = b_.CreateICmpEQ(length_, frame_.number(0));
    Variable folded = frame_.variable(type, identity(b_, op, accumulator(v), 1));
    frame_.if_then(b_.CreateNot(empty),
                   [&] { folded.set(b_, b_.CreateLoad(type, element(v, Kind::lanes, frame_.number(0)))); });
    return finish_reduction(frame_, v, folded.get(b_), empty);
  }

  const ir::RowPlan& plan_;
  const std::vector<GpuObject>& objects_;
  const std::vector<bool> live_;
  Device device_;
  Frame& frame_;
  Builder& b_;
  Body uniform_, row_, body_;
  Places outer_, along_;
  ThreadLanes here_;
  std::vector<ir::Value> scans_;
  std::vector<Variable> states_;
  Value *length_ = nullptr, *pitch_ = nullptr, *column_ = nullptr, *active_ = nullptr;
  Value* number_ = nullptr;  // of the element at hand
};

}  // namespace

void emit_scans(llvm::Module& module, const GpuShape& shape, int index_bits) {
  ThreadColumns(module, shape, index_bits).emit();
}

}  // namespace tarry::codegen
