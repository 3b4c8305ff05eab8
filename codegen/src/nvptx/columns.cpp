#include <optional>

#include "llvm/row_walk.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/grid_walk.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

/// Thread blocks and their columns: what the functions of column kernels share.
class Columns {
 public:
  Columns(llvm::Module& module, const GpuShape& shape, GpuFunction function, int index_bits)
      : shape_(shape),
        function_(function),
        plan_(shape.far_plan),
        live_(live_nodes(shape.kernel.body)),
        device_(module, shape, function, index_bits),
        frame_(device_.frame),
        b_(frame_.b),
        uniform_(frame_, 1),
        row_(frame_, lanes(), &uniform_),
        body_(frame_, lanes(), &row_),
        outer_(device_, 0, shape.kernel.outer_rank) {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    grid_.emplace(device_, lanes());
    length_ = row_length(frame_);
    blocks_ = b_.CreateAShr(b_.CreateAdd(length_, frame_.number(ir::kReduceBlock - 1)), frame_.number(9));
    Value* last = frame_.extent(shape.kernel.outer_rank - 1);
    width_ = lanes() > 1 ? b_.CreateUDiv(last, frame_.number(lanes())) : last;
    groups_ = b_.CreateMul(outer_.lines(), width_);
  }

  void emit_walks() {
    if (!shape_.chunks) {
      over_tiles(groups_, [&](Value* tile, Value*) { emit_columns(tile); });
    } else {
      Value* chunks = frame_.index_word(device_.layout.chunks());
      over_tiles(
          groups_, [&](Value* tile, Value* chunk) { emit_chunk(tile, chunk, chunks); }, chunks);
    }
    frame_.finish();
  }

  void emit_finish() {
    Value* chunks = frame_.index_word(device_.layout.chunks());
    over_tiles(groups_, [&](Value* tile, Value*) {
      begin_column(tile);
      emit_level(plan_.phases[0].before);
      GridWalk walk = walk_of(0);
      walk.run_chunks(b_.CreateSelect(grid_->active, chunks, frame_.number(0)));
      bind_reductions(walk);
      emit_level(plan_.after);
    });
    frame_.finish();
  }

 private:
  int lanes() const { return function_ == GpuFunction::columns_wide ? shape_.lanes : 1; }

  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  /// body(first column group of a tile, chunk)
  void over_tiles(Value* groups, const std::function<void(Value*, Value*)>& body, Value* chunks = nullptr) {
    Value* less = b_.CreateSub(grid_->columns, frame_.number(1));
    Value* tiles = b_.CreateLShr(b_.CreateAdd(groups, less), grid_->column_shift);
    Value* units = chunks ? b_.CreateMul(tiles, chunks) : tiles;
    device_.strided_loop(device_.block(), units, device_.blocks(), [&](Value* unit) {
      Value* tile = chunks ? b_.CreateUDiv(unit, chunks) : unit;
      Value* chunk = chunks ? b_.CreateSub(unit, b_.CreateMul(tile, chunks)) : frame_.number(0);
      body(b_.CreateShl(tile, grid_->column_shift), chunk);
    });
  }

  /// Threads beyond the last column repeat it, as if it had no elements, and store nothing.
  void begin_column(Value* first) {
    Value* group = b_.CreateAdd(first, grid_->column);
    grid_->active = b_.CreateICmpSLT(group, groups_);
    group = b_.CreateSelect(grid_->active, group, b_.CreateSub(groups_, frame_.number(1)));
    grid_->number = b_.CreateMul(group, frame_.number(lanes()));
    outer_.set(group, width_);
    outer_.set_last(b_.CreateMul(outer_.last(), frame_.number(lanes())));
    origins_.assign(frame_.kernel.accesses.size(), nullptr);
    for (int a = 0; a < static_cast<int>(origins_.size()); ++a) origins_[a] = origin_of(device_, a, outer_.offset(a));
    origin_.emplace(device_, lanes(), frame_.kernel.outer_rank - 1, column_origin(),
                    [this](int) { return b_.getInt64(0); });
    origin_->guard(b_.CreateAnd(grid_->active, b_.CreateICmpEQ(grid_->rank, frame_.number(0))));
    row_.start_group();
    own_length_ = b_.CreateSelect(grid_->active, length_, frame_.number(0));
  }
  ThreadLanes::ByAccess column_origin() {
    return [this](int access) { return origins_[access]; };
  }
  /// Row-level nodes.
  void emit_level(const std::vector<ir::Value>& nodes) {
    const std::vector<ir::Value> some = living(nodes);
    row_.prepare(some);
    row_.emit(some, *origin_);
  }
  GridWalk walk_of(size_t p) { return {device_, *grid_, plan_, static_cast<int>(p), column_origin()}; }

  void emit_columns(Value* tile) {
    begin_column(tile);
    for (size_t p = 0; p < plan_.phases.size(); ++p) {
      emit_level(plan_.phases[p].before);
      if (plan_.phases[p].elements.empty()) continue;
      GridWalk walk = walk_of(p);
      if (walk.reduces())
        walk.run_lanes(body_, frame_.number(0), blocks_, own_length_);
      else
        walk.run_free(body_, own_length_);
      bind_reductions(walk);
    }
    emit_level(plan_.after);
  }

  /// Where a column is one chunk this is all, else its lanes are left to `finish_columns`.
  void emit_chunk(Value* tile, Value* chunk, Value* chunks) {
    begin_column(tile);
    emit_level(plan_.phases[0].before);
    Value* size = frame_.index_word(device_.layout.chunk());
    Value* first = b_.CreateMul(chunk, size);
    Value* end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateAdd(first, size), blocks_);
    Value* whole = b_.CreateICmpEQ(chunks, frame_.number(1));
    GridWalk walk = walk_of(0);
    walk.leave_lanes_to(chunk, b_.CreateAnd(b_.CreateNot(whole), grid_->active));
    walk.run_lanes(body_, first, end, own_length_);
    frame_.if_then(whole, [&] {
      bind_reductions(walk);
      emit_level(plan_.after);
    });
  }

  void bind_reductions(GridWalk& walk) {
    Value* empty = b_.CreateICmpEQ(length_, frame_.number(0));
    for (ir::Value v : walk.reductions())
      row_.bind(v, finish_reduction(frame_, v, walk.result(v), splat(b_, empty, lanes())));
  }

  const GpuShape& shape_;
  const GpuFunction function_;
  const ir::RowPlan& plan_;
  const std::vector<bool> live_;
  Device device_;
  Frame& frame_;
  Builder& b_;
  Body uniform_, row_, body_;
  Places outer_;
  std::optional<ColumnGrid> grid_;
  std::optional<ThreadLanes> origin_;
  std::vector<Value*> origins_;  // of the column at hand, by access
  Value *length_ = nullptr, *own_length_ = nullptr, *blocks_ = nullptr, *width_ = nullptr, *groups_ = nullptr;
};

}  // namespace

void emit_columns(llvm::Module& module, const GpuShape& shape, GpuFunction function, int index_bits) {
  Columns(module, shape, function, index_bits).emit_walks();
}

void emit_finish_columns(llvm::Module& module, const GpuShape& shape, int index_bits) {
  Columns(module, shape, GpuFunction::finish_columns, index_bits).emit_finish();
}

}  // namespace tarry::codegen
