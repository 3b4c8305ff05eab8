#pragma once
/// How far a result is from the truth.

#include <mpfr.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace ulp {

/// The distance of neighbouring numbers of T around `value`.
template <class T>
long double spacing(long double value) {
  constexpr int digits = std::numeric_limits<T>::digits;
  constexpr int lowest = std::numeric_limits<T>::min_exponent - 1, highest = std::numeric_limits<T>::max_exponent - 1;
  int exponent = std::ilogb(value);
  if (exponent < lowest || value == 0) exponent = lowest;
  if (exponent > highest) exponent = highest;
  return std::ldexp(1.0L, exponent - digits + 1);
}

/// Whether `got` is what special values and signs demand, as far as a reference can tell; 0 or infinity,
/// or -1 where the distance decides.
template <class T>
double special_error(T got, long double reference) {
  constexpr double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(reference)) return std::isnan(got) ? 0 : wrong;
  if (std::isnan(got)) return wrong;
  const T nearest = static_cast<T>(reference);
  if (std::isinf(nearest) || std::isinf(got)) {
    if (got == nearest) return 0;
    // Around the largest number the distance decides, unless the truth itself is infinite.
    return std::isinf(reference) || std::signbit(got) != std::signbit(nearest) ? wrong : -1;
  }
  if (std::signbit(got) != std::signbit(reference)) return wrong;
  return reference == 0 ? (got == 0 ? 0 : wrong) : -1;
}

/// The error of `got` in ulp.
template <class T>
double error_of(T got, long double reference) {
  const double special = special_error(got, reference);
  if (special >= 0) return special;
  // An infinity stands for the number that would follow the largest.
  const long double value =
      std::isinf(got) ? std::copysign(std::ldexp(1.0L, std::numeric_limits<T>::max_exponent), reference) : got;
  return static_cast<double>(std::fabs(value - reference) / spacing<T>(reference));
}

/// The same against a number of MPFR's, which is finite, not 0, and near `got`.
template <class T>
double error_of(T got, const mpfr_t reference) {
  mpfr_t difference;
  mpfr_init2(difference, 128);
  mpfr_sub_d(difference, reference, got, MPFR_RNDN);
  const long double distance = std::fabs(mpfr_get_ld(difference, MPFR_RNDN));
  mpfr_clear(difference);
  return static_cast<double>(distance / spacing<T>(mpfr_get_ld(reference, MPFR_RNDN)));
}

}  // namespace ulp
