#pragma once
/// The universal functions: elementwise, broadcasting, with NumPy 2's promotion. Each follows the NumPy
/// function of its name; integers given to a function of real numbers become the float that NumPy
/// takes. All throw ValueError when shapes do not broadcast, and TypeError where NumPy has no loop.

#include <tarry/array.h>

#include <utility>

namespace tarry::numpy {

// ---- arithmetic: integers wrap around, x // 0 and x % 0 are 0 for integers ----
TARRY_API Array add(Arg a, Arg b);
TARRY_API Array subtract(Arg a, Arg b);
TARRY_API Array multiply(Arg a, Arg b);
/// True division: integers become float64.
TARRY_API Array divide(Arg a, Arg b);
TARRY_API Array true_divide(Arg a, Arg b);
TARRY_API Array floor_divide(Arg a, Arg b);
/// The sign of the divisor.
TARRY_API Array remainder(Arg a, Arg b);
TARRY_API Array mod(Arg a, Arg b);
/// The sign of the dividend, as C's fmod.
TARRY_API Array fmod(Arg a, Arg b);
/// (floor_divide, remainder)
TARRY_API std::pair<Array, Array> divmod(Arg a, Arg b);
/// A C++ exponent of -1, 0.5, 2 or 3 with a floating base is a product, quotient or square root.
/// Integers to a negative C++ integer throw ValueError; from an array they give 1/x truncated.
TARRY_API Array power(Arg a, Arg b);
TARRY_API Array float_power(Arg a, Arg b);
TARRY_API Array negative(Arg x);
TARRY_API Array positive(Arg x);
TARRY_API Array absolute(Arg x);
TARRY_API Array abs(Arg x);
TARRY_API Array fabs(Arg x);
TARRY_API Array sign(Arg x);
TARRY_API Array square(Arg x);
TARRY_API Array reciprocal(Arg x);
/// NaN if either is.
TARRY_API Array maximum(Arg a, Arg b);
TARRY_API Array minimum(Arg a, Arg b);
/// The other one if one is NaN.
TARRY_API Array fmax(Arg a, Arg b);
TARRY_API Array fmin(Arg a, Arg b);
/// The greatest common divisor and the least common multiple of |a| and |b|, 0 where both (one of them) are 0.
TARRY_API Array gcd(Arg a, Arg b);
TARRY_API Array lcm(Arg a, Arg b);

// ---- roots, exponentials and logarithms ----
TARRY_API Array sqrt(Arg x);
TARRY_API Array cbrt(Arg x);
TARRY_API Array exp(Arg x);
TARRY_API Array exp2(Arg x);
TARRY_API Array expm1(Arg x);
TARRY_API Array log(Arg x);
TARRY_API Array log2(Arg x);
TARRY_API Array log10(Arg x);
TARRY_API Array log1p(Arg x);
/// log(exp(a) + exp(b)) without overflow.
TARRY_API Array logaddexp(Arg a, Arg b);
/// log2(2**a + 2**b) without overflow.
TARRY_API Array logaddexp2(Arg a, Arg b);

// ---- trigonometry, in radians ----
TARRY_API Array sin(Arg x);
TARRY_API Array cos(Arg x);
TARRY_API Array tan(Arg x);
TARRY_API Array arcsin(Arg x);
TARRY_API Array arccos(Arg x);
TARRY_API Array arctan(Arg x);
TARRY_API Array arctan2(Arg y, Arg x);
TARRY_API Array hypot(Arg a, Arg b);
TARRY_API Array sinh(Arg x);
TARRY_API Array cosh(Arg x);
TARRY_API Array tanh(Arg x);
TARRY_API Array arcsinh(Arg x);
TARRY_API Array arccosh(Arg x);
TARRY_API Array arctanh(Arg x);
TARRY_API Array degrees(Arg x);
TARRY_API Array rad2deg(Arg x);
TARRY_API Array radians(Arg x);
TARRY_API Array deg2rad(Arg x);
/// The error function (scipy.special.erf).
TARRY_API Array erf(Arg x);

// ---- rounding: integers come back as they are, but for rint ----
TARRY_API Array floor(Arg x);
TARRY_API Array ceil(Arg x);
TARRY_API Array trunc(Arg x);
/// To nearest, ties to even.
TARRY_API Array rint(Arg x);
/// To so many decimals, a negative number counting those before the point: by way of a product or quotient by a power
/// of ten, as NumPy. Integers stay integers.
TARRY_API Array round(Arg x, int decimals = 0);
TARRY_API Array around(Arg x, int decimals = 0);
/// Towards zero, as trunc.
TARRY_API Array fix(Arg x);

// ---- parts of floating-point numbers ----
TARRY_API Array copysign(Arg a, Arg b);
TARRY_API Array nextafter(Arg a, Arg b);
TARRY_API Array signbit(Arg x);
TARRY_API Array heaviside(Arg x, Arg at_zero);
/// (fractional, integral) parts, both with the sign of x.
TARRY_API std::pair<Array, Array> modf(Arg x);
/// (m, e) with x = m * 2**e and 0.5 <= |m| < 1, e as int32; (x, 0) for zeros, infinities and NaN.
TARRY_API std::pair<Array, Array> frexp(Arg x);
/// x * 2**exponent, rounded once. The exponents are integers, of any type but uint64.
TARRY_API Array ldexp(Arg x, Arg exponent);
/// The distance to the next number away from zero, with the sign of x; of float16, as in NumPy, to the next larger one.
TARRY_API Array spacing(Arg x);

// ---- comparison and classification: arrays of bool ----
TARRY_API Array equal(Arg a, Arg b);
TARRY_API Array not_equal(Arg a, Arg b);
TARRY_API Array less(Arg a, Arg b);
TARRY_API Array less_equal(Arg a, Arg b);
TARRY_API Array greater(Arg a, Arg b);
TARRY_API Array greater_equal(Arg a, Arg b);
TARRY_API Array isnan(Arg x);
TARRY_API Array isinf(Arg x);
TARRY_API Array isfinite(Arg x);
TARRY_API Array isneginf(Arg x);
TARRY_API Array isposinf(Arg x);
TARRY_API Array logical_and(Arg a, Arg b);
TARRY_API Array logical_or(Arg a, Arg b);
TARRY_API Array logical_xor(Arg a, Arg b);
TARRY_API Array logical_not(Arg x);
/// |a - b| <= atol + rtol * |b|, equal infinities, and NaNs if `equal_nan`.
TARRY_API Array isclose(Arg a, Arg b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);

// ---- bits; logical on bool ----
TARRY_API Array bitwise_and(Arg a, Arg b);
TARRY_API Array bitwise_or(Arg a, Arg b);
TARRY_API Array bitwise_xor(Arg a, Arg b);
TARRY_API Array invert(Arg x);
TARRY_API Array bitwise_not(Arg x);
/// Counts past the width give 0, or -1 for a negative number shifted right.
TARRY_API Array left_shift(Arg a, Arg b);
TARRY_API Array right_shift(Arg a, Arg b);
/// Set bits of |x|, as uint8.
TARRY_API Array bitwise_count(Arg x);

// ---- NumPy 2's other names ----
TARRY_API Array pow(Arg a, Arg b);
TARRY_API Array acos(Arg x);
TARRY_API Array acosh(Arg x);
TARRY_API Array asin(Arg x);
TARRY_API Array asinh(Arg x);
TARRY_API Array atan(Arg x);
TARRY_API Array atan2(Arg y, Arg x);
TARRY_API Array atanh(Arg x);
TARRY_API Array bitwise_invert(Arg x);
TARRY_API Array bitwise_left_shift(Arg a, Arg b);
TARRY_API Array bitwise_right_shift(Arg a, Arg b);

// ---- made of these ----
/// sin(pi x) / (pi x), 1 at 0.
TARRY_API Array sinc(Arg x);
/// Angles with jumps of more than half a period between neighbours made smooth by whole periods.
TARRY_API Array unwrap(Arg x, Dim axis = -1, Arg period = 6.283185307179586);

// ---- choice ----
/// a where the condition holds, else b.
TARRY_API Array where(Arg condition, Arg a, Arg b);
/// minimum(maximum(x, low), high). `tarry::none` for no bound.
TARRY_API Array clip(Arg x, Arg low, Arg high);
TARRY_API Array clip(Arg x, None, Arg high);
TARRY_API Array clip(Arg x, Arg low, None);

}  // namespace tarry::numpy
