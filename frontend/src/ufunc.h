#pragma once
/// Ufuncs that are one op of the table.

#include "promote.h"
#include "record.h"

#include <tarry/array.h>
#include <tarry/ir/ops.h>
#include <tarry/ir/verify.h>

#include <string_view>

namespace tarry::frontend {

/// Whether operands of this dtype, all of them, are computed with in it, by one node.
constexpr bool has_own_loop(ir::Op op, Typing typing, DType dtype) {
  if (ir::is_complex(dtype) && !ir::accepts(ir::info(op).accepts, dtype)) return false;
  switch (typing) {
    case Typing::same: return true;
    case Typing::number:
    case Typing::arithmetic: return !ir::is_bool(dtype);
    case Typing::floating:
    case Typing::real:
    case Typing::division: return ir::is_float(dtype);
    case Typing::bits:
    case Typing::integer:
    case Typing::whole:
    case Typing::boolean: return false;
  }
  return false;
}

consteval uint32_t own_loops(ir::Op op, Typing typing) {
  static_assert(ir::kNumDTypes <= 32);
  uint32_t bits = 0;
  for (int i = 0; i < ir::kNumDTypes; ++i)
    if (has_own_loop(op, typing, static_cast<DType>(i))) bits |= uint32_t{1} << i;
  return bits;
}

consteval bool keeps_dtype(ir::Op op) {
  for (int i = 0; i < ir::kNumDTypes; ++i)
    if (ir::elementwise_dtype(op, static_cast<DType>(i)) != static_cast<DType>(i)) return false;
  return true;
}

/// A ufunc: NumPy's name, the op, and how operands are typed.
struct Ufunc {
  std::string_view name;
  ir::Op op;
  Typing typing;
  bool keeps_dtype;    // the result has that of the operands
  uint32_t own_loops;  // the dtypes that operands are computed with in as they are, one bit each

  consteval Ufunc(std::string_view numpy_name, ir::Op which, Typing types)
      : name(numpy_name),
        op(which),
        typing(types),
        keeps_dtype(frontend::keeps_dtype(which)),
        own_loops(frontend::own_loops(which, types)) {}
  bool has_own_loop(DType dtype) const { return own_loops >> static_cast<int>(dtype) & 1; }
};

Array call(const Ufunc& f, const Arg& x);
Array call(const Ufunc& f, const Arg& a, const Arg& b);
/// The call inside another formula.
Term apply(Recorder& r, const Ufunc& f, const Arg& a, const Arg& b);
/// Throws TypeError where an in-place op may not cast its result to the target's dtype.
void check_output_dtype(const Ufunc& f, DType from, DType to);
/// `f(target, other, out=target)`: same-kind casting, the target's shape, written through views.
void call_in_place(const Ufunc& f, const Array& target, const Arg& other);

}  // namespace tarry::frontend
