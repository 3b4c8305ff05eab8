#include <tarry/ir/program.h>

#include <tarry/ir/error.h>
#include "text_words.h"

#include <algorithm>

namespace tarry::ir {

std::optional<InputLayout> default_layout(uint32_t slot, std::span<const int64_t> shape) {
  InputLayout layout;
  try {
    layout.buffer_elements = num_elements(shape);
  } catch (const ValueError&) {
    return {};
  }
  layout.strides = c_strides(shape);
  layout.buffer = slot;
  return layout;
}

uint32_t implied_scalars(const Graph& g) {
  int64_t count = 0;
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (g.op(v) == Op::scalar && !g.attrs(v).empty()) count = std::max(count, std::min<int64_t>(g.attr(v), 65535) + 1);
  }
  return static_cast<uint32_t>(count);
}

std::optional<Reach> reach(const InputLayout& layout, std::span<const int64_t> shape) {
  if (layout.strides.size() != shape.size())
    throw ValueError("an input of shape " + tuple_text(shape) + " has strides " + tuple_text(layout.strides));
  Reach r{layout.offset, layout.offset};
  bool overflow = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return {};
    int64_t span = 0;
    overflow |= __builtin_mul_overflow(layout.strides[i], shape[i] - 1, &span);
    int64_t& end = span < 0 ? r.first : r.last;
    overflow |= __builtin_add_overflow(end, span, &end);
  }
  if (overflow) throw ValueError("the layout of an input of shape " + tuple_text(shape) + " exceeds int64");
  return r;
}

bool equal(const Program& a, const Program& b) {
  auto order = [](const Program& p, size_t i) { return i < p.output_order.size() ? p.output_order[i] : Ints(); };
  if (a.inputs != b.inputs || a.num_scalars != b.num_scalars || !equal(a.graph, b.graph)) return false;
  for (size_t i = 0; i < std::max(a.output_order.size(), b.output_order.size()); ++i)
    if (!(order(a, i) == order(b, i))) return false;
  return true;
}

}  // namespace tarry::ir
