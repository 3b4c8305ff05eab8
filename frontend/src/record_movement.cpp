/// Movements and writes through them, as nodes.

#include "value.h"

#include <algorithm>
#include <numeric>

namespace tarry::frontend {
namespace {

using ir::Op;

/// How the nodes of a movement rearrange the slice of its source.
struct Rearrangement {
  ir::Ints perm;         // of the slice: the axes that are shown in their order, then those left out
  ir::Shape permuted;    // extents after that
  ir::Shape unrepeated;  // the result's extents, 1 where it repeats
  bool sliced, is_permuted;
};

Rearrangement rearrangement(const Movement& m, std::span<const int64_t> shape) {
  Rearrangement r;
  std::vector<bool> shown(shape.size(), false);
  for (size_t i = 0; i < m.axis.size(); ++i) {
    const int64_t a = m.axis[i];
    r.unrepeated.push_back(a < 0 ? 1 : m.count[a]);
    if (a < 0) continue;
    r.perm.push_back(a);
    shown[a] = true;
  }
  for (size_t a = 0; a < shape.size(); ++a)
    if (!shown[a]) r.perm.push_back(static_cast<int64_t>(a));
  r.sliced = false;
  for (size_t a = 0; a < shape.size(); ++a) r.sliced |= m.start[a] != 0 || m.step[a] != 1 || m.count[a] != shape[a];
  // Moving axes of extent 1 about is a matter for the reshape.
  int64_t last = -1;
  r.is_permuted = false;
  for (int64_t a : r.perm) {
    if (m.count[a] != 1) {
      r.is_permuted |= a < last;
      last = a;
    }
  }
  for (int64_t a : r.perm) r.permuted.push_back(m.count[a]);
  if (!r.is_permuted) r.permuted = m.count;
  return r;
}

ir::Value add(Trace& t, Op op, ir::Value x, std::span<const int64_t> shape, std::span<const int64_t> attrs,
              ir::Location where) {
  return t.add(op, t.graph.dtype(x), shape, std::span(&x, 1), attrs, where);
}

ir::Value reshape_to(Trace& t, ir::Value x, std::span<const int64_t> shape, ir::Location where) {
  return std::ranges::equal(t.graph.shape(x), shape) ? x : add(t, Op::reshape, x, shape, {}, where);
}

ir::Ints slice_attrs(const Movement& m) {
  ir::Ints attrs;
  for (size_t a = 0; a < m.start.size(); ++a) {
    attrs.push_back(m.start[a]);
    attrs.push_back(m.step[a]);
  }
  return attrs;
}

}  // namespace

ir::Value record_movement(Trace& own, ir::Value source, const Movement& m, ir::Location where) {
  const Rearrangement r = rearrangement(m, own.graph.shape(source));
  ir::Value v = source;
  if (r.sliced) v = add(own, Op::slice, v, m.count, slice_attrs(m), where);
  if (r.is_permuted) v = add(own, Op::transpose, v, r.permuted, r.perm, where);
  v = reshape_to(own, v, r.unrepeated, where);
  if (!(r.unrepeated == m.extent)) v = add(own, Op::broadcast, v, m.extent, {}, where);
  return v;
}

ir::Value record_write(Trace& own, ir::Value source, const Movement& m, ir::Value value, ir::Location where) {
  const ir::Shape shape = own.graph.shape(source);
  const Rearrangement r = rearrangement(m, shape);
  ir::Value v = value;
  if (own.graph.op(v) == Op::broadcast && own.graph.shape(own.graph.operand(v, 0)).empty()) {
    v = add(own, Op::broadcast, own.graph.operand(v, 0), m.count, {}, where);
  } else {
    v = reshape_to(own, v, r.permuted, where);
    if (r.is_permuted) {
      ir::Ints inverse(r.perm.size(), 0);
      for (size_t i = 0; i < r.perm.size(); ++i) inverse[r.perm[i]] = static_cast<int64_t>(i);
      v = add(own, Op::transpose, v, m.count, inverse, where);
    }
  }
  if (!r.sliced) return v;
  const ir::Value operands[] = {source, v};
  return own.add(Op::update, own.graph.dtype(source), shape, operands, slice_attrs(m), where);
}

}  // namespace tarry::frontend
