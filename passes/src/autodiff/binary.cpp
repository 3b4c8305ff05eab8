// Tangents of functions of several numbers, and of choices.

#include "rules.h"

namespace tarry::passes {

using ir::Op;
using ir::Value;

namespace {

/// a*b with the rule that either tangent may be a zero.
Value product(Builder& b, Value tangent, Value factor) { return tangent.valid() ? b.mul(tangent, factor) : tangent; }

/// x ** y. The factor of dx is y * x ** (y - 1), which is 0 for y = 0 whatever x: a constant where the power is no
/// finite number, else a product, which has a derivative by y. That of dy is log(x) * x ** y, which tends to 0 where x
/// does.
Value power_tangent(Builder& b, Value v, Value tx, Value ty) {
  const Value x = b.g.operand(v, 0), y = b.g.operand(v, 1);
  const Value zero = b.literal(b.dtype(v), 0.0), one = b.literal(b.dtype(v), 1.0);
  Value t;
  if (tx.valid()) {
    const Value lower = b.op(Op::pow, {x, b.op(Op::sub, {y, one})});
    const Value vanishes = b.op(Op::and_, {b.op(Op::eq, {y, zero}), b.op(Op::not_, {b.op(Op::isfinite, {lower})})});
    t = b.mul(tx, b.op(Op::select, {vanishes, zero, b.mul(y, lower)}));
  }
  if (ty.valid()) {
    const Value log = b.op(Op::log, {b.op(Op::select, {b.op(Op::eq, {x, zero}), one, x})});
    t = b.add(t, b.mul(ty, b.mul(log, v)));
  }
  return t;
}

/// Of max and min: each operand has its share where it is the result.
Value extreme_tangent(Builder& b, Value v, Value tx, Value ty) {
  const Value x = b.g.operand(v, 0), y = b.g.operand(v, 1);
  const ir::DType type = b.dtype(v);
  const Value zero = b.literal(type, 0.0);
  const Value tied = b.op(Op::eq, {x, y});
  const Value second = b.op(b.g.op(v) == Op::max ? Op::lt : Op::gt, {x, y});
  Value t;
  if (tx.valid()) t = b.op(Op::select, {second, zero, tx});
  if (ty.valid()) t = b.add(t, b.op(Op::select, {b.op(Op::or_, {tied, second}), ty, zero}));
  return b.mul(t, b.op(Op::select, {tied, b.literal(type, 0.5), b.literal(type, 1.0)}));
}

Value arctan2_tangent(Builder& b, Value v, Value ty, Value tx) {
  const Value y = b.g.operand(v, 0), x = b.g.operand(v, 1);
  const Value length = b.op(Op::add, {b.mul(x, x), b.mul(y, y)});
  return b.div(b.add(product(b, ty, x), b.neg(product(b, tx, y))), length);
}

/// At 0 each share is 0, as that of abs is.
Value hypot_tangent(Builder& b, Value v, Value tx, Value ty) {
  const auto share = [&](int i, Value t) { return t.valid() ? b.mul(t, b.op(Op::div0, {b.g.operand(v, i), v})) : t; };
  return b.add(share(0, tx), share(1, ty));
}

Value quotient_tangent(Builder& b, Value v, Value tx, Value ty) {
  const Value y = b.g.operand(v, 1);
  return b.div(b.add(tx, b.neg(product(b, ty, v))), y);
}

/// The quotient that mod and fmod leave a rest of: constant but for its jumps.
Value rest_tangent(Builder& b, Value v, Value tx, Value ty) {
  if (!ty.valid()) return tx;
  const Value x = b.g.operand(v, 0), y = b.g.operand(v, 1);
  const Value quotient = b.g.op(v) == Op::mod ? b.op(Op::floor_div, {x, y}) : b.op(Op::trunc, {b.div(x, y)});
  return b.add(tx, b.neg(b.mul(ty, quotient)));
}

Value same_sign_tangent(Builder& b, Value v, Value tx) {
  if (!tx.valid()) return tx;
  const Value x = b.g.operand(v, 0), sign = b.g.operand(v, 1);
  const Value same = b.op(Op::eq, {b.op(Op::signbit, {x}), b.op(Op::signbit, {sign})});
  return b.op(Op::select, {same, tx, b.neg(tx)});
}

}  // namespace

Value binary_tangent(Builder& b, Value v, std::span<const Value> t) {
  const auto x = [&](int i) { return b.g.operand(v, i); };
  switch (b.g.op(v)) {
    case Op::add: return b.add(t[0], t[1]);
    case Op::sub: return b.add(t[0], b.neg(t[1]));
    case Op::mul:
      // A square's factor is one product for both.
      if (x(0) == x(1)) return b.mul(t[0], b.op(Op::add, {x(0), x(0)}));
      return b.add(product(b, t[0], x(1)), product(b, t[1], x(0)));
    case Op::mul0:
      return b.add(t[0].valid() ? b.op(Op::mul0, {t[0], x(1)}) : t[0],
                   t[1].valid() ? b.op(Op::mul0, {x(0), t[1]}) : t[1]);
    case Op::div: return quotient_tangent(b, v, t[0], t[1]);
    case Op::div0: {
      const Value first = t[0].valid() ? b.op(Op::div0, {t[0], x(1)}) : t[0];
      if (!t[1].valid()) return first;
      return b.add(first, b.neg(b.op(Op::mul0, {v, b.op(Op::div0, {t[1], x(1)})})));
    }
    case Op::mod:
    case Op::fmod: return rest_tangent(b, v, t[0], t[1]);
    case Op::pow: return power_tangent(b, v, t[0], t[1]);
    case Op::max:
    case Op::min: return extreme_tangent(b, v, t[0], t[1]);
    case Op::atan2: return arctan2_tangent(b, v, t[0], t[1]);
    case Op::hypot: return hypot_tangent(b, v, t[0], t[1]);
    case Op::copysign: return same_sign_tangent(b, v, t[0]);
    case Op::fma: return b.add(b.add(product(b, t[0], x(1)), product(b, t[1], x(0))), t[2]);
    case Op::select: {
      if (!t[1].valid() && !t[2].valid()) return {};
      const Value zero = b.literal(b.dtype(v), 0.0);
      return b.op(Op::select, {x(0), t[1].valid() ? t[1] : zero, t[2].valid() ? t[2] : zero});
    }
    default: refuse(b, v);
  }
}

}  // namespace tarry::passes
