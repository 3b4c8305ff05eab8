// Spells out what only transforms record.

#include "builder.h"

#include <tarry/ir/literal.h>
#include <tarry/passes/autodiff.h>

#include <limits>
#include <optional>
#include <vector>

namespace tarry::passes {

using ir::Graph;
using ir::Op;
using ir::Value;

namespace {

/// The literal that an array repeats, if it does.
std::optional<uint64_t> repeated_literal(const Graph& g, Value v) {
  while (g.op(v) == Op::reshape || g.op(v) == Op::broadcast || g.op(v) == Op::transpose || g.op(v) == Op::slice)
    v = g.operand(v, 0);
  if (g.op(v) != Op::constant) return std::nullopt;
  return static_cast<uint64_t>(g.attr(v));
}

/// Whether this is a finite number other than 0: no product with it needs a guard.
bool is_plain(const Graph& g, Value v) {
  const std::optional<uint64_t> literal = repeated_literal(g, v);
  if (!literal) return false;
  const ir::DType type = g.dtype(v);
  const uint64_t exponent = ir::bits_of(type, std::numeric_limits<double>::infinity());
  return (*literal & ~ir::bits_of(type, -0.0)) != 0 && (*literal & exponent) != exponent;
}

/// mul0. Seeds are ones mostly, by which nothing has to be multiplied.
Value product(Builder& b, Value x, Value y, std::span<const int64_t> shape) {
  const uint64_t one = ir::bits_of(b.dtype(x), 1.0);
  if (repeated_literal(b.g, x) == one) return b.broadcast(y, shape);
  if (repeated_literal(b.g, y) == one) return b.broadcast(x, shape);
  return b.op(is_plain(b.g, x) || is_plain(b.g, y) ? Op::mul : Op::mul0, {x, y});
}

bool is_rewritten(Op op) { return ir::class_of(op) == ir::OpClass::transform || op == Op::mul0 || op == Op::div0; }

}  // namespace

Graph legalize(Graph graph) {
  uint32_t first = 0;
  while (first < graph.size() && !is_rewritten(graph.op({first}))) ++first;
  if (first == graph.size()) return graph;
  Graph out;
  Builder b(out);
  std::vector<Value> made, operands;
  for (uint32_t id = 0; id < graph.size(); ++id) {
    const Value v{id};
    operands.clear();
    for (Value o : graph.operands(v)) operands.push_back(made[o.id]);
    b.where = graph.location(v);
    switch (graph.op(v)) {
      case Op::mark:
      case Op::stop:
      case Op::checkpoint:
      case Op::move:
      case Op::custom: made.push_back(operands[0]); break;
      case Op::mul0: made.push_back(product(b, operands[0], operands[1], graph.shape(v))); break;
      case Op::div0:
        made.push_back(b.op(is_plain(out, operands[0]) ? Op::div : Op::div0, {operands[0], operands[1]}));
        break;
      default:
        made.push_back(
            out.add(graph.op(v), graph.dtype(v), graph.shape(v), operands, graph.attrs(v), graph.location(v)));
    }
  }
  for (Value v : graph.outputs) out.outputs.push_back(made[v.id]);
  return out;
}

}  // namespace tarry::passes
