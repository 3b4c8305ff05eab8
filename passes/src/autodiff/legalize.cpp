// Spells out what only transforms record.

#include "builder.h"

#include <tarry/ir/literal.h>
#include <tarry/passes/autodiff.h>

#include <optional>
#include <utility>
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

/// Whether this is a number other than 0.
bool never_zero(const Graph& g, Value v) {
  const std::optional<uint64_t> literal = repeated_literal(g, v);
  return literal && *literal != ir::bits_of(g.dtype(v), 0.0) && *literal != ir::bits_of(g.dtype(v), -0.0);
}

/// mul0. Seeds are ones mostly, by which nothing has to be multiplied.
Value product(Builder& b, Value x, Value y, std::span<const int64_t> shape) {
  const ir::DType type = b.dtype(x);
  // Compared where they are multiplied: a small operand is stored once, not with its comparison.
  x = b.broadcast(x, shape);
  y = b.broadcast(y, shape);
  const uint64_t one = ir::bits_of(type, 1.0);
  if (repeated_literal(b.g, x) == one) return y;
  if (repeated_literal(b.g, y) == one) return x;
  const Value zero = b.literal(type, 0.0);
  if (never_zero(b.g, x)) std::swap(x, y);
  if (never_zero(b.g, y)) return b.op(Op::select, {b.op(Op::eq, {x, zero}), x, b.mul(x, y)});
  const Value unless_y = b.op(Op::select, {b.op(Op::eq, {y, zero}), y, b.mul(x, y)});
  return b.op(Op::select, {b.op(Op::eq, {x, zero}), x, unless_y});
}

}  // namespace

Graph legalize(const Graph& graph) {
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
      case Op::custom: made.push_back(operands[0]); break;
      case Op::mul0: {
        made.push_back(product(b, operands[0], operands[1], graph.shape(v)));
        break;
      }
      case Op::div0: {
        const Value zero = b.literal(graph.dtype(v), 0.0);
        const Value quotient = b.div(operands[0], operands[1]);
        made.push_back(never_zero(out, operands[0])
                           ? quotient
                           : b.op(Op::select, {b.op(Op::eq, {operands[0], zero}), operands[0], quotient}));
        break;
      }
      default:
        made.push_back(
            out.add(graph.op(v), graph.dtype(v), graph.shape(v), operands, graph.attrs(v), graph.location(v)));
    }
  }
  for (Value v : graph.outputs) out.outputs.push_back(made[v.id]);
  return out;
}

}  // namespace tarry::passes
