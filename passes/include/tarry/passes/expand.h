#pragma once
/// Expands elementary functions to primitives: what every executor has to know ends here.
///
/// What: rewrites the body of a kernel so that only primitives remain. exp, sin, pow and the rest
/// become IEEE-exact arithmetic, integer operations on bits, selects and cold regions for rare
/// arguments. Needs: a verified kernel. Keeps: accesses, scalars, schedule, the order of stores, and
/// every bit of every result; interpreter, CPU and PTX thereby agree. Why not LLVM: its libm calls
/// differ between targets, do not inline, and do not promise bits.
///
/// Primitives, by the dtype of the operands (of the result for sources and loads):
///
///   any dtype        constant scalar load store index cold_begin cold_end reduce_* scan_* select
///                    bits; bitcast where the operand is no float (it then is `bits`)
///   bool             and or xor not
///   integers         add sub mul neg abs min max eq ne lt le gt ge and or xor not shl shr popcount
///   int64, uint64    floor_div as well: x / 0 is 0 and INT_MIN / -1 wraps, so that the executor
///                    replaces such divisors by 1 before it divides
///   float32/float64  add sub mul div neg abs min max sqrt fma floor ceil trunc rint
///                    eq ne lt le gt ge
///   cast             between bool, integers, float32 and float64 in every direction, and
///                    float16 and bfloat16 from and to float32 alone
///
/// float16 and bfloat16 have no arithmetic, comparison or min and max of their own: expansion casts
/// to float32 and back around each op. Their reductions and scans stay, and accumulate in float32.
/// `fma` is one rounding everywhere (a machine without the instruction has to emulate it).
/// Everything else (isnan and its kin, copysign, sign, integer division below 64 bits, ...) is
/// expanded.

#include <tarry/ir/kernel.h>

namespace tarry::passes {

/// Whether every executor implements `op` on operands of dtype `operand`. For a cast ask
/// is_primitive_cast as well.
bool is_primitive(ir::Op op, ir::DType operand);

/// Whether every executor implements this cast by itself.
bool is_primitive_cast(ir::DType from, ir::DType to);

/// Whether a node of a kernel's body is a primitive.
bool is_primitive(const ir::Graph& body, ir::Value v);

/// How many primitives an elementwise op becomes; constants, which a kernel shares, do not count.
int expanded_size(ir::Op op, ir::DType operand, ir::DType result);

/// The same kernel in primitives. A kernel without anything to expand comes back equal.
ir::Kernel expand(const ir::Kernel& kernel);

}  // namespace tarry::passes
