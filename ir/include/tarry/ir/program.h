#pragma once
/// A program: an array-level graph with the layouts of its inputs and outputs.

#include <tarry/ir/graph.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace tarry::ir {

/// How an input lies in its buffer.
struct InputLayout {
  int64_t offset = 0;           // elements from the start of the buffer
  Strides strides;              // elements
  uint32_t buffer = 0;          // inputs with the same number share one buffer
  bool donated = false;         // nobody needs the buffer's content after the flush: it may be overwritten
  int64_t buffer_elements = 0;  // size of the whole buffer
  friend bool operator==(const InputLayout&, const InputLayout&) = default;
};

/// What a flush computes: `parameter` slots index `inputs`, `scalar` slots index the scalars given
/// at execution; `graph.outputs` are stored, each in a fresh buffer (or a donated one), compact,
/// with axes ordered slowest first as in `output_order` (empty: C order).
struct Program {
  Graph graph;
  std::vector<InputLayout> inputs;
  std::vector<Ints> output_order;
  uint32_t num_scalars = 0;
};

/// The lowest and highest element of its buffer that an input touches; nothing when it touches none.
struct Reach {
  int64_t first = 0, last = 0;
};
/// Throws ValueError when a place does not fit int64, or the ranks differ.
std::optional<Reach> reach(const InputLayout& layout, std::span<const int64_t> shape);

/// Equal graphs, layouts, orders and counts of scalars. An order that is missing or empty is C order.
bool equal(const Program& a, const Program& b);

}  // namespace tarry::ir
