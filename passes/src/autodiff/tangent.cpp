// One entry per primitive: which rule its tangent has.

#include "rules.h"

#include <tarry/ir/error.h>
#include <tarry/passes/autodiff.h>

#include <vector>

namespace tarry::passes {

using ir::Ints;
using ir::Op;
using ir::Shape;
using ir::Value;

namespace {

/// The same rearrangement of the tangents.
Value moved(Builder& b, Value v, std::span<const Value> t) {
  const Ints attrs(b.g.attrs(v));
  switch (b.g.op(v)) {
    case Op::reshape: return b.reshape(t[0], Shape(b.shape(v)));
    case Op::broadcast: return b.broadcast(t[0], Shape(b.shape(v)));
    case Op::transpose: return b.transpose(t[0], attrs);
    case Op::slice: return b.slice(t[0], attrs, Shape(b.shape(v)));
    case Op::pad: return b.pad(b.or_zeros(t[0], b.g.operand(v, 0)), b.or_zeros(t[1], b.g.operand(v, 1)), attrs);
    case Op::update: return b.update(b.or_zeros(t[0], b.g.operand(v, 0)), b.or_zeros(t[1], b.g.operand(v, 1)), attrs);
    default: refuse(b, v);
  }
}

/// The operands after the first `arrays` ones: a copy, since adding nodes moves the graph's own list.
std::vector<Value> indices_of(const Builder& b, Value v, size_t arrays) {
  const auto operands = b.g.operands(v);
  return {operands.begin() + static_cast<std::ptrdiff_t>(arrays), operands.end()};
}

/// Reads and writes at computed places; the indices are integers, and no tangent reaches them.
Value indexed(Builder& b, Value v, std::span<const Value> t) {
  const Ints axes(b.g.attrs(v));
  if (b.g.op(v) == Op::gather) return t[0].valid() ? b.gather(t[0], indices_of(b, v, 1), axes) : t[0];
  const Value x = b.or_zeros(t[0], b.g.operand(v, 0)), value = b.or_zeros(t[1], b.g.operand(v, 1));
  return b.scatter(b.g.op(v), x, value, indices_of(b, v, 2), axes);
}

Value product_of_matrices(Builder& b, Value v, std::span<const Value> t) {
  return b.add(t[0].valid() ? b.matmul(t[0], b.g.operand(v, 1)) : t[0],
               t[1].valid() ? b.matmul(b.g.operand(v, 0), t[1]) : t[1]);
}

/// Of a complex number from its parts.
Value joined(Builder& b, Value v, std::span<const Value> t) {
  return b.op(Op::complex, {b.or_zeros(t[0], b.g.operand(v, 0)), b.or_zeros(t[1], b.g.operand(v, 1))});
}

/// Of the number that the conversion keeps.
Value converted(Builder& b, Value v, Value t) { return b.cast(t, b.dtype(v)); }

Value rule(Builder& b, Value v, std::span<const Value> t) {
  switch (b.g.op(v)) {
    // Nothing to depend on.
    case Op::parameter:
    case Op::scalar:
    case Op::constant:
    case Op::iota:
    case Op::empty: return {};
    case Op::reshape:
    case Op::transpose:
    case Op::broadcast:
    case Op::slice:
    case Op::pad:
    case Op::update: return moved(b, v, t);
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::mul0:
    case Op::div:
    case Op::div0:
    case Op::mod:
    case Op::fmod:
    case Op::pow:
    case Op::max:
    case Op::min:
    case Op::atan2:
    case Op::hypot:
    case Op::copysign:
    case Op::fma:
    case Op::select: return binary_tangent(b, v, t);
    case Op::neg:
    case Op::abs:
    case Op::sqrt:
    case Op::cbrt:
    case Op::exp:
    case Op::exp2:
    case Op::expm1:
    case Op::log:
    case Op::log2:
    case Op::log10:
    case Op::log1p:
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::tanh:
    case Op::asinh:
    case Op::acosh:
    case Op::atanh:
    case Op::erf: return unary_tangent(b, v, t[0]);
    // Constant between their jumps.
    case Op::floor_div:
    case Op::sign:
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::rint: return {};
    // Bools and integers.
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::isnan:
    case Op::isinf:
    case Op::isfinite:
    case Op::signbit:
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::not_:
    case Op::shl:
    case Op::shr:
    case Op::popcount:
    case Op::gcd: return {};
    case Op::complex: return joined(b, v, t);
    case Op::real:
    case Op::imag: return b.op(b.g.op(v), {t[0]});
    case Op::cast: return converted(b, v, t[0]);
    case Op::reduce_sum:
    case Op::reduce_prod:
    case Op::reduce_min:
    case Op::reduce_max:
    case Op::scan_sum:
    case Op::scan_prod: return fold_tangent(b, v, t[0]);
    case Op::matmul: return product_of_matrices(b, v, t);
    case Op::gather:
    case Op::scatter:
    case Op::scatter_add: return indexed(b, v, t);
    case Op::argsort:
    case Op::search_left:
    case Op::search_right: return {};
    case Op::stop: return {};
    case Op::mark: return t[0];
    case Op::checkpoint:
    case Op::move: return b.g.add(b.g.op(v), b.dtype(v), Shape(b.shape(v)), {t[0]}, {b.g.attr(v)}, b.where);
    // Not differentiable.
    case Op::nextafter:
    case Op::bitcast:
    case Op::custom:
    case Op::scatter_mul:
    case Op::scatter_min:
    case Op::scatter_max:
    case Op::load:
    case Op::index:
    case Op::store:
    case Op::load_at:
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at:
    case Op::bits:
    case Op::within:
    case Op::cold_begin:
    case Op::cold_end: refuse(b, v);
  }
  return {};
}

}  // namespace

bool is_differentiable(ir::DType dtype) { return ir::is_float(dtype) || ir::is_complex(dtype); }

void refuse(const Builder& b, Value v) {
  const ir::OpInfo& op = ir::info(b.g.op(v));
  std::string_view name = op.numpy_name.empty() ? op.name : op.numpy_name;
  if (b.g.op(v) == Op::custom) name = "what a function with a derivative of its own computes inside";
  const std::string where = b.g.location(v).text();
  throw TypeError(std::string(name) + " is not differentiable" + (where.empty() ? "" : " (" + where + ")"));
}

Value tangent_of(Builder& b, Value v, std::span<const Value> tangents) {
  b.where = b.g.location(v);
  const Value t = rule(b, v, tangents);
  return t.valid() ? b.broadcast(t, Shape(b.shape(v))) : t;
}

}  // namespace tarry::passes
