// Arrays in fmt's formats.
#include <tarry/fmt.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

TEST(Fmt, WithoutASpecificationIsStr) {
  EXPECT_EQ(fmt::format("{}", np::array({{1.5, 2.0}, {-3.0, 0.25}})), "[[ 1.5   2.  ]\n [-3.    0.25]]");
  EXPECT_EQ(fmt::format("{} {}", np::zeros({2}), tarry::Shape{2, 3}), "[0. 0.] (2, 3)");
  EXPECT_EQ(fmt::format("{}", Array(2.5)), "2.5");
}

TEST(Fmt, ASpecificationIsThatOfTheElements) {
  EXPECT_EQ(fmt::format("{:.3f}", np::array({1.0, -2.34567})), "[ 1.000 -2.346]");
  EXPECT_EQ(fmt::format("{:.2e}", np::array({1.0, 23456.0})), "[1.00e+00 2.35e+04]");
  EXPECT_EQ(fmt::format("{:x}", np::array({255, 16})), "[ff 10]");
  EXPECT_EQ(fmt::format("{:#06x}", np::array({255, 16})), "[0x00ff 0x0010]");
  EXPECT_EQ(fmt::format("{:+}", np::array({1.5, -2.0})), "[+1.5 -2.0]");
  EXPECT_EQ(fmt::format("{:.1f}", np::array({{1, 22}, {3, 4}})), "[[ 1.0 22.0]\n [ 3.0  4.0]]");
  EXPECT_EQ(fmt::format("{:d}", np::array({true, false})), "[1 0]");
  EXPECT_EQ(fmt::format("{:.1f}", np::array({std::nan(""), -HUGE_VAL})), "[ nan -inf]");
  EXPECT_EQ(fmt::format("{::.3f}", np::array({1.0})), "[1.000]");
  EXPECT_EQ(fmt::format("{:.2f}", np::zeros({0, 3})), "[]");
}

/// numpy.array2string(x, precision=3, floatmode="fixed", suppress_small=True) of NumPy 2.4.6.
TEST(Fmt, DecimalsAreThoseOfAFixedPrecision) {
  const Array x = np::array({{1e-9, 123.4567, -0.5}, {99999.0, 2.0005, 7.0}});
  const std::string wanted = "[[    0.000   123.457    -0.500]\n [99999.000     2.001     7.000]]";
  EXPECT_EQ(np::array2string(x, {.precision = 3, .suppress = true, .floatmode = np::FloatMode::fixed}), wanted);
  EXPECT_EQ(fmt::format("{:.3f}", x), wanted);
}

TEST(Fmt, AWidthIsKeptAndElementsAreAligned) {
  EXPECT_EQ(fmt::format("{:>6}", np::array({1, -22})), "[     1    -22]");
  EXPECT_EQ(fmt::format("{:6}", np::array({1.5, 10.0})), "[   1.5   10.0]");
  EXPECT_EQ(fmt::format("{:*<6}", np::array({1.5, 10.0})), "[1.5*** 10.0**]");
  EXPECT_EQ(fmt::format("{:06}", np::array({-1.5, 10.0})), "[-001.5 0010.0]");
  EXPECT_EQ(fmt::format("{:^7}", np::array({true, false})), "[ True    False ]");
  EXPECT_EQ(fmt::format("{:8.2f}", np::array({1.5, 10.0})), "[    1.50    10.00]");
}

TEST(Fmt, AShorterFloatShowsItsOwnDigits) {
  EXPECT_EQ(fmt::format("{:>5}", np::full({1}, 0.1f)), "[  0.1]");
  EXPECT_EQ(fmt::format("{:>5}", np::full({1}, 0.1, tarry::float16)), "[  0.1]");
}

TEST(Fmt, BothPartsOfComplexNumbers) {
  const Array z = np::array({std::complex<double>(1.5, -2), std::complex<double>(-0.25, 10)});
  EXPECT_EQ(fmt::format("{:.2f}", z), "[  1.50-2.00j -0.25+10.00j]");
  EXPECT_EQ(fmt::format("{:>14.1f}", z), "[      1.5-2.0j     -0.2+10.0j]");
  EXPECT_EQ(fmt::format("{:+}", z), "[  +1.5-2.0j -0.25+10.0j]");
}

TEST(Fmt, ANumberIsFormattedAsAScalar) {
  EXPECT_EQ(fmt::format("{:.3f}|{:>8}|{:05}|{:x}", Array(2.0), np::sum(np::array({1.5, 2.0})), Array(42), Array(255)),
            "2.000|     3.5|00042|ff");
  EXPECT_EQ(fmt::format("{:.1f}", np::array({1.0, 3.0}).mean()), "2.0");
}

TEST(Fmt, LargeUnsignedIntegers) {
  EXPECT_EQ(fmt::format("{:x}", np::full({1}, UINT64_MAX)), "[ffffffffffffffff]");
  EXPECT_EQ(fmt::format("{:.0f}", np::full({1}, uint64_t{1} << 63)), "[9223372036854775808]");
}

TEST(Fmt, LargeArraysAreSummarised) {
  EXPECT_EQ(fmt::format("{:.1f}", np::arange(2000)), "[   0.0    1.0    2.0 ... 1997.0 1998.0 1999.0]");
}

TEST(Fmt, WhatCannotBeThrows) {
  EXPECT_THROW((void)fmt::format(fmt::runtime("{:x}"), np::array({1.5})), fmt::format_error);
  EXPECT_THROW((void)fmt::format(fmt::runtime("{:{}}"), np::array({1.5}), 3), fmt::format_error);
  EXPECT_THROW((void)fmt::format(fmt::runtime("{:q}"), np::array({1})), fmt::format_error);
  EXPECT_THROW((void)fmt::format(fmt::runtime("{:099999999999999999999}"), np::array({1.5})), fmt::format_error);
}

}  // namespace
