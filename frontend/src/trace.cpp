#include "trace.h"

#include <tarry/ir/ops.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

constexpr uint32_t kCompactAbove = 2048;         // nodes
constexpr uint64_t kKeptShare = 8;               // of the memory limit may be kept by inputs alone
constexpr size_t kKeepBytes = size_t{16} << 20;  // of an empty graph

uint64_t place_hash(const runtime::Buffer& buffer, std::span<const int64_t> shape, int64_t offset,
                    const ir::Strides& strides) {
  uint64_t h = reinterpret_cast<uint64_t>(buffer.identity()) ^ static_cast<uint64_t>(offset) * 0x9e3779b97f4a7c15ull;
  auto mix = [&](int64_t v) {
    h = (h ^ static_cast<uint64_t>(v)) * 0x9e3779b97f4a7c15ull;
    h ^= h >> 32;
  };
  for (int64_t extent : shape) mix(extent);
  for (int64_t stride : strides) mix(stride);
  return h;
}

}  // namespace

bool Trace::counts_as_pending(ir::Value v) const {
  return ir::class_of(graph.op(v)) != ir::OpClass::source && graph.op(v) != ir::Op::mark;
}

// ---- references --------------------------------------------------------------------------------

void Trace::revive(ir::Value v) {
  // Referred to again, or for the first time: its operands are needed too.
  while (true) {
    ++alive_;
    if (nodes_[v.id].input == kNotStored) {
      if (counts_as_pending(v)) ++pending_;
      for (ir::Value o : graph.operands(v))
        if (nodes_[o.id].references++ == 0) work_.push_back(o);
    }
    if (work_.empty()) return;
    v = work_.back();
    work_.pop_back();
  }
}

void Trace::bury_node(ir::Value v) {
  while (true) {
    --alive_;
    nodes_[v.id].skipped = false;
    if (nodes_[v.id].abstract && graph.op(v) == ir::Op::parameter) --holes_;
    if (nodes_[v.id].input != kNotStored) {
      release_input(v);
    } else if (failed(v)) {
      release_failure(v);
    } else {
      if (counts_as_pending(v)) --pending_;
      for (ir::Value o : graph.operands(v))
        if (--nodes_[o.id].references == 0) work_.push_back(o);
    }
    if (work_.empty()) return;
    v = work_.back();
    work_.pop_back();
  }
}

void Trace::attach(Cell& cell, ir::Value v) {
  Node& node = nodes_[v.id];
  cell.value = v;
  cell.home.store(this, std::memory_order_relaxed);
  cell.previous = nullptr;
  cell.next = node.cells;
  if (node.cells) node.cells->previous = &cell;
  node.cells = &cell;
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

void Trace::link(Cell& cell, ir::Value v) {
  refer(v);
  attach(cell, v);
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

uint32_t Trace::take_input(const runtime::Buffer& buffer, int64_t offset, const ir::Strides& strides) {
  auto [at, added] = buffer_index_.try_emplace(buffer.identity(), 0);
  if (added) {
    if (free_buffers_.empty()) {
      free_buffers_.push_back(static_cast<uint32_t>(buffers_.size()));
      buffers_.emplace_back();
    }
    at->second = free_buffers_.back();
    free_buffers_.pop_back();
    buffers_[at->second].buffer = buffer;
    added_bytes_ += buffer.bytes();
    kept_limit_ = runtime::memory_limit() / kKeptShare;
  }
  ++buffers_[at->second].uses;
  if (free_inputs_.empty()) {
    free_inputs_.push_back(static_cast<uint32_t>(inputs_.size()));
    inputs_.emplace_back();
  }
  const uint32_t slot = free_inputs_.back();
  free_inputs_.pop_back();
  inputs_[slot] = {at->second, offset, strides};
  return slot;
}

void Trace::release_input(ir::Value v) {
  const uint32_t slot = std::exchange(nodes_[v.id].input, kNotStored);
  free_inputs_.push_back(slot);
  const uint32_t index = inputs_[slot].buffer;
  TraceBuffer& held = buffers_[index];
  if (--held.uses != 0) return;
  buffer_index_.erase(held.buffer.identity());
  held.buffer = {};
  free_buffers_.push_back(index);
}

ir::Value Trace::add_input(const runtime::Buffer& buffer, DType dtype, std::span<const int64_t> shape, int64_t offset,
                           const ir::Strides& strides, bool fresh) {
  const uint64_t hash = place_hash(buffer, shape, offset, strides);
  if (!fresh) {
    auto [first, last] = input_index_.equal_range(hash);
    for (auto i = first; i != last;) {
      const ir::Value v = i->second;
      if (nodes_[v.id].input == kNotStored) {
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
  const uint32_t slot = take_input(buffer, offset, strides);
  const int64_t number = next_parameter_++;
  const ir::Value v = count_node(graph.append(ir::Op::parameter, dtype, shape, std::span(&number, 1), {}));
  nodes_[v.id].input = slot;
  if (!fresh) input_index_.emplace(hash, v);
  return v;
}

void Trace::store(ir::Value v, const runtime::Buffer& buffer, int64_t offset, const ir::Strides& strides) {
  nodes_[v.id].input = take_input(buffer, offset, strides);
  nodes_[v.id].skipped = false;
  if (counts_as_pending(v)) --pending_;
  if (taped(v)) return;
  for (ir::Value o : graph.operands(v)) drop(o);
}

void Trace::fail(ir::Value v, std::string message) {
  if (free_failures_.empty()) {
    free_failures_.push_back(static_cast<uint32_t>(failures_.size()));
    failures_.emplace_back();
  }
  const uint32_t slot = free_failures_.back();
  free_failures_.pop_back();
  failures_[slot] = std::move(message);
  nodes_[v.id].failure = slot;
  if (counts_as_pending(v)) --pending_;
  for (ir::Value o : graph.operands(v)) drop(o);
}

void Trace::release_failure(ir::Value v) {
  const uint32_t slot = std::exchange(nodes_[v.id].failure, kNotFailed);
  failures_[slot].clear();
  free_failures_.push_back(slot);
}

ir::Value Trace::add_scalar(DType dtype, uint64_t bits, ir::Location where) {
  const int64_t slot = static_cast<int64_t>(scalars_.size());
  scalars_.push_back(bits);
  return count_node(graph.append(ir::Op::scalar, dtype, {}, std::span(&slot, 1), where));
}

// ---- transforms --------------------------------------------------------------------------------

void Trace::begin_recording() {
  recordings_.push_back({tape_.size(), {}});
  recording_depth_.fetch_add(1, std::memory_order_release);
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
  nodes_[v.id].followed = followed && ir::is_float(graph.dtype(v)) && graph.op(v) != ir::Op::stop;
  nodes_[v.id].abstract = abstract;
  if (depth != kNotTaped) hold_on_tape(v, depth);
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

ir::Value Trace::add_hole(DType dtype, std::span<const int64_t> shape) {
  const int64_t number = next_parameter_++;
  const ir::Value v = count_node(graph.append(ir::Op::parameter, dtype, shape, std::span(&number, 1), {}));
  nodes_[v.id].abstract = true;
  ++holes_;
  hold_on_tape(v, static_cast<uint16_t>(recordings_.size() - 1));
  recordings_.back().arguments.push_back(v);
  return v;
}

void Trace::end_recording() {
  const auto depth = static_cast<uint16_t>(recordings_.size() - 1);
  const size_t start = recordings_.back().tape_start;
  std::vector<ir::Value> released;
  size_t kept = start;
  for (size_t i = start; i < tape_.size(); ++i) {
    if (nodes_[tape_[i].id].depth < depth)
      tape_[kept++] = tape_[i];
    else
      released.push_back(tape_[i]);
  }
  tape_.resize(kept);
  recordings_.pop_back();
  recording_depth_.fetch_sub(1, std::memory_order_release);
  while (!released.empty()) {
    const ir::Value v = released.back();
    released.pop_back();
    nodes_[v.id].depth = kNotTaped;
    if (stored(v))
      for (ir::Value o : graph.operands(v)) drop(o);
    drop(v);
  }
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
}

// ---- compaction --------------------------------------------------------------------------------

void Trace::compact_if_worthwhile() {
  if (graph.size() > kCompactAbove && graph.size() / 2 > alive_) compact();
}

void Trace::compact() {
  if (spare_graph_.bytes() > kKeepBytes) spare_graph_ = {};
  spare_graph_.clear();
  spare_nodes_.clear();
  renamed_.resize(graph.size());
  std::vector<uint64_t> scalars;
  std::vector<ir::Value> operands;
  std::unordered_map<uint32_t, IndexRange> ranges;
  input_index_.clear();
  next_parameter_ = 0;
  for (uint32_t id = 0; id < graph.size(); ++id) {
    const ir::Value v{id};
    if (!alive(v)) {
      if (stored(v)) release_input(v);
      continue;
    }
    int64_t number;
    std::span<const int64_t> attrs = graph.attrs(v);
    ir::Op op = graph.op(v);
    operands.clear();
    if (op == ir::Op::parameter || (stored(v) && !taped(v))) {
      op = ir::Op::parameter;
      number = next_parameter_++;
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
    const ir::Value n = unique
                            ? spare_graph_.append(op, graph.dtype(v), graph.shape(v), attrs, graph.location(v))
                            : spare_graph_.add(op, graph.dtype(v), graph.shape(v), operands, attrs, graph.location(v));
    renamed_[id] = n;
    if (const IndexRange* range = known_range(v)) ranges.emplace(n.id, *range);
    spare_nodes_.push_back(nodes_[id]);
    for (Cell* cell = nodes_[id].cells; cell; cell = cell->next) cell->value = n;
    if (op == ir::Op::parameter && stored(v)) {
      const Input& in = input(v);
      input_index_.emplace(place_hash(buffers_[in.buffer].buffer, graph.shape(v), in.offset, in.strides), n);
    }
  }
  for (ir::Value& v : tape_) v = renamed_[v.id];
  for (Recording& r : recordings_)
    for (ir::Value& v : r.arguments) v = renamed_[v.id];
  std::swap(graph, spare_graph_);
  std::swap(nodes_, spare_nodes_);
  scalars_ = std::move(scalars);
  ranges_ = std::move(ranges);
  ++epoch_;
}

}  // namespace tarry::frontend
