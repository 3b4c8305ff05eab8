// What insight_test.cpp runs under TARRY_DUMP: one plan of one kernel, with something to simplify.
#include <tarry/tarry.h>

#include <cstdio>

int main() {
  namespace np = tarry::numpy;
  const tarry::Array x = np::array({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const std::vector<double> sums = np::sum(-(-x), 1).to_vector<double>();
  std::printf("sum %g\n", sums[0] + sums[1]);
}
