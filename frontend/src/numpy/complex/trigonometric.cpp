// Circular and hyperbolic functions and their inverses, with C99's values at infinities, NaNs and signed zeros.
// Derivatives are those of the formulas: see formula.h.

#include "formula.h"

#include <numbers>

namespace tarry::frontend {
namespace {

constexpr double kHalfPi = std::numbers::pi / 2;

/// A product in which a zero, signed, outweighs infinities and NaNs.
Real times(Real a, Real b) {
  const Real product = a * b;
  return select(isnan(product) & ((a == 0.0) | (b == 0.0)), copysign(0.0, a) * copysign(1.0, b), product);
}

/// sinh and cosh of a real number as products with `rest`, which is finite where they are not.
struct Hyperbolic {
  Real sine, cosine, rest;
};
Hyperbolic hyperbolic(Real x) {
  const Real size = abs(x), huge = size > 700.0;
  const Real half = exp(size - 700.0) * 0.5;
  return {select(huge, copysign(half, x), sinh(x)), select(huge, half, cosh(x)),
          select(huge, x.number(1.0142320547350045e304), x.number(1))};
}

/// |a| as the product with a sign, whose derivatives at a zero are those of the side that it belongs to.
Real magnitude(Real a) { return a * copysign(1.0, a); }

/// Where the inverse functions are a logarithm, and products of roots might overflow.
Real is_far(Complex z) { return (abs(z.re) > 1e150) | (abs(z.im) > 1e150); }
Real log_of_double(Complex z) { return log(z).re + std::numbers::ln2; }

}  // namespace

Complex sinh(Complex z) {
  const Hyperbolic h = hyperbolic(z.re);
  const Complex w{times(h.sine, cos(z.im)) * h.rest, times(h.cosine, sin(z.im)) * h.rest};
  const Real endless = isinf(z.re) & !isfinite(z.im);
  return {select(endless, abs(z.re), w.re), select(endless, w.im.number(NAN), w.im)};
}

Complex cosh(Complex z) {
  const Hyperbolic h = hyperbolic(z.re);
  const Complex w{times(h.cosine, cos(z.im)) * h.rest, times(h.sine, sin(z.im)) * h.rest};
  const Real endless = isinf(z.re) & !isfinite(z.im);
  return {select(endless, abs(z.re), w.re), select(endless, w.im.number(NAN), w.im)};
}

Complex tanh(Complex z) {
  const Real s = sin(z.im), c = cos(z.im);
  const Real size = abs(z.re), far = size > 22.0;
  const Real h = sinh(select(far, z.re.number(0), z.re));
  const Real k = sqrt(h * h + 1.0);
  const Real below = h * h + c * c;
  const Complex near{h * k / below, s * c / below};
  const Real faint = exp(size * -2.0), lacking = (c * c - s * s) * 2.0 * faint;  // which rounds away
  const Real real_at_far = select(isfinite(lacking), 1.0 - lacking, 1.0);
  const Complex at_far{copysign(real_at_far, z.re), s * c * 4.0 * faint};
  Complex w = select(far, at_far, near);
  // At infinity, and on the axes beside one.
  w.im = select(isinf(z.re) & !isfinite(z.im), copysign(0.0, z.im), w.im);
  w.im = zero_or(z.im, w.im);
  w.re = zero_or(z.re, w.re);
  return w;
}

Complex asin(Complex z) {
  const Complex below = sqrt(Complex{1.0 - z.re, -z.im}), above = sqrt(Complex{z.re + 1.0, z.im});
  Complex w{atan2(z.re, (below * above).re), asinh((conj(below) * above).im)};
  const Real far = is_far(z);
  w.re = select(far, atan2(z.re, abs(z.im)), w.re);
  w.im = select(far, copysign(log_of_double(z), z.im), w.im);
  w.re = zero_or(z.re, w.re);
  return w;
}

Complex acos(Complex z) {
  const Complex below = sqrt(Complex{1.0 - z.re, -z.im}), above = sqrt(Complex{z.re + 1.0, z.im});
  Complex w{atan2(below.re, above.re) * 2.0, asinh((conj(above) * below).im)};
  const Real far = is_far(z);
  w.re = select(far, atan2(abs(z.im), z.re), w.re);
  w.im = select(far, -copysign(log_of_double(z), z.im), w.im);
  w.re = select((z.re == 0.0) & isnan(z.im), z.re.number(kHalfPi), w.re);
  return w;
}

Complex acosh(Complex z) {
  const Complex below = sqrt(Complex{z.re - 1.0, z.im}), above = sqrt(Complex{z.re + 1.0, z.im});
  Complex w{asinh((conj(below) * above).re), atan2(below.im, above.re) * 2.0};
  const Real far = is_far(z);
  w.re = select(far, log_of_double(z), w.re);
  w.im = select(far, atan2(z.im, z.re), w.im);
  w.im = select((z.re == 0.0) & isnan(z.im), z.re.number(kHalfPi), w.im);
  return w;
}

Complex atanh(Complex z) {
  const Real x = magnitude(z.re), y = abs(z.im), away = 1.0 - x;
  const Real far = max(x, y) > 1e150;
  const Real size = hypot(x, y);
  const Real re = log1p(x * 4.0 / (away * away + z.im * z.im)) * 0.25;
  const Real re_far = select(isinf(size), 0.0, x / size / size);
  const Real im = atan2(z.im + z.im, away * (x + 1.0) - z.im * z.im) * 0.5;
  Complex w{copysign(select(far, re_far, re), z.re), select(far, copysign(kHalfPi, z.im), im)};
  // An infinite part decides, whatever the other.
  w.re = select(isinf(x) | isinf(y), copysign(0.0, z.re), w.re);
  w.im = select(isinf(y) | (isinf(x) & !isnan(y)), copysign(kHalfPi, z.im), w.im);
  w.im = select(isinf(x) & isnan(y), z.im, w.im);
  w.re = zero_or(z.re, w.re);
  return w;
}

}  // namespace tarry::frontend
