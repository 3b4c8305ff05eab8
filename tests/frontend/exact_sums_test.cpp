// How exact sums are: ones exactly, badly conditioned numbers no worse than NumPy.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;

/// The numbers of tests/data/reference_sums.py: of every magnitude within 2^40, of both signs, each float32 exactly.
std::vector<float> conditioned(uint64_t seed, int64_t count) {
  std::vector<float> values;
  uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    const auto digits = static_cast<double>(static_cast<int64_t>(state >> 41) - (int64_t{1} << 22));
    values.push_back(static_cast<float>(std::ldexp(digits, static_cast<int>(state >> 33 & 31) % 24 - 24)));
  }
  return values;
}

TEST(ExactSums, AHundredMillionOnes) {
  const Array ones = np::ones({100'000'000}, tarry::float32);
  EXPECT_EQ(double(np::sum(ones)), 1e8);
  EXPECT_EQ(double(np::sum(ones.reshape({10'000, 10'000}), 0)[17] * 10000.0), 1e8);
}

TEST(ExactSums, NoWorseThanNumPyOnBadlyConditionedData) {
  for (const auto& row : reference::rows("sums.txt")) {
    const int64_t count = std::stoll(row[0]);
    const int seeds = std::stoi(row[1]);
    double error = 0;
    for (int seed = 0; seed < seeds; ++seed) {
      const std::vector<float> values = conditioned(static_cast<uint64_t>(seed), count);
      long double exact = 0;  // 64 bits hold every partial sum
      for (float v : values) exact += v;
      error += std::abs(static_cast<double>(double(np::sum(np::array(values))) - exact));
    }
    EXPECT_LE(error / seeds, 1.5 * std::stod(row[2])) << count << " numbers";
    EXPECT_GT(std::stod(row[2]), 0);
  }
}

}  // namespace
