// Transposes of the linear primitives.

#include "rules.h"

#include <tarry/ir/error.h>
#include <tarry/ir/literal.h>

#include <vector>

namespace tarry::passes {

using ir::Ints;
using ir::Op;
using ir::Shape;
using ir::Value;

namespace {

using Give = std::function<void(Value, Value)>;
using IsLinear = std::function<bool(Value)>;

/// Whether a factor is finite and not 0 for sure: nothing that a product with it has to be kept from.
bool is_plain(const ir::Graph& g, Value v) {
  const auto is_number = [&](Value x) {
    if (g.op(x) == Op::scalar) return true;
    const auto bits = static_cast<uint64_t>(g.attrs(x).empty() ? 0 : g.attr(x));
    const ir::DType t = g.dtype(x);
    return g.op(x) == Op::constant && bits != ir::bits_of(t, 0.0) && bits != ir::bits_of(t, -0.0);
  };
  return is_number(v) || (g.op(v) == Op::select && is_number(g.operand(v, 1)) && is_number(g.operand(v, 2)));
}

/// A product with a residual.
Value scaled(Builder& b, Value cotangent, Value factor) {
  return is_plain(b.g, factor) ? b.mul(cotangent, factor) : b.op(Op::mul0, {cotangent, factor});
}

/// Zeros with `x` at the places of a slice of an array of this shape.
Value embedded(Builder& b, Value x, const Shape& whole, const Ints& places) {
  Ints widths;
  bool dense = ir::num_elements(b.shape(x)) > 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    const int64_t start = places[2 * i], step = places[2 * i + 1], n = b.shape(x)[i];
    dense &= step == 1 || n == 1;
    widths.push_back(start);
    widths.push_back(whole[i] - start - n);
  }
  if (dense) return b.pad(x, b.literal(b.dtype(x), 0.0), widths);
  return b.update(b.filled(b.dtype(x), whole, 0.0), x, places);
}

void transpose_movement(Builder& b, Value v, Value ct, const IsLinear& is_linear, const Give& give) {
  const Value x = b.g.operand(v, 0);
  const Shape from(b.shape(x));
  const Ints attrs(b.g.attrs(v));
  switch (b.g.op(v)) {
    case Op::reshape: return give(x, b.reshape(ct, from));
    case Op::broadcast: return give(x, b.sum_to(ct, from));
    case Op::slice: return give(x, embedded(b, ct, from, attrs));
    case Op::transpose: {
      Ints inverse(attrs.size(), 0);
      for (size_t i = 0; i < attrs.size(); ++i) inverse[attrs[i]] = static_cast<int64_t>(i);
      return give(x, b.transpose(ct, inverse));
    }
    case Op::pad: {
      Ints places;
      for (size_t i = 0; i < from.size(); ++i) {
        places.push_back(attrs[2 * i]);
        places.push_back(1);
      }
      if (is_linear(x)) give(x, b.slice(ct, places, from));
      const Value around = b.g.operand(v, 1);
      if (is_linear(around)) give(around, b.sum_to(b.update(ct, b.filled(b.dtype(ct), from, 0.0), places), {}));
      return;
    }
    case Op::update: {
      const Value region = b.g.operand(v, 1);
      const Shape extents(b.shape(region));
      if (is_linear(x)) give(x, b.update(ct, b.filled(b.dtype(ct), extents, 0.0), attrs));
      if (is_linear(region)) give(region, b.slice(ct, attrs, extents));
      return;
    }
    default: throw InternalError("no movement");
  }
}

void transpose_fold(Builder& b, Value v, Value ct, const Give& give) {
  const Value x = b.g.operand(v, 0);
  const Shape from(b.shape(x));
  if (b.g.op(v) == Op::reduce_sum) return give(x, b.broadcast(b.with_axes(ct, from, Ints(b.g.attrs(v))), from));
  const int64_t axis = b.g.attr(v);
  give(x, b.flip(b.scan(Op::scan_sum, b.flip(ct, axis), axis), axis));
}

/// Which elements of a scatter's operand 1 are the last ones at their place: all others are overwritten.
Value last_at_place(Builder& b, Value v, std::span<const Value> indices, const Ints& axes) {
  const Shape extents(b.shape(b.g.operand(v, 1)));
  const Value number = b.reshape(b.iota(Shape{ir::num_elements(extents)}, 0), extents);
  const Value none = b.filled(ir::DType::int64, Shape(b.shape(v)), 0);
  const Value writer = b.gather(b.scatter(Op::scatter, none, number, indices, axes), indices, axes);
  return b.op(Op::eq, {writer, number});
}

void transpose_indexed(Builder& b, Value v, Value ct, const IsLinear& is_linear, const Give& give) {
  const Op op = b.g.op(v);
  const Value x = b.g.operand(v, 0);
  const Ints axes(b.g.attrs(v));
  const auto operands = b.g.operands(v);
  const std::vector<Value> indices(operands.begin() + (op == Op::gather ? 1 : 2), operands.end());
  if (op == Op::gather) {
    const Value zeros = b.filled(b.dtype(ct), Shape(b.shape(x)), 0.0);
    return give(x, b.scatter(Op::scatter_add, zeros, ct, indices, axes));
  }
  const Value value = b.g.operand(v, 1);
  const Value zero = b.literal(b.dtype(ct), 0.0);
  if (is_linear(x)) {
    const Value zeros = b.broadcast(zero, Shape(b.shape(value)));
    give(x, op == Op::scatter ? b.scatter(Op::scatter, ct, zeros, indices, axes) : ct);
  }
  if (is_linear(value)) {
    const Value read = b.gather(ct, indices, axes);
    give(value, op == Op::scatter ? b.op(Op::select, {last_at_place(b, v, indices, axes), read, zero}) : read);
  }
}

}  // namespace

void transpose_node(Builder& b, Value v, Value ct, const IsLinear& is_linear, const Give& give) {
  b.where = b.g.location(v);
  const Op op = b.g.op(v);
  const auto x = [&](int i) { return b.g.operand(v, i); };
  const auto give_operand = [&](int i, auto&& cotangent) {
    if (!is_linear(x(i))) return;
    const Shape to(b.shape(x(i)));
    give(x(i), b.sum_to(cotangent(), to));
  };
  switch (op) {
    case Op::add: give_operand(0, [&] { return ct; }); return give_operand(1, [&] { return ct; });
    case Op::sub: give_operand(0, [&] { return ct; }); return give_operand(1, [&] { return b.neg(ct); });
    case Op::neg: return give_operand(0, [&] { return b.neg(ct); });
    case Op::mul:
    case Op::mul0:
      give_operand(0, [&] { return scaled(b, ct, x(1)); });
      return give_operand(1, [&] { return scaled(b, ct, x(0)); });
    case Op::div:
    case Op::div0: return give_operand(0, [&] { return b.op(Op::div0, {ct, x(1)}); });
    case Op::select: {
      const Value zero = b.literal(b.dtype(v), 0.0);
      give_operand(1, [&] { return b.op(Op::select, {x(0), ct, zero}); });
      return give_operand(2, [&] { return b.op(Op::select, {x(0), zero, ct}); });
    }
    // A cotangent c of z pairs with a tangent t as the real part of c*t.
    case Op::complex:
      give_operand(0, [&] { return b.op(Op::real, {ct}); });
      return give_operand(1, [&] { return b.neg(b.op(Op::imag, {ct})); });
    case Op::real: return give(x(0), b.op(Op::complex, {ct, b.literal(b.dtype(ct), 0.0)}));
    case Op::imag: return give(x(0), b.op(Op::complex, {b.literal(b.dtype(ct), 0.0), b.neg(ct)}));
    case Op::cast: return give(x(0), b.cast(ct, b.dtype(x(0))));
    case Op::matmul:
      if (is_linear(x(0))) give(x(0), b.matmul(ct, b.swap_last(x(1))));
      if (is_linear(x(1))) give(x(1), b.matmul(b.swap_last(x(0)), ct));
      return;
    case Op::reshape:
    case Op::transpose:
    case Op::broadcast:
    case Op::slice:
    case Op::pad:
    case Op::update: return transpose_movement(b, v, ct, is_linear, give);
    case Op::gather:
    case Op::scatter:
    case Op::scatter_add: return transpose_indexed(b, v, ct, is_linear, give);
    case Op::reduce_sum:
    case Op::scan_sum: return transpose_fold(b, v, ct, give);
    case Op::move: return give(x(0), ct);  // where the argument lives is known to whoever asks for its derivative
    case Op::checkpoint:
      return give(x(0), b.g.add(Op::checkpoint, b.dtype(ct), Shape(b.shape(ct)), {ct}, {b.g.attr(v)}, b.where));
    default: throw InternalError("a tangent rule made a node that is not linear: " + std::string(ir::info(op).name));
  }
}

}  // namespace tarry::passes
