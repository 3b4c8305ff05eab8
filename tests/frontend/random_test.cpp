// Draws belong to their calls, are the same whenever they are computed, and have the moments that they should.
#include <gtest/gtest.h>

#include <tarry/tarry.h>

#include <set>

namespace {

namespace np = tarry::numpy;
namespace random = tarry::numpy::random;
using tarry::Array;

TEST(Random, IsPhilox) {
  // The first two words of the published answer for counter 0 and key 0.
  const random::Generator g(0);
  EXPECT_EQ(g.bits().item<uint64_t>(), 0x6627e8d5e169c58dull);
  EXPECT_NE(g.bits().item<uint64_t>(), g.bits().item<uint64_t>());
}

TEST(Random, ADrawBelongsToItsCall) {
  const random::Generator first(42), second(42);
  Array a = first.random({4, 3}), b = first.standard_normal({5});
  const Array c = second.random({4, 3});
  tarry::eval(c);
  const Array d = second.standard_normal({5});
  tarry::eval(d, b, a);
  EXPECT_TRUE(np::array_equal(a, c));
  EXPECT_TRUE(np::array_equal(b, d));
  random::seed(42);
  EXPECT_TRUE(np::array_equal(random::rand(4, 3), c));
  EXPECT_FALSE(np::array_equal(random::rand(4, 3), c));
  EXPECT_TRUE(np::array_equal(random::Generator(42).random({12}), c.reshape({12}))) << "elements count in C order";
}

// Few elements are drawn at the call, many when they are looked at.
TEST(Random, FewElementsAreTheFirstOfMany) {
  const auto draw = [](int64_t n, int which) -> Array {
    const random::Generator g(uint64_t{0xfedc'ba98'7654'3210});
    (void)g.bits();
    switch (which) {
      case 0: return g.bits({n});
      case 1: return g.random({n});
      case 2: return g.random({n}, tarry::float32);
      case 3: return g.standard_normal({n});
      case 4: return g.standard_normal({n}, tarry::float32);
      case 5: return g.integers(-5, 1000, {n});
      case 6: return g.integers(INT64_MIN, INT64_MAX, {n});
      default: return g.integers(0, 200, {n}, tarry::uint8);
    }
  };
  for (int which = 0; which < 8; ++which) {
    const Array many = draw(5000, which);
    for (const int64_t n : {1, 7, 1024, 1025})
      EXPECT_TRUE(np::array_equal(draw(n, which), many[np::slice(n)])) << n << " of kind " << which;
  }
  const random::Generator g(9), same(9);
  EXPECT_TRUE(np::array_equal(g.random({3, 1, 5}), same.random({15}).reshape({3, 1, 5})));
}

TEST(Random, CompilesNothingNewForOtherSeedsAndSizes) {
  tarry::eval(random::default_rng(1).normal(0.0, 2.0, {1000}));
  tarry::reset_stats();
  tarry::eval(random::default_rng(2).normal(1.0, 3.0, {1001}));
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

void expect_moments(const Array& x, double mean, double variance) {
  const double n = static_cast<double>(x.size());
  EXPECT_NEAR(np::mean(x).item<double>(), mean, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(np::var(x).item<double>(), variance, 0.05 * variance);
}

TEST(Random, HasTheRightMoments) {
  const random::Generator g(3);
  const tarry::Shape many{200000};
  expect_moments(g.random(many), 0.5, 1.0 / 12);
  expect_moments(g.random(many, tarry::float32), 0.5, 1.0 / 12);
  expect_moments(g.uniform(-2.0, 4.0, many), 1.0, 3.0);
  expect_moments(g.standard_normal(many), 0.0, 1.0);
  expect_moments(g.standard_normal(many, tarry::float32), 0.0, 1.0);
  expect_moments(g.normal(3.0, 0.5, many), 3.0, 0.25);
  expect_moments(g.exponential(2.0, many), 2.0, 4.0);
  expect_moments(g.laplace(1.0, 2.0, many), 1.0, 8.0);
  expect_moments(g.logistic(0.0, 1.0, many), 0.0, 3.28987);
  expect_moments(g.gumbel(0.0, 1.0, many), 0.577216, 1.644934);
  expect_moments(g.rayleigh(1.0, many), 1.253314, 0.429204);
  expect_moments(g.integers(-3, 7, many), 1.5, 8.25);
  const Array z = g.standard_normal(many);
  EXPECT_NEAR(np::mean(z * z * z * z).item<double>(), 3.0, 0.1);
}

TEST(Random, StaysInItsRange) {
  const random::Generator g(5);
  const Array u = g.random({100000}), i = g.integers(0, 10, {100000});
  EXPECT_GE(np::min(u).item<double>(), 0.0);
  EXPECT_LT(np::max(u).item<double>(), 1.0);
  EXPECT_EQ(np::unique(i).size(), 10);
  EXPECT_EQ(np::min(i).item<int>(), 0);
  const Array wide = g.integers(INT64_MIN, INT64_MAX, {1000});
  EXPECT_LT(np::min(wide).item<double>(), -8e18);
  EXPECT_THROW(g.integers(3, 3), tarry::ValueError);
  EXPECT_THROW(g.normal(0.0, -1.0), tarry::ValueError);
  EXPECT_EQ(g.normal(np::zeros({3, 1}), np::ones({4})).shape(), (tarry::Shape{3, 4}));
  EXPECT_THROW(g.normal(np::zeros({3}), 1.0, {4}), tarry::ValueError);
}

TEST(Random, Orders) {
  const random::Generator g(6);
  EXPECT_TRUE(np::array_equal(np::sort(g.permutation(100)), np::arange(100)));
  Array x = np::arange(20).reshape({10, 2});
  g.shuffle(x);
  EXPECT_FALSE(np::array_equal(x, np::arange(20).reshape({10, 2})));
  EXPECT_TRUE(np::array_equal(np::sort(x, 0), np::arange(20).reshape({10, 2})));
  EXPECT_TRUE(np::all(x[{np::all, 0}] + 1 == x[{np::all, 1}]).item<bool>());
  EXPECT_EQ(np::unique(g.choice(50, {50}, false)).size(), 50);
  EXPECT_THROW(g.choice(5, {6}, false), tarry::ValueError);
  const Array p = np::array({0.1, 0.0, 0.9});
  const Array counts = np::bincount(g.choice(3, {20000}, true, p), 3);
  EXPECT_EQ(counts.to_vector<int64_t>()[1], 0);
  EXPECT_NEAR(counts.to_vector<double>()[2], 18000, 300);
  EXPECT_EQ(g.choice(np::array({5, 6, 7}), {2, 2}).shape(), (tarry::Shape{2, 2}));
  EXPECT_EQ(g.choice(0, {0}).size(), 0);
  EXPECT_EQ(g.choice(np::zeros({0, 2}), {0}).shape(), (tarry::Shape{0, 2}));
}

TEST(Random, NeverChoosesWhatWeighsNothing) {
  const random::Generator g(7);
  // As far below 1 as float32 weights may sum: one draw of five thousand would pass them.
  const Array p = np::array({0.5, 0.4998, 0.0}, tarry::float32);
  EXPECT_EQ(np::max(g.choice(3, {100'000}, true, p)).item<int64_t>(), 1);
  const Array light = np::array({0.0, 1.0, 1e-320});
  EXPECT_EQ(np::sort(g.choice(3, {2}, false, light)).to_vector<int64_t>(), (std::vector<int64_t>{1, 2}));
}

}  // namespace
