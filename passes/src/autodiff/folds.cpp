// Tangents of reductions and scans.

#include "rules.h"

#include <algorithm>

namespace tarry::passes {

using ir::Ints;
using ir::Op;
using ir::Shape;
using ir::Value;

namespace {

/// The reduced axes as one last axis.
Value gathered(Builder& b, Value x, std::span<const int64_t> axes) {
  Ints perm;
  Shape to;
  int64_t folded = 1;
  for (size_t i = 0; i < b.shape(x).size(); ++i) {
    if (std::ranges::find(axes, static_cast<int64_t>(i)) != axes.end()) {
      folded *= b.shape(x)[i];
    } else {
      perm.push_back(static_cast<int64_t>(i));
      to.push_back(b.shape(x)[i]);
    }
  }
  for (int64_t axis : axes) perm.push_back(axis);
  to.push_back(folded);
  return b.reshape(b.transpose(x, perm), to);
}

/// For each element the product of those before it, in this direction.
Value product_before(Builder& b, Value x, int64_t axis) {
  const int64_t n = b.shape(x)[axis];
  const Value shifted = b.pad_axis(b.part(x, axis, 0, n - 1), b.literal(b.dtype(x), 1.0), axis, 1, 0);
  return b.scan(Op::scan_prod, shifted, axis);
}

/// The factor of each element is the product of all others, right where some are 0.
Value product_tangent(Builder& b, Value v, Value t) {
  const Ints axes(b.g.attrs(v));
  const Value x = gathered(b, b.g.operand(v, 0), axes);
  const auto axis = static_cast<int64_t>(b.shape(x).size()) - 1;
  if (b.shape(x)[axis] == 0) return {};
  const Value after = b.flip(product_before(b, b.flip(x, axis), axis), axis);
  const Value others = b.mul(product_before(b, x, axis), after);
  return b.reduce(Op::reduce_sum, b.mul(gathered(b, t, axes), others), Ints{axis});
}

/// Of products p and their tangents t over ever longer stretches that end at each element:
/// (p, t) of a stretch is (p₁ p₂, t₁ p₂ + p₁ t₂) of its halves.
Value running_product_tangent(Builder& b, Value v, Value t) {
  const int64_t axis = b.g.attr(v), n = b.shape(v)[axis];
  const Value zero = b.literal(b.dtype(v), 0.0), one = b.literal(b.dtype(v), 1.0);
  Value p = b.g.operand(v, 0);
  for (int64_t length = 1; length < n; length *= 2) {
    const auto earlier = [&](Value x, Value start) {
      return b.pad_axis(b.part(x, axis, 0, n - length), start, axis, length, 0);
    };
    const Value before = earlier(p, one);
    t = b.add(b.mul(earlier(t, zero), p), b.mul(t, before));
    p = b.mul(p, before);
  }
  return t;
}

/// Where the operand is its extreme: ties share. Of a range with a NaN those are the NaNs.
Value extreme_tangent(Builder& b, Value v, Value t) {
  const Value x = b.g.operand(v, 0);
  const Ints axes(b.g.attrs(v));
  const Value hit = b.op(Op::or_, {b.op(Op::eq, {x, b.with_axes(v, Shape(b.shape(x)), axes)}), b.op(Op::isnan, {x})});
  const Value count = b.reduce(Op::reduce_sum, b.cast(hit, b.dtype(v)), axes);
  return b.div(b.reduce(Op::reduce_sum, b.op(Op::select, {hit, t, b.literal(b.dtype(v), 0.0)}), axes), count);
}

}  // namespace

Value fold_tangent(Builder& b, Value v, Value t) {
  switch (b.g.op(v)) {
    case Op::reduce_sum: return b.reduce(Op::reduce_sum, t, Ints(b.g.attrs(v)));
    case Op::reduce_prod: return product_tangent(b, v, t);
    case Op::reduce_min:
    case Op::reduce_max: return extreme_tangent(b, v, t);
    case Op::scan_sum: return b.scan(Op::scan_sum, t, b.g.attr(v));
    case Op::scan_prod: return running_product_tangent(b, v, t);
    default: refuse(b, v);
  }
}

}  // namespace tarry::passes
