#include "verify_node.h"

namespace tarry::ir {
namespace {

std::string name_of(DType t) { return std::string(info(t).text); }

bool accepts(Accepts which, DType t) {
  switch (which) {
    case Accepts::any: return true;
    case Accepts::boolean: return is_bool(t);
    case Accepts::integer: return is_int(t);
    case Accepts::bool_or_int: return is_bool(t) || is_int(t);
    case Accepts::floating: return is_float(t);
    case Accepts::number: return !is_bool(t);
    case Accepts::real: return is_int(t) || is_float(t);
  }
  return false;
}

void verify_operands(const Graph& g, Value v) {
  const OpInfo& op = info(g.op(v));
  const size_t count = g.operands(v).size();
  const bool open_ended = g.op(v) == Op::custom;
  const bool right = op.arity >= 0 ? count == static_cast<size_t>(op.arity) : open_ended ? count >= 1 : count <= 1;
  if (!right)
    broken(v, "takes " +
                  (op.arity >= 0 ? std::to_string(op.arity)
                   : open_ended  ? "1 or more"
                                 : "0 or 1") +
                  " operands");
  for (size_t i = 0; i < count; ++i) {
    const Value o = g.operands(v)[i];
    if (o.id >= v.id) broken(v, "operands must be older than their user");
    const bool opens = g.op(v) == Op::cold_end && i == 0 && g.op(o) == Op::cold_begin;
    if (info(g.op(o)).dtype_rule == DTypeRule::none && !opens) broken(v, "an operand has no result");
  }
}

/// How many operands, from the first on, take part in "the operands agree".
void verify_agreement(const Graph& g, Value v, size_t from) {
  const auto operands = g.operands(v);
  for (size_t i = from + 1; i < operands.size(); ++i)
    if (g.dtype(operands[i]) != g.dtype(operands[from]))
      broken(v, "operands have different dtypes: " + name_of(g.dtype(operands[from])) + " and " +
                    name_of(g.dtype(operands[i])));
}

void need_dtype(const Graph& g, Value v, DType wanted) {
  if (g.dtype(v) != wanted) broken(v, "the dtype of the result must be " + name_of(wanted));
}

void verify_free_dtype(const Graph& g, Value v) {
  switch (g.op(v)) {
    case Op::iota:
    case Op::index: return need_dtype(g, v, DType::int64);
    case Op::custom: return need_dtype(g, v, g.dtype(g.operand(v, 0)));
    case Op::bits:
    case Op::bitcast:
      if (size_of(g.dtype(v)) != size_of(g.dtype(g.operand(v, 0)))) broken(v, "changes the size of the element");
      return;
    case Op::load:
      if (!g.operands(v).empty() && !is_bool(g.dtype(g.operand(v, 0)))) broken(v, "the predicate must be a bool");
      return;
    case Op::cold_end:
      if (g.op(g.operand(v, 0)) != Op::cold_begin) broken(v, "operand 0 must be a cold_begin");
      verify_agreement(g, v, 1);
      return need_dtype(g, v, g.dtype(g.operand(v, 1)));
    default: return;
  }
}

void verify_dtype(const Graph& g, Value v) {
  const OpInfo& op = info(g.op(v));
  const auto operands = g.operands(v);
  for (size_t i = op.dtype_rule == DTypeRule::select ? 1 : 0; i < operands.size(); ++i)
    if (!accepts(op.accepts, g.dtype(operands[i])))
      broken(v, std::string(op.name) + " does not take " + name_of(g.dtype(operands[i])));
  switch (op.dtype_rule) {
    case DTypeRule::free: return verify_free_dtype(g, v);
    case DTypeRule::same: verify_agreement(g, v, 0); return need_dtype(g, v, g.dtype(operands[0]));
    case DTypeRule::boolean: verify_agreement(g, v, 0); return need_dtype(g, v, DType::bool_);
    case DTypeRule::select:
      if (!is_bool(g.dtype(operands[0]))) broken(v, "the condition must be a bool");
      verify_agreement(g, v, 1);
      return need_dtype(g, v, g.dtype(operands[1]));
    case DTypeRule::none: return need_dtype(g, v, g.dtype(operands[0]));
  }
}

void verify_literal(const Graph& g, Value v) {
  const DType t = g.dtype(v);
  const auto bits = static_cast<uint64_t>(g.attr(v));
  if (size_of(t) > 8) broken(v, "a constant of this dtype does not fit 64 bits");
  if (size_of(t) < 8 && bits >> 8 * size_of(t)) broken(v, "the bits of the constant exceed its dtype");
  if (is_bool(t) && bits > 1) broken(v, "a bool is 0 or 1");
}

/// Attributes whose number does not depend on a shape; `verify_shape` sees to the others.
void verify_attrs(const Graph& g, Value v) {
  const size_t count = g.attrs(v).size();
  auto need = [&](size_t wanted) {
    if (count != wanted) broken(v, "takes " + std::to_string(wanted) + " attributes");
  };
  switch (info(g.op(v)).attrs) {
    case AttrKind::none: return need(0);
    case AttrKind::literal: need(1); return verify_literal(g, v);
    case AttrKind::slot:
    case AttrKind::access:
      need(1);
      if (g.attr(v) < 0) broken(v, "the slot is negative");
      return;
    case AttrKind::axis:
    case AttrKind::axes:
    case AttrKind::perm:
    case AttrKind::slice:
    case AttrKind::pad: return;
  }
}

}  // namespace

void broken(Value node, std::string what) { throw Broken{node, std::move(what)}; }

void verify_types(const Graph& g, Value v) {
  verify_operands(g, v);
  verify_attrs(g, v);
  verify_dtype(g, v);
}

}  // namespace tarry::ir
