#include "llvm/schedules.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/places.h"
#include "nvptx/scatter.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

std::vector<ir::Value> nodes_at(const std::vector<ir::Level>& level, ir::Level at, const std::vector<bool>& live) {
  std::vector<ir::Value> nodes;
  for (uint32_t id = 0; id < level.size(); ++id)
    if (level[id] == at && live[id]) nodes.push_back({id});
  return nodes;
}

/// A grid-stride loop over groups of neighbours, and one over the points that belong to no group.
class Points {
 public:
  Points(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits)
      : device_(module, shape, function, index_bits),
        frame_(device_.frame),
        live_(live_nodes(shape.kernel.body)),
        level_(levels_along_outer(shape.kernel)),
        lines_(nodes_at(level_, ir::Level::row, live_)),
        elements_(nodes_at(level_, ir::Level::element, live_)),
        uniform_(frame_, 1),
        line_(frame_, 1, &uniform_),
        function_(function),
        at_(device_, 0, shape.kernel.outer_rank) {
    emit_uniforms(frame_, uniform_, level_, live_);
    if (one_line()) emit_line();
  }

  void emit() {
    Builder& b = frame_.b;
    const int lanes = device_.shape.lanes;
    Value* done = frame_.number(0);
    if (lanes > 1) {
      Value* groups = frame_.index_word(device_.layout.groups());
      emit_loop(lanes, 1, groups, done);
      done = b.CreateMul(groups, frame_.number(lanes));
      return_if(b.CreateICmpEQ(done, frame_.extent(last_axis())));
    }
    if (device_.shape.tiles) {
      Value* tiles = frame_.index_word(device_.layout.tiles());
      emit_loop(kTileLanes, kWarpThreads, tiles, done);
      done = b.CreateAdd(done, b.CreateMul(tiles, frame_.number(kTileLanes * kWarpThreads)));
    }
    emit_loop(1, 1, b.CreateSub(frame_.extent(last_axis()), done), done);
    frame_.finish();
  }

  /// The thread that has the first pair of a place visits all points that have this place.
  void emit_sorted() {
    Builder& b = frame_.b;
    Pairs pairs(device_, 0);
    Body body(frame_, 1, &line_);
    Scatter around(device_, 1, last_axis(), origin(), along(), 1, function_);
    Value* total = at_.points();
    Variable next = frame_.variable(frame_.index_type);
    Variable more = frame_.variable(b.getInt1Ty());
    device_.strided_loop(device_.global_thread(), total, device_.global_threads(), [&](Value* first) {
      Value* key = pairs.key(first);
      Value* is_start = b.CreateICmpEQ(first, frame_.number(0));
      Value* before = b.CreateSelect(is_start, first, b.CreateSub(first, frame_.number(1)));
      next.set(b, first);
      more.set(b, b.CreateOr(is_start, b.CreateICmpNE(pairs.key(before), key)));
      frame_.while_loop([&] { return more.get(b); },
                        [&] {
                          Value* number = pairs.number(next.get(b));
                          at_.set(number);
                          visit(body, around, number);
                          Value* at = b.CreateAdd(next.get(b), frame_.number(1));
                          Value* inside = b.CreateICmpSLT(at, total);
                          next.set(b, b.CreateSelect(inside, at, first));
                          more.set(b, b.CreateAnd(inside, b.CreateICmpEQ(pairs.key(next.get(b)), key)));
                        });
    });
    frame_.finish();
  }

 private:
  int last_axis() const { return frame_.kernel.outer_rank - 1; }
  bool one_line() const { return frame_.kernel.outer_rank == 1; }
  ThreadLanes::ByAccess origin() {
    return [this](int access) { return origin_of(device_, access, frame_.b.getInt64(0)); };
  }
  ThreadLanes::ByAccess along() {
    return [this](int access) {
      Value* ahead = ahead_.empty() ? nullptr : ahead_[static_cast<size_t>(access)];
      return ahead ? ahead : at_.offset(access);
    };
  }

  /// Where all threads agree.
  void return_if(Value* condition) {
    Builder& b = frame_.b;
    llvm::BasicBlock* all_done = frame_.block("all.done");
    llvm::BasicBlock* rest = frame_.block("rest");
    b.CreateCondBr(condition, all_done, rest);
    b.SetInsertPoint(all_done);
    b.CreateRetVoid();
    b.SetInsertPoint(rest);
  }

  void emit_line() {
    ThreadLanes first(device_, 1, last_axis(), origin(), along());
    if (one_line()) at_.set_last(frame_.number(0));
    line_.start_group();
    line_.emit(lines_, first);
  }

  /// `count` groups in each line, from `first` on: of neighbours, or of points as far apart as a warp has threads,
  /// which take `gap` groups together.
  void emit_loop(int lanes, int gap, Value* count, Value* first) {
    Builder& b = frame_.b;
    Body body(frame_, lanes, &line_);
    Scatter around(device_, lanes, last_axis(), origin(), along(), gap, function_);
    Value* total = b.CreateMul(b.CreateMul(at_.lines(), count), frame_.number(gap));
    device_.strided_loop(device_.global_thread(), total, device_.global_threads(), [&](Value* number) {
      at_.set(gap == 1 ? number : b.CreateUDiv(number, frame_.number(gap)), count);
      at_.scale_last(lanes * gap);
      const auto* begin = llvm::dyn_cast<llvm::ConstantInt>(first);
      if (gap > 1 || !begin || !begin->isZero()) {
        Value* at = at_.last();
        if (gap > 1) at = b.CreateAdd(at, device_.lane());
        at_.set_last(b.CreateAdd(first, at));
      }
      visit(body, around, number);
    });
  }

  /// Here, at the point with this number.
  void visit(Body& body, Scatter& around, Value* number) {
    around.start(number);
    if (!one_line()) emit_line();
    find_stores();
    body.start_group();
    body.prepare(elements_);
    body.emit(elements_, around);
    ahead_.clear();
  }

  /// Where a point's stores go, ahead of the branches of indices that lie outside: LLVM multiplies places with strides
  /// at their full width where it does not see in the same block how wide they were.
  void find_stores() {
    if (!device_.layout.looks_at_indices) return;
    const std::vector<ir::Access>& accesses = frame_.kernel.accesses;
    std::vector<Value*> offsets(accesses.size());
    for (size_t a = 0; a < accesses.size(); ++a)
      if (accesses[a].kind == ir::Access::Kind::write) offsets[a] = at_.offset(static_cast<int>(a));
    ahead_ = std::move(offsets);
  }

  Device device_;
  Frame& frame_;
  const std::vector<bool> live_;
  const std::vector<ir::Level> level_;
  const std::vector<ir::Value> lines_, elements_;
  Body uniform_, line_;
  const GpuFunctionOf function_;
  Places at_;
  std::vector<Value*> ahead_;  // by access: offsets of the present point that were found before
};

}  // namespace

void emit_points(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits) {
  Points(module, shape, function, index_bits).emit();
}

void emit_fold_points(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits) {
  Points(module, shape, function, index_bits).emit_sorted();
}

}  // namespace tarry::codegen
