/// Prints a value and ends, whatever the compiler is at; arrays of static lifetime are looked at on the way out.

#include "kernels.h"

#include <cstdio>

namespace np = tarry::numpy;

struct LastLook {
  tarry::Array array;
  ~LastLook() { std::printf("at the end %.12g\n", np::sum(array * 2.0).item<double>()); }
};
static LastLook last;

int main() {
  const tarry::Array x = np::linspace(0.0, 1.0, 300001);
  tarry::test::until_requested([&] { return tarry::test::long_formula(x, 5); });
  last.array = tarry::test::long_formula(x, 5);
  std::printf("sum %.12g\n", np::sum(last.array).item<double>());
}
