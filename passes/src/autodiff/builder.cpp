#include "builder.h"

#include <tarry/ir/literal.h>
#include <tarry/passes/autodiff.h>

#include <algorithm>
#include <vector>

namespace tarry::passes {

using ir::DType;
using ir::Ints;
using ir::Op;
using ir::Shape;
using ir::Value;

bool is_literal_zero(const ir::Graph& g, Value v) {
  while (g.op(v) == Op::broadcast) v = g.operand(v, 0);
  if (g.op(v) == Op::complex) return is_literal_zero(g, g.operand(v, 0)) && is_literal_zero(g, g.operand(v, 1));
  return g.op(v) == Op::constant && g.attr(v) == 0;
}

namespace {
bool adds_to_zeros(const ir::Graph& g, Value v) {
  return g.op(v) == Op::scatter_add && is_literal_zero(g, g.operand(v, 0));
}
}  // namespace

Value Builder::op(Op op, std::initializer_list<Value> operands) {
  Shape to;
  for (Value o : operands) {
    const Shape& from = g.shape(o);
    while (to.size() < from.size()) to.insert(0, 1);
    const size_t lead = to.size() - from.size();
    for (size_t i = 0; i < from.size(); ++i)
      if (to[lead + i] == 1) to[lead + i] = from[i];
  }
  const DType result = ir::elementwise_dtype(op, dtype(*(operands.end() - 1)));
  return g.add(op, result, to, std::span(operands.begin(), operands.size()), {}, where);
}

Value Builder::add(Value a, Value b) {
  if (!a.valid()) return b;
  if (!b.valid()) return a;
  if (dtype(a) == dtype(b) && shape(a) == shape(b)) {
    // All that is scattered goes into one array, not into zeros of its own.
    if (adds_to_zeros(g, b)) return added_to(a, b);
    if (adds_to_zeros(g, a)) return added_to(b, a);
  }
  if (g.op(b) == Op::neg) return op(Op::sub, {a, g.operand(b, 0)});
  if (g.op(a) == Op::neg) return op(Op::sub, {b, g.operand(a, 0)});
  return op(Op::add, {a, b});
}

Value Builder::added_to(Value x, Value scattered) {
  std::vector<Value> operands(g.operands(scattered).begin(), g.operands(scattered).end());
  operands[0] = x;
  return g.add(Op::scatter_add, dtype(x), Shape(shape(x)), operands, Ints(g.attrs(scattered)), where);
}

Value Builder::cast(Value x, DType to) {
  return dtype(x) == to ? x : g.add(Op::cast, to, Shape(shape(x)), {x}, {}, where);
}

Value Builder::literal(DType dtype, double value) {
  if (ir::is_complex(dtype)) {
    const DType part = ir::part_of(dtype);
    return op(Op::complex, {literal(part, value), literal(part, 0.0)});
  }
  return g.add(Op::constant, dtype, {}, {}, {static_cast<int64_t>(ir::bits_of(dtype, value))}, where);
}

Value Builder::filled(DType dtype, std::span<const int64_t> shape, double value) {
  return broadcast(literal(dtype, value), shape);
}

Value Builder::or_zeros(Value x, Value like) { return x.valid() ? x : filled(dtype(like), Shape(shape(like)), 0.0); }

Value Builder::reshape(Value x, std::span<const int64_t> to) {
  return std::ranges::equal(shape(x), to) ? x : g.add(Op::reshape, dtype(x), to, {x}, {}, where);
}

Value Builder::broadcast(Value x, std::span<const int64_t> to) {
  return std::ranges::equal(shape(x), to) ? x : g.add(Op::broadcast, dtype(x), to, {x}, {}, where);
}

Value Builder::transpose(Value x, std::span<const int64_t> perm) {
  if (std::ranges::is_sorted(perm)) return x;
  Shape to;
  for (int64_t axis : perm) to.push_back(shape(x)[axis]);
  return g.add(Op::transpose, dtype(x), to, std::span(&x, 1), perm, where);
}

Value Builder::slice(Value x, std::span<const int64_t> places, std::span<const int64_t> extents) {
  return g.add(Op::slice, dtype(x), extents, std::span(&x, 1), places, where);
}

Value Builder::update(Value x, Value value, std::span<const int64_t> places) {
  const Value operands[] = {x, value};
  return g.add(Op::update, dtype(x), Shape(shape(x)), operands, places, where);
}

Value Builder::pad(Value x, Value value, std::span<const int64_t> widths) {
  Shape to(shape(x));
  for (size_t i = 0; i < to.size(); ++i) to[i] += widths[2 * i] + widths[2 * i + 1];
  if (to == shape(x)) return x;
  const Value operands[] = {x, value};
  return g.add(Op::pad, dtype(x), to, operands, widths, where);
}

Value Builder::reduce(Op op, Value x, std::span<const int64_t> axes) {
  if (axes.empty()) return x;
  Shape to;
  for (size_t i = 0; i < shape(x).size(); ++i)
    if (std::ranges::find(axes, static_cast<int64_t>(i)) == axes.end()) to.push_back(shape(x)[i]);
  return g.add(op, dtype(x), to, std::span(&x, 1), axes, where);
}

Value Builder::scan(Op op, Value x, int64_t axis) { return g.add(op, dtype(x), Shape(shape(x)), {x}, {axis}, where); }

Value Builder::matmul(Value a, Value b) {
  Shape to(shape(a));
  to[to.size() - 1] = shape(b).back();
  return g.add(Op::matmul, dtype(a), to, {a, b}, {}, where);
}

Value Builder::gather(Value x, std::span<const Value> indices, std::span<const int64_t> axes) {
  Shape to(shape(indices[0]));
  for (size_t i = 0; i < shape(x).size(); ++i)
    if (std::ranges::find(axes, static_cast<int64_t>(i)) == axes.end()) to.push_back(shape(x)[i]);
  std::vector<Value> operands{x};
  operands.insert(operands.end(), indices.begin(), indices.end());
  return g.add(Op::gather, dtype(x), to, operands, axes, where);
}

Value Builder::scatter(Op op, Value x, Value value, std::span<const Value> indices, std::span<const int64_t> axes) {
  std::vector<Value> operands{x, value};
  operands.insert(operands.end(), indices.begin(), indices.end());
  return g.add(op, dtype(x), Shape(shape(x)), operands, axes, where);
}

Value Builder::iota(std::span<const int64_t> shape, int64_t axis) {
  return g.add(Op::iota, DType::int64, shape, std::span<const Value>(), std::span(&axis, 1), where);
}

Value Builder::with_axes(Value reduced, std::span<const int64_t> from, std::span<const int64_t> axes) {
  Shape kept(from);
  for (int64_t axis : axes) kept[axis] = 1;
  return reshape(reduced, kept);
}

namespace {
/// The places of a whole array.
Ints everywhere(size_t rank) {
  Ints places;
  for (size_t i = 0; i < rank; ++i) {
    places.push_back(0);
    places.push_back(1);
  }
  return places;
}
}  // namespace

Value Builder::flip(Value x, int64_t axis) {
  const int64_t n = shape(x)[axis];
  if (n < 2) return x;
  Ints places = everywhere(shape(x).size());
  places[2 * axis] = n - 1;
  places[2 * axis + 1] = -1;
  return slice(x, places, Shape(shape(x)));
}

Value Builder::part(Value x, int64_t axis, int64_t from, int64_t to) {
  Shape extents(shape(x));
  Ints places = everywhere(extents.size());
  places[2 * axis] = from;
  extents[axis] = to - from;
  return slice(x, places, extents);
}

Value Builder::pad_axis(Value x, Value value, int64_t axis, int64_t before, int64_t after) {
  Ints widths(2 * shape(x).size(), 0);
  widths[2 * axis] = before;
  widths[2 * axis + 1] = after;
  return pad(x, value, widths);
}

Value Builder::swap_last(Value x) {
  Ints perm;
  const auto rank = static_cast<int64_t>(shape(x).size());
  for (int64_t i = 0; i < rank; ++i) perm.push_back(i);
  std::swap(perm[rank - 2], perm[rank - 1]);
  return transpose(x, perm);
}

Value Builder::sum_to(Value x, std::span<const int64_t> to) {
  const Shape from(shape(x));
  if (std::ranges::equal(from, to)) return x;
  const size_t lead = from.size() - to.size();
  Ints axes;
  for (size_t i = 0; i < from.size(); ++i)
    if (i < lead || to[i - lead] != from[i]) axes.push_back(static_cast<int64_t>(i));
  return reshape(reduce(Op::reduce_sum, x, axes), to);
}

}  // namespace tarry::passes
