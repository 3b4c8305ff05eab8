#include "selection_parts.h"

#include "order.h"

#include <tarry/ir/hash.h>

#include <algorithm>
#include <utility>

namespace tarry::frontend {

using ir::Op;
using ir::OpClass;

namespace {

/// Values that a program stores anyway, or nearly.
bool is_materialised(Op op) {
  const OpClass c = ir::class_of(op);
  return c == OpClass::reduce || c == OpClass::scan || c == OpClass::library || c == OpClass::update;
}

int64_t elements_of(const Trace& t, ir::Value input) {
  return static_cast<int64_t>(t.buffer(t.input(input)).buffer.bytes() / ir::size_of(t.graph.dtype(input)));
}

/// Whether so many elements are all that the input's buffer has room for.
bool spans_all(const Trace& t, ir::Value input, int64_t elements) {
  const size_t size = ir::size_of(t.graph.dtype(input)), bytes = static_cast<size_t>(elements) * size;
  const size_t all = t.buffer(t.input(input)).buffer.bytes();
  return bytes <= all && all - bytes < size;
}

/// The places from the first element in memory to the last.
BufferWindow span_of(const Trace& t, ir::Value input) {
  const Input& in = t.input(input);
  const ir::Shape& shape = t.graph.shape(input);
  if (ir::num_elements(shape) == 0) return {in.buffer, in.offset, 0};
  int64_t low = in.offset, high = in.offset;
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t reach = in.strides[i] * (shape[i] - 1);
    (reach < 0 ? low : high) += reach;
  }
  return {in.buffer, low, high - low + 1};
}

/// Whether an input shows an element at several places, which cannot be written to one by one.
bool repeats(const Trace& t, ir::Value input) {
  const ir::Shape& shape = t.graph.shape(input);
  const ir::Strides& strides = t.input(input).strides;
  for (size_t i = 0; i < shape.size(); ++i)
    if (strides[i] == 0 && shape[i] > 1) return true;
  return false;
}

}  // namespace

bool is_free(Op op) {
  return ir::class_of(op) == OpClass::source || ir::class_of(op) == OpClass::movement || op == Op::mark ||
         op == Op::stop || op == Op::checkpoint || op == Op::move || op == Op::custom;
}

bool shows_operand(Op op) {
  return op == Op::reshape || op == Op::transpose || op == Op::broadcast || op == Op::mark || op == Op::stop ||
         op == Op::checkpoint || op == Op::move || op == Op::custom;
}

uint64_t place_in_code(const Trace& t, ir::Value v) {
  return t.graph.location(v).bits * ir::kGolden + static_cast<uint64_t>(t.graph.op(v));
}

bool worth_storing(Trace& t, ir::Value v) {
  if (is_materialised(t.graph.op(v))) return true;
  if (is_free(t.graph.op(v))) return false;
  return t.worth_storing.contains(place_in_code(t, v));
}

void number_sources(Trace& t, Selection& s) {
  t.begin_walk();
  for (ir::Value v : s.nodes) {
    if (!t.stored(v)) {
      if (t.graph.op(v) == Op::scalar) s.scalars.push_back(v);
      continue;
    }
    s.inputs.push_back(v);
    const uint32_t buffer = t.input(v).buffer;
    const bool added = t.visit_buffer(buffer, static_cast<uint32_t>(s.buffers.size()));
    const uint32_t number = t.buffer_number(buffer);
    s.buffer_of.push_back(number);
    if (added)
      s.buffers.push_back(span_of(t, v));
    else
      s.buffers[number] = {buffer, 0, kWholeBuffer};
  }
}

void choose_donations(const Trace& t, Selection& s) {
  s.buffer_uses.assign(s.buffers.size(), 0);  // that die
  for (size_t i = 0, input = 0; input < s.inputs.size(); ++i) {
    if (!t.stored(s.nodes[i])) continue;
    if (s.counts[i] == t.references(s.nodes[i])) ++s.buffer_uses[s.buffer_of[input]];
    ++input;
  }
  // A copy to another place may fail when the program has run.
  const bool sends = t.uses_devices() && std::ranges::any_of(s.outputs, [&](ir::Value v) {
                       return t.place(v) != s.place && t.place(v) != kAnywhere;
                     });
  for (size_t i = 0; i < s.inputs.size(); ++i) {
    const TraceBuffer& b = t.buffer(t.input(s.inputs[i]));
    // A result in place of a piece would keep the whole.
    const int64_t seen = s.buffers[s.buffer_of[i]].elements;
    const bool whole = seen == kWholeBuffer || spans_all(t, s.inputs[i], seen);
    s.donated.push_back(whole && !repeats(t, s.inputs[i]) && s.buffer_uses[s.buffer_of[i]] == b.uses &&
                        b.buffer.unique() && !b.buffer.is_external() && b.buffer.place() == s.place && !sends);
  }
}

ir::Ints order_of(const Trace& t, ir::Value output) {
  const Cell* cell = t.cells(output);
  return cell ? output_order(*cell) : ir::Ints{};
}

int64_t elements_seen(const Trace& t, const BufferWindow& window, ir::Value input) {
  return window.elements == kWholeBuffer ? elements_of(t, input) : window.elements;
}

}  // namespace tarry::frontend
