#include <tarry/ir/error.h>

#include <map>
#include <optional>

#include "llvm/elementwise.h"
#include "llvm/row_walk.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/team_walk.h"

namespace tarry::codegen {
namespace {

using llvm::Value;
using Kind = GpuObject::Kind;

constexpr int kWarpShift = 5;
constexpr int kBlockShift = 8;
/// The compute capability from which on an instruction finds an extremum and passes NaN on.
constexpr int kLooseExtrema = 80;

/// Teams and their rows: what the functions of row and split kernels share.
class TeamRows {
 public:
  TeamRows(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int sm, int index_bits)
      : shape_(shape),
        loose_(sm >= kLooseExtrema),
        function_(function.function),
        phase_(function.phase),
        plan_(keeps_far() ? shape.far_plan : shape.plan),
        live_(live_nodes(shape.kernel.body)),
        device_(module, shape, function, index_bits),
        frame_(device_.frame),
        b_(frame_.b),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, lanes(), &row_),
        single_(frame_, 1, &row_),
        outer_(device_, 0, shape.kernel.outer_rank) {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    const bool by_block = function_ == GpuFunction::finish_rows || in_parts();
    const int fixed = by_block ? kBlockShift : shape.scans ? kWarpShift : -1;
    team_.emplace(device_, lanes(), fixed);
    length_ = row_length(frame_);
    rows_ = outer_.points();
  }

  void emit_walks() {
    if (shape_.chunks)
      emit_chunks();
    else
      emit_whole_rows();
    frame_.finish();
  }

  void emit_finish() {
    Value* chunks = frame_.index_word(device_.layout.chunks());
    over_rows(rows_, [&](Value* row) {
      begin_row(row);
      row_.emit(living(plan_.phases[0].before), *origin_);
      for (ir::Value v : reductions_of(frame_.kernel, plan_, 0))
        bind(v, fold_chunks(v, b_.CreateMul(row, chunks), chunks));
      row_.emit(living(plan_.after), *origin_);
    });
    frame_.finish();
  }

  /// One walk of rows that are walked several times, in chunks. What it needs of earlier walks lies in scratch memory.
  void emit_walk_of_chunks() {
    Value* chunks = frame_.index_word(device_.layout.chunks());
    Value* shift = b_.CreateAdd(frame_.index_word(device_.layout.chunk()), team_->runs_shift());
    over_rows(b_.CreateMul(rows_, chunks), [&](Value* unit) {
      Value* row = b_.CreateUDiv(unit, chunks);
      Value* chunk = b_.CreateSub(unit, b_.CreateMul(row, chunks));
      begin_row(row);
      emit_before(phase_, row);
      TeamWalk walk(device_, *team_, plan_, phase_, row_origin(), [&](ir::Value v) { return kept_row(v, row); });
      walk.run(body_, single(), run_from(b_.CreateShl(chunk, shift)));
      if (walk.reduces()) return leave_lanes(walk, unit);
      if (!is_last()) return;
      origin_->guard(b_.CreateAnd(stores_, b_.CreateICmpEQ(chunk, frame_.number(0))));
      emit_rest();
    });
    frame_.finish();
  }

  void emit_fold_of_chunks() {
    Value* chunks = frame_.index_word(device_.layout.chunks());
    over_rows(rows_, [&](Value* row) {
      begin_row(row);
      if (is_last()) emit_before(phase_, row);
      for (ir::Value v : reductions_of(frame_.kernel, plan_, phase_)) {
        Value* folded = fold_chunks(v, b_.CreateMul(row, chunks), chunks);
        frame_.if_then(stores_, [&] { b_.CreateStore(folded, folded_place(v, row)); });
        if (is_last()) bind(v, folded);
      }
      if (is_last()) emit_rest();
    });
    frame_.finish();
  }

 private:
  bool in_parts() const { return function_ == GpuFunction::walk_chunks || function_ == GpuFunction::fold_chunks; }
  bool keeps_far() const { return function_ == GpuFunction::rows_far || in_parts(); }
  /// Whether no later walk has elements.
  bool is_last() const {
    for (size_t p = static_cast<size_t>(phase_) + 1; p < plan_.phases.size(); ++p)
      if (!plan_.phases[p].elements.empty()) return false;
    return true;
  }

  /// The row-level values ahead of a walk.
  void emit_before(int phase, Value* row) {
    for (int p = 0; p <= phase; ++p) {
      row_.emit(living(plan_.phases[p].before), *origin_);
      if (p < phase) bind_folded(p, row);
    }
  }
  /// Those behind the last one, row-level stores too, where the reductions of this phase are known.
  void emit_rest() {
    for (size_t p = static_cast<size_t>(phase_) + 1; p < plan_.phases.size(); ++p)
      row_.emit(living(plan_.phases[p].before), *origin_);
    row_.emit(living(plan_.after), *origin_);
  }
  void bind_folded(int phase, Value* row) {
    for (ir::Value v : reductions_of(frame_.kernel, plan_, phase))
      bind(v, b_.CreateLoad(memory_type(b_.getContext(), accumulator(v)), folded_place(v, row)));
  }
  Value* folded_place(ir::Value v, Value* row) {
    return b_.CreateGEP(memory_type(b_.getContext(), accumulator(v)), object(v, Kind::folded), row);
  }

  int lanes() const { return function_ == GpuFunction::rows_wide ? shape_.lanes : 1; }
  ir::DType accumulator(ir::Value v) const { return ir::accumulator(frame_.kernel.body.dtype(v)); }

  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  /// body(unit) for units [0, count), one for each team. Teams of a block stay together for its barriers: those without
  /// a unit repeat the last one, as if its row had no elements, and store nothing.
  void over_rows(Value* count, const std::function<void(Value*)>& body) {
    Value* per_block = team_->per_block();
    Value* step = b_.CreateMul(device_.blocks(), per_block);
    device_.strided_loop(b_.CreateMul(device_.block(), per_block), count, step, [&](Value* first) {
      Value* unit = b_.CreateAdd(first, team_->number());
      active_ = b_.CreateICmpSLT(unit, count);
      body(b_.CreateSelect(active_, unit, b_.CreateSub(count, frame_.number(1))));
    });
  }

  void begin_row(Value* row) {
    outer_.set(row);
    origins_.assign(frame_.kernel.accesses.size(), nullptr);
    for (int a = 0; a < static_cast<int>(origins_.size()); ++a) origins_[a] = origin_of(device_, a, outer_.offset(a));
    // Row-level nodes are evaluated by every thread of a team, but stored by one.
    origin_.emplace(device_, 1, frame_.kernel.outer_rank - 1, row_origin(), [this](int) { return b_.getInt64(0); });
    stores_ = b_.CreateAnd(active_, team_->leads());
    origin_->guard(stores_);
    row_.start_group();
    own_length_ = b_.CreateSelect(active_, length_, frame_.number(0));
  }
  ThreadLanes::ByAccess row_origin() {
    return [this](int access) { return origins_[access]; };
  }

  void emit_whole_rows() {
    // Ahead of branches and loops, so that all walks find it there.
    for (ir::Value v : plan_.kept) kept_[v.id] = kept_row(v, slot_of_team());
    over_rows(rows_, [&](Value* row) {
      begin_row(row);
      whole_row_ = run_from(frame_.number(0));
      for (size_t p = 0; p < plan_.phases.size(); ++p) {
        row_.emit(living(plan_.phases[p].before), *origin_);
        if (plan_.phases[p].elements.empty()) continue;
        if (may_be_loose(static_cast<int>(p)))
          walk_twice(static_cast<int>(p));
        else
          walk_whole_row(static_cast<int>(p), [&](ir::Value v, Value* folded) { bind(v, folded); });
      }
      row_.emit(living(plan_.after), *origin_);
    });
  }

  using TakeFolded = std::function<void(ir::Value, Value*)>;
  void walk_whole_row(int phase, const TakeFolded& take) {
    TeamWalk walk(device_, *team_, plan_, phase, row_origin(), [this](ir::Value v) { return kept_.at(v.id); });
    walk.run(body_, single(), whole_row_);
    for (ir::Value v : walk.reductions()) take(v, walk.result(v));
  }

  /// Whether a walk has but maxima and minima of float32, and can be made again.
  bool may_be_loose(int phase) const {
    const ir::Graph& g = frame_.kernel.body;
    bool any = false;
    if (!plan_.phases[phase].restored.empty()) return false;
    for (ir::Value v : plan_.phases[phase].elements) {
      if (g.op(v) == ir::Op::store || ir::is_store_at(g.op(v))) return false;
      if (!ir::is_reduce(g.op(v))) continue;
      const ir::Op by = ir::fold_op(g.op(v));
      if ((by != ir::Op::max && by != ir::Op::min) || accumulator(v) != ir::DType::float32) return false;
      any = true;
    }
    return any && loose_ && !shape_.scans;
  }

  /// An extremum that is neither a NaN nor a zero has the same bits however it is found: by a warp in one instruction
  /// for each element. Only where it is one of these, or in other teams, the order counts.
  void walk_twice(int phase) {
    std::map<uint32_t, Variable> folded;
    for (ir::Value v : reductions_of(frame_.kernel, plan_, phase))
      folded[v.id] = frame_.variable(memory_type(b_.getContext(), accumulator(v)));
    auto take = [&](ir::Value v, Value* result) { folded.at(v.id).set(b_, result); };
    llvm::BasicBlock* loose = frame_.block("loose");
    llvm::BasicBlock* exact = frame_.block("exact");
    llvm::BasicBlock* settled = frame_.block("settled");
    b_.CreateCondBr(team_->is_warp(), loose, exact);
    b_.SetInsertPoint(loose);
    device_.extrema_are_loose(true);
    Value* all = b_.getTrue();
    walk_whole_row(phase, [&](ir::Value v, Value* result) {
      take(v, result);
      all = b_.CreateAnd(all, b_.CreateFCmpONE(result, llvm::ConstantFP::get(result->getType(), 0)));
    });
    device_.extrema_are_loose(false);
    b_.CreateCondBr(all, settled, exact);
    b_.SetInsertPoint(exact);
    walk_whole_row(phase, take);
    b_.CreateBr(settled);
    b_.SetInsertPoint(settled);
    for (ir::Value v : reductions_of(frame_.kernel, plan_, phase)) bind(v, folded.at(v.id).get(b_));
  }

  /// What this thread takes where the runs of its team begin at block `first`.
  TeamWalk::Run run_from(Value* first) {
    Value* shift = frame_.index_word(device_.layout.chunk());
    Value* mine = b_.CreateAdd(first, b_.CreateShl(team_->run(), shift));
    Value* blocks = b_.CreateShl(frame_.number(1), shift);
    Value* all = b_.CreateAShr(b_.CreateAdd(own_length_, frame_.number(ir::kReduceBlock - 1)), frame_.number(9));
    Value* end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateAdd(mine, blocks), all);
    return {mine, end, own_length_, b_.CreateICmpSGT(blocks, frame_.number(1))};
  }
  Body* single() { return lanes() > 1 ? &single_ : nullptr; }

  /// A team for each chunk of a row. Where a row is one chunk this is all, else its lanes are left to `finish_rows`.
  void emit_chunks() {
    Value* chunks = frame_.index_word(device_.layout.chunks());
    Value* whole = b_.CreateICmpEQ(chunks, frame_.number(1));
    Value* shift = b_.CreateAdd(frame_.index_word(device_.layout.chunk()), team_->runs_shift());
    over_rows(b_.CreateMul(rows_, chunks), [&](Value* unit) {
      Value* row = b_.CreateUDiv(unit, chunks);
      begin_row(row);
      row_.emit(living(plan_.phases[0].before), *origin_);
      TeamWalk walk(device_, *team_, plan_, 0, row_origin(), {});
      walk.run(body_, single(), run_from(b_.CreateShl(b_.CreateSub(unit, b_.CreateMul(row, chunks)), shift)));
      frame_.if_then(b_.CreateNot(whole), [&] { leave_lanes(walk, unit); });
      frame_.if_then(whole, [&] {
        for (ir::Value v : walk.reductions()) bind(v, walk.result(v));
        row_.emit(living(plan_.after), *origin_);
      });
    });
  }

  /// By the first warp.
  void leave_lanes(TeamWalk& walk, Value* unit) {
    Value* first = b_.CreateICmpSLT(team_->rank(), frame_.number(kWarpThreads));
    for (ir::Value v : walk.reductions()) {
      Value* lane = walk.lane(v);
      frame_.if_then(b_.CreateAnd(first, active_), [&] { b_.CreateStore(lane, chunk_lane(v, unit, device_.lane())); });
    }
  }

  Value* chunk_lane(ir::Value v, Value* chunk, Value* lane) {
    Value* element = b_.CreateAdd(b_.CreateMul(chunk, frame_.number(ir::kReduceLanes)), lane);
    return b_.CreateGEP(memory_type(b_.getContext(), accumulator(v)), object(v, Kind::lanes), element);
  }

  /// Every warp folds a run of chunks, eight at a time; runs are powers of two, missing chunks are the identity.
  Value* fold_chunks(ir::Value v, Value* first, Value* chunks) {
    const ir::Op op = frame_.kernel.body.op(v);
    const ir::DType t = accumulator(v);
    llvm::Type* type = memory_type(b_.getContext(), t);
    llvm::Constant* none = identity(b_, op, t, 1);
    Value* per_warp = frame_.index_word(device_.layout.chunk());
    Value* begin = b_.CreateMul(device_.warp(), per_warp);
    Value* end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateAdd(begin, per_warp), chunks);
    LaneCounter counter(frame_, op, t, 1);
    Variable groups = frame_.variable(frame_.index_type, frame_.number(0));
    frame_.for_loop(begin, end, kChunksAtOnce, [&](Value* group) {
      llvm::SmallVector<Value*, kChunksAtOnce> lanes;
      for (int i = 0; i < kChunksAtOnce; ++i) {
        Value* chunk = b_.CreateAdd(group, frame_.number(i));
        Value* there = b_.CreateICmpSLT(chunk, end);
        Variable lane = frame_.variable(type, none);
        frame_.if_then(there, [&] {
          lane.set(b_, b_.CreateLoad(type, chunk_lane(v, b_.CreateAdd(first, chunk), device_.lane())));
        });
        lanes.push_back(lane.get(b_));
      }
      for (size_t n = lanes.size(); n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; ++i) lanes[i] = emit_fold(b_, op, t, lanes[2 * i], lanes[2 * i + 1]);
      counter.push(lanes[0], groups.get(b_));
      groups.set(b_, b_.CreateAdd(groups.get(b_), frame_.number(1)));
    });
    return team_->fold(op, t, counter.fold(groups.get(b_)));
  }

  void bind(ir::Value v, Value* folded) {
    row_.bind(v, finish_reduction(frame_, v, folded, b_.CreateICmpEQ(length_, frame_.number(0))));
  }

  Value* object(ir::Value v, Kind kind) {
    for (size_t i = 0; i < shape_.objects.size(); ++i)
      if (shape_.objects[i].value == v && shape_.objects[i].kind == kind) return device_.object(static_cast<int>(i));
    throw InternalError("a value without the scratch memory it needs");
  }

  /// Of a row for each team: in shared memory for those of a block, else in scratch memory for those of the grid.
  Value* slot_of_team() {
    Value* slot = team_->number();
    return keeps_far() ? b_.CreateAdd(b_.CreateMul(device_.block(), team_->per_block()), slot) : slot;
  }
  /// Of the row in a slot of the memory for kept values.
  Value* kept_row(ir::Value v, Value* slot) {
    const auto bytes = static_cast<uint64_t>(scratch_bytes(frame_.kernel.body.dtype(v)));
    Value* row = b_.CreateMul(device_.wide(slot), device_.wide(frame_.index_word(device_.layout.pitch())));
    Value* begin = keeps_far() ? object(v, Kind::kept) : near_object(v);
    return frame_.byte_offset(begin, b_.CreateMul(row, b_.getInt64(bytes)));
  }

  Value* near_object(ir::Value v) {
    for (size_t i = 0; i < shape_.plan.kept.size(); ++i)
      if (shape_.plan.kept[i] == v)
        return frame_.byte_offset(device_.dynamic_shared(), frame_.word(device_.layout.object(shape_.near_of[i])));
    throw InternalError("a value without the shared memory it needs");
  }

  static constexpr int kChunksAtOnce = 8;

  const GpuShape& shape_;
  const bool loose_;
  const GpuFunction function_;
  const int phase_;
  const ir::RowPlan& plan_;
  const std::vector<bool> live_;
  Device device_;
  Frame& frame_;
  Builder& b_;
  Body uniform_, row_, body_, single_;
  Places outer_;
  std::optional<Team> team_;
  std::optional<ThreadLanes> origin_;
  std::vector<Value*> origins_;      // of the row at hand, by access
  std::map<uint32_t, Value*> kept_;  // where the team keeps its row, by value
  TeamWalk::Run whole_row_{};        // of the row at hand
  Value *length_ = nullptr, *own_length_ = nullptr, *rows_ = nullptr;
  Value* active_ = nullptr;  // whether this team has a row
  Value* stores_ = nullptr;  // whether this thread stores the row's values
};

}  // namespace

void emit_rows(llvm::Module& module, const GpuShape& shape, GpuFunction function, int sm, int index_bits) {
  TeamRows(module, shape, function, sm, index_bits).emit_walks();
}

void emit_part_of_rows(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits) {
  TeamRows rows(module, shape, function, 0, index_bits);
  if (function.function == GpuFunction::walk_chunks)
    rows.emit_walk_of_chunks();
  else
    rows.emit_fold_of_chunks();
}

void emit_finish_rows(llvm::Module& module, const GpuShape& shape, int index_bits) {
  TeamRows(module, shape, GpuFunction::finish_rows, 0, index_bits).emit_finish();
}

}  // namespace tarry::codegen
