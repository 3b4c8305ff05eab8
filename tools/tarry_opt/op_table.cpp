#include "tarry_opt/op_table.h"

#include <tarry/ir/ops.h>

namespace tarry::tools {
namespace {

using namespace ir;

std::string_view class_text(OpClass c) {
  switch (c) {
    case OpClass::source: return "source";
    case OpClass::movement: return "movement";
    case OpClass::gather: return "gather";
    case OpClass::update: return "update";
    case OpClass::elementwise: return "elementwise";
    case OpClass::reduce: return "reduce";
    case OpClass::scan: return "scan";
    case OpClass::library: return "library";
    case OpClass::transform: return "transform";
    case OpClass::kernel: return "kernel";
  }
  return "";
}

std::string_view accepts_text(Accepts a) {
  switch (a) {
    case Accepts::any: return "any";
    case Accepts::plain: return "all but complex";
    case Accepts::boolean: return "bool";
    case Accepts::integer: return "integers";
    case Accepts::bool_or_int: return "bool, integers";
    case Accepts::floating: return "floats";
    case Accepts::number: return "all but bool";
    case Accepts::real: return "integers, floats";
    case Accepts::parts: return "f32, f64";
    case Accepts::complex: return "complex";
  }
  return "";
}

std::string_view dtype_text(DTypeRule r) {
  switch (r) {
    case DTypeRule::free: return "stated";
    case DTypeRule::same: return "the operands'";
    case DTypeRule::boolean: return "bool";
    case DTypeRule::select: return "of operands 1, 2";
    case DTypeRule::gather: return "of operand 0; others i64";
    case DTypeRule::scatter: return "of operands 0, 1; others i64";
    case DTypeRule::complex: return "complex of the operands";
    case DTypeRule::part: return "of the operand's parts";
    case DTypeRule::none: return "no result";
  }
  return "";
}

std::string_view shape_text(ShapeRule r) {
  switch (r) {
    case ShapeRule::free: return "stated";
    case ShapeRule::broadcast: return "broadcast";
    case ShapeRule::reduced: return "without the axes";
    case ShapeRule::same: return "of operand 0";
  }
  return "";
}

std::string arity_text(const OpInfo& op) {
  if (op.arity >= 0) return std::to_string(op.arity);
  if (op.attrs == AttrKind::axes) return op.dtype_rule == DTypeRule::scatter ? "2 + axes" : "1 + axes";
  if (&op == &info(Op::custom)) return "1 or more";
  return &op == &info(Op::load_at) ? "1 or 2" : "0 or 1";
}

std::string_view attrs_text(AttrKind k) {
  switch (k) {
    case AttrKind::none: return "";
    case AttrKind::slot: return "`0`";
    case AttrKind::literal: return "`0.5`";
    case AttrKind::axis: return "`axis 1`";
    case AttrKind::axes: return "`axes (0, 2)`";
    case AttrKind::perm: return "`perm (1, 0)`";
    case AttrKind::slice: return "`at [0::1, 5::-2]`";
    case AttrKind::pad: return "`by [1:2, 0:0]`";
    case AttrKind::access: return "`access 0`";
  }
  return "";
}

}  // namespace

std::string op_table_text() {
  std::string out =
      "| op | operands | class | takes | dtype | shape | attributes | NumPy |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const OpInfo& op : kOps) {
    const std::string arity = arity_text(op);
    const std::string_view shape = op.cls == OpClass::kernel ? "0-d" : shape_text(op.shape_rule);
    out += "| `" + std::string(op.name) + "` ";
    for (std::string_view cell :
         {std::string_view(arity), class_text(op.cls), op.arity == 0 ? std::string_view() : accepts_text(op.accepts),
          dtype_text(op.dtype_rule), shape, attrs_text(op.attrs), op.numpy_name}) {
      out += "| ";
      out += cell;
      out += cell.empty() ? "" : " ";
    }
    out += "|\n";
  }
  return out;
}

}  // namespace tarry::tools
