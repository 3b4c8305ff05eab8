#include "verify_node.h"

#include <tarry/ir/verify.h>

namespace tarry::ir {

namespace {

std::string name_of(DType t) { return std::string(info(t).text); }

constexpr size_t kAnyNumber = SIZE_MAX;

/// The least and the largest number of operands.
std::pair<size_t, size_t> arity_of(const Graph& g, Value v) {
  const OpInfo& op = info(g.op(v));
  if (op.arity >= 0) return {op.arity, op.arity};
  if (g.op(v) == Op::custom) return {1, kAnyNumber};
  const size_t arrays = op.dtype_rule == DTypeRule::scatter ? 2 : 1;
  if (op.attrs == AttrKind::axes) return {arrays + g.attrs(v).size(), arrays + g.attrs(v).size()};
  return g.op(v) == Op::load_at ? std::pair<size_t, size_t>{1, 2} : std::pair<size_t, size_t>{0, 1};
}

void verify_operands(const Graph& g, Value v) {
  const size_t count = g.operands(v).size();
  const auto [least, most] = arity_of(g, v);
  if (count < least || count > most)
    broken(v, "takes " + std::to_string(least) +
                  (most == kAnyNumber ? " or more"
                   : most > least     ? " or " + std::to_string(most)
                                      : "") +
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

void need_int64(const Graph& g, Value v, size_t operand) {
  if (g.dtype(g.operands(v)[operand]) != DType::int64)
    broken(v, "operand " + std::to_string(operand) + " must be " + name_of(DType::int64));
}

void verify_free_dtype(const Graph& g, Value v) {
  switch (g.op(v)) {
    case Op::iota:
    case Op::argsort:
    case Op::index: return need_dtype(g, v, DType::int64);
    case Op::search_left:
    case Op::search_right: verify_agreement(g, v, 0); return need_dtype(g, v, DType::int64);
    case Op::load_at:
      need_int64(g, v, 0);
      if (g.operands(v).size() > 1 && !is_bool(g.dtype(g.operand(v, 1)))) broken(v, "the predicate must be a bool");
      return;
    case Op::within:
      need_int64(g, v, 0);
      need_int64(g, v, 1);
      return need_dtype(g, v, DType::int64);
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
    case DTypeRule::gather:
    case DTypeRule::scatter: {
      const size_t arrays = op.dtype_rule == DTypeRule::scatter ? 2 : 1;
      if (g.dtype(operands[arrays - 1]) != g.dtype(operands[0])) broken(v, "operands have different dtypes");
      for (size_t i = arrays; i < operands.size(); ++i) need_int64(g, v, i);
      return need_dtype(g, v, g.dtype(operands[0]));
    }
    case DTypeRule::complex: verify_agreement(g, v, 0); return need_dtype(g, v, complex_of(g.dtype(operands[0])));
    case DTypeRule::part: return need_dtype(g, v, part_of(g.dtype(operands[0])));
    case DTypeRule::none:
      if (is_store_at(g.op(v))) need_int64(g, v, 1);
      return need_dtype(g, v, g.dtype(operands[0]));
  }
}

void verify_literal(const Graph& g, Value v) {
  const DType t = g.dtype(v);
  if (is_complex(t)) broken(v, "a complex number is no literal but the complex of two");
  const auto bits = static_cast<uint64_t>(g.attr(v));
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
      if (g.op(v) == Op::scalar && is_complex(g.dtype(v))) broken(v, "a scalar is real; a complex one is two");
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
