// How the ulp tool measures: a tool that could not see an error would report none.
#include <gtest/gtest.h>

#include "errors.h"

namespace {

using F = std::numeric_limits<float>;
using D = std::numeric_limits<double>;
constexpr double kWrong = D::infinity();

TEST(UlpErrors, AreDistancesInTheLastPlaceOfTheTruth) {
  EXPECT_EQ(ulp::error_of(1.0f, 1.0L), 0);
  EXPECT_EQ(ulp::error_of(1.0f + F::epsilon(), 1.0L), 1);
  EXPECT_EQ(ulp::error_of(1.0f, 1.0L + F::epsilon() / 2), 0.5);
  // Below a power of two the places are half as far apart: the truth decides which.
  EXPECT_EQ(ulp::error_of(2.0f, 2.0L - F::epsilon()), 1);
  EXPECT_EQ(ulp::error_of(2.0f, 2.0L + F::epsilon()), 0.5);
  EXPECT_EQ(ulp::error_of(1.0 + 3 * D::epsilon(), 1.0L), 3);
}

TEST(UlpErrors, DenormalsAreEquallyFarApart) {
  EXPECT_EQ(ulp::error_of(F::denorm_min(), 3.0L * F::denorm_min()), 2);
  EXPECT_EQ(ulp::error_of(0.0f, 0.25L * F::denorm_min()), 0.25);
  EXPECT_EQ(ulp::error_of(F::min() - F::denorm_min(), static_cast<long double>(F::min())), 1);
}

TEST(UlpErrors, SpecialValuesAreRightOrWrong) {
  EXPECT_EQ(ulp::error_of(F::quiet_NaN(), std::numeric_limits<long double>::quiet_NaN()), 0);
  EXPECT_EQ(ulp::error_of(F::quiet_NaN(), 1.0L), kWrong);
  EXPECT_EQ(ulp::error_of(1.0f, std::numeric_limits<long double>::quiet_NaN()), kWrong);
  EXPECT_EQ(ulp::error_of(F::infinity(), std::numeric_limits<long double>::infinity()), 0);
  EXPECT_EQ(ulp::error_of(F::max(), std::numeric_limits<long double>::infinity()), kWrong);
  EXPECT_EQ(ulp::error_of(-F::infinity(), std::numeric_limits<long double>::infinity()), kWrong);
  EXPECT_EQ(ulp::error_of(-0.0f, 0.0L), kWrong);
  EXPECT_EQ(ulp::error_of(-0.0f, 0.1L * F::denorm_min()), kWrong);
  EXPECT_EQ(ulp::error_of(F::denorm_min(), 0.0L), kWrong);
}

TEST(UlpErrors, AnInfinityStandsForTheNumberAfterTheLargest) {
  const long double past = std::ldexp(1.0L, F::max_exponent), place = std::ldexp(1.0L, F::max_exponent - F::digits);
  EXPECT_EQ(ulp::error_of(F::infinity(), past - place / 2), 0);  // which rounds to infinity
  EXPECT_EQ(ulp::error_of(F::max(), past - place / 2), 0.5);
  EXPECT_EQ(ulp::error_of(F::infinity(), past - place), 1);
}

TEST(UlpErrors, MpfrSeesWhatLongDoubleCannot) {
  mpfr_t truth;
  mpfr_init2(truth, 160);
  mpfr_set_d(truth, 1.0, MPFR_RNDN);
  mpfr_t step;
  mpfr_init2(step, 160);
  mpfr_set_d(step, std::ldexp(D::epsilon(), -30), MPFR_RNDN);
  mpfr_add(truth, truth, step, MPFR_RNDN);
  EXPECT_NEAR(ulp::error_of(1.0 + D::epsilon(), truth), 1 - std::ldexp(1.0, -30), 1e-15);
  EXPECT_NE(ulp::error_of(1.0 + D::epsilon(), truth), 1);
  mpfr_clear(step);
  mpfr_clear(truth);
}

}  // namespace
