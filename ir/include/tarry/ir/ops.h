#pragma once
/// The one op table. Enum, printer, parser, verifier, docs and conformance tests derive from it.
///
/// Columns: name, arity (-1: any), class, dtypes accepted, dtype rule, shape rule, attributes, NumPy name.
/// The comment of a row is the op's meaning, exactly; "NaN → NaN" and correct rounding of the IEEE
/// operations go without saying. All NaNs count as equal.
/// Elementwise ops broadcast their operands as NumPy does; operands of one op have one dtype, the
/// front end inserts the casts. float16 and bfloat16 compute in float32 and round after each op.
/// Complex numbers are stored, moved and chosen between; add, sub, neg, eq, ne, cast and sums work on them part
/// by part (they are equal where both parts are). All else is composed of their parts by who records it.

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace tarry::ir {

enum class OpClass : uint8_t {
  source,
  movement,
  gather,
  update,
  elementwise,
  reduce,
  scan,
  library,
  transform,
  kernel
};

/// Which dtypes the operands may have; `plain` is all but the complex ones.
enum class Accepts : uint8_t { any, plain, boolean, integer, bool_or_int, floating, number, real, parts, complex };

enum class DTypeRule : uint8_t {
  free,     // the node states it
  same,     // that of the operands, which agree
  boolean,  // bool; the operands agree
  select,   // operand 0 is bool; that of operands 1 and 2, which agree
  gather,   // that of operand 0; the others are int64
  scatter,  // that of operands 0 and 1, which agree; the others are int64
  complex,  // complex numbers of operands that are parts: float32 or float64
  part,     // the float that the operand, which is complex, is made of
  none,     // no result
};

enum class ShapeRule : uint8_t {
  free,       // the node states it; the op's own check in the verifier
  broadcast,  // NumPy broadcasting of all operands
  reduced,    // operand 0 without the axes in the attributes
  same,       // that of operand 0
};

/// What the int64 attributes mean.
enum class AttrKind : uint8_t {
  none,
  slot,     // [index] of a parameter or scalar
  literal,  // [bits] of a constant, the value's own bit pattern zero-extended
  axis,     // [axis]
  axes,     // [axis…] ascending
  perm,     // [axis…] result axis i is operand axis perm[i]
  slice,    // [start, step] for each operand axis; extents are the result's (slice) or the update's
  pad,      // [before, after] for each axis, non-negative
  access,   // [index] of a kernel access
};

// clang-format off
#define TARRY_OPS(X)                                                                                              \
  /* ---- sources ---- */                                                                                         \
  /* An input array. */                                                                                           \
  X(parameter,    0, source, any, free, free, slot, "")                                                              \
  /* A 0-d value known when the program runs: never part of a kernel's identity. */                               \
  X(scalar,       0, source, any, free, free, slot, "")                                                              \
  /* A 0-d literal that is part of a kernel's identity, as the coefficients of expansions are. */                 \
  X(constant,     0, source, any, free, free, literal, "")                                                           \
  /* The index along one axis of the result, as int64. */                                                         \
  X(iota,         0, source, any, free, free, axis, "")                                                              \
  /* Undefined content, to be overwritten. */                                                                     \
  X(empty,        0, source, any, free, free, none, "empty")                                                         \
  /* ---- movement: result[i] = x[map(i)] ---- */                                                                 \
  /* The same elements in C order. */                                                                             \
  X(reshape,      1, movement, any, same, free, none, "reshape")                                                     \
  X(transpose,    1, movement, any, same, free, perm, "transpose")                                                   \
  X(broadcast,    1, movement, any, same, free, none, "broadcast_to")                                                \
  /* result[i] = x[start + i*step] along each axis; steps may be negative, never 0. */                            \
  X(slice,        1, movement, any, same, free, slice, "")                                                           \
  /* x surrounded by operand 1, a 0-d value. */                                                                   \
  X(pad,          2, movement, any, same, free, pad, "pad")                                                          \
  /* ---- gather: operands after x are index arrays of one shape B, one for each axis in the attributes ---- */   \
  /* result[b…, r…] = x at index[b…] along those axes and at r… along the others, in order. Negative indices count from the end. Who records it checks that none is out of range; one that is counts as the nearest in range, so that no memory beyond x is touched. */ \
  X(gather,      -1, gather, any, gather, free, axes, "take")                                                        \
  /* ---- update: operand 0 with operand 1 at the places start + i*step; operand 1 has the extents of the region ---- */ \
  X(update,       2, update, any, same, same, slice, "")                                                             \
  /* x with operand 1 at the places that gather reads with the same indices, written in C order of operand 1, one after the other: the last one at a place wins. */ \
  X(scatter,     -1, update, any, scatter, same, axes, "put")                                                        \
  /* Likewise x[place] = x[place] ∘ element, with ∘ as the op of that name, rounded each time. */                 \
  X(scatter_add, -1, update, any, scatter, same, axes, "add.at")                                                     \
  X(scatter_mul, -1, update, plain, scatter, same, axes, "multiply.at")                                              \
  X(scatter_min, -1, update, plain, scatter, same, axes, "minimum.at")                                               \
  X(scatter_max, -1, update, plain, scatter, same, axes, "maximum.at")                                               \
  /* ---- elementwise: arithmetic ---- */                                                                         \
  /* Integers wrap around. For bool: add is or, mul is and. */                                                    \
  X(add,          2, elementwise, any, same, broadcast, none, "add")                                                 \
  X(sub,          2, elementwise, number, same, broadcast, none, "subtract")                                         \
  X(mul,          2, elementwise, plain, same, broadcast, none, "multiply")                                          \
  X(div,          2, elementwise, floating, same, broadcast, none, "divide")                                         \
  /* Rounds to minus infinity. Integer: x/0 is 0, INT_MIN / -1 wraps. Float: as npy_divmod: x/0 is x/0 as div gives, the sign of a zero follows div; the quotient is (x - mod(x, y)) / y rounded to the nearest integer below. */ \
  X(floor_div,    2, elementwise, real, same, broadcast, none, "floor_divide")                                       \
  /* Sign of the divisor. Integer: x % 0 is 0. Float: exact as fmod, then + y where signs differ; a zero takes y's sign; x % 0 is NaN. */ \
  X(mod,          2, elementwise, real, same, broadcast, none, "remainder")                                          \
  /* C's: sign of the dividend, exact. Integer: fmod(x, 0) is 0. */                                               \
  X(fmod,         2, elementwise, real, same, broadcast, none, "fmod")                                               \
  /* C99 pow for floats. Integers: wraps around; a negative exponent gives what 1/x truncated gives (0, 1, -1). */ \
  X(pow,          2, elementwise, real, same, broadcast, none, "power")                                              \
  /* a where a >= b or a is NaN, else b. */                                                                       \
  X(max,          2, elementwise, plain, same, broadcast, none, "maximum")                                           \
  /* a where a <= b or a is NaN, else b. */                                                                       \
  X(min,          2, elementwise, plain, same, broadcast, none, "minimum")                                           \
  X(atan2,        2, elementwise, floating, same, broadcast, none, "arctan2")                                        \
  X(hypot,        2, elementwise, floating, same, broadcast, none, "hypot")                                          \
  /* Magnitude of a, sign bit of b (a NaN b counts as +). */                                                      \
  X(copysign,     2, elementwise, floating, same, broadcast, none, "copysign")                                    \
  X(nextafter,    2, elementwise, floating, same, broadcast, none, "nextafter")                                   \
  /* a*b, but +0 where that is a NaN and a or b is 0: what a product with a cotangent is. */                       \
  X(mul0,         2, elementwise, floating, same, broadcast, none, "")                                            \
  /* a/b, but +0 where that is a NaN and a is 0. */                                                               \
  X(div0,         2, elementwise, floating, same, broadcast, none, "")                                            \
  /* a*b + c, rounded once. */                                                                                    \
  X(fma,          3, elementwise, floating, same, broadcast, none, "")                                               \
  /* Integers wrap: -INT_MIN is INT_MIN. Floats flip the sign, of zeros too. */                                   \
  X(neg,          1, elementwise, number, same, broadcast, none, "negative")                                         \
  /* abs(INT_MIN) is INT_MIN. */                                                                                  \
  X(abs,          1, elementwise, plain, same, broadcast, none, "absolute")                                          \
  /* -1, 0 or 1; sign(±0) is +0. */                                                                               \
  X(sign,         1, elementwise, real, same, broadcast, none, "sign")                                               \
  X(sqrt,         1, elementwise, floating, same, broadcast, none, "sqrt")                                           \
  X(cbrt,         1, elementwise, floating, same, broadcast, none, "cbrt")                                           \
  X(exp,          1, elementwise, floating, same, broadcast, none, "exp")                                            \
  X(exp2,         1, elementwise, floating, same, broadcast, none, "exp2")                                           \
  X(expm1,        1, elementwise, floating, same, broadcast, none, "expm1")                                          \
  /* log(0) is -inf, of negatives NaN. */                                                                         \
  X(log,          1, elementwise, floating, same, broadcast, none, "log")                                            \
  X(log2,         1, elementwise, floating, same, broadcast, none, "log2")                                           \
  X(log10,        1, elementwise, floating, same, broadcast, none, "log10")                                          \
  X(log1p,        1, elementwise, floating, same, broadcast, none, "log1p")                                          \
  X(sin,          1, elementwise, floating, same, broadcast, none, "sin")                                            \
  X(cos,          1, elementwise, floating, same, broadcast, none, "cos")                                            \
  X(tan,          1, elementwise, floating, same, broadcast, none, "tan")                                            \
  X(asin,         1, elementwise, floating, same, broadcast, none, "arcsin")                                         \
  X(acos,         1, elementwise, floating, same, broadcast, none, "arccos")                                         \
  X(atan,         1, elementwise, floating, same, broadcast, none, "arctan")                                         \
  X(sinh,         1, elementwise, floating, same, broadcast, none, "sinh")                                           \
  X(cosh,         1, elementwise, floating, same, broadcast, none, "cosh")                                           \
  X(tanh,         1, elementwise, floating, same, broadcast, none, "tanh")                                           \
  X(asinh,        1, elementwise, floating, same, broadcast, none, "arcsinh")                                        \
  X(acosh,        1, elementwise, floating, same, broadcast, none, "arccosh")                                        \
  X(atanh,        1, elementwise, floating, same, broadcast, none, "arctanh")                                        \
  X(erf,          1, elementwise, floating, same, broadcast, none, "")                                               \
  X(floor,        1, elementwise, floating, same, broadcast, none, "floor")                                          \
  X(ceil,         1, elementwise, floating, same, broadcast, none, "ceil")                                           \
  X(trunc,        1, elementwise, floating, same, broadcast, none, "trunc")                                          \
  /* To nearest, ties to even. */                                                                                 \
  X(rint,         1, elementwise, floating, same, broadcast, none, "rint")                                           \
  /* ---- elementwise: comparison and classification; with a NaN all but ne are false. bool: false < true ---- */ \
  X(eq,           2, elementwise, any, boolean, broadcast, none, "equal")                                            \
  X(ne,           2, elementwise, any, boolean, broadcast, none, "not_equal")                                        \
  X(lt,           2, elementwise, plain, boolean, broadcast, none, "less")                                           \
  X(le,           2, elementwise, plain, boolean, broadcast, none, "less_equal")                                     \
  X(gt,           2, elementwise, plain, boolean, broadcast, none, "greater")                                        \
  X(ge,           2, elementwise, plain, boolean, broadcast, none, "greater_equal")                                  \
  X(isnan,        1, elementwise, floating, boolean, broadcast, none, "isnan")                                       \
  X(isinf,        1, elementwise, floating, boolean, broadcast, none, "isinf")                                       \
  X(isfinite,     1, elementwise, floating, boolean, broadcast, none, "isfinite")                                    \
  /* The sign bit; false for any NaN. */                                                                          \
  X(signbit,      1, elementwise, floating, boolean, broadcast, none, "signbit")                                     \
  /* ---- elementwise: bits; logical on bool ---- */                                                              \
  X(and_,         2, elementwise, bool_or_int, same, broadcast, none, "bitwise_and")                                 \
  X(or_,          2, elementwise, bool_or_int, same, broadcast, none, "bitwise_or")                                  \
  X(xor_,         2, elementwise, bool_or_int, same, broadcast, none, "bitwise_xor")                                 \
  X(not_,         1, elementwise, bool_or_int, same, broadcast, none, "invert")                                      \
  /* A count past the width (or negative) gives 0. */                                                             \
  X(shl,          2, elementwise, integer, same, broadcast, none, "left_shift")                                      \
  /* Arithmetic for signed; a count past the width (or negative) gives 0, or -1 for a negative a. */              \
  X(shr,          2, elementwise, integer, same, broadcast, none, "right_shift")                                     \
  /* Set bits of |a|. */                                                                                          \
  X(popcount,     1, elementwise, integer, same, broadcast, none, "bitwise_count")                                   \
  /* The greatest common divisor of |a| and |b|; gcd(0, 0) is 0. Where that is 2^(width-1) it wraps. */            \
  X(gcd,          2, elementwise, integer, same, broadcast, none, "gcd")                                             \
  /* ---- elementwise: choice and conversion ---- */                                                              \
  X(select,       3, elementwise, any, select, broadcast, none, "where")                                             \
  /* To the stated dtype. Float to integer: truncates; out of range and NaN give what NumPy gives on x86-64 (the minimum of int32 or int64, which is what narrower types take their low bits from). To bool: != 0. Integer to float rounds to nearest. Complex to real drops the imaginary part, but for bool, which is != 0 of both; real to complex has the imaginary part +0. */ \
  X(cast,         1, elementwise, any, free, broadcast, none, "astype")                                              \
  /* The same bits in a dtype of the same size; a NaN is seen as the positive quiet one. */                       \
  X(bitcast,      1, elementwise, plain, free, broadcast, none, "view")                                              \
  /* ---- elementwise: complex numbers and their parts, bit for bit ---- */                                          \
  X(complex,      2, elementwise, parts, complex, broadcast, none, "")                                               \
  X(real,         1, elementwise, complex, part, broadcast, none, "real")                                            \
  X(imag,         1, elementwise, complex, part, broadcast, none, "imag")                                            \
  /* ---- reductions, in the order of reduction.h, over the axes in the attributes; the axes are dropped ---- */  \
  /* float16 and bfloat16 accumulate in float32 and round once; an empty sum is +0. */                            \
  X(reduce_sum,   1, reduce, any, same, reduced, axes, "sum")                                                        \
  X(reduce_prod,  1, reduce, plain, same, reduced, axes, "prod")                                                     \
  /* Folded by op min and max above; the front end refuses an empty range. */                                     \
  X(reduce_min,   1, reduce, plain, same, reduced, axes, "min")                                                      \
  X(reduce_max,   1, reduce, plain, same, reduced, axes, "max")                                                      \
  /* ---- scans along one axis, strictly in order ---- */                                                         \
  X(scan_sum,     1, scan, any, same, same, axis, "cumsum")                                                          \
  X(scan_prod,    1, scan, plain, same, same, axis, "cumprod")                                                       \
  /* ---- library: operands are materialised ---- */                                                              \
  /* (…, m, k) × (…, k, n) with equal batch axes. Floats by BLAS, others in index order. */                       \
  X(matmul,       2, library, any, same, free, none, "matmul")                                                       \
  /* The indices along one axis in the order that sorts it; equal elements keep theirs, NaNs come last. */        \
  X(argsort,      1, library, plain, free, same, axis, "argsort")                                                    \
  /* For each element of operand 1 how many of the sorted 1-d operand 0 stand before it; for search_right also those equal to it. */ \
  X(search_left,  2, library, plain, free, free, none, "searchsorted")                                               \
  X(search_right, 2, library, plain, free, free, none, "searchsorted")                                               \
  /* ---- what derivatives and batching record; pass legalize spells them out before anything is fused ---- */      \
  /* Operand 0, as the argument of one transform: its number is that of no other. */                              \
  X(mark,         1, transform, any, same, broadcast, slot, "")                                                      \
  /* Operand 0, as a constant: derivatives stop here. */                                                          \
  X(stop,         1, transform, any, same, broadcast, none, "")                                                      \
  /* Operand 0. What a derivative needs from before it is computed again, not kept. */                            \
  X(checkpoint,   1, transform, any, same, broadcast, slot, "")                                                      \
  /* Operand 0 on the device of this number: 0 is the host, i + 1 is gpu(i). Only where it lies changes. */       \
  X(move,         1, transform, any, same, broadcast, slot, "")                                                      \
  /* Operand 0, a result of a call with arguments 1, 2, … whose derivative is a rule of the user's. */            \
  X(custom,      -1, transform, any, free, free, slot, "")                                                        \
  /* ---- kernel level only; values are scalars of one point of the iteration space ---- */                       \
  /* The element of an access; operand 0, if there, is a bool: where false nothing is read, the value is 0. */    \
  X(load,        -1, kernel, any, free, free, access, "")                                                            \
  /* The offset that an index access computes at this point, as int64. */                                         \
  X(index,        0, kernel, any, free, free, access, "")                                                            \
  /* Operand 0 to an access. */                                                                                   \
  X(store,        1, kernel, any, none, free, access, "")                                                            \
  /* The element that lies operand 0, an int64, elements behind the place of a gather access; operand 1, if there, is a bool as in load. */ \
  X(load_at,     -1, kernel, any, free, free, access, "")                                                            \
  /* Operand 0, an index along an axis of operand 1 elements, which no point changes: from the end where it is negative; in place of one outside the nearest that is not. On a GPU whoever launches can be told that some lay outside. */ \
  X(within,       2, kernel, integer, free, free, none, "")                                                          \
  /* Operand 0 to the place operand 1, an int64, elements behind that of a scatter access. The points of such a kernel are visited in C order. */ \
  X(store_at,     2, kernel, any, none, free, access, "")                                                            \
  /* What is there ∘ operand 0, with ∘ as the op of that name, to that place. */                                  \
  X(add_at,       2, kernel, any, none, free, access, "")                                                            \
  X(mul_at,       2, kernel, plain, none, free, access, "")                                                          \
  X(min_at,       2, kernel, plain, none, free, access, "")                                                          \
  X(max_at,       2, kernel, plain, none, free, access, "")                                                          \
  /* The same bits in a dtype of the same size, as they are, those of a NaN too. Only expansions use it, where a NaN's bits cannot reach a result. */ \
  X(bits,         1, kernel, plain, free, free, none, "")                                                            \
  /* Opens a region that runs only where operand 0, a bool, holds for some lane. Its values are seen inside only. */ \
  X(cold_begin,   1, kernel, boolean, none, free, none, "")                                                          \
  /* Closes the innermost region: operand 0 its cold_begin, then slow where the predicate holds, else fast: (begin, slow, fast). */ \
  X(cold_end,     3, kernel, any, free, free, none, "")
// clang-format on

enum class Op : uint8_t {
#define TARRY_OP_ENUM(name, ...) name,
  TARRY_OPS(TARRY_OP_ENUM)
#undef TARRY_OP_ENUM
};

struct OpInfo {
  std::string_view name;  // in IR text, without a trailing underscore
  int8_t arity;
  OpClass cls;
  Accepts accepts;
  DTypeRule dtype_rule;
  ShapeRule shape_rule;
  AttrKind attrs;
  std::string_view numpy_name;
};

namespace detail {
constexpr std::string_view op_text(std::string_view s) { return s.back() == '_' ? s.substr(0, s.size() - 1) : s; }
}  // namespace detail

inline constexpr OpInfo kOps[] = {
#define TARRY_OP_ROW(name, arity, cls, accepts, dtype, shape, attrs, numpy)                   \
  {detail::op_text(#name), arity,           OpClass::cls, Accepts::accepts, DTypeRule::dtype, \
   ShapeRule::shape,       AttrKind::attrs, numpy},
    TARRY_OPS(TARRY_OP_ROW)
#undef TARRY_OP_ROW
};
inline constexpr int kNumOps = static_cast<int>(std::size(kOps));

constexpr const OpInfo& info(Op op) { return kOps[static_cast<int>(op)]; }
constexpr OpClass class_of(Op op) { return info(op).cls; }
constexpr bool is_elementwise(Op op) { return class_of(op) == OpClass::elementwise; }
constexpr bool is_movement(Op op) { return class_of(op) == OpClass::movement; }
constexpr bool is_reduce(Op op) { return class_of(op) == OpClass::reduce; }
/// scatter and its kin, which update an array at computed places.
constexpr bool is_scatter(Op op) { return op >= Op::scatter && op <= Op::scatter_max; }
/// Stores of a kernel at computed places.
constexpr bool is_store_at(Op op) { return op >= Op::store_at && op <= Op::max_at; }
/// Nodes of a kernel that write memory.
constexpr bool is_store(Op op) { return op == Op::store || is_store_at(op); }

/// The op with this name in IR text.
std::optional<Op> op_from_text(std::string_view name);

}  // namespace tarry::ir
