#include <tarry/ir/error.h>

#include <optional>

#include "llvm/points.h"
#include "llvm/row_walk.h"
#include "nvptx/block_walk.h"
#include "nvptx/emit.h"

namespace tarry::codegen {
namespace {

using llvm::Value;
using Kind = ScratchObject::Kind;

/// Row-level nodes are evaluated by every thread of the block, but stored by one.
class FirstThread : public Point {
 public:
  FirstThread(Device& device, std::function<Value*(int)> offset)
      : Point(device.frame, std::move(offset)), device_(device) {}
  void store(int access, Value* value) override {
    Value* first = device_.frame.b.CreateICmpEQ(device_.thread(), device_.frame.b.getInt64(0));
    device_.frame.if_then(first, [&] { Point::store(access, value); });
  }

 private:
  Device& device_;
};

/// What row and split kernels share: one thread block, one row at a time.
class BlockRows {
 public:
  BlockRows(llvm::Module& module, const ir::Kernel& kernel, const char* symbol)
      : plan_(ir::plan_rows(kernel)),
        objects_(scratch_objects(kernel, plan_)),
        live_(live_nodes(kernel.body)),
        device_(module, kernel, symbol, static_cast<int>(objects_.size())),
        frame_(device_.frame),
        b_(frame_.b),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, 1, &row_),
        outer_(frame_, outer_axes(kernel), all_accesses(kernel)) {
    if (const int64_t bytes = BlockWalk::shared_bytes(kernel, plan_)) device_.declare_shared(bytes);
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    blocks_ = b_.CreateLShr(b_.CreateAdd(length_, b_.getInt64(ir::kReduceBlock - 1)), b_.getInt64(9));
    rows_ = frame_.extent(0);
    for (int a = 1; a < kernel.outer_rank; ++a) rows_ = b_.CreateMul(rows_, frame_.extent(a));
    origin_.emplace(device_, offset());
  }

  void emit_whole_rows() {
    device_.strided_loop(device_.block(), rows_, device_.blocks(), [&](Value* row) {
      go_to(row);
      for (size_t p = 0; p < plan_.phases.size(); ++p) {
        row_.emit(living(plan_.phases[p].before), *origin_);
        emit_phase(static_cast<int>(p));
      }
      row_.emit(living(plan_.after), *origin_);
    });
    frame_.finish();
  }

  void emit_chunks() {
    require_one_walk();
    Value* chunk = frame_.word(device_.layout.chunk_blocks());
    Value* chunks = chunks_of(chunk);
    device_.strided_loop(device_.block(), b_.CreateMul(rows_, chunks), device_.blocks(), [&](Value* unit) {
      go_to(b_.CreateUDiv(unit, chunks));
      row_.emit(living(plan_.phases[0].before), *origin_);
      BlockWalk walk(device_, plan_, 0, kept());
      walk.start(body_, offset(), length_);
      Value* first = b_.CreateMul(b_.CreateURem(unit, chunks), chunk);
      Value* end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateAdd(first, chunk), blocks_);
      walk.run_blocks(body_, first, end);
      by_one_warp([&] {
        for (auto& f : walk.folds()) {
          Value* lanes = f->fold_levels(b_.CreateSub(end, first));
          b_.CreateStore(lanes, lane_of_chunk(*f, unit));
        }
      });
      device_.barrier();
    });
    frame_.finish();
  }

  void emit_finish() {
    require_one_walk();
    Value* chunk = frame_.word(device_.layout.chunk_blocks());
    Value* chunks = chunks_of(chunk);
    // The last chunk may be short of blocks; then it is no entry of the counter but what the levels fold onto.
    Value* whole = b_.CreateUDiv(blocks_, chunk);
    Value* incomplete = b_.CreateICmpNE(whole, chunks);
    device_.strided_loop(device_.block(), rows_, device_.blocks(), [&](Value* row) {
      go_to(row);
      row_.emit(living(plan_.phases[0].before), *origin_);
      BlockWalk walk(device_, plan_, 0, kept());
      Value* first = b_.CreateMul(row, chunks);
      by_one_warp([&] {
        for (auto& f : walk.folds()) {
          frame_.for_loop(b_.getInt64(0), whole, 1, [&](Value* number) {
            Value* lane = b_.CreateLoad(f->type(), lane_of_chunk(*f, b_.CreateAdd(first, number)));
            f->push(lane, number, b_.getInt64(0));
          });
          f->finish(f->fold_levels_onto(whole, incomplete, lane_of_chunk(*f, b_.CreateAdd(first, whole))), empty());
        }
      });
      device_.barrier();
      for (auto& f : walk.folds()) row_.bind(f->node(), f->result());
      device_.barrier();
      row_.emit(living(plan_.after), *origin_);
    });
    frame_.finish();
  }

 private:
  static std::vector<int> outer_axes(const ir::Kernel& k) {
    std::vector<int> axes;
    for (int a = 0; a < k.outer_rank; ++a) axes.push_back(a);
    return axes;
  }
  static std::vector<int> all_accesses(const ir::Kernel& k) {
    std::vector<int> all;
    for (size_t a = 0; a < k.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    return all;
  }

  std::function<Value*(int)> offset() {
    return [this](int access) { return outer_.offset(access); };
  }
  Value* empty() { return b_.CreateICmpEQ(length_, b_.getInt64(0)); }
  Value* chunks_of(Value* chunk) {
    return b_.CreateUDiv(b_.CreateSub(b_.CreateAdd(blocks_, chunk), b_.getInt64(1)), chunk);
  }
  void go_to(Value* row) {
    outer_.set(row);
    row_.start_group();
  }
  void by_one_warp(const std::function<void()>& body) {
    frame_.if_then(b_.CreateICmpEQ(device_.warp(), b_.getInt64(0)), body);
  }
  void require_one_walk() const {
    if (plan_.phases.size() != 1) throw InternalError("a split kernel has one walk along its rows");
  }

  void emit_phase(int p) {
    if (plan_.phases[p].elements.empty()) return;
    BlockWalk walk(device_, plan_, p, kept());
    walk.start(body_, offset(), length_);
    if (!walk.reduces() && !walk.in_order()) {
      walk.run_free(body_);
      // Others read what this walk keeps or stores.
      device_.barrier();
      return;
    }
    walk.run_blocks(body_, b_.getInt64(0), blocks_);
    by_one_warp([&] {
      for (auto& f : walk.folds()) f->finish(f->fold_levels(blocks_), empty());
    });
    device_.barrier();
    for (auto& f : walk.folds()) row_.bind(f->node(), f->result());
    device_.barrier();
  }

  Value* object(ir::Value v, Kind kind) {
    for (size_t i = 0; i < objects_.size(); ++i)
      if (objects_[i].value == v && objects_[i].kind == kind) return device_.object(static_cast<int>(i));
    throw InternalError("a value without the scratch memory it needs");
  }

  /// A row of kept elements for each thread block.
  std::function<Value*(ir::Value)> kept() {
    return [this](ir::Value v) {
      const int bytes = scratch_bytes(frame_.kernel.body.dtype(v));
      Value* row = b_.CreateMul(device_.block(), length_);
      return frame_.byte_offset(object(v, Kind::kept), b_.CreateMul(row, b_.getInt64(bytes)));
    };
  }

  Value* lane_of_chunk(const BlockFold& f, Value* chunk) {
    Value* element = b_.CreateAdd(b_.CreateMul(chunk, b_.getInt64(ir::kReduceLanes)), device_.lane());
    return b_.CreateGEP(f.type(), object(f.node(), Kind::lanes), element);
  }

  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  const ir::RowPlan plan_;
  const std::vector<ScratchObject> objects_;
  const std::vector<bool> live_;
  Device device_;
  Frame& frame_;
  Builder& b_;
  Body uniform_, row_, body_;
  Odometer outer_;
  std::optional<FirstThread> origin_;
  Value *length_ = nullptr, *blocks_ = nullptr, *rows_ = nullptr;
};

}  // namespace

void emit_gpu_row(llvm::Module& module, const ir::Kernel& kernel) {
  BlockRows(module, kernel, kKernelSymbol).emit_whole_rows();
}

void emit_gpu_split(llvm::Module& module, const ir::Kernel& kernel) {
  BlockRows(module, kernel, kKernelSymbol).emit_chunks();
  BlockRows(module, kernel, kFinishSymbol).emit_finish();
}

}  // namespace tarry::codegen
