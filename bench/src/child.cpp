// What has to be measured in a process of its own. Links the library as users do.

#include "programs.h"

#include <tarry/tarry.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (word == "VmHWM:") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes / 1024;
    }
  return 0;
}

/// A loop of seven ops, 10^6 in all: seconds, megabytes, and what came out.
void million_ops() {
  const Array a = np::linspace(0.5, 0.75, 8), b = np::linspace(0.125, 0.25, 8);
  Array x = a;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000000 / 7; ++i) x = np::maximum(x * a + b, b) - a * (x * b) + a;
  const double last = double(x[7]);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.6f %.1f %.17g\n", seconds, peak_megabytes(), last);
}

/// One function, 1,000 shapes of one to three axes and as many scalars: kernels compiled.
void shapes(int least) {
  for (int i = 0; i < 1000; ++i) {
    const int rows = least + i % 37, columns = least + i % 101;
    const Array x = np::zeros({rows, columns}) + 0.001 * i;
    tarry::eval(np::tanh(x * (0.5 + i) + 0.25 * i));
  }
  std::printf("%d\n", static_cast<int>(tarry::stats().kernels_compiled));
}

/// Twenty ops on 8 elements of a GPU, seen before: recorded, launched, looked at. Microseconds of one turn.
void turns_on_gpu() {
  tarry::set_context(tarry::gpu(0));
  const Array a = np::array(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  const Array b = np::array(std::vector<float>{8, 7, 6, 5, 4, 3, 2, 1});
  const auto turns = [&](int count) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) bench::twenty_ops(a, b).to_vector<float>();
    return 1e6 / count * std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  turns(100);
  std::printf("%.4f\n", turns(10000));
}

void first_value() {
  const Array x = np::linspace(-3.0, 3.0, 1000);
  const Array e = np::exp(x - np::max(x));
  std::cout << (e / np::sum(e))[500] << std::endl;
}

}  // namespace

int main() {
  if (std::getenv("TARRY_BENCH_LOOP")) {
    million_ops();
  } else if (std::getenv("TARRY_BENCH_GPU")) {
    turns_on_gpu();
  } else if (const char* least = std::getenv("TARRY_BENCH_SHAPES")) {
    shapes(std::atoi(least));
  } else {
    first_value();
  }
}
