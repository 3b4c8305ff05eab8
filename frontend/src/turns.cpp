/// What a trace does for loops: most turns record what the last one did, and a cursor finds it again op by op.

#include "trace.h"

#include "view_info.h"

#include <algorithm>

namespace tarry::frontend {
namespace {

constexpr uint32_t kFewSources = 8;        // inputs and numbers that the cursor looks behind
constexpr uint32_t kShortTurn = 1024;      // nodes that are looked through for results, at each turn, or:
constexpr uint32_t kTurnsKept = 5;         // as many turns as the graph has room for,
constexpr uint32_t kLongestKept = 20'000;  // of so many nodes each
constexpr uint32_t kSlowly = 64;           // flushes until the graph may no longer be as large as it was
constexpr size_t kMostCarried = 16;        // values of a turn; each looks through all of them for its own

}  // namespace

/// Calls `matches` with the nodes that a turn of a loop may go on with where the one at the cursor is not it: behind
/// inputs, which were made while the first turn was recorded; where the turn began; or where one was found before.
template <class Matches>
ir::Value Trace::find_near(Matches matches) {
  ir::Value next{cursor_};
  const uint32_t end = std::min(graph.size(), cursor_ + kFewSources);
  while (next.id < end && graph.op(next) == ir::Op::parameter) ++next.id;
  if (next.id != cursor_ && matches(next)) return next;
  if (matches({turn_start_})) return {turn_start_};
  for (const uint32_t id : found_)
    if (matches({id})) return {id};
  return {};
}

ir::Value Trace::add_elsewhere(ir::Op op, DType dtype, std::span<const int64_t> shape,
                               std::span<const ir::Value> operands, std::span<const int64_t> attrs,
                               ir::Location where) {
  const ir::Value near =
      find_near([&](ir::Value v) { return graph.would_find(v, op, dtype, shape, operands, attrs) && !taped(v); });
  if (near.valid()) return move_behind(near);
  make_room();
  return count_found(graph.add(op, dtype, shape, operands, attrs, where), where);
}

ir::Value Trace::add_like_elsewhere(ir::Op op, DType dtype, ir::Value like, std::span<const ir::Value> operands,
                                    ir::Location where) {
  const ir::Value near =
      find_near([&](ir::Value v) { return graph.would_find_like(v, op, dtype, like, operands) && !taped(v); });
  if (near.valid()) return move_behind(near);
  make_room();
  return count_found(graph.add_like(op, dtype, like, operands, where), where);
}

/// The order of nodes on the tape is that in which a derivative adds its terms. So what was recorded only to be looked
/// at is not found again there: it would stand before its time. Its elements are, where they are known.
ir::Value Trace::count_found(ir::Value found, ir::Location where) {
  if (found.id >= nodes_.size() || !taped(found)) return count_node(found);
  const ir::Value again = count_node(graph.append(graph.op(found), graph.dtype(found), ir::Shape(graph.shape(found)),
                                                  graph.operands(found), graph.attrs(found), where));
  if (stored(found) && taped(again)) {
    prepare_to_store(1);
    const Input in = input(found);
    store(again, buffers_[in.buffer].buffer, in.offset, in.strides);
  }
  return again;
}

ir::Value Trace::add_scalar_again(DType dtype, uint64_t bits, ir::Location where) {
  const auto matches = [&](ir::Value v) { return can_take_another_value(v, dtype); };
  ir::Value next{cursor_};
  if (!matches(next)) next = find_near(matches);
  if (!next.valid()) return add_scalar(dtype, bits, where);
  scalars_[static_cast<size_t>(graph.attr(next))] = bits;
  return move_behind(next);
}

/// Dead nodes of long turns are kept, to be found again: of a few turns, as the first that goes on from its own results
/// is recorded anew.
void Trace::make_room_for_turns() {
  const uint32_t nodes = std::exchange(rows_before_, 0) + cursor_ - row_start_;
  const bool is_kept = std::exchange(turn_is_whole_, true) && nodes <= kLongestKept;
  last_turn_ = is_kept ? nodes : 0;
  if (kTurnsKept * last_turn_ > compact_above_)
    compact_above_ = kTurnsKept * last_turn_;
  else
    compact_above_ -= (compact_above_ - kCompactAbove + kSlowly - 1) / kSlowly;
}

// ---- values that are carried from turn to turn ---------------------------------------------------
//
// In `x = f(x)` the value that a turn begins with is the result of the last one: another node, and all that is recorded
// of it would be new. So it moves into an input node of its own, a *carrier*, where the nodes of the last turn expect
// it. Who moves is one array, of whatever names: nobody else knows its node but views, which look whether it is still
// the base's.

bool Trace::is_loose(ir::Value v) const {
  const Node& node = nodes_[v.id];
  if (node.input == kNotStored || node.references != 1 || !node.cells || node.depth != kNotTaped || node.ranged)
    return false;
  return graph.op(v) != ir::Op::parameter || node.carrier;
}

/// The operand of the next op at the cursor that nobody has recorded yet, of the type of `v`; none where `v` is one.
ir::Value Trace::missing_operand(ir::Value v) const {
  ir::Value next{cursor_};
  const uint32_t end = std::min(graph.size(), cursor_ + kFewSources);
  while (next.id < end && ir::class_of(graph.op(next)) == ir::OpClass::source) ++next.id;
  if (next.id >= end) return {};
  const std::span<const ir::Value> operands = graph.operands(next);
  if (std::ranges::find(operands, v) != operands.end()) return {};
  for (ir::Value o : operands)
    if (!alive(o) && graph.dtype(o) == graph.dtype(v) && graph.share_shape(o, v) && graph.op(o) != ir::Op::scalar)
      return o;
  return {};
}

/// A dead carrier for a value like `v`, but none of those that are `used`; else a new one, or none.
ir::Value Trace::free_carrier(ir::Value v, std::span<const ir::Value> used) {
  for (ir::Value c : carriers_)
    if (!alive(c) && graph.dtype(c) == graph.dtype(v) && graph.share_shape(c, v) &&
        std::ranges::find(used, c) == used.end())
      return c;
  if (carriers_.size() == kMostCarried) return {};
  carriers_.reserve(kMostCarried);
  const ir::Value made = add_parameter(graph.dtype(v), graph.shape(v), {});
  nodes_[made.id].carrier = true;
  carriers_.push_back(made);
  if (carriers_.size() == 1) {
    oldest_carrier_ = made.id;
    newer_results_ = 0;
  }
  return made;
}

void Trace::move_into(ir::Value carrier, ir::Value v) {
  if (graph.op(v) != ir::Op::parameter) forget_result(v);
  Node &from = nodes_[v.id], &to = nodes_[carrier.id];
  to.input = std::exchange(from.input, kNotStored);
  to.references = std::exchange(from.references, 0);
  to.cells = std::exchange(from.cells, nullptr);
  from.skipped = from.checked = false;
  to.cells->value = carrier;
}

/// What was computed of the values that carriers had would be taken for what it becomes: all such results but `v` move
/// into carriers too, other than `taken`. False where one cannot.
bool Trace::move_other_results(ir::Value v, ir::Value taken) {
  const uint32_t own = graph.op(v) != ir::Op::parameter && v.id > oldest_carrier_;
  if (newer_results_ == own) return true;
  if (graph.size() - oldest_carrier_ > std::max(kShortTurn, kTurnsKept * last_turn_)) return false;
  std::vector<std::pair<ir::Value, ir::Value>> moves;
  std::vector<ir::Value> used{taken};
  for (ir::Value r{oldest_carrier_ + 1}; r.id < graph.size(); ++r.id) {
    if (r == v || graph.op(r) == ir::Op::parameter || (!stored(r) && !failed(r))) continue;
    if (!is_loose(r)) return false;
    const ir::Value to = free_carrier(r, used);
    if (!to.valid()) return false;
    used.push_back(to);
    moves.push_back({to, r});
  }
  for (const auto& [to, r] : moves) move_into(to, r);
  unsettled_ = true;
  return true;
}

void Trace::carry_stored(ir::Value v) {
  if (!may_carry_stored(v)) return;
  ir::Value to = missing_operand(v);
  if (!to.valid()) return;
  if (!nodes_[to.id].carrier) {
    if (graph.op(v) == ir::Op::parameter) return;
    to = free_carrier(v, {});
  }
  if (to.valid() && move_other_results(v, to)) move_into(to, v);
}

/// What is read through a view is found by where it lies. But as a result, its base would keep what the last turn read
/// from being read again.
void Trace::carry_base(const Cell& view) {
  const Cell& base = *view.view->base;
  if (base.state.load(std::memory_order_acquire) != CellState::stored ||
      base.home.load(std::memory_order_relaxed) != this || !base.value.valid())
    return;
  const ir::Value v = base.value;
  if (graph.op(v) == ir::Op::parameter || v.id <= oldest_carrier_ || !may_carry_stored(v)) return;
  const ir::Value to = free_carrier(v, {});
  if (to.valid() && move_other_results(v, to)) move_into(to, v);
}

/// After compaction.
void Trace::recount_results() {
  known_results_ = newer_results_ = newest_result_ = 0;
  for (ir::Value v{0}; v.id < graph.size(); ++v.id)
    if (failed(v) || (stored(v) && graph.op(v) != ir::Op::parameter)) know_result(v);
}

}  // namespace tarry::frontend
