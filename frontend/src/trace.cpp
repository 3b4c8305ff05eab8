#include "trace.h"

#include <tarry/ir/hash.h>
#include <tarry/ir/ops.h>

#include <algorithm>
#include <array>

namespace tarry::frontend {
namespace {

constexpr uint64_t kKeptShare = 8;               // of the memory limit may be kept by inputs alone
constexpr size_t kKeepBytes = size_t{16} << 20;  // of an empty graph

/// By op: whether a node waits to be computed.
constexpr auto kWaits = [] {
  std::array<bool, std::size(ir::kOps)> waits{};
  for (size_t i = 0; i < waits.size(); ++i) {
    const auto op = static_cast<ir::Op>(i);
    waits[i] = ir::class_of(op) != ir::OpClass::source && op != ir::Op::mark;
  }
  return waits;
}();

uint64_t place_hash(const runtime::Buffer& buffer, std::span<const int64_t> shape, int64_t offset,
                    const ir::Strides& strides) {
  uint64_t h = reinterpret_cast<uint64_t>(buffer.identity()) ^ static_cast<uint64_t>(offset) * ir::kGolden;
  for (int64_t extent : shape) h = ir::mix(h, static_cast<uint64_t>(extent));
  for (int64_t stride : strides) h = ir::mix(h, static_cast<uint64_t>(stride));
  return h;
}

}  // namespace

bool Trace::counts_as_pending(ir::Value v) const { return kWaits[static_cast<size_t>(graph.op(v))]; }

// ---- references --------------------------------------------------------------------------------

/// Whether a node is a number, which has no operands and waits for nothing.
bool Trace::is_plain_number(ir::Value v) const {
  return graph.op(v) == ir::Op::scalar && nodes_[v.id].input == kNotStored && !nodes_[v.id].ranged;
}

/// Referred to again, or for the first time: its operands are needed too. Mostly somebody has a use for them anyway.
void Trace::revive(ir::Value v) {
  ++alive_;
  if (nodes_[v.id].ranged) [[unlikely]]
    --loose_ranges_;
  if (nodes_[v.id].input != kNotStored) return;
  pending_ += counts_as_pending(v);
  const std::span<const ir::Value> operands = graph.operands(v);
  for (size_t i = 0; i < operands.size(); ++i) {
    if (nodes_[operands[i].id].references++ != 0) [[likely]]
      continue;
    if (!is_plain_number(operands[i])) return revive_operands(v, i);
    ++alive_;
  }
}

/// From the operand `first` on, which has been counted, and which nobody needed before.
void Trace::revive_operands(ir::Value v, size_t first) {
  wait(graph.operands(v)[first]);
  for (size_t next = first + 1;; next = 0) {
    for (ir::Value o : graph.operands(v).subspan(next))
      if (nodes_[o.id].references++ == 0) wait(o);
    do {
      if (num_waiting_ == 0) return;
      v = waiting_[--num_waiting_];
      ++alive_;
      loose_ranges_ -= nodes_[v.id].ranged;
    } while (nodes_[v.id].input != kNotStored);
    pending_ += counts_as_pending(v);
  }
}

/// Nobody refers to it any more, or to operands that it alone needed.
void Trace::bury_node(ir::Value v) {
  while (true) {
    --alive_;
    Node& node = nodes_[v.id];
    node.skipped = node.checked = false;
    if (node.ranged) [[unlikely]]
      forget_range(v);
    if (node.abstract && graph.op(v) == ir::Op::parameter) --holes_;
    ir::Value next;
    if (node.input != kNotStored) {
      release_input(v);
    } else if (node.failure != kNotFailed) {
      release_failure(v);
    } else {
      pending_ -= counts_as_pending(v);
      for (ir::Value o : graph.operands(v)) {
        if (--nodes_[o.id].references != 0) continue;
        if (is_plain_number(o)) {
          --alive_;
          continue;
        }
        if (next.valid()) wait(next);
        next = o;
      }
    }
    if (!next.valid()) {
      if (num_waiting_ == 0) return;
      next = waiting_[--num_waiting_];
    }
    v = next;
  }
}

/// It may be recorded again, of other elements.
void Trace::forget_range(ir::Value v) {
  ranges_.erase(v.id);
  nodes_[v.id].ranged = false;
}

void Trace::bury(Cell* cell) {
  while (cell) {
    Cell* next = reinterpret_cast<Cell*>(cell->bits);
    if (cell->linked()) unlink(*cell);
    free_cell(*cell);
    cell = next;
  }
}

void Trace::detach(Cell& cell) {
  if (cell.previous)
    cell.previous->next = cell.next;
  else
    nodes_[cell.value.id].cells = cell.next;
  if (cell.next) cell.next->previous = cell.previous;
  cell.previous = cell.next = nullptr;
  cell.value = {};
}

void Trace::unlink(Cell& cell) {
  const ir::Value old = cell.value;
  detach(cell);
  drop(old);
}

void Trace::relink(Cell& cell, ir::Value v) {
  refer(v);
  const ir::Value old = cell.value;
  detach(cell);
  attach(cell, v);
  drop(old);
}

// ---- inputs ------------------------------------------------------------------------------------

void Trace::grow() {
  const size_t nodes = std::max<size_t>(64, nodes_.size() * 2), taped = std::max<size_t>(64, tape_.size() * 2);
  if (nodes_.size() == nodes_.capacity()) {
    waiting_.resize(nodes);
    nodes_.reserve(nodes);
  }
  if (tape_.size() == tape_.capacity()) tape_.reserve(taped);
}

void Trace::prepare_to_store(size_t count) {
  if (const size_t inputs = inputs_.size() + count; inputs > inputs_.capacity() || inputs > free_inputs_.capacity()) {
    free_inputs_.reserve(inputs * 2);
    inputs_.reserve(inputs * 2);
  }
  const size_t buffers = buffers_.size() + count;
  if (buffers > buffers_.capacity() || buffers > free_buffers_.capacity()) {
    free_buffers_.reserve(buffers * 2);
    buffers_.reserve(buffers * 2);
    buffer_index_.reserve(buffers * 2);
  }
}

/// Needs what prepare_to_store() got.
uint32_t Trace::take_input(runtime::Buffer buffer, int64_t offset, const ir::Strides& strides) {
  uint32_t index = buffer_index_.find(buffer.identity());
  if (index == BufferIndex::kNone) {
    if (free_buffers_.empty()) {
      free_buffers_.push_back(static_cast<uint32_t>(buffers_.size()));
      buffers_.emplace_back();
    }
    index = free_buffers_.back();
    free_buffers_.pop_back();
    buffer_index_.add(buffer.identity(), index);
    added_bytes_ += buffer.bytes();
    buffers_[index].buffer = std::move(buffer);
    kept_limit_ = runtime::memory_limit() / kKeptShare;
  }
  ++buffers_[index].uses;
  if (free_inputs_.empty()) {
    free_inputs_.push_back(static_cast<uint32_t>(inputs_.size()));
    inputs_.emplace_back();
  }
  const uint32_t slot = free_inputs_.back();
  free_inputs_.pop_back();
  inputs_[slot] = {index, offset, strides, ++input_version_};
  return slot;
}

void Trace::release_input(ir::Value v) {
  if (graph.op(v) != ir::Op::parameter) forget_result(v);
  const uint32_t slot = std::exchange(nodes_[v.id].input, kNotStored);
  free_inputs_.push_back(slot);
  const uint32_t index = inputs_[slot].buffer;
  TraceBuffer& held = buffers_[index];
  if (--held.uses != 0) return;
  buffer_index_.remove(held.buffer.identity());
  held.buffer = {};
  free_buffers_.push_back(index);
}

ir::Value Trace::add_parameter(DType dtype, std::span<const int64_t> shape, ir::Location where) {
  make_room();
  const int64_t number = next_parameter_++;
  return count_source(graph.append(ir::Op::parameter, dtype, shape, std::span(&number, 1), where));
}

ir::Value Trace::add_input(const runtime::Buffer& buffer, DType dtype, std::span<const int64_t> shape, int64_t offset,
                           const ir::Strides& strides, bool fresh) {
  const uint64_t hash = place_hash(buffer, shape, offset, strides);
  if (!fresh) {
    auto [first, last] = input_index_.equal_range(hash);
    for (auto i = first; i != last;) {
      const ir::Value v = i->second;
      if (nodes_[v.id].input == kNotStored) {
        if (buffer.place() == 0 && can_be_stored_again(v, dtype, shape)) return store_again(v, buffer, offset, strides);
        i = input_index_.erase(i);
        continue;
      }
      const Input& in = inputs_[nodes_[v.id].input];
      if (buffers_[in.buffer].buffer == buffer && in.offset == offset && in.strides == strides &&
          graph.dtype(v) == dtype && std::ranges::equal(graph.shape(v), shape))
        return v;
      ++i;
    }
  }
  prepare_to_store(1);
  const ir::Value v = add_parameter(dtype, shape, {});
  nodes_[v.id].input = take_input(buffer, offset, strides);
  place_input(v, buffer);
  if (!fresh) input_index_.emplace(hash, v);
  return v;
}

/// Elements that a turn of a loop reads are mostly those that the last one read, and nobody kept: what was recorded of
/// them is found again.
ir::Value Trace::store_again(ir::Value v, const runtime::Buffer& buffer, int64_t offset, const ir::Strides& strides) {
  prepare_to_store(1);
  nodes_[v.id].input = take_input(buffer, offset, strides);
  return v.id == cursor_ ? count_source(v) : v;
}

void Trace::store(ir::Value v, runtime::Buffer buffer, int64_t offset, const ir::Strides& strides) {
  place_input(v, buffer);
  nodes_[v.id].input = take_input(std::move(buffer), offset, strides);
  nodes_[v.id].skipped = false;
  if (counts_as_pending(v)) --pending_;
  know_result(v);
  if (taped(v)) return;
  for (ir::Value o : graph.operands(v)) drop(o);
}

void Trace::forget(ir::Value v) {
  if (!stored(v) || !taped(v) || cells(v)) return;
  release_input(v);
  if (!counts_as_pending(v)) return;
  ++pending_;
  ++pending_limit_;  // it is nothing new
}

void Trace::fail(ir::Value v, std::string message) {
  if (free_failures_.empty()) {
    free_failures_.reserve(failures_.size() + 1);
    failures_.emplace_back();
    free_failures_.push_back(static_cast<uint32_t>(failures_.size() - 1));
  }
  const uint32_t slot = free_failures_.back();
  free_failures_.pop_back();
  failures_[slot] = std::move(message);
  nodes_[v.id].failure = slot;
  know_result(v);
  if (counts_as_pending(v)) --pending_;
  for (ir::Value o : graph.operands(v)) drop(o);
}

void Trace::release_failure(ir::Value v) {
  forget_result(v);
  const uint32_t slot = std::exchange(nodes_[v.id].failure, kNotFailed);
  failures_[slot].clear();
  free_failures_.push_back(slot);
}

ir::Value Trace::add_scalar(DType dtype, uint64_t bits, ir::Location where) {
  make_room();
  const int64_t slot = static_cast<int64_t>(scalars_.size());
  scalars_.push_back(bits);
  return count_node(graph.append(ir::Op::scalar, dtype, {}, std::span(&slot, 1), where));
}

// ---- devices -----------------------------------------------------------------------------------

void Trace::use_devices() {
  if (uses_devices_) return;
  uses_devices_ = true;
  for (uint32_t id = 0; id < graph.size(); ++id) {
    find_place({id});
    // Arrays of before were made on the host, those that are nothing but one number too.
    if (nodes_[id].place == kAnywhere && nodes_[id].cells && !graph.shape({id}).empty()) nodes_[id].place = 0;
  }
}

void Trace::find_place(ir::Value v) {
  Node& node = nodes_[v.id];
  const ir::Op op = graph.op(v);
  node.place = op == ir::Op::parameter ? 0 : kAnywhere;
  node.portable = op != ir::Op::parameter;
  for (ir::Value o : graph.operands(v)) {
    const Node& x = nodes_[o.id];
    // What was computed decides; else a place counts more than none, and GPUs more than the host.
    if (node.portable && !x.portable) node.place = kAnywhere;
    if (!x.portable || node.portable)
      if (node.place == kAnywhere || (x.place != kAnywhere && x.place > node.place)) node.place = x.place;
    node.portable = node.portable && x.portable;
  }
  if (op == ir::Op::move) node.place = static_cast<uint8_t>(graph.attr(v));
}

// ---- transforms --------------------------------------------------------------------------------

void Trace::begin_recording() {
  if (recordings_.empty()) {
    taped_bytes_ = 0;
    taped_ops_ = 0;
  }
  recordings_.push_back({tape_.size(), {}});
  recording_depth_.fetch_add(1, std::memory_order_release);
  taped_limit_ = residual_limit();
}

void Trace::hold_on_tape(ir::Value v, uint16_t depth) {
  nodes_[v.id].depth = depth;
  tape_.push_back(v);
  hold(v);
}

/// A new node goes on the tape when an operand is there. Nodes of before depend on no argument: those
/// are new, and never found again.
void Trace::tape(ir::Value v) {
  uint16_t depth = kNotTaped;
  bool abstract = false, followed = false;
  for (ir::Value o : graph.operands(v)) {
    depth = std::min(depth, nodes_[o.id].depth);
    abstract |= nodes_[o.id].abstract;
    followed |= nodes_[o.id].followed;
  }
  nodes_[v.id].followed =
      followed && (ir::is_float(graph.dtype(v)) || ir::is_complex(graph.dtype(v))) && graph.op(v) != ir::Op::stop;
  nodes_[v.id].abstract = abstract;
  if (depth == kNotTaped) return;
  hold_on_tape(v, depth);
  const ir::OpClass c = ir::class_of(graph.op(v));
  if (!nodes_[v.id].followed || c == ir::OpClass::movement || c == ir::OpClass::transform) return;
  taped_bytes_ += static_cast<uint64_t>(ir::num_elements(graph.shape(v))) * ir::size_of(graph.dtype(v));
  ++taped_ops_;
}

void Trace::connect(ir::Value v, std::span<const ir::Value> to) {
  Node& node = nodes_[v.id];
  const bool was_taped = taped(v), may_follow = ir::is_float(graph.dtype(v)) || ir::is_complex(graph.dtype(v));
  uint16_t depth = node.depth;
  for (ir::Value o : to) {
    depth = std::min(depth, nodes_[o.id].depth);
    node.abstract |= nodes_[o.id].abstract;
    node.followed |= nodes_[o.id].followed && may_follow;
  }
  if (was_taped)
    node.depth = depth;
  else if (depth != kNotTaped)
    hold_on_tape(v, depth);
}

uint64_t Trace::residual_limit() {
  constexpr uint64_t kShare = 8;
  return runtime::memory_limit() / kShare;
}

ir::Value Trace::add_mark(ir::Value v) {
  const int64_t number = next_mark_++;
  const ir::Value m =
      add(ir::Op::mark, graph.dtype(v), ir::Shape(graph.shape(v)), std::span(&v, 1), std::span(&number, 1), {});
  nodes_[m.id].followed = true;
  if (!taped(m)) hold_on_tape(m, static_cast<uint16_t>(recordings_.size() - 1));
  recordings_.back().arguments.push_back(m);
  return m;
}

ir::Value Trace::add_hole(DType dtype, std::span<const int64_t> shape, ir::Location where) {
  const ir::Value v = add_parameter(dtype, shape, where);
  nodes_[v.id].abstract = true;
  ++holes_;
  hold_on_tape(v, static_cast<uint16_t>(recordings_.size() - 1));
  recordings_.back().arguments.push_back(v);
  return v;
}

std::vector<ir::Value> Trace::innermost_tape() const {
  const size_t depth = recordings_.size() - 1;
  std::vector<ir::Value> taped;
  for (size_t i = recordings_.back().tape_start; i < tape_.size(); ++i)
    if (nodes_[tape_[i].id].depth == depth) taped.push_back(tape_[i]);
  return taped;
}

bool Trace::is_argument(ir::Value v) const {
  return std::ranges::any_of(
      recordings_, [v](const Recording& r) { return std::ranges::find(r.arguments, v) != r.arguments.end(); });
}

void Trace::end_recording() {
  const auto depth = static_cast<uint16_t>(recordings_.size() - 1);
  const auto start = static_cast<std::ptrdiff_t>(recordings_.back().tape_start);
  recordings_.pop_back();
  if (recordings_.empty()) taped_limit_ = UINT64_MAX;
  recording_depth_.fetch_sub(1, std::memory_order_release);
  // Users before operands. In place: this runs in destructors.
  for (size_t i = tape_.size(); i-- > static_cast<size_t>(start);) {
    const ir::Value v = tape_[i];
    if (nodes_[v.id].depth < depth) continue;
    tape_[i] = {};
    nodes_[v.id].depth = kNotTaped;
    if (stored(v))
      for (ir::Value o : graph.operands(v)) drop(o);
    drop(v);
  }
  tape_.erase(std::remove(tape_.begin() + start, tape_.end(), ir::Value{}), tape_.end());
  pending_limit_ = std::min(pending_limit_, pending_ + kPendingStep);
}

// ---- bounds ------------------------------------------------------------------------------------

uint64_t Trace::kept_bytes() const {
  uint64_t bytes = 0;
  for (const TraceBuffer& b : buffers_)
    if (b.uses != 0 && b.buffer.unique()) bytes += b.buffer.bytes();
  return bytes;
}

bool Trace::keeps_too_much() {
  added_bytes_ = kept_bytes();
  return added_bytes_ > kept_limit_;
}

void Trace::reset_limits() {
  pending_limit_ = pending_ + kPendingStep;
  added_bytes_ = 0;
  taped_bytes_ = 0;
  taped_ops_ = 0;
}

// ---- compaction --------------------------------------------------------------------------------

void Trace::compact() {
  if (spare_graph_.bytes() > kKeepBytes) spare_graph_ = {};
  spare_graph_.clear();
  spare_nodes_.clear();
  renamed_.resize(graph.size());
  // All that needs memory comes first: until the end the old graph counts.
  std::vector<uint64_t> scalars;
  std::unordered_multimap<uint64_t, ir::Value> input_index;
  std::vector<ir::Value> operands;
  std::unordered_map<uint32_t, IndexRange> ranges;
  int64_t next_parameter = 0;
  for (uint32_t id = 0; id < graph.size(); ++id) {
    const ir::Value v{id};
    if (!alive(v)) continue;
    int64_t number;
    std::span<const int64_t> attrs = graph.attrs(v);
    ir::Op op = graph.op(v);
    operands.clear();
    if (op == ir::Op::parameter || (stored(v) && !taped(v))) {
      op = ir::Op::parameter;
      number = next_parameter++;
      attrs = std::span(&number, 1);
    } else if (failed(v)) {
      op = ir::Op::empty;
      attrs = {};
    } else if (op == ir::Op::scalar) {
      number = static_cast<int64_t>(scalars.size());
      scalars.push_back(scalar_bits(v));
      attrs = std::span(&number, 1);
    } else {
      for (ir::Value o : graph.operands(v)) operands.push_back(renamed_[o.id]);
    }
    const bool unique = op == ir::Op::parameter || op == ir::Op::scalar || failed(v);
    const bool findable = !unique && graph.can_be_found(v);
    const ir::Value n =
        findable ? spare_graph_.add(op, graph.dtype(v), graph.shape(v), operands, attrs, graph.location(v))
                 : spare_graph_.append(op, graph.dtype(v), graph.shape(v), operands, attrs, graph.location(v));
    renamed_[id] = n;
    if (const IndexRange* range = known_range(v)) ranges.emplace(n.id, *range);
    spare_nodes_.push_back(nodes_[id]);
    spare_nodes_.back().carrier = false;
    if (op == ir::Op::parameter && stored(v)) {
      const Input& in = input(v);
      input_index.emplace(place_hash(buffers_[in.buffer].buffer, graph.shape(v), in.offset, in.strides), n);
    }
  }
  waiting_.resize(std::max(waiting_.size(), spare_nodes_.capacity()));
  for (uint32_t id = 0; id < graph.size(); ++id) {
    if (!alive({id}) && stored({id})) release_input({id});
    for (Cell* cell = nodes_[id].cells; cell; cell = cell->next) cell->value = renamed_[id];
  }
  for (ir::Value& v : tape_) v = renamed_[v.id];
  // Those that are alive may hold what somebody keeps for ever.
  carriers_.clear();
  for (Recording& r : recordings_)
    for (ir::Value& v : r.arguments) v = renamed_[v.id];
  std::swap(graph, spare_graph_);
  std::swap(nodes_, spare_nodes_);
  scalars_ = std::move(scalars);
  ranges_ = std::move(ranges);
  loose_ranges_ = 0;
  input_index_ = std::move(input_index);
  next_parameter_ = next_parameter;
  oldest_carrier_ = 0;
  unsettled_ = false;
  recount_results();
  if (cursor_ != turn_start_) {
    turn_is_whole_ = false;
    last_turn_ = 0;
    compact_above_ = kCompactAbove;
  }
  cursor_ = row_start_ = turn_start_ = graph.size();
  ++epoch_;
}

}  // namespace tarry::frontend
