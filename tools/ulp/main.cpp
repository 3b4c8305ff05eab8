/// Prints the largest error of every elementary function, in ulp.
///
///     ulp              every float32 of one argument (2^32 each), and many samples of the rest
///     ulp --quick      a sample of all; what the tests run
///
/// Fails where a bound is broken: 1 ulp in float32, 2 in float64.

#include "measure.h"

#include <mpfr.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <thread>

namespace {

constexpr double kBound32 = 1, kBound64 = 2;

struct Options {
  ulp::Effort effort;
  std::string only;
  bool skip32 = false, skip64 = false;
};

/// Prints a row of the table; whether the bound holds.
bool report(const char* name, const char* dtype, const ulp::Worst& worst, double bound, bool two_arguments) {
  const int digits = dtype == std::string("float32") ? 9 : 17;
  std::printf("| %s | %s | %.4f | %.*g", name, dtype, worst.error, digits, worst.x);
  if (two_arguments) std::printf(", %.*g", digits, worst.y);
  std::printf(" | %llu |\n", static_cast<unsigned long long>(worst.samples));
  std::fflush(stdout);
  return worst.error <= bound;
}

bool measure_all(const Options& options) {
  bool good = true;
  const auto wanted = [&](const char* name) { return options.only.empty() || options.only == name; };
  for (const auto& f : ulp::unary_functions()) {
    if (!wanted(f.name)) continue;
    if (!options.skip32) good &= report(f.name, "float32", measure_float32(f, options.effort), kBound32, false);
    if (!options.skip64) good &= report(f.name, "float64", measure_float64(f, options.effort), kBound64, false);
  }
  for (const auto& f : ulp::binary_functions()) {
    if (!wanted(f.name)) continue;
    const double bound32 = f.exactly ? 0 : kBound32, bound64 = f.exactly ? 0 : kBound64;
    if (!options.skip32) good &= report(f.name, "float32", measure_float32(f, options.effort), bound32, true);
    if (!options.skip64) good &= report(f.name, "float64", measure_float64(f, options.effort), bound64, true);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.effort.threads = std::max(1u, std::thread::hardware_concurrency());
  options.effort.samples = 20'000'000;
  bool quick = false;
  CLI::App app("Largest errors of the elementary functions, in ulp");
  app.add_flag("--quick", quick, "A sample of float32 in place of all");
  app.add_option("--function", options.only, "This function only, by its name in the IR");
  app.add_option("--threads", options.effort.threads, "Threads to use");
  app.add_option("--stride", options.effort.stride, "Every how manieth float32 to take");
  app.add_option("--samples", options.effort.samples, "Samples of float64 and of two arguments");
  app.add_flag("--no-float32", options.skip32, "Skip float32");
  app.add_flag("--no-float64", options.skip64, "Skip float64");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    options.effort.stride = 30011;
    options.effort.samples = 40'000;
  }
  std::printf("| function | dtype | largest error, ulp | at | arguments tried |\n|---|---|---|---|---|\n");
  const bool good = measure_all(options);
  mpfr_free_cache();
  if (!good) std::fprintf(stderr, "a bound is broken: 1 ulp in float32, 2 ulp in float64, none for exact results\n");
  return good ? 0 : 1;
}
