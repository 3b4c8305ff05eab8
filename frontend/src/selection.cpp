#include "selection.h"

#include "order.h"
#include "selection_parts.h"
#include "settle.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::OpClass;

/// Constants and ranges first, in an order of their own; then all else by age, but inputs and numbers where one of
/// these reads them first. A trace keeps and finds again what it likes: the same expression is the same program
/// whatever was recorded before.
void put_in_order(Trace& t, std::vector<ir::Value>& nodes) {
  // By number, while they are put in order:
  constexpr uint32_t kReads = 0, kPlaced = 1, kWaits = 2;
  const auto is_fixed = [&](ir::Value v) {
    const Op op = t.graph.op(v);
    return (op == Op::constant || op == Op::iota) && !t.stored(v);
  };
  const auto reads = [&](ir::Value v) {
    return ir::class_of(t.graph.op(v)) != OpClass::source && !t.stored(v) && !t.failed(v);
  };
  const auto others = std::partition(nodes.begin(), nodes.end(), is_fixed);
  const auto key = [&](ir::Value v) { return std::tuple(t.graph.op(v), t.graph.dtype(v), t.graph.attr(v)); };
  std::sort(nodes.begin(), others, [&](ir::Value a, ir::Value b) { return key(a) < key(b); });
  std::sort(others, nodes.end());
  for (auto v = nodes.begin(); v != others; ++v) t.set_number(*v, kPlaced);
  for (auto v = others; v != nodes.end(); ++v) t.set_number(*v, reads(*v) ? kReads : kWaits);
  std::vector<ir::Value> ordered(nodes.begin(), others);
  ordered.reserve(nodes.size());
  const auto place = [&](ir::Value v) {
    if (t.number(v) != kWaits) return;
    t.set_number(v, kPlaced);
    ordered.push_back(v);
  };
  for (auto v = others; v != nodes.end(); ++v) {
    if (t.number(*v) != kReads) continue;
    for (ir::Value o : t.graph.operands(*v)) place(o);
    ordered.push_back(*v);
  }
  if (ordered.size() != nodes.size())  // roots that are computed of nothing
    for (auto v = others; v != nodes.end(); ++v) place(*v);
  nodes.swap(ordered);
}

void collect(Trace& t, std::span<const ir::Value> roots, std::vector<ir::Value>& nodes) {
  t.begin_walk();
  for (ir::Value r : roots) {
    r = t.unmarked(r);
    if (t.visit(r)) nodes.push_back(r);
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (t.stored(nodes[i]) || t.failed(nodes[i])) continue;
    for (ir::Value o : t.graph.operands(nodes[i]))
      if (t.visit(o)) nodes.push_back(o);
  }
  put_in_order(t, nodes);
  for (uint32_t i = 0; i < nodes.size(); ++i) t.set_number(nodes[i], i);
}

/// By number, in `counts`: how often a node is read from inside the selection.
void count_reads_inside(const Trace& t, Selection& s) {
  s.counts.assign(s.nodes.size(), 0);
  for (ir::Value v : s.nodes)
    if (!t.stored(v) && !t.failed(v))
      for (ir::Value o : t.graph.operands(v)) ++s.counts[t.number(o)];
}

/// By number, in `live`: what handles will read, or what waits outside, itself or through a node that shows it and is
/// no output. A tape keeps a node without reading.
void find_live(const Trace& t, Selection& s) {
  count_reads_inside(t, s);
  s.live.assign(s.nodes.size(), false);
  s.marks.assign(s.nodes.size(), false);
  for (ir::Value v : s.outputs) s.marks[t.number(v)] = true;
  for (size_t i = s.nodes.size(); i-- > 0;) {
    const ir::Value v = s.nodes[i];
    if (t.stored(v)) continue;
    if (t.cells(v) || t.references(v) > s.counts[i] + (t.taped(v) ? 1 : 0)) s.live[i] = true;
    if (s.live[i] && !s.marks[i] && shows_operand(t.graph.op(v)) && !t.failed(v))
      for (ir::Value o : t.graph.operands(v)) s.live[t.number(o)] = true;
  }
}

void choose_outputs(Trace& t, std::span<const ir::Value> roots, bool with_live, Selection& s) {
  for (ir::Value r : roots)
    if (const ir::Value v = t.unmarked(r); !t.stored(v)) s.outputs.push_back(v);
  if (with_live) {
    find_live(t, s);
    for (size_t i = 0; i < s.nodes.size(); ++i) {
      const ir::Value v = s.nodes[i];
      if (t.stored(v)) continue;
      if (t.skipped(v)) t.worth_storing.insert(place_in_code(t, v));
      // What lives elsewhere is computed there when it is asked for.
      if (t.uses_devices() && t.place(v) != s.place && (t.place(v) != kAnywhere || s.place != 0)) continue;
      if (!s.live[i]) continue;
      if (worth_storing(t, v))
        s.outputs.push_back(v);
      else if (!is_free(t.graph.op(v)))
        s.skipped.push_back(v);
    }
  }
  std::sort(s.outputs.begin(), s.outputs.end());
  s.outputs.erase(std::unique(s.outputs.begin(), s.outputs.end()), s.outputs.end());
}

/// By number, in `counts`: how many references to a node this flush makes go.
void count_released(const Trace& t, Selection& s) {
  std::vector<uint32_t>& released = s.counts;
  released.assign(s.nodes.size(), 0);
  s.marks.assign(s.nodes.size(), false);  // outputs
  for (ir::Value v : s.outputs) s.marks[t.number(v)] = true;
  for (size_t i = s.nodes.size(); i-- > 0;) {
    const ir::Value v = s.nodes[i];
    if (t.stored(v)) continue;
    const bool dies = released[i] == t.references(v);
    // A stored value on the tape keeps its operands.
    if ((!dies && (!s.marks[i] || t.taped(v))) || t.failed(v)) continue;
    for (ir::Value o : t.graph.operands(v)) ++released[t.number(o)];
  }
}

ir::InputLayout layout_of(const Trace& t, const Selection& s, size_t i) {
  const Input& in = t.input(s.inputs[i]);
  const BufferWindow& window = s.buffers[s.buffer_of[i]];
  const int64_t elements = elements_seen(t, window, s.inputs[i]);
  return {in.offset - window.start, in.strides, s.buffer_of[i], s.donated[i], elements};
}

}  // namespace

void Selection::clear() {
  nodes.clear();
  outputs.clear();
  skipped.clear();
  inputs.clear();
  scalars.clear();
  donated.clear();
  buffers.clear();
  buffer_of.clear();
  place = 0;
  elements = 0;
  words.clear();
  starts.clear();
}

ScratchSelection::ScratchSelection(Trace& trace)
    : trace_(trace),
      selection_(trace.spare_selection ? std::move(trace.spare_selection) : std::make_unique<Selection>()) {}

ScratchSelection::~ScratchSelection() {
  constexpr size_t kKeepNodes = 4096;
  if (selection_->nodes.capacity() > kKeepNodes) return;
  selection_->clear();
  trace_.spare_selection = std::move(selection_);
}

void select(Trace& trace, std::span<const ir::Value> roots, bool with_live, Selection& s) {
  if (trace.uses_devices() && !roots.empty()) s.place = program_place(trace, trace.unmarked(roots[0]));
  collect(trace, roots, s.nodes);
  choose_outputs(trace, roots, with_live, s);
  number_sources(trace, s);
  count_released(trace, s);
  choose_donations(trace, s);
}

ir::Program make_program(const Trace& t, const Selection& s) {
  ir::Program p;
  std::vector<ir::Value> renamed, operands;
  p.graph.reserve(static_cast<uint32_t>(s.nodes.size()));
  p.inputs.reserve(s.inputs.size());
  renamed.reserve(s.nodes.size());
  for (ir::Value v : s.nodes) {
    int64_t slot = 0;
    Op op = t.graph.op(v);
    std::span<const int64_t> attrs = t.graph.attrs(v);
    operands.clear();
    if (t.stored(v)) {
      op = Op::parameter;
      const size_t i = p.inputs.size();
      slot = static_cast<int64_t>(i);
      attrs = std::span(&slot, 1);
      p.inputs.push_back(layout_of(t, s, i));
    } else if (t.failed(v)) {
      op = Op::empty;
      attrs = {};
    } else if (op == Op::scalar) {
      slot = p.num_scalars++;
      attrs = std::span(&slot, 1);
    } else if (op == Op::mark) {
      renamed.push_back(renamed[t.number(t.graph.operand(v, 0))]);
      continue;
    } else {
      for (ir::Value o : t.graph.operands(v)) operands.push_back(renamed[t.number(o)]);
    }
    renamed.push_back(p.graph.add(op, t.graph.dtype(v), t.graph.shape(v), operands, attrs, t.graph.location(v)));
  }
  for (ir::Value v : s.outputs) {
    p.graph.outputs.push_back(renamed[t.number(v)]);
    p.output_order.push_back(order_of(t, v));
  }
  return p;
}

const std::vector<uint64_t>& structure(const Trace& t, Selection& s) {
  std::vector<uint64_t>& words = s.words;
  auto list = [&](std::span<const int64_t> values) { words.insert(words.end(), values.begin(), values.end()); };
  words.push_back(s.nodes.size() | static_cast<uint64_t>(s.outputs.size()) << 32);
  if (s.place != 0) words.push_back(s.place);
  size_t input = 0;
  for (ir::Value v : s.nodes) {
    const bool stored = t.stored(v), failed = t.failed(v);
    const Op op = stored ? Op::parameter : failed ? Op::empty : t.graph.op(v);
    const ir::Shape& shape = t.graph.shape(v);
    std::span<const ir::Value> operands;
    std::span<const int64_t> attrs;
    if (!stored && !failed) {
      operands = t.graph.operands(v);
      if (op != Op::scalar && ir::class_of(op) != OpClass::transform) attrs = t.graph.attrs(v);
    }
    s.starts.push_back(static_cast<uint32_t>(words.size()));
    words.push_back(first_word(op, t.graph.dtype(v), shape.size(), operands.size(), attrs.size()));
    list(shape);
    for (size_t i = 0; i < operands.size(); i += 2)
      words.push_back(t.number(operands[i]) |
                      (i + 1 < operands.size() ? static_cast<uint64_t>(t.number(operands[i + 1])) << 32 : 0));
    list(attrs);
    if (!stored) continue;
    const Input& in = t.input(v);
    const BufferWindow& window = s.buffers[s.buffer_of[input]];
    list(in.strides);
    words.push_back(static_cast<uint64_t>(in.offset - window.start));
    words.push_back(static_cast<uint64_t>(s.buffer_of[input]) << 1 | (s.donated[input] ? 1 : 0));
    words.push_back(static_cast<uint64_t>(elements_seen(t, window, v)));
    ++input;
  }
  s.starts.push_back(static_cast<uint32_t>(words.size()));
  for (ir::Value v : s.outputs) {
    const ir::Ints order = order_of(t, v);
    words.push_back(t.number(v) | static_cast<uint64_t>(order.size()) << 32);
    list(order);
  }
  return words;
}

}  // namespace tarry::frontend
