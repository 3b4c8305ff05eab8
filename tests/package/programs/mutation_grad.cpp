// Mutation and views, outside and inside a derivative.
#include <tarry/tarry.h>
#include <iostream>
namespace np = tarry::numpy;
using tarry::Array;

int main() {
  Array a = np::arange(6).reshape({3, 2});
  Array row = a[1];
  a[{np::slice(1, 2)}] = -1;
  std::cout << row << "\n";
  row[0] = 9;
  std::cout << a << "\n";

  auto f = [](const Array& x) {
    Array y = 2 * x;
    y[0] = 100.0;
    return np::sum(y * y);
  };
  std::cout << tarry::grad(f)(np::array({1.0, 2.0, 3.0})) << "\n";

  auto g = [](const Array& x) {
    Array y = np::zeros({3});
    y[0] = x[0];
    y[1] = 2 * x[1];
    return np::sum(3 * y);
  };
  std::cout << tarry::grad(g)(np::array({1.0, 2.0, 3.0})) << "\n";

  Array b = np::ones({3}), c = b;
  b -= 1;
  std::cout << c << "\n";
}
