// Products, quotients, order: NumPy's formulas in NumPy's order of operations, so that the bits agree.

#include "formula.h"

namespace tarry::frontend {

/// Smith's method.
Complex divide(Complex a, Complex b) {
  const Real wide = abs(b.re) >= abs(b.im);
  const Real large = select(wide, b.re, b.im), small = select(wide, b.im, b.re);
  const Real ratio = small / large;
  const Real scale = 1.0 / (large + small * ratio);
  const Real re = select(wide, a.re + a.im * ratio, a.re * ratio + a.im) * scale;
  const Real im = select(wide, a.im - a.re * ratio, a.im * ratio - a.re) * scale;
  // Division by zero gives infinities and NaNs.
  const Real zero = (b.re == 0.0) & (b.im == 0.0), nothing = abs(b.re);
  return {select(zero, a.re / nothing, re), select(zero, a.im / nothing, im)};
}

Complex reciprocal(Complex z) {
  const Real wide = abs(z.im) <= abs(z.re);
  const Real large = select(wide, z.re, z.im), small = select(wide, z.im, z.re);
  const Real ratio = small / large;
  const Real size = large + small * ratio;
  return {select(wide, 1.0 / size, ratio / size), select(wide, -ratio, -z.re.number(1)) / size};
}

}  // namespace tarry::frontend
