#pragma once
/// Formulas that take the compiler some milliseconds each.

#include <tarry/tarry.h>

namespace tarry::test {

namespace np = tarry::numpy;

/// Another kernel for each `number`, positive for positive x.
inline Array long_formula(const Array& x, int number) {
  Array y = x * x + 1.0;
  for (int i = 0; i < 6; ++i) y = (number >> i) % 2 ? np::exp(np::sin(y)) + y : np::log1p(np::cos(y) + 2.0) * y;
  return y;
}

}  // namespace tarry::test
