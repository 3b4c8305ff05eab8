#pragma once
/// Correctly rounded results from MPFR, in any of PTX's formats.

#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace cudasim {

struct ExactFormat {
  int precision, emin, emax;  // as MPFR counts exponents
};
inline constexpr ExactFormat kExactHalf{11, -23, 16}, kExactBrain{8, -132, 128}, kExactFloat{24, -148, 128},
    kExactDouble{53, -1073, 1024};

template <class T>
constexpr ExactFormat exact_format() {
  return sizeof(T) == 4 ? kExactFloat : kExactDouble;
}

/// f(result, rounding) is one MPFR call; the result is rounded once to the format.
template <class F>
double exactly(ExactFormat format, mpfr_rnd_t mode, F f) {
  const mpfr_exp_t low = mpfr_get_emin(), high = mpfr_get_emax();
  mpfr_t result;
  mpfr_init2(result, format.precision);
  int inexact = f(result, mode);  // in MPFR's own range, which operands need
  mpfr_set_emin(format.emin);
  mpfr_set_emax(format.emax);
  inexact = mpfr_check_range(result, inexact, mode);
  mpfr_subnormalize(result, inexact, mode);
  mpfr_set_emin(low);
  mpfr_set_emax(high);
  const double d = mpfr_get_d(result, MPFR_RNDN);
  mpfr_clear(result);
  return d;
}

/// An exact operand.
class Exact {
 public:
  explicit Exact(double x) {
    mpfr_init2(value_, 64);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  static Exact of(int64_t x) {
    Exact e(0.0);
    mpfr_set_si(e.value_, x, MPFR_RNDN);
    return e;
  }
  static Exact of(uint64_t x) {
    Exact e(0.0);
    mpfr_set_ui(e.value_, x, MPFR_RNDN);
    return e;
  }
  Exact(const Exact& other) {
    mpfr_init2(value_, 64);
    mpfr_set(value_, other.value_, MPFR_RNDN);
  }
  Exact& operator=(const Exact&) = delete;
  ~Exact() { mpfr_clear(value_); }
  operator mpfr_srcptr() const { return value_; }

 private:
  mpfr_t value_;
};

/// mpfr_set is a macro that outlives temporaries.
inline int set(mpfr_t to, const Exact& from, mpfr_rnd_t mode) {
  const mpfr_srcptr p = from;
  return mpfr_set(to, p, mode);
}

/// PTX's NaN in single precision, and the one that the stand-in has in double precision.
inline float with_ptx_nan(float x) { return std::isnan(x) ? std::bit_cast<float>(0x7fffffffu) : x; }
inline double with_ptx_nan(double x) { return std::isnan(x) ? std::bit_cast<double>(0x7ff8000000000000u) : x; }

}  // namespace cudasim
