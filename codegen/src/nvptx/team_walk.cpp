#include "nvptx/team_walk.h"

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;

TeamWalk::TeamWalk(Device& device, Team& team, const ir::RowPlan& plan, int phase, ByAccess row, const Kept& kept)
    : ThreadLanes(device, team.lanes(), device.frame.kernel.outer_rank + device.frame.kernel.row_rank - 1,
                  std::move(row), [this](int access) { return along_.offset(access); }),
      team_(team),
      phase_(plan.phases[phase]),
      along_(device, device.frame.kernel.outer_rank, device.frame.kernel.outer_rank + device.frame.kernel.row_rank) {
  Builder& b = frame_.b;
  const ir::Graph& g = frame_.kernel.body;
  for (ir::Value v : phase_.elements) {
    const ir::DType t = ir::accumulator(g.dtype(v));
    if (ir::is_reduce(g.op(v))) {
      llvm::Type* type = memory_type(b.getContext(), t, team_.lanes());
      reductions_.push_back(v);
      folds_[v.id] = {frame_.variable(type), frame_.variable(type),
                      std::make_unique<LaneCounter>(frame_, g.op(v), t, team_.lanes())};
    }
    if (ir::class_of(g.op(v)) == ir::OpClass::scan)
      scans_[v.id] = frame_.variable(memory_type(b.getContext(), t), identity(b, g.op(v), t, 1));
    if (std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end()) keeps_.push_back(v);
  }
  for (ir::Value v : keeps_) kept_[v.id] = kept(v);
  for (ir::Value v : phase_.restored) kept_[v.id] = kept(v);
}

Value* TeamWalk::kept_place(ir::Value v) {
  llvm::Type* type = memory_type(frame_.b.getContext(), frame_.kernel.body.dtype(v));
  Value* place = frame_.b.CreateGEP(type, kept_.at(v.id), element_);
  return ahead_ == 0 ? place : frame_.b.CreateConstGEP1_64(type, place, static_cast<uint64_t>(ahead_));
}

/// One block needs no counter.
void TeamWalk::run(Body& body, Body* single, const Run& run) {
  Builder& b = frame_.b;
  const ir::Graph& g = frame_.kernel.body;
  auto none = [&](ir::Value v) { return identity(b, g.op(v), ir::accumulator(g.dtype(v)), team_.lanes()); };
  body.prepare(phase_.elements);
  for (ir::Value v : reductions_) folds_.at(v.id).all.set(b, none(v));
  frame_.for_loop(run.first, run.end, 1, [&](Value* block) {
    for (ir::Value v : reductions_) folds_.at(v.id).block.set(b, none(v));
    Value* begin = b.CreateMul(block, frame_.number(ir::kReduceBlock));
    Value* behind = b.CreateAdd(begin, frame_.number(ir::kReduceBlock));
    behind = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, behind, run.length);
    if (scans_.empty())
      run_block(body, single, begin, behind);
    else
      run_in_order(body, begin, behind);
    for (ir::Value v : reductions_) {
      Fold& f = folds_.at(v.id);
      Value* folded = f.block.get(b);
      f.all.set(b, folded);
      frame_.if_then(run.several, [&] { f.counter->push(folded, b.CreateSub(block, run.first)); });
    }
  });
  if (!reduces()) return;
  frame_.if_then(run.several, [&] {
    Value* count = b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, b.CreateSub(run.end, run.first), frame_.number(0));
    for (ir::Value v : reductions_) folds_.at(v.id).all.set(b, folds_.at(v.id).counter->fold(count));
  });
}

/// Instructions of a turn, roughly: neighbours are read and written by one.
int TeamWalk::weight() const {
  constexpr int kExactExtremum = 4;
  int weight = 0;
  for (ir::Value v : phase_.elements) {
    const ir::Op by = ir::is_reduce(op(v)) ? ir::fold_op(op(v)) : op(v);
    const bool exact = by != op(v) && (by == ir::Op::max || by == ir::Op::min) && ir::is_float(accumulator(v)) &&
                       !device_.has_loose(op(v), accumulator(v));
    const bool at_once = ir::class_of(op(v)) == ir::OpClass::source || op(v) == ir::Op::load || op(v) == ir::Op::store;
    weight += at_once ? 1 : team_.lanes() * (exact ? kExactExtremum : 1);
  }
  return weight;
}

/// Several, a whole block at most, where a turn is so short that the loop around it would cost as much.
int TeamWalk::turns_at_once() const {
  constexpr int kMostInstructions = 256;
  if (frame_.kernel.row_rank != 1) return 1;
  int turns = ir::kReduceBlock / ir::kReduceLanes;
  while (turns > 1 && turns * weight() > kMostInstructions) turns /= 2;
  return turns;
}

void TeamWalk::run_block(Body& body, Body* single, Value* begin, Value* end) {
  Builder& b = frame_.b;
  const int turns = turns_at_once();
  Value* first = b.CreateAdd(begin, team_.first_lane());
  if (turns == 1) return run_any_block(body, single, begin, first, end);
  llvm::BasicBlock* whole = frame_.block("whole");
  llvm::BasicBlock* part = frame_.block("part");
  llvm::BasicBlock* after = frame_.block("block.done");
  b.CreateCondBr(b.CreateICmpEQ(b.CreateSub(end, begin), frame_.number(ir::kReduceBlock)), whole, part);
  b.SetInsertPoint(whole);
  auto some = [&](Value* element) {
    for (int t = 0; t < turns; ++t) evaluate(body, element, t * ir::kReduceLanes);
  };
  if (turns * ir::kReduceLanes == ir::kReduceBlock)
    some(first);
  else
    device_.entered_loop(first, end, frame_.number(turns * ir::kReduceLanes), some);
  b.CreateBr(after);
  b.SetInsertPoint(part);
  run_any_block(body, single, begin, first, end);
  b.CreateBr(after);
  b.SetInsertPoint(after);
}

void TeamWalk::run_any_block(Body& body, Body* single, Value* begin, Value* first, Value* end) {
  Builder& b = frame_.b;
  Value* whole = single ? b.CreateSub(end, frame_.number(team_.lanes() - 1)) : end;
  device_.strided_loop(first, whole, frame_.number(ir::kReduceLanes), [&](Value* element) { evaluate(body, element); });
  if (!single) return;
  // The lanes of this thread in the last, incomplete 32.
  Value* tail = b.CreateAnd(end, frame_.number(-ir::kReduceLanes));
  Value* from = b.CreateAdd(tail, team_.first_lane());
  Value* missing = b.CreateSub(end, from);
  Value* some =
      b.CreateAnd(b.CreateICmpSGT(missing, frame_.number(0)), b.CreateICmpSLT(missing, frame_.number(team_.lanes())));
  frame_.if_then(
      b.CreateAnd(some, b.CreateICmpSGE(from, begin)), [&] { run_single(*single, from, end); }, false);
}

void TeamWalk::run_single(Body& single, Value* first, Value* end) {
  Builder& b = frame_.b;
  device_.strided_loop(first, end, frame_.number(1), [&](Value* element) {
    single_ = b.CreateSub(element, first);
    set_lanes(1);
    evaluate(single, element);
    set_lanes(team_.lanes());
    single_ = nullptr;
  });
}

/// A scan passes from lane to lane, so that all lanes walk on, those beyond the end repeating the last element.
void TeamWalk::run_in_order(Body& body, Value* begin, Value* end) {
  Builder& b = frame_.b;
  Value* last = b.CreateSub(end, frame_.number(1));
  frame_.for_loop(begin, end, kWarpThreads, [&](Value* base) {
    Value* element = b.CreateAdd(base, device_.lane());
    inside_ = b.CreateICmpSLT(element, end);
    guard(inside_);
    evaluate(body, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, element, last));
    guard(nullptr);
    inside_ = nullptr;
  });
}

void TeamWalk::evaluate(Body& body, Value* element, int64_t ahead) {
  Builder& b = frame_.b;
  element_ = element;
  ahead_ = ahead;
  along_.set(element);
  along_.go_ahead(ahead);
  body.start_group();
  for (ir::Value v : phase_.restored) {
    const ir::DType t = frame_.kernel.body.dtype(v);
    body.bind(v, to_register(b, load_neighbours(frame_, kept_place(v), t, body.lanes()), t));
  }
  body.emit(phase_.elements, *this);
}

void TeamWalk::computed(ir::Value node, Value* value) {
  if (std::find(keeps_.begin(), keeps_.end(), node) == keeps_.end()) return;
  const ir::DType t = frame_.kernel.body.dtype(node);
  auto keep = [&] { store_neighbours(frame_, to_memory(frame_.b, value, t), kept_place(node), t); };
  // Lanes beyond the end have gone on with their scans.
  if (inside_)
    frame_.if_then(inside_, keep);
  else
    keep();
}

void TeamWalk::reduce(ir::Value node, Value* x) {
  Builder& b = frame_.b;
  const ir::Op op = frame_.kernel.body.op(node);
  const ir::DType t = frame_.kernel.body.dtype(node);
  Fold& f = folds_.at(node.id);
  Value* so_far = f.block.get(b);
  Value* operand = to_accumulator(b, x, t);
  if (!single_) {
    Value* folded = device_.fold(op, ir::accumulator(t), so_far, operand);
    return f.block.set(b, inside_ ? b.CreateSelect(inside_, folded, so_far) : folded);
  }
  for (int l = 0; l < team_.lanes(); ++l) {
    Value* older = b.CreateExtractElement(so_far, b.getInt64(static_cast<uint64_t>(l)));
    Value* folded = device_.fold(op, ir::accumulator(t), older, operand);
    Value* mine = b.CreateICmpEQ(single_, frame_.number(l));
    so_far = b.CreateInsertElement(so_far, b.CreateSelect(mine, folded, older), b.getInt64(static_cast<uint64_t>(l)));
  }
  f.block.set(b, so_far);
}

Value* TeamWalk::scan(ir::Value node, Value* x) {
  const ir::Op op = frame_.kernel.body.op(node);
  const ir::DType t = frame_.kernel.body.dtype(node);
  Variable& state = scans_.at(node.id);
  Value* mine = to_accumulator(frame_.b, x, t);
  const bool exact = !ir::is_float(t);
  Value* scanned = exact ? scan_integers(op, t, mine, state) : scan_in_order(op, t, mine, state);
  return from_accumulator(frame_.b, scanned, t);
}

/// Integers wrap around, whatever the order: by steps of 1, 2, 4, 8, 16 lanes.
Value* TeamWalk::scan_integers(ir::Op op, ir::DType t, Value* mine, Variable& state) {
  Builder& b = frame_.b;
  for (int by = 1; by < kWarpThreads; by *= 2) {
    Value* folded = emit_fold(b, op, t, device_.shuffle_up(mine, by), mine);
    mine = b.CreateSelect(b.CreateICmpSGE(device_.lane(), frame_.number(by)), folded, mine);
  }
  mine = emit_fold(b, op, t, state.get(b), mine);
  state.set(b, device_.shuffle_from(mine, b.getInt32(kWarpThreads - 1)));
  return mine;
}

/// Each lane takes the state on from the one before.
Value* TeamWalk::scan_in_order(ir::Op op, ir::DType t, Value* mine, Variable& state) {
  Builder& b = frame_.b;
  Variable result = frame_.variable(mine->getType(), mine);
  frame_.for_loop(frame_.number(0), frame_.number(kWarpThreads), 1, [&](Value* lane) {
    Value* next = emit_fold(b, op, ir::accumulator(t), state.get(b), device_.shuffle_from(mine, lane));
    state.set(b, next);
    result.set(b, b.CreateSelect(b.CreateICmpEQ(lane, device_.lane()), next, result.get(b)));
  });
  return result.get(b);
}

}  // namespace tarry::codegen
