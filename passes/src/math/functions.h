#pragma once
/// The list of expansions: which op on which kind of operand is which template.
///
/// To add one: write its template, `V<T> name(Model&, V<T> …)`, and give it a place here; the builder
/// (expand.cpp) and the loops (loops_*.cpp) derive from these lists.

#include "classify.h"
#include "error_function.h"
#include "exponential.h"
#include "integer.h"
#include "inverse_hyperbolic.h"
#include "inverse_trigonometric.h"
#include "logarithm.h"
#include "power.h"
#include "remainder.h"
#include "trigonometric.h"

/// Of float32 and float64, and of half types by way of float32.
// clang-format off
#define TARRY_WIDE_UNARY(X)                                                                        \
  X(sign) X(isnan) X(isinf) X(isfinite) X(signbit) X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) \
  X(log1p) X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(tanh) X(asinh) X(acosh)  \
  X(atanh) X(erf) X(cbrt)
// clang-format on
#define TARRY_WIDE_BINARY(X) X(copysign) X(pow) X(atan2) X(hypot) X(floor_div) X(mod) X(fmod) X(mul0) X(div0)
/// With what looks at bits, which half types do on their own.
#define TARRY_FLOAT_UNARY(X) X(bitcast) TARRY_WIDE_UNARY(X)
#define TARRY_FLOAT_BINARY(X) X(nextafter) TARRY_WIDE_BINARY(X)
#define TARRY_INT_UNARY(X) X(sign)
#define TARRY_INT_BINARY(X) X(mod) X(fmod) X(pow) X(gcd)
/// Of integers of up to 32 bits; a primitive of longer ones.
#define TARRY_SHORT_INT_BINARY(X) X(floor_div)
#define TARRY_BOOL_UNARY(X) X(abs)
#define TARRY_BOOL_BINARY(X) X(add) X(mul) X(max) X(min) X(eq) X(ne) X(lt) X(le) X(gt) X(ge)
