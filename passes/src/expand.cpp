#include <tarry/passes/expand.h>

#include <tarry/ir/error.h>

#include "guards.h"
#include "math/expand_op.h"
#include "signs.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace tarry::passes {

using ir::DType;
using ir::Op;
using ir::Value;

namespace {

bool is_float_primitive(Op op) {
  switch (op) {
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::neg:
    case Op::abs:
    case Op::min:
    case Op::max:
    case Op::sqrt:
    case Op::fma:
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::rint:
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return true;
    default: return false;
  }
}

bool is_int_primitive(Op op, DType t) {
  switch (op) {
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::neg:
    case Op::abs:
    case Op::min:
    case Op::max:
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::not_:
    case Op::shl:
    case Op::shr:
    case Op::popcount: return true;
    case Op::floor_div: return ir::size_of(t) == 8;
    default: return false;
  }
}

}  // namespace

bool is_primitive(Op op, DType operand) {
  if (!ir::is_elementwise(op) || op == Op::select || op == Op::cast) return true;
  if (op == Op::bitcast) return !ir::is_float(operand);
  if (ir::is_bool(operand)) return op == Op::and_ || op == Op::or_ || op == Op::xor_ || op == Op::not_;
  if (ir::is_int(operand)) return is_int_primitive(op, operand);
  return (operand == DType::float32 || operand == DType::float64) && is_float_primitive(op);
}

bool is_primitive_cast(DType from, DType to) {
  if (ir::is_complex(from) || ir::is_complex(to)) return false;
  if (from == to) return true;
  if (ir::is_half(from)) return to == DType::float32;
  return !ir::is_half(to) || from == DType::float32;
}

bool is_primitive(const ir::Graph& body, Value v) {
  const Op op = body.op(v);
  if (!ir::is_elementwise(op)) return true;
  const DType operand = body.dtype(body.operand(v, 0));
  return op == Op::cast ? is_primitive_cast(operand, body.dtype(v)) : is_primitive(op, operand);
}

namespace {

int count_expanded(Op op, DType operand, DType result) {
  if (op == Op::mul0 || op == Op::div0) return 2;  // in a cold region once more
  ir::Graph g;
  std::vector<Value> operands;
  for (int64_t i = 0; i < ir::info(op).arity; ++i)
    operands.push_back(g.append(Op::parameter, operand, {}, std::span(&i, 1), {}));
  const math::Tracing tracing(g, {});
  math::expand_op(op, operand, result, operands);
  int count = 0;
  for (uint32_t id = 0; id < g.size(); ++id)
    if (const Op made = g.op({id}); made != Op::constant && made != Op::parameter) ++count;
  return std::max(count, 1);
}

}  // namespace

int expanded_size(Op op, DType operand, DType result) {
  if (op == Op::cast ? is_primitive_cast(operand, result) : is_primitive(op, operand)) return 1;
  // Counted once for each.
  static constinit std::atomic<int16_t> known[ir::kNumOps][ir::kNumDTypes][ir::kNumDTypes];
  std::atomic<int16_t>& size = known[static_cast<int>(op)][static_cast<int>(operand)][static_cast<int>(result)];
  if (size.load(std::memory_order_relaxed) == 0)
    size.store(static_cast<int16_t>(count_expanded(op, operand, result)), std::memory_order_relaxed);
  return size.load(std::memory_order_relaxed);
}

namespace {

/// The same bits at a lower price, where what is known of the operands allows it; else an invalid value.
Value expand_by_sign(const ir::Graph& from, Value v, const std::vector<Sign>& signs, std::span<const Value> operands) {
  const DType t = from.dtype(v);
  if (from.op(v) != Op::exp || (t != DType::float32 && t != DType::float64)) return {};
  if (signs[from.operand(v, 0).id] != Sign::nonpositive) return {};
  return math::expand_exp_of_nonpositive(t, operands[0]);
}

}  // namespace

ir::Kernel expand(const ir::Kernel& kernel) {
  ir::Kernel result = expand_guards(kernel);
  const ir::Graph from = std::move(result.body);
  result.body = ir::Graph();
  const std::vector<Sign> signs = signs_of(from);
  std::vector<Value> mapped(from.size());
  std::vector<Value> operands;
  for (uint32_t id = 0; id < from.size(); ++id) {
    const Value v{id};
    operands.clear();
    for (Value o : from.operands(v)) operands.push_back(mapped[o.id]);
    const math::Tracing tracing(result.body, from.location(v));
    mapped[id] = expand_by_sign(from, v, signs, operands);
    if (mapped[id].valid()) continue;
    if (is_primitive(from, v)) {
      const Op op = from.op(v) == Op::bitcast ? Op::bits : from.op(v);
      mapped[id] = result.body.add(op, from.dtype(v), from.shape(v), operands, from.attrs(v), from.location(v));
      continue;
    }
    mapped[id] = math::expand_op(from.op(v), from.dtype(from.operand(v, 0)), from.dtype(v), operands);
    if (!mapped[id].valid()) {
      throw InternalError("cannot expand " + std::string(ir::info(from.op(v)).name) + " of " +
                          std::string(ir::info(from.dtype(from.operand(v, 0))).name));
    }
  }
  for (Value v : from.outputs) result.body.outputs.push_back(mapped[v.id]);
  return result;
}

}  // namespace tarry::passes
