// A branch that depends on data, and a gradient through it.
#include <tarry/tarry.h>
#include <iostream>
namespace np = tarry::numpy;
using tarry::Array;

Array foo(const Array& x) {
  if (x >= 0) return x;
  return 2 * x;
}

int main() {
  for (double first : {1.0, 3.0}) {
    Array x = first, y = 2.0, z;
    if (x < y)
      z = x + y;
    else
      z = np::power(y, 2);
    std::cout << z << "\n";
  }
  auto foo_grad = tarry::grad(foo);
  std::cout << foo_grad(3.0) << "\n" << foo_grad(-1.0) << "\n";

  auto power4 = [](const Array& v) {
    Array r = 1.0;
    for (int i = 0; i < 4; ++i) r = r * v;
    return r;
  };
  std::cout << tarry::grad(power4)(2.0) << "\n" << tarry::grad(tarry::grad(power4))(2.0) << "\n";
}
