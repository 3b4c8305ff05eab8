// The universal functions that are one op of the table.

#include "ufunc.h"

#include <tarry/numpy/elementwise.h>

namespace tarry::numpy {

using frontend::call;
using frontend::Typing;
using ir::Op;

Array add(Arg a, Arg b) { return call({"add", Op::add, Typing::same}, a, b); }
Array subtract(Arg a, Arg b) { return call({"subtract", Op::sub, Typing::number}, a, b); }
Array multiply(Arg a, Arg b) { return call({"multiply", Op::mul, Typing::same}, a, b); }
Array divide(Arg a, Arg b) { return call({"divide", Op::div, Typing::division}, a, b); }
Array true_divide(Arg a, Arg b) { return divide(a, b); }
Array floor_divide(Arg a, Arg b) { return call({"floor_divide", Op::floor_div, Typing::arithmetic}, a, b); }
Array remainder(Arg a, Arg b) { return call({"remainder", Op::mod, Typing::arithmetic}, a, b); }
Array mod(Arg a, Arg b) { return remainder(a, b); }
Array fmod(Arg a, Arg b) { return call({"fmod", Op::fmod, Typing::arithmetic}, a, b); }
Array negative(Arg x) { return call({"negative", Op::neg, Typing::number}, x); }
Array absolute(Arg x) { return call({"absolute", Op::abs, Typing::same}, x); }
Array abs(Arg x) { return absolute(x); }
Array fabs(Arg x) { return call({"fabs", Op::abs, Typing::real}, x); }
Array sign(Arg x) { return call({"sign", Op::sign, Typing::number}, x); }
Array maximum(Arg a, Arg b) { return call({"maximum", Op::max, Typing::same}, a, b); }
Array minimum(Arg a, Arg b) { return call({"minimum", Op::min, Typing::same}, a, b); }

Array sqrt(Arg x) { return call({"sqrt", Op::sqrt, Typing::floating}, x); }
Array cbrt(Arg x) { return call({"cbrt", Op::cbrt, Typing::floating}, x); }
Array exp(Arg x) { return call({"exp", Op::exp, Typing::floating}, x); }
Array exp2(Arg x) { return call({"exp2", Op::exp2, Typing::floating}, x); }
Array expm1(Arg x) { return call({"expm1", Op::expm1, Typing::floating}, x); }
Array log(Arg x) { return call({"log", Op::log, Typing::floating}, x); }
Array log2(Arg x) { return call({"log2", Op::log2, Typing::floating}, x); }
Array log10(Arg x) { return call({"log10", Op::log10, Typing::floating}, x); }
Array log1p(Arg x) { return call({"log1p", Op::log1p, Typing::floating}, x); }

Array sin(Arg x) { return call({"sin", Op::sin, Typing::floating}, x); }
Array cos(Arg x) { return call({"cos", Op::cos, Typing::floating}, x); }
Array tan(Arg x) { return call({"tan", Op::tan, Typing::floating}, x); }
Array arcsin(Arg x) { return call({"arcsin", Op::asin, Typing::floating}, x); }
Array arccos(Arg x) { return call({"arccos", Op::acos, Typing::floating}, x); }
Array arctan(Arg x) { return call({"arctan", Op::atan, Typing::floating}, x); }
Array arctan2(Arg y, Arg x) { return call({"arctan2", Op::atan2, Typing::floating}, y, x); }
Array hypot(Arg a, Arg b) { return call({"hypot", Op::hypot, Typing::floating}, a, b); }
Array sinh(Arg x) { return call({"sinh", Op::sinh, Typing::floating}, x); }
Array cosh(Arg x) { return call({"cosh", Op::cosh, Typing::floating}, x); }
Array tanh(Arg x) { return call({"tanh", Op::tanh, Typing::floating}, x); }
Array arcsinh(Arg x) { return call({"arcsinh", Op::asinh, Typing::floating}, x); }
Array arccosh(Arg x) { return call({"arccosh", Op::acosh, Typing::floating}, x); }
Array arctanh(Arg x) { return call({"arctanh", Op::atanh, Typing::floating}, x); }
Array erf(Arg x) { return call({"erf", Op::erf, Typing::floating}, x); }

Array rint(Arg x) { return call({"rint", Op::rint, Typing::floating}, x); }
Array copysign(Arg a, Arg b) { return call({"copysign", Op::copysign, Typing::floating}, a, b); }
Array nextafter(Arg a, Arg b) { return call({"nextafter", Op::nextafter, Typing::floating}, a, b); }
Array signbit(Arg x) { return call({"signbit", Op::signbit, Typing::floating}, x); }

Array equal(Arg a, Arg b) { return call({"equal", Op::eq, Typing::same}, a, b); }
Array not_equal(Arg a, Arg b) { return call({"not_equal", Op::ne, Typing::same}, a, b); }
Array less(Arg a, Arg b) { return call({"less", Op::lt, Typing::same}, a, b); }
Array less_equal(Arg a, Arg b) { return call({"less_equal", Op::le, Typing::same}, a, b); }
Array greater(Arg a, Arg b) { return call({"greater", Op::gt, Typing::same}, a, b); }
Array greater_equal(Arg a, Arg b) { return call({"greater_equal", Op::ge, Typing::same}, a, b); }
Array logical_and(Arg a, Arg b) { return call({"logical_and", Op::and_, Typing::boolean}, a, b); }
Array logical_or(Arg a, Arg b) { return call({"logical_or", Op::or_, Typing::boolean}, a, b); }
Array logical_xor(Arg a, Arg b) { return call({"logical_xor", Op::xor_, Typing::boolean}, a, b); }
Array logical_not(Arg x) { return call({"logical_not", Op::not_, Typing::boolean}, x); }

Array bitwise_and(Arg a, Arg b) { return call({"bitwise_and", Op::and_, Typing::bits}, a, b); }
Array bitwise_or(Arg a, Arg b) { return call({"bitwise_or", Op::or_, Typing::bits}, a, b); }
Array bitwise_xor(Arg a, Arg b) { return call({"bitwise_xor", Op::xor_, Typing::bits}, a, b); }
Array invert(Arg x) { return call({"invert", Op::not_, Typing::bits}, x); }
Array bitwise_not(Arg x) { return invert(x); }
Array left_shift(Arg a, Arg b) { return call({"left_shift", Op::shl, Typing::integer}, a, b); }
Array right_shift(Arg a, Arg b) { return call({"right_shift", Op::shr, Typing::integer}, a, b); }
Array gcd(Arg a, Arg b) { return call({"gcd", Op::gcd, Typing::whole}, a, b); }

// NumPy 2's other names.
Array pow(Arg a, Arg b) { return power(a, b); }
Array acos(Arg x) { return arccos(x); }
Array acosh(Arg x) { return arccosh(x); }
Array asin(Arg x) { return arcsin(x); }
Array asinh(Arg x) { return arcsinh(x); }
Array atan(Arg x) { return arctan(x); }
Array atan2(Arg y, Arg x) { return arctan2(y, x); }
Array atanh(Arg x) { return arctanh(x); }
Array bitwise_invert(Arg x) { return invert(x); }
Array bitwise_left_shift(Arg a, Arg b) { return left_shift(a, b); }
Array bitwise_right_shift(Arg a, Arg b) { return right_shift(a, b); }

}  // namespace tarry::numpy
