#pragma once
/// Errors in units of the last place of the correctly rounded result, over all or many arguments.

#include "functions.h"

#include <cstdint>

namespace ulp {

/// The worst case that was met. A wrong NaN, infinity or sign of zero counts as infinitely many ulp.
struct Worst {
  double error = 0;
  double x = 0, y = 0;  // where
  uint64_t samples = 0;

  void meet(double other_error, double other_x, double other_y = 0) {
    ++samples;
    if (other_error > error) error = other_error, x = other_x, y = other_y;
  }
  void merge(const Worst& other) {
    samples += other.samples;
    if (other.error > error) error = other.error, x = other.x, y = other.y;
  }
};

struct Effort {
  uint32_t stride = 1;         // float32: every stride-th of the 2^32 bit patterns
  uint64_t samples = 1 << 22;  // float64 and two arguments: in all
  unsigned threads = 1;
};

/// Every stride-th float32, against libm in float64; what comes near the worst is decided by MPFR.
Worst measure_float32(const Unary& f, const Effort& effort);

/// Bit patterns, powers of two with a neighbourhood and the function's ranges, against libm in long
/// double; what comes near the worst is decided by MPFR.
Worst measure_float64(const Unary& f, const Effort& effort);

/// As measure_float64, of two arguments of either type.
Worst measure_float32(const Binary& f, const Effort& effort);
Worst measure_float64(const Binary& f, const Effort& effort);

}  // namespace ulp
