#include "verify_node.h"

#include <algorithm>

namespace tarry::ir {
namespace {

void need_rank(const Graph& g, Value v, size_t rank) {
  if (g.shape(v).size() != rank) broken(v, "the result must have " + std::to_string(rank) + " axes");
}

void need_shape(const Graph& g, Value v, const Shape& wanted) {
  if (!(g.shape(v) == wanted)) broken(v, "the shape of the result must be " + tuple_text(wanted));
}

void need_attrs(const Graph& g, Value v, size_t count) {
  if (g.attrs(v).size() != count) broken(v, "takes " + std::to_string(count) + " attributes");
}

void verify_extents(const Graph& g, Value v) {
  int64_t bytes = static_cast<int64_t>(size_of(g.dtype(v)));
  bool overflow = false;
  for (int64_t extent : g.shape(v)) {
    if (extent < 0) broken(v, "an extent is negative");
    if (extent > 0) overflow |= __builtin_mul_overflow(bytes, extent, &bytes);
  }
  if (overflow) broken(v, "the array is too big");
}

void verify_broadcast_rule(const Graph& g, Value v) {
  Shape result;
  for (Value o : g.operands(v)) {
    const Shape& shape = g.shape(o);
    while (result.size() < shape.size()) result.insert(0, 1);
    const size_t lead = result.size() - shape.size();
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t& extent = result[lead + i];
      if (extent == 1)
        extent = shape[i];
      else if (shape[i] != 1 && shape[i] != extent)
        broken(v, "the operands do not broadcast");
    }
  }
  need_shape(g, v, result);
}

void verify_reduced_rule(const Graph& g, Value v) {
  const Shape& from = g.shape(g.operand(v, 0));
  const auto axes = g.attrs(v);
  Shape result;
  size_t next = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    if (next < axes.size() && axes[next] == static_cast<int64_t>(i))
      ++next;
    else
      result.push_back(from[i]);
  }
  if (next != axes.size()) broken(v, "axes must ascend within the operand's");
  need_shape(g, v, result);
}

/// The places start + i*step, i < count, of each axis lie inside the extents.
void verify_places(const Graph& g, Value v, const Shape& extents, const Shape& counts) {
  const auto attrs = g.attrs(v);
  need_attrs(g, v, 2 * extents.size());
  if (counts.size() != extents.size()) broken(v, "the region must have as many axes as the array");
  for (size_t i = 0; i < extents.size(); ++i) {
    const int64_t start = attrs[2 * i], step = attrs[2 * i + 1];
    if (step == 0) broken(v, "a step is 0");
    if (counts[i] == 0) continue;
    int64_t last = 0;
    const bool overflow =
        __builtin_mul_overflow(step, counts[i] - 1, &last) || __builtin_add_overflow(last, start, &last);
    if (overflow || start < 0 || start >= extents[i] || last < 0 || last >= extents[i])
      broken(v, "axis " + std::to_string(i) + " reaches outside its extent " + std::to_string(extents[i]));
  }
}

void verify_transpose(const Graph& g, Value v) {
  const Shape& from = g.shape(g.operand(v, 0));
  const auto perm = g.attrs(v);
  need_attrs(g, v, from.size());
  Ints seen(from.size(), 0);
  Shape result;
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<int64_t>(from.size()) || seen[axis]++) broken(v, "this is no permutation");
    result.push_back(from[axis]);
  }
  need_shape(g, v, result);
}

void verify_broadcast_to(const Graph& g, Value v) {
  const Shape &from = g.shape(g.operand(v, 0)), &to = g.shape(v);
  if (from.size() > to.size()) broken(v, "the result has fewer axes than the operand");
  const size_t lead = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1 && from[i] != to[lead + i]) broken(v, "the operand does not broadcast to this shape");
}

void verify_pad(const Graph& g, Value v) {
  const Shape& from = g.shape(g.operand(v, 0));
  const auto widths = g.attrs(v);
  need_attrs(g, v, 2 * from.size());
  if (!g.shape(g.operand(v, 1)).empty()) broken(v, "the padding must be a 0-d value");
  Shape result(from);
  for (size_t i = 0; i < from.size(); ++i) {
    for (int64_t width : {widths[2 * i], widths[2 * i + 1]}) {
      if (width < 0) broken(v, "a width is negative");
      if (__builtin_add_overflow(result[i], width, &result[i])) broken(v, "the array is too big");
    }
  }
  need_shape(g, v, result);
}

void verify_matmul(const Graph& g, Value v) {
  const Shape &a = g.shape(g.operand(v, 0)), &b = g.shape(g.operand(v, 1));
  const size_t rank = a.size();
  if (rank < 2 || b.size() != rank) broken(v, "operands must have the same number of axes, at least 2");
  if (a[rank - 1] != b[rank - 2]) broken(v, "the inner extents differ");
  Shape result(a);
  result[rank - 1] = b[rank - 1];
  for (size_t i = 0; i + 2 < rank; ++i)
    if (a[i] != b[i]) broken(v, "the batch extents differ");
  need_shape(g, v, result);
}

/// The shape of what is read from operand 0, or written to it, at index arrays that begin with operand `first`.
Shape gathered_shape(const Graph& g, Value v, size_t first) {
  const Shape& x = g.shape(g.operand(v, 0));
  const auto axes = g.attrs(v);
  if (axes.empty()) broken(v, "needs an axis");
  Shape result = g.shape(g.operands(v)[first]);
  const bool empty = std::ranges::find(result, 0) != result.end();
  size_t next = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (next == axes.size() || axes[next] != static_cast<int64_t>(i)) {
      result.push_back(x[i]);
      continue;
    }
    if (g.shape(g.operands(v)[first + next]) != g.shape(g.operands(v)[first]))
      broken(v, "the index arrays have different shapes");
    if (x[i] == 0 && !empty) broken(v, "no index lies within axis " + std::to_string(i) + ", whose extent is 0");
    ++next;
  }
  if (next != axes.size()) broken(v, "axes must ascend within the operand's");
  return result;
}

void verify_search(const Graph& g, Value v) {
  if (g.shape(g.operand(v, 0)).size() != 1) broken(v, "operand 0 must have one axis");
  need_shape(g, v, g.shape(g.operand(v, 1)));
}

void verify_axis(const Graph& g, Value v) {
  need_attrs(g, v, 1);
  if (g.attr(v) < 0 || g.attr(v) >= static_cast<int64_t>(g.shape(v).size())) broken(v, "there is no such axis");
}

/// For shapes that passed verify_extents.
int64_t elements(const Shape& shape) {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  return n;
}

void verify_free_rule(const Graph& g, Value v) {
  switch (g.op(v)) {
    case Op::scalar:
    case Op::constant: return need_rank(g, v, 0);
    case Op::iota: return verify_axis(g, v);
    case Op::reshape:
      if (elements(g.shape(v)) != elements(g.shape(g.operand(v, 0)))) broken(v, "the number of elements changes");
      return;
    case Op::transpose: return verify_transpose(g, v);
    case Op::broadcast: return verify_broadcast_to(g, v);
    case Op::slice: return verify_places(g, v, g.shape(g.operand(v, 0)), g.shape(v));
    case Op::pad: return verify_pad(g, v);
    case Op::matmul: return verify_matmul(g, v);
    case Op::gather: return need_shape(g, v, gathered_shape(g, v, 1));
    case Op::search_left:
    case Op::search_right: return verify_search(g, v);
    case Op::custom: return need_shape(g, v, g.shape(g.operand(v, 0)));
    default: return;  // parameter, empty: any shape
  }
}

}  // namespace

void verify_shape(const Graph& g, Value v) {
  verify_extents(g, v);
  switch (info(g.op(v)).shape_rule) {
    case ShapeRule::free: return verify_free_rule(g, v);
    case ShapeRule::broadcast: return verify_broadcast_rule(g, v);
    case ShapeRule::reduced: return verify_reduced_rule(g, v);
    case ShapeRule::same: need_shape(g, v, g.shape(g.operand(v, 0))); break;
  }
  if (g.op(v) == Op::update) return verify_places(g, v, g.shape(v), g.shape(g.operand(v, 1)));
  if (!is_scatter(g.op(v))) return verify_axis(g, v);
  if (!(g.shape(g.operand(v, 1)) == gathered_shape(g, v, 2)))
    broken(v, "operand 1 must have the shape " + tuple_text(gathered_shape(g, v, 2)));
}

}  // namespace tarry::ir
