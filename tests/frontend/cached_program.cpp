/// Says whether LLVM was loaded, and how many kernels came from the disk.

#include <tarry/tarry.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace np = tarry::numpy;

int main() {
  const tarry::Array x = np::linspace(-2.0, 2.0, 1001);
  const double total = double(np::sum(np::exp(x) / (1.0 + np::exp(x))));
  const double largest = double(np::max(np::tanh(x) * x));
  bool loaded = false;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) loaded |= line.find("libLLVM") != std::string::npos;
  std::printf("values %.17g %.17g\n", total, largest);
  std::printf("LLVM %s, %d kernels from disk\n", loaded ? "loaded" : "not loaded",
              static_cast<int>(tarry::stats().disk_hits));
}
