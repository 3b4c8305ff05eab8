#include "llvm/row_walk.h"

#include <tarry/ir/error.h>

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/machine.h"
#include "llvm/row_overlap.h"
#include "llvm/types.h"

namespace tarry::codegen {

using ir::kReduceLanes;
using llvm::Value;

Value* row_length(Frame& frame) {
  Value* n = frame.extent(frame.kernel.outer_rank);
  for (int a = 1; a < frame.kernel.row_rank; ++a) n = frame.b.CreateMul(n, frame.extent(frame.kernel.outer_rank + a));
  return n;
}

namespace {

/// Rows up to so many bytes are still near when the next one has been read ahead.
constexpr int64_t kNearRowBytes = 32 * 1024;
constexpr int64_t kAheadBytes = 4096;
constexpr int64_t kLongRunAheadBytes = 6144;
/// Where three rows go along together memory has no pause: so far ahead the newest is asked for, and the output of the
/// oldest made ready, as measured.
constexpr int64_t kStreamAheadBytes = 7168, kStoreAheadBytes = 3584;

int cost_of(const ir::Graph& g, std::span<const ir::Value> nodes) {
  int cost = 0;
  for (ir::Value v : nodes) cost += ir::cost(g.op(v), g.dtype(v));
  return cost;
}

/// What the walks after `phase` store to in the order of its points.
std::vector<int> written_after(const ir::Kernel& k, const ir::RowPlan& plan, int phase) {
  std::vector<int> accesses;
  for (size_t later = static_cast<size_t>(phase) + 1; later < plan.phases.size(); ++later)
    for (ir::Value v : plan.phases[later].elements)
      if (k.body.op(v) == ir::Op::store && k.accesses[k.body.attr(v)].row == ir::StrideClass::unit)
        accesses.push_back(static_cast<int>(k.body.attr(v)));
  return accesses;
}

/// The walk behind which memory is idle: of those that read rows which an earlier one has fetched, the one that takes
/// longest; one that writes none where there is such, since writes keep memory busy themselves.
int phase_that_reads_ahead(const ir::Kernel& k, const ir::RowPlan& plan) {
  struct Candidate {
    int phase = -1, cost = 0;
    bool idle = false;
  };
  Candidate best;
  bool fetched = false;
  for (size_t p = 0; p < plan.phases.size(); ++p) {
    Candidate c{static_cast<int>(p), cost_of(k.body, plan.phases[p].elements), fetched};
    bool reads = false;
    for (ir::Value v : plan.phases[p].elements) {
      const ir::Op op = k.body.op(v);
      reads |= op == ir::Op::load && k.accesses[k.body.attr(v)].outer != ir::StrideClass::zero;
      if (ir::is_store(op)) c.idle = false;
    }
    fetched |= reads;
    if (reads && std::pair(c.idle, c.cost) > std::pair(best.idle, best.cost)) best = c;
  }
  return best.phase;
}

/// In bytes; within a long row some lines ahead. Null for what all rows share.
Value* distance_to_next_row(Frame& frame, int access) {
  const ir::Access& a = frame.kernel.accesses[access];
  if (a.outer == ir::StrideClass::zero) return nullptr;
  Builder& b = frame.b;
  Value* bytes = b.CreateMul(row_length(frame), b.getInt64(ir::size_of(a.dtype)));
  Value* near = b.CreateICmpSLE(bytes, b.getInt64(kNearRowBytes));
  return b.CreateSelect(near, frame.stride(access, frame.kernel.outer_rank - 1), b.getInt64(kAheadBytes));
}

bool any_reduction(const ir::Graph& g, std::span<const ir::Value> nodes) {
  return std::any_of(nodes.begin(), nodes.end(), [&](ir::Value v) { return ir::is_reduce(g.op(v)); });
}

/// Whether all that varies along a walk is read for each lane of a group, where lanes beyond the end copy the last.
bool reads_all_lanes(const ir::Graph& g, std::span<const ir::Value> nodes) {
  return std::none_of(nodes.begin(), nodes.end(), [&](ir::Value v) {
    const ir::Op op = g.op(v);
    const bool under_predicate = op == ir::Op::load && !g.operands(v).empty();
    return under_predicate || op == ir::Op::index || op == ir::Op::load_at || ir::class_of(op) == ir::OpClass::scan;
  });
}

Walk::Shape shape_of(Frame& frame, const ir::RowPlan& plan, const std::vector<RowWalk::Part>& parts) {
  const ir::Graph& g = frame.kernel.body;
  std::vector<ir::Value> elements;
  for (const RowWalk::Part& p : parts)
    elements.insert(elements.end(), plan.phases[p.phase].elements.begin(), plan.phases[p.phase].elements.end());
  const int lanes = parts.front().body->lanes();
  const int phase = parts.front().phase;
  Walk::Shape shape;
  for (int a = 0; a < frame.kernel.row_rank; ++a) shape.axes.push_back(frame.kernel.outer_rank + a);
  shape.lanes = lanes;
  const bool light = elements.size() <= (parts.size() == 3 ? kUnrolledInStages : kUnrolledNodes);
  if (any_reduction(g, elements)) {
    shape.unroll = light ? kReduceLanes / lanes : 1;
    shape.group = kReduceLanes;
  } else {
    shape.unroll = light && 2 * lanes <= kReduceLanes ? 2 : 1;
    shape.group = lanes * shape.unroll;
  }
  const bool split = frame.kernel.schedule == ir::Schedule::split;
  if (split && !follows_long_runs()) {
    shape.read_ahead.distance = [&frame](int) -> Value* { return frame.b.getInt64(kLongRunAheadBytes); };
    shape.read_ahead.locality = 3;
  }
  if (!split && (parts.size() > 1 || phase == phase_that_reads_ahead(frame.kernel, plan))) {
    shape.read_ahead.distance = [&frame](int access) -> Value* { return distance_to_next_row(frame, access); };
    shape.read_ahead.locality = 3;
    shape.read_ahead.part = static_cast<int>(parts.size()) - 1;
  }
  if (parts.size() == 3) {
    shape.read_ahead.distance = [&frame](int access) -> Value* {
      const bool shared = frame.kernel.accesses[access].outer == ir::StrideClass::zero;
      return shared ? nullptr : frame.b.getInt64(kStreamAheadBytes);
    };
    shape.store_ahead_bytes = kStoreAheadBytes;
  } else if (frame.kernel.schedule == ir::Schedule::row && cost_of(g, elements) >= kHeavyWalk) {
    shape.written_later = written_after(frame.kernel, plan, phase);
    shape.near_bytes = kNearRowBytes;
  }
  return shape;
}

std::vector<Walk::Nodes> nodes_of(const ir::RowPlan& plan, const std::vector<RowWalk::Part>& parts) {
  std::vector<Walk::Nodes> nodes;
  for (const RowWalk::Part& p : parts) nodes.emplace_back(plan.phases[p.phase].elements);
  return nodes;
}

}  // namespace

RowWalk::RowWalk(Frame& frame, const ir::RowPlan& plan, Scratch& scratch, const std::vector<Part>& parts)
    : RowWalk(frame, plan, scratch, parts, shape_of(frame, plan, parts)) {}

RowWalk::RowWalk(Frame& frame, const ir::RowPlan& plan, Scratch& scratch, const std::vector<Part>& parts,
                 const Shape& shape)
    : Walk(frame, shape, nodes_of(plan, parts)), row_frame_(frame), scratch_(scratch), shape_of_row_(shape) {
  for (const Part& p : parts) add_part(plan, p, shape);
}

RowWalk RowWalk::of_whole_blocks(Frame& frame, const ir::RowPlan& plan, Scratch& scratch,
                                 const std::vector<Part>& parts) {
  Walk::Shape shape = shape_of(frame, plan, parts);
  shape.strands = shape.read_ahead.distance ? 1 : 2;
  shape.apart = ir::kReduceBlock;
  return {frame, plan, scratch, parts, shape};
}

void RowWalk::add_part(const ir::RowPlan& plan, const Part& part, const Shape& shape) {
  const ir::Graph& g = row_frame_.kernel.body;
  const ir::RowPlan::Phase& phase = plan.phases[part.phase];
  row_parts_.push_back({&phase, part.body});
  const bool copies_last = phase.restored.empty() && reads_all_lanes(g, phase.elements);
  for (int strand = 0; strand < shape.strands; ++strand)
    for (ir::Value v : phase.elements)
      if (ir::is_reduce(g.op(v)))
        accumulators_.push_back(std::make_unique<Accumulator>(row_frame_, v, shape.lanes, shape.unroll, copies_last));
  for (ir::Value v : phase.elements) {
    if (ir::class_of(g.op(v)) == ir::OpClass::scan) {
      const ir::DType t = ir::accumulator(g.dtype(v));
      scans_.push_back({v, row_frame_.variable(memory_type(row_frame_.b.getContext(), t))});
    }
    if (std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end()) keeps_.push_back(v);
  }
}

void RowWalk::start(const std::vector<Offset>& offsets) {
  Builder& b = row_frame_.b;
  const auto place_of = [&](ir::Value v) { return Kept{v, scratch_.address(v, ScratchObject::Kind::kept)}; };
  for (RowPart& part : row_parts_) {
    part.body->start_group();
    part.body->prepare(part.phase->elements);
  }
  place(offsets);
  seek(b.getInt64(0));
  kept_.clear();
  for (ir::Value v : keeps_) kept_.push_back(place_of(v));
  for (RowPart& part : row_parts_) {
    part.restored.clear();
    for (ir::Value v : part.phase->restored) part.restored.push_back(place_of(v));
  }
  for (auto& [node, state] : scans_) {
    const ir::DType t = ir::accumulator(row_frame_.kernel.body.dtype(node));
    state.set(b, identity(b, row_frame_.kernel.body.op(node), t, 1));
  }
}

Value* RowWalk::kept_address(const Kept& kept) {
  Builder& b = row_frame_.b;
  const int size = scratch_bytes(row_frame_.kernel.body.dtype(kept.value));
  return row_frame_.byte_offset(kept.address, b.CreateMul(first_of_vector_, b.getInt64(size)));
}

void RowWalk::run_elements(Value* begin, Value* end) {
  Hooks hooks;
  if (reduces()) {
    hooks.before_partial = [&] {
      for (auto& a : accumulators_) a->save();
    };
    hooks.after_partial = [&](Value* count) {
      for (auto& a : accumulators_) a->keep_lanes_below(count);
    };
  }
  const auto evaluate = [&](Value* first, int u) { evaluate_vector(first, u); };
  run(begin, end, evaluate, hooks);
}

void RowWalk::run_blocks(Value* begin) {
  Builder& b = row_frame_.b;
  run_whole(begin, b.CreateAdd(begin, b.getInt64(ir::kReduceBlock)),
            [&](Value* first, int u) { evaluate_vector(first, u); });
}

/// Vector `u` of the turn, whose first element has that number.
void RowWalk::evaluate_vector(Value* first, int u) {
  first_of_vector_ = first;
  vector_ = u % shape_of_row_.unroll;
  strand_ = u / shape_of_row_.unroll;
  for (size_t p = 0; p < row_parts_.size(); ++p) {
    enter(static_cast<int>(p));
    evaluate(row_parts_[p]);
  }
}

void RowWalk::evaluate(RowPart& part) {
  Builder& b = row_frame_.b;
  part.body->start_group();
  for (const Kept& k : part.restored) {
    const ir::DType t = row_frame_.kernel.body.dtype(k.value);
    llvm::Type* type = memory_type(b.getContext(), t, lanes());
    Value* back = b.CreateAlignedLoad(type, kept_address(k), llvm::Align(scratch_bytes(t)));
    part.body->bind(k.value, to_register(b, back, t));
  }
  part.body->emit(part.phase->elements, *this);
}

void RowWalk::reduce(ir::Value node, Value* x) {
  const size_t each = accumulators_.size() / static_cast<size_t>(shape_of_row_.strands);
  for (size_t i = strand_ * each; i < (strand_ + 1) * each; ++i)
    if (accumulators_[i]->node() == node) accumulators_[i]->add(x, vector_, first_of_vector_);
}

Variable& RowWalk::state_of(ir::Value scan) {
  for (auto& [node, state] : scans_)
    if (node == scan) return state;
  throw InternalError("a scan that its walk does not know");
}

/// Strictly in order: a lane waits for the one before.
Value* RowWalk::scan(ir::Value node, Value* x) {
  Builder& b = row_frame_.b;
  const ir::Graph& g = row_frame_.kernel.body;
  const ir::DType t = g.dtype(node);
  Variable& state = state_of(node);
  Value* all = to_accumulator(b, x, t);
  Value* so_far = state.get(b);
  Value* result = llvm::PoisonValue::get(all->getType());
  for (int l = 0; l < lanes(); ++l) {
    Value* next = lanes() == 1 ? all : b.CreateExtractElement(all, b.getInt64(l));
    so_far = emit_fold(b, g.op(node), ir::accumulator(t), so_far, next);
    result = lanes() == 1 ? so_far : b.CreateInsertElement(result, so_far, b.getInt64(l));
  }
  state.set(b, so_far);
  return from_accumulator(b, result, t);
}

void RowWalk::computed(ir::Value node, Value* value) {
  for (const Kept& k : kept_) {
    if (k.value != node) continue;
    const ir::DType t = row_frame_.kernel.body.dtype(node);
    row_frame_.b.CreateAlignedStore(to_memory(row_frame_.b, value, t), kept_address(k), llvm::Align(scratch_bytes(t)));
  }
}

}  // namespace tarry::codegen
