// Which formula an op of complex operands is.

#include "complex.h"
#include "formula.h"

#include <numbers>

namespace tarry::frontend {
namespace {

using Function = Complex (*)(Complex);

/// In float64, where float32 would lose bits on the way or overflow.
Complex widened(Recorder& r, Term z) {
  const Complex p = parts(r, z);
  return {{&r, r.cast(p.re.t, DType::float64)}, {&r, r.cast(p.im.t, DType::float64)}};
}

Term narrowed(Complex z, DType dtype) {
  Recorder& r = *z.re.r;
  return r.op(Op::complex, r.cast(z.re.t, ir::part_of(dtype)), r.cast(z.im.t, ir::part_of(dtype)));
}

Term apply(Recorder& r, Term z, Function f) { return narrowed(f(widened(r, z)), r.dtype(z)); }

Complex exp2(Complex z) { return exp(z * std::numbers::ln2); }
Complex log2(Complex z) { return log(z) * std::numbers::log2e; }
Complex log10(Complex z) { return log(z) * std::numbers::log10e; }
Complex sin(Complex z) {
  const Complex w = over_i(sinh(times_i(z)));
  // As C's: the infinity that has no sign to take is positive.
  return {w.re, select(isinf(z.im) & !isfinite(z.re), abs(w.im), w.im)};
}
Complex cos(Complex z) { return cosh(times_i(z)); }
Complex tan(Complex z) { return over_i(tanh(times_i(z))); }
Complex asinh(Complex z) { return over_i(asin(times_i(z))); }
Complex atan(Complex z) { return over_i(atanh(times_i(z))); }

/// z / |z|; of an infinite number with one infinite part the direction of that.
Complex sign(Complex z) {
  const Real size = hypot(z.re, z.im), zero = size == 0.0;
  const Complex plain{select(zero, 0.0, z.re / size), select(zero, 0.0, z.im / size)};
  const Real infinite = isinf(size), none = size.number(NAN);
  const Real real_only = isinf(z.re) & !isinf(z.im), both = isinf(z.re) & isinf(z.im);
  const Complex far{select(both, none, select(real_only, copysign(1.0, z.re), 0.0)),
                    select(both, none, select(real_only, 0.0, copysign(1.0, z.im)))};
  const Real unknown = isnan(z.re) | isnan(z.im);
  const Complex known = select(infinite, far, plain);
  return {select(unknown & !infinite, none, known.re), select(unknown & !infinite, none, known.im)};
}

Real has_nan(Complex z) { return isnan(z.re) | isnan(z.im); }

/// Pairs in order, as NumPy compares them.
Real compare(Op op, Complex a, Complex b) {
  const Op strict = op == Op::lt || op == Op::le ? Op::lt : Op::gt;
  const Real first = a.re.with(strict, b.re) & !isnan(a.im) & !isnan(b.im);
  return first | ((a.re == b.re) & a.im.with(op, b.im));
}

Complex extreme(Op op, Complex a, Complex b) {
  return select(has_nan(a) | compare(op == Op::max ? Op::ge : Op::le, a, b), a, b);
}

Term of_one(Recorder& r, Op op, Term z) {
  const Complex p = parts(r, z);
  switch (op) {
    case Op::abs: return hypot(p.re, p.im).t;
    case Op::sign: return joined(sign(p));
    case Op::rint: return joined({p.re.with(op), p.im.with(op)});
    case Op::isnan: return has_nan(p).t;
    case Op::isinf: return (isinf(p.re) | isinf(p.im)).t;
    case Op::isfinite: return (isfinite(p.re) & isfinite(p.im)).t;
    case Op::sqrt: return apply(r, z, sqrt);
    case Op::exp: return apply(r, z, exp);
    case Op::exp2: return apply(r, z, exp2);
    case Op::expm1: return apply(r, z, expm1);
    case Op::log: return apply(r, z, log);
    case Op::log2: return apply(r, z, log2);
    case Op::log10: return apply(r, z, log10);
    case Op::log1p: return apply(r, z, log1p);
    case Op::sin: return apply(r, z, sin);
    case Op::cos: return apply(r, z, cos);
    case Op::tan: return apply(r, z, tan);
    case Op::asin: return apply(r, z, asin);
    case Op::acos: return apply(r, z, acos);
    case Op::atan: return apply(r, z, atan);
    case Op::sinh: return apply(r, z, sinh);
    case Op::cosh: return apply(r, z, cosh);
    case Op::tanh: return apply(r, z, tanh);
    case Op::asinh: return apply(r, z, asinh);
    case Op::acosh: return apply(r, z, acosh);
    case Op::atanh: return apply(r, z, atanh);
    default: no_loop(r.name());
  }
}

Term of_two(Recorder& r, Op op, Term a, Term b) {
  switch (op) {
    case Op::mul: return joined(parts(r, a) * parts(r, b));
    case Op::div: return joined(divide(parts(r, a), parts(r, b)));
    case Op::pow: return narrowed(power(widened(r, a), widened(r, b)), r.dtype(a));
    case Op::max:
    case Op::min: return joined(extreme(op, parts(r, a), parts(r, b)));
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return compare(op, parts(r, a), parts(r, b)).t;
    default: no_loop(r.name());
  }
}

}  // namespace

Term complex_op(Recorder& r, Op op, std::initializer_list<Term> operands) {
  const Term* x = operands.begin();
  if (operands.size() == 1) return of_one(r, op, x[0]);
  if (operands.size() == 2) return of_two(r, op, x[0], x[1]);
  no_loop(r.name());
}

}  // namespace tarry::frontend
