#include "signs.h"

namespace tarry::passes {

using ir::Op;
using ir::Value;

namespace {

Sign sign_of(const ir::Graph& g, Value v, const std::vector<Sign>& before) {
  switch (g.op(v)) {
    case Op::abs:
    case Op::sqrt:
    case Op::exp: return Sign::nonnegative;
    case Op::mul: return g.operand(v, 0) == g.operand(v, 1) ? Sign::nonnegative : Sign::unknown;
    case Op::neg: return before[g.operand(v, 0).id] == Sign::nonnegative ? Sign::nonpositive : Sign::unknown;
    case Op::sub: {
      // What is subtracted is the largest of all that stand in the minuend's place.
      const Value largest = g.operand(v, 1);
      const bool of_same = g.op(largest) == Op::reduce_max && g.operand(largest, 0) == g.operand(v, 0);
      return of_same ? Sign::nonpositive : Sign::unknown;
    }
    default: return Sign::unknown;
  }
}

}  // namespace

std::vector<Sign> signs_of(const ir::Graph& body) {
  std::vector<Sign> signs;
  signs.reserve(body.size());
  for (uint32_t id = 0; id < body.size(); ++id)
    signs.push_back(ir::is_float(body.dtype({id})) ? sign_of(body, {id}, signs) : Sign::unknown);
  return signs;
}

}  // namespace tarry::passes
