#pragma once
/// What every elementwise op means on one element, written down from the op table alone.

#include "interp_support.h"

#include <optional>

namespace tarry::test {

/// The bits of op(operands…) for operands of dtype `t` (of the values for select, whose operand 0 is
/// a bool). No value for ops whose results are approximations, or that do not take the dtype.
std::optional<uint64_t> reference(Op op, DType t, const uint64_t* operands);

/// The bits of a cast.
uint64_t reference_cast(DType from, DType to, uint64_t bits);

}  // namespace tarry::test
