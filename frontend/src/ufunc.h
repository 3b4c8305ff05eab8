#pragma once
/// Ufuncs that are one op of the table.

#include "promote.h"
#include "record.h"

#include <tarry/array.h>
#include <tarry/ir/ops.h>

#include <string_view>

namespace tarry::frontend {

/// A ufunc: NumPy's name, the op, and how operands are typed.
struct Ufunc {
  std::string_view name;
  ir::Op op;
  Typing typing;
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
