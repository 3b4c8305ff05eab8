#pragma once
/// The functions whose errors are measured, each with its references.

#include <tarry/ir/ops.h>

#include <mpfr.h>

#include <array>
#include <vector>

namespace ulp {

/// A range of arguments, sampled evenly.
struct Range {
  double low, high;
};

/// What f(-x) is: nothing that follows from f(x), f(x) itself, or -f(x).
enum class Parity { none, even, odd };

struct Unary {
  const char* name;
  tarry::ir::Op op;
  double (*in_double)(double);                     // reference of float32 results
  long double (*in_long_double)(long double);      // first reference of float64 results
  int (*exact)(mpfr_t, const mpfr_t, mpfr_rnd_t);  // the last word where those are near the bound
  Parity parity;
  std::vector<Range> ranges;  // where float64 is sampled more closely
};

struct Binary {
  const char* name;
  tarry::ir::Op op;
  long double (*in_long_double)(long double, long double);
  int (*exact)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);
  std::vector<std::array<Range, 2>> ranges;
  bool exactly;  // the result is a number of the format: any difference is an error
};

const std::vector<Unary>& unary_functions();
const std::vector<Binary>& binary_functions();

}  // namespace ulp
