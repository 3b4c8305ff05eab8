// Kernels run on the executor that TARRY_TIER asks for; the compiler is found beside the installed library.
#include <tarry/tarry.h>
#include <cstdlib>
#include <iostream>
#include <string>
namespace np = tarry::numpy;

int main() {
  const char* asked = std::getenv("TARRY_TIER");
  std::string tier = asked ? asked : "auto";
  tarry::eval(np::exp(np::linspace(0.0, 1.0, 100000)) * 2.0);
  tarry::Stats stats = tarry::stats();
  bool as_asked = stats.kernels_launched > 0;
  if (tier == "interp") as_asked &= stats.kernels_interpreted == stats.kernels_launched && stats.kernels_compiled == 0;
  if (tier == "llvm") as_asked &= stats.kernels_interpreted == 0 && stats.compile_microseconds > 0;
  std::cout << "ran where asked: " << as_asked << "\n";
}
