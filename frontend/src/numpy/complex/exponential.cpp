// exp, log, sqrt and powers, with C99's values at infinities, NaNs and signed zeros. Derivatives are those of the
// formulas: see formula.h.

#include "formula.h"

#include <numbers>

namespace tarry::frontend {
namespace {

constexpr double kNearOverflow = 700;                        // exp of it is finite
constexpr double kExpNearOverflow = 1.0142320547350045e304;  // exp(700)

}  // namespace

Complex exp(Complex z) {
  // exp(re) may overflow where its products with sine and cosine do not.
  const Real huge = z.re > kNearOverflow;
  const Real size = exp(select(huge, z.re - kNearOverflow, z.re));
  const Real rest = select(huge, z.re.number(kExpNearOverflow), z.re.number(1));
  const Complex turn{cos(z.im), sin(z.im)};
  const Complex w = turn * size * rest;
  const Real endless = !isfinite(z.im), minus_infinity = z.re == -HUGE_VAL;
  const Real vanishes = minus_infinity & endless;
  return {select(vanishes, 0.0, select((z.re == HUGE_VAL) & endless, z.re, w.re)),
          select(vanishes, 0.0, zero_or(z.im, w.im))};
}

/// exp(z) - 1 without cancellation in the real part, as NumPy computes it.
Complex expm1(Complex z) {
  const Real half = sin(z.im / 2.0);
  return {expm1(z.re) * cos(z.im) - half * 2.0 * half, exp(z.re) * sin(z.im)};
}

Complex log(Complex z) {
  const Real wide = abs(z.re) >= abs(z.im);
  const Real first = select(wide, z.re, z.im), second = select(wide, z.im, z.re), large = abs(first);
  // Scaled where squares would overflow or lose bits.
  const Real far = large > 1e300, near = large < 1e-290;
  const Real scale = select(far, z.re.number(0x1p-100), select(near, z.re.number(0x1p100), z.re.number(1)));
  const Real shift = select(far, z.re.number(100), select(near, z.re.number(-100), z.re.number(0)));
  const Real plain = log(hypot(z.re * scale, z.im * scale)) + shift * std::numbers::ln2;
  // |z|² - 1 with the errors of the squares, where the logarithm is small.
  const Real a = first * first, b = second * second;
  const Real lost = Real{z.re.r, z.re.r->op(Op::fma, first.t, first.t, (-a).t)} +
                    Real{z.re.r, z.re.r->op(Op::fma, second.t, second.t, (-b).t)};
  const Real close = log1p(((a - 1.0) + b) + lost) * 0.5;
  const Real is_close = (a >= 0.5) & (a <= a.number(2));
  return {select(is_close, close, plain), atan2(z.im, z.re)};
}

Complex log1p(Complex z) {
  const Real x = z.re + 1.0;
  const Real close = log1p(z.re * (z.re + 2.0) + z.im * z.im) * 0.5;
  const Real is_close = (abs(z.re) < 0.5) & (abs(z.im) < 0.5);
  return {select(is_close, close, log(hypot(x, z.im))), atan2(z.im, x)};
}

Complex sqrt(Complex z) {
  const Real right = z.re >= 0.0, x = select(right, z.re, -z.re), y = abs(z.im), large = max(x, y);
  const Real far = large > 1e300, near = large < 1e-290;
  const Real scale = select(far, z.re.number(0x1p-4), select(near, z.re.number(0x1p108), z.re.number(1)));
  const Real back = select(far, z.re.number(0x1p2), select(near, z.re.number(0x1p-54), z.re.number(1)));
  const Real root = sqrt((x * scale + hypot(x * scale, z.im * scale)) * 0.5);
  const Real other = (z.im * scale) / (root + root) * back;
  const Real main = root * back;
  const Real zero = (z.re == 0.0) & (z.im == 0.0);
  const Complex w{select(right, main, other * copysign(1.0, z.im)), select(right & !zero, other, copysign(main, z.im))};
  const Real infinite = isinf(z.im);
  return {select(infinite, y, w.re), select(infinite, z.im, w.im)};
}

namespace {

/// `value` to the bit, with the derivatives of another formula for the same, where that is finite.
Real with_derivatives_of(Real formula, Real value) {
  const Real nothing = -(stop(formula) - formula);  // -0.0, which changes no sum
  return select(isfinite(formula), stop(value) + nothing, value);
}
Complex with_derivatives_of(Complex formula, Complex value) {
  return {with_derivatives_of(formula.re, value.re), with_derivatives_of(formula.im, value.im)};
}

}  // namespace

Complex power(Complex a, Complex b) {
  const Complex w = exp(b * log(a));
  const Real real_exponent = b.im == 0.0;
  const Real zero_base = (a.re == 0.0) & (a.im == 0.0);
  const Real none = b.re.number(NAN), zero = b.re.number(0), one = b.re.number(1);
  const Real to_positive = (b.re > 0.0) & real_exponent;
  const Complex of_zero{select(to_positive, zero, none), select(to_positive, zero, none)};
  const Real exponent_zero = (b.re == 0.0) & real_exponent;
  const Complex small[] = {{one, zero}, a, a * a, a * a * a};
  Complex result = select(zero_base, of_zero, w);
  for (int n = 1; n <= 3; ++n) result = select((b.re == n) & real_exponent, small[n], result);
  result = select(exponent_zero, small[0], result);
  // Products say nothing of other exponents.
  return is_followed(b.re) ? select(zero_base, result, with_derivatives_of(w, result)) : result;
}

}  // namespace tarry::frontend
