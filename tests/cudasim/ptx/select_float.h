#pragma once
/// Shared by the selections of arithmetic.

#include "ptx/round.h"
#include "ptx/select.h"

namespace cudasim {

/// Operands d, a, b and d, a, all of one type.
void binary(Site&, Type);
void unary(Site&, Type);
void ternary_of(Site&, Type);

/// True where the type is a float; then the instruction is done.
bool select_float_arithmetic(Site&, const std::string& op, Type);

/// The rounding that stands in the opcode; `without` where there is none.
Rounding rounding_of(Site&, Rounding without = Rounding::nearest);
bool has_rounding(Site&, Rounding& mode);

/// Whether .approx and .full are known. Their results are not specified; here they are rounded once.
bool& knows_approximations();

}  // namespace cudasim
