#include "ufunc.h"

#include "broadcast.h"
#include "cell.h"
#include "record.h"
#include "scalar.h"

#include <cmath>
#include <limits>

namespace tarry::frontend {
namespace {

bool is_comparison(Op op) { return ir::info(op).dtype_rule == ir::DTypeRule::boolean && ir::info(op).arity == 2; }

/// Whether an argument is a C++ integer that the dtype cannot hold.
bool does_not_fit(const Arg& a, DType dtype) {
  const Cell& cell = cell_of(a);
  return cell.weak && cell.state.load(std::memory_order_relaxed) == CellState::host && !fits(cell.dtype, cell.bits, dtype);
}

/// Comparing with an integer beyond the array's dtype is no error: every element is below it, or above.
Term operand_or_infinity(Recorder& r, const Arg& a, DType dtype) {
  if (!does_not_fit(a, dtype)) return r.cast(r.read(a), DType::float64);
  const Cell& cell = cell_of(a);
  const bool negative = ir::is_signed_int(cell.dtype) && static_cast<int64_t>(cell.bits) < 0;
  r.read(a);
  return r.scalar(DType::float64, negative ? -HUGE_VAL : HUGE_VAL);
}

}  // namespace

Term apply(Recorder& r, const Ufunc& f, const Arg& a, const Arg& b) {
  if (is_comparison(f.op)) {
    const DType dtype = r.common_dtype(a, b);
    if (does_not_fit(a, dtype) || does_not_fit(b, dtype))
      return r.op(f.op, operand_or_infinity(r, a, dtype), operand_or_infinity(r, b, dtype));
  }
  const auto [x, y] = r.operands(f.typing, a, b);
  return r.op(f.op, x, y);
}

void check_output_dtype(const Ufunc& f, DType from, DType to) {
  if (can_cast_same_kind(from, to)) return;
  throw TypeError("Cannot cast ufunc '" + std::string(f.name) + "' output from dtype('" +
                  std::string(ir::info(from).name) + "') to dtype('" + std::string(ir::info(to).name) +
                  "') with casting rule 'same_kind'");
}

Array call(const Ufunc& f, const Arg& x) {
  Recorder r(f.name, x.here());
  const auto [operand] = r.operands(f.typing, x);
  return r.result(r.op(f.op, operand));
}

Array call(const Ufunc& f, const Arg& a, const Arg& b) {
  Recorder r(f.name, a.here());
  return r.result(apply(r, f, a, b));
}

void call_in_place(const Ufunc& f, const Array& target, const Arg& other) {
  Recorder r(f.name, other.here());
  const Arg self(target, other.here());
  const Cell& cell = cell_of(target);
  const Term x = apply(r, f, self, other);
  check_output_dtype(f, r.dtype(x), cell.dtype);
  if (!(r.shape(x) == cell.shape))
    throw ValueError("non-broadcastable output operand with shape " + dense_text(cell.shape) +
                     " doesn't match the broadcast shape " + dense_text(r.shape(x)));
  r.write(target, x, "output array is read-only");
}

}  // namespace tarry::frontend
