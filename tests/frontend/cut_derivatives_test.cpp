// Derivatives of traces so long that they are cut, while the function is recorded and while its derivative is.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

constexpr int64_t kSide = 4;

Array weights() { return np::sin(np::arange(double(kSide * kSide))).reshape({kSide, kSide}); }
Array start() { return np::cos(np::arange(double(kSide * kSide))).reshape({kSide, kSide}); }

/// A product of matrices in each step: products are counted, and the tangent of each reads what the step computed.
auto chain(int steps) {
  return [steps, w = weights()](const Array& x) {
    Array y = x;
    for (int i = 0; i < steps; ++i) y = np::tanh(np::matmul(y, w));
    return np::sum(y);
  };
}

template <class Work>
uint64_t products_of(const Work& work) {
  tarry::reset_stats();
  const Array result = work();
  tarry::eval(result);
  return tarry::stats().library_calls;
}

TEST(Cuts, NoStretchIsComputedAThirdTime) {
  const Array x = start();
  const int steps = 20000;
  const uint64_t once = products_of([&] { return chain(steps)(x); });
  ASSERT_GE(once, uint64_t{steps});
  // The function, its stretches again, and the derivative: one product each.
  EXPECT_LE(products_of([&] { return tarry::grad(chain(steps))(x); }), 3 * once);
  EXPECT_LE(products_of([&] { return tarry::jvp(chain(steps), x, x).second; }), 3 * once);
}

TEST(Cuts, WhatWaitsToBeComputedIsComputedOnce) {
  // Short enough for the function to be recorded whole; its derivative is cut.
  const Array x = start();
  const int steps = 4000;
  const uint64_t once = products_of([&] { return chain(steps)(x); });
  EXPECT_LE(products_of([&] { return tarry::grad(chain(steps))(x); }), 2 * once + 2);
  EXPECT_LE(products_of([&] { return tarry::jvp(chain(steps), x, x).second; }), 2 * once + 2);
}

TEST(Cuts, KeepNoMoreThanAStretch) {
  const Array x = start();
  const int steps = 30000;
  const uint64_t before = tarry::stats().bytes_live;
  tarry::reset_stats();
  tarry::eval(tarry::grad(chain(steps))(x));
  const uint64_t step = kSide * kSide * sizeof(double);
  EXPECT_LT(tarry::stats().bytes_peak - before, steps * step / 2);
  EXPECT_LT(tarry::stats().bytes_live, before + 100 * step);  // and nothing afterwards
}

/// A trajectory that is stored step by step stands in one array, of which no turn keeps a copy.
TEST(Cuts, KeepNoVersionsOfAnArrayThatIsFilled) {
  const Array x = np::array({0.5, 0.2, 0.3});
  const auto filled = [](int steps, bool reads_back) {
    return [=](const Array& p) {
      Array all = np::zeros({steps, 3}), s = p * 1.0;
      for (int i = 0; i < steps; ++i) {
        if (reads_back && i > 0) s = all[i - 1];
        s = s + 0.001 * np::sin(s);
        all[i] = s;
      }
      return np::sum(all * all);
    };
  };
  const auto peak = [](const auto& work) {
    const uint64_t before = tarry::stats().bytes_live;
    tarry::reset_stats();
    tarry::eval(work());
    return tarry::stats().bytes_peak - before;
  };
  constexpr int kSteps = 3000;
  constexpr uint64_t kArray = kSteps * 3 * sizeof(double);
  for (const bool reads_back : {false, true}) {
    const auto f = filled(kSteps, reads_back);
    EXPECT_LT(peak([&] { return tarry::grad(f)(x); }), 40 * kArray) << reads_back;
    EXPECT_LT(peak([&] { return tarry::jvp(f, x, x).second; }), 20 * kArray) << reads_back;
  }
}

/// What the derivatives before it read is no reason to cut a function of a few ops.
TEST(Cuts, KeepNoMoreCountOfFormerDerivatives) {
  const Array x = np::linspace(0.1, 1.0, 4000), y = x - 0.5;
  const auto f = [&](const Array& a) {
    const Array t = a * y + x, u = t * t - a, v = u / (np::abs(y) + 1.5), w = np::maximum(v, 0.1 * v);
    return np::sum(np::sqrt(w * w + 2));
  };
  const auto launches_of_a_turn = [&] {
    const uint64_t before = tarry::stats().kernels_launched;
    tarry::eval(tarry::grad(f)(x));
    return tarry::stats().kernels_launched - before;
  };
  launches_of_a_turn();
  const uint64_t launches = launches_of_a_turn();
  for (int turn = 0; turn < 60; ++turn) ASSERT_EQ(launches_of_a_turn(), launches) << "turn " << turn;
}

TEST(Cuts, GiveTheDerivativesOfTheWhole) {
  const int steps = 8000;
  const Array x = start(), w = weights();
  std::vector<Array> values{x};
  for (int i = 0; i < steps; ++i) {
    values.push_back(np::tanh(np::matmul(values.back(), w)));
    tarry::eval(values.back());
  }
  Array cotangent = np::ones({kSide, kSide});
  for (int i = steps; i > 0; --i) {
    cotangent = np::matmul(cotangent * (1.0 - values[i] * values[i]), w.T());
    tarry::eval(cotangent);
  }
  const Array found = tarry::grad(chain(steps))(x);
  EXPECT_LE(double(np::max(np::abs(found - cotangent))), 1e-12 * double(np::max(np::abs(cotangent))));
  const double along = double(tarry::jvp(chain(steps), x, x).second), expected = double(np::sum(found * x));
  EXPECT_NEAR(along, expected, 1e-12 * (1 + std::abs(expected)));
}

TEST(Cuts, SecondDerivativesToo) {
  // One number, so that exact first and second derivatives can go along.
  const int steps = 3000;
  const double w = 1.0001;
  const Array weight = np::array({{w}});
  const auto f = [&](const Array& x) {
    Array y = x.reshape({1, 1});
    for (int i = 0; i < steps; ++i) y = np::tanh(np::matmul(y, weight));
    return np::sum(y);
  };
  double y = 0.001, first = 1, second = 0;
  for (int i = 0; i < steps; ++i) {
    y = std::tanh(y * w);
    const double slope = w * (1 - y * y);
    second = second * slope - 2 * y * slope * w * first * first;
    first *= slope;
  }
  EXPECT_NEAR(double(tarry::grad(f)(0.001)), first, 1e-12 * std::abs(first));
  EXPECT_NEAR(double(tarry::grad(tarry::grad(f))(0.001)), second, 1e-11 * std::abs(second));
  EXPECT_NEAR(double(tarry::hvp(f, Array(0.001), Array(1.0))), second, 1e-11 * std::abs(second));
}

}  // namespace
