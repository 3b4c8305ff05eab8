#pragma once
/// Formulas that take the compiler some milliseconds each.

#include <tarry/tarry.h>

#include <string>

namespace tarry::test {

namespace np = tarry::numpy;

/// Another kernel for each `number`, positive for positive x.
inline Array long_formula(const Array& x, int number) {
  Array y = x * x + 1.0;
  for (int i = 0; i < 6; ++i) y = (number >> i) % 2 ? np::exp(np::sin(y)) + y : np::log1p(np::cos(y) + 2.0) * y;
  return y;
}

/// Evaluates what formula() gives until LLVM was asked for its kernels, or would have been if the system let it.
template <class Formula>
void until_requested(const Formula& formula) {
  const auto has_more_to_do = [&] {
    const std::string text = explain(formula());
    return text.find("worth a compilation") != std::string::npos && text.find("has done 100 %") == std::string::npos;
  };
  for (int runs = 1; has_more_to_do(); runs *= 2)
    for (int i = 0; i < runs; ++i) eval(formula());
}

}  // namespace tarry::test
