#pragma once
/// Real terms with operators, so that formulas of complex functions read as formulas.
///
/// A derivative of a complex function is that of its formula, through the branch that `select` takes. So a branch is
/// either a whole formula, right beside the point too, or taken only where there is no derivative: at infinities,
/// NaNs and singular points. A part that is replaced by a constant, or abs of one that may be 0, would lose its
/// tangent.

#include "record.h"

namespace tarry::frontend {

/// A real term while it is recorded, or a bool one.
struct Real {
  Recorder* r;
  Term t;

  Real with(Op op) const { return {r, r->op(op, t)}; }
  Real with(Op op, Real b) const { return {r, r->op(op, t, b.t)}; }
  /// A number in this one's dtype.
  Real number(double value) const { return {r, r->literal(r->dtype(t), value)}; }
};

inline Real operator+(Real a, Real b) { return a.with(Op::add, b); }
inline Real operator-(Real a, Real b) { return a.with(Op::sub, b); }
inline Real operator*(Real a, Real b) { return a.with(Op::mul, b); }
inline Real operator/(Real a, Real b) { return a.with(Op::div, b); }
inline Real operator+(Real a, double b) { return a + a.number(b); }
inline Real operator-(Real a, double b) { return a - a.number(b); }
inline Real operator*(Real a, double b) { return a * a.number(b); }
inline Real operator/(Real a, double b) { return a / a.number(b); }
inline Real operator-(double a, Real b) { return b.number(a) - b; }
inline Real operator/(double a, Real b) { return b.number(a) / b; }
inline Real operator-(Real a) { return a.with(Op::neg); }
inline Real operator==(Real a, Real b) { return a.with(Op::eq, b); }
inline Real operator==(Real a, double b) { return a == a.number(b); }
inline Real operator!=(Real a, Real b) { return a.with(Op::ne, b); }
inline Real operator<(Real a, Real b) { return a.with(Op::lt, b); }
inline Real operator<(Real a, double b) { return a < a.number(b); }
inline Real operator<=(Real a, Real b) { return a.with(Op::le, b); }
inline Real operator>(Real a, Real b) { return a.with(Op::gt, b); }
inline Real operator>(Real a, double b) { return a > a.number(b); }
inline Real operator>=(Real a, Real b) { return a.with(Op::ge, b); }
inline Real operator>=(Real a, double b) { return a >= a.number(b); }
inline Real operator&(Real a, Real b) { return a.with(Op::and_, b); }
inline Real operator|(Real a, Real b) { return a.with(Op::or_, b); }
inline Real operator!(Real a) { return a.with(Op::not_); }

inline Real abs(Real a) { return a.with(Op::abs); }
inline Real stop(Real a) { return a.with(Op::stop); }
inline Real sqrt(Real a) { return a.with(Op::sqrt); }
inline Real exp(Real a) { return a.with(Op::exp); }
inline Real expm1(Real a) { return a.with(Op::expm1); }
inline Real log(Real a) { return a.with(Op::log); }
inline Real log1p(Real a) { return a.with(Op::log1p); }
inline Real sin(Real a) { return a.with(Op::sin); }
inline Real cos(Real a) { return a.with(Op::cos); }
inline Real sinh(Real a) { return a.with(Op::sinh); }
inline Real cosh(Real a) { return a.with(Op::cosh); }
inline Real asinh(Real a) { return a.with(Op::asinh); }
inline Real isnan(Real a) { return a.with(Op::isnan); }
inline Real isinf(Real a) { return a.with(Op::isinf); }
inline Real isfinite(Real a) { return a.with(Op::isfinite); }
inline Real max(Real a, Real b) { return a.with(Op::max, b); }
inline Real min(Real a, Real b) { return a.with(Op::min, b); }
inline Real hypot(Real a, Real b) { return a.with(Op::hypot, b); }
inline Real atan2(Real y, Real x) { return y.with(Op::atan2, x); }
inline Real copysign(Real a, Real b) { return a.with(Op::copysign, b); }
inline Real copysign(double a, Real b) { return b.number(a).with(Op::copysign, b); }
inline Real select(Real c, Real a, Real b) { return {c.r, c.r->op(Op::select, c.t, a.t, b.t)}; }
inline Real select(Real c, Real a, double b) { return select(c, a, a.number(b)); }
inline Real select(Real c, double a, Real b) { return select(c, b.number(a), b); }

/// What goes with a part that is 0, signed, and is that zero itself where infinities make it NaN.
inline Real zero_or(Real part, Real value) { return select((part == 0.0) & isnan(value), part, value); }
/// Whether a transform follows it, or it depends on an element of a batch.
inline bool is_followed(Real a) { return a.r->is_followed(a.t); }

/// A complex number as its parts.
struct Complex {
  Real re, im;
};

inline Complex parts(Recorder& r, Term z) { return {{&r, r.op(Op::real, z)}, {&r, r.op(Op::imag, z)}}; }
inline Term joined(Complex z) { return z.re.r->op(Op::complex, z.re.t, z.im.t); }

inline Complex operator-(Complex z) { return {-z.re, -z.im}; }
inline Complex operator*(Complex z, Real a) { return {z.re * a, z.im * a}; }
inline Complex operator*(Complex z, double a) { return {z.re * a, z.im * a}; }
inline Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
/// z times the imaginary unit, and divided by it: no rounding.
inline Complex times_i(Complex z) { return {-z.im, z.re}; }
inline Complex over_i(Complex z) { return {z.im, -z.re}; }
inline Complex conj(Complex z) { return {z.re, -z.im}; }
inline Complex select(Real c, Complex a, Complex b) { return {select(c, a.re, b.re), select(c, a.im, b.im)}; }

Complex divide(Complex a, Complex b);
Complex reciprocal(Complex z);

// The elementary functions; float64 alone.
Complex exp(Complex z);
Complex expm1(Complex z);
Complex log(Complex z);
Complex log1p(Complex z);
Complex sqrt(Complex z);
Complex power(Complex a, Complex b);
Complex sinh(Complex z);
Complex cosh(Complex z);
Complex tanh(Complex z);
Complex asin(Complex z);
Complex acos(Complex z);
Complex acosh(Complex z);
Complex atanh(Complex z);

}  // namespace tarry::frontend
