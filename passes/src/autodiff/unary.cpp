// Tangents of functions of one number.

#include "rules.h"

#include <numbers>

namespace tarry::passes {

using ir::Op;
using ir::Value;

namespace {

/// 1 ± x*x
Value one_plus_square(Builder& b, Value x, bool plus) {
  const Value one = b.literal(b.dtype(x), 1.0), square = b.mul(x, x);
  return b.op(plus ? Op::add : Op::sub, {one, square});
}

}  // namespace

Value unary_tangent(Builder& b, Value v, Value t) {
  const Value x = b.g.operand(v, 0);
  const ir::DType type = b.dtype(v);
  const auto scaled = [&](double factor) { return b.mul(t, b.literal(type, factor)); };
  const auto root = [&](Value inside) { return b.op(Op::sqrt, {inside}); };
  switch (b.g.op(v)) {
    case Op::neg: return b.neg(t);
    case Op::abs: return b.mul(t, b.op(Op::sign, {x}));
    case Op::sqrt: return b.div(t, b.op(Op::add, {v, v}));
    case Op::cbrt: return b.div(t, b.mul(b.literal(type, 3.0), b.mul(v, v)));
    case Op::exp: return b.mul(t, v);
    case Op::exp2: return b.mul(t, b.mul(v, b.literal(type, std::numbers::ln2)));
    case Op::expm1: return b.mul(t, b.op(Op::exp, {x}));
    case Op::log: return b.div(t, x);
    case Op::log2: return b.div(scaled(std::numbers::log2e), x);
    case Op::log10: return b.div(scaled(std::numbers::log10e), x);
    case Op::log1p: return b.div(t, b.op(Op::add, {x, b.literal(type, 1.0)}));
    case Op::sin: return b.mul(t, b.op(Op::cos, {x}));
    case Op::cos: return b.neg(b.mul(t, b.op(Op::sin, {x})));
    case Op::tan: return b.mul(t, one_plus_square(b, v, true));
    case Op::asin: return b.div(t, root(one_plus_square(b, x, false)));
    case Op::acos: return b.neg(b.div(t, root(one_plus_square(b, x, false))));
    case Op::atan: return b.div(t, one_plus_square(b, x, true));
    case Op::sinh: return b.mul(t, b.op(Op::cosh, {x}));
    case Op::cosh: return b.mul(t, b.op(Op::sinh, {x}));
    case Op::tanh: return b.mul(t, one_plus_square(b, v, false));
    case Op::asinh: return b.div(t, root(one_plus_square(b, x, true)));
    case Op::acosh: {
      const Value one = b.literal(type, 1.0);
      return b.div(t, b.mul(root(b.op(Op::sub, {x, one})), root(b.op(Op::add, {x, one}))));
    }
    case Op::atanh: return b.div(t, one_plus_square(b, x, false));
    case Op::erf: {
      const Value bell = b.op(Op::exp, {b.neg(b.mul(x, x))});
      return b.mul(t, b.mul(bell, b.literal(type, 2.0 * std::numbers::inv_sqrtpi)));
    }
    default: refuse(b, v);
  }
}

}  // namespace tarry::passes
