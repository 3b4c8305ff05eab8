// Long loops: the last turn is as cheap as the first, and memory stays bounded.
#include <tarry/insight.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <vector>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

/// CPU time of `turns` turns of a loop, in each of four quarters.
std::vector<double> quarters(int turns, const std::function<void(int)>& turn) {
  std::vector<double> times;
  for (int q = 0; q < 4; ++q) {
    const std::clock_t start = std::clock();
    for (int i = q * (turns / 4); i < (q + 1) * (turns / 4); ++i) turn(i);
    times.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return times;
}

/// Near-linear: no later quarter takes much longer than the first two, which also warm up.
void expect_steady(const std::vector<double>& times) {
  const double early = times[0] + times[1] + 0.02;
  EXPECT_LT(times[2], 2 * early) << times[0] << " " << times[1] << " " << times[2] << " " << times[3];
  EXPECT_LT(times[3], 2 * early) << times[0] << " " << times[1] << " " << times[2] << " " << times[3];
}

TEST(Steady, AMillionWritesThroughViews) {
  Array x = np::zeros({100}), evens = x[np::slice(np::none, np::none, 2)], tail = evens[np::slice(40, np::none)];
  tarry::reset_stats();
  const uint64_t live = tarry::stats().bytes_live;
  const std::vector<double> times = quarters(1000000, [&](int i) {
    if (i % 3 == 0)
      evens[i % 50] = static_cast<double>(i);
    else
      tail += 1;
  });
  expect_steady(times);
  EXPECT_LT(tarry::stats().bytes_peak, live + 100000);
  // The last write of this element was at the last i = 49 modulo 50 that three divides; after it only additions came.
  double expected = 0;
  for (int i = 0; i < 1000000; ++i) {
    if (i % 3)
      expected += 1;
    else if (i % 50 == 49)
      expected = i;
  }
  EXPECT_EQ(double(x[98]), expected);
  EXPECT_EQ(double(tail[9]), double(x[98]));
}

TEST(Steady, AMillionOpsWithoutALook) {
  Array x = np::ones({100});
  tarry::reset_stats();
  const uint64_t live = tarry::stats().bytes_live;
  expect_steady(quarters(1000000, [&](int) { x = x * 0.5 + 0.5; }));
  EXPECT_LT(tarry::stats().bytes_peak, live + 100000);
  EXPECT_EQ(double(np::sum(x)), 100);
}

TEST(Steady, APrintEachHundredTurns) {
  Array x = np::zeros({10});
  const Array a = np::full({10}, 0.5), b = np::full({10}, 1.0);
  std::string text;
  const auto turn = [&](int i) {
    x = x * a + b;
    if (i % 100 == 99) text = tarry::to_string(x);
  };
  for (int i = 0; i < 2000; ++i) turn(i);
  tarry::reset_stats();
  const uint64_t live = tarry::stats().bytes_live;
  expect_steady(quarters(100000, turn));
  EXPECT_EQ(text, "[2. 2. 2. 2. 2. 2. 2. 2. 2. 2.]");
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
  EXPECT_EQ(tarry::stats().flushes, 1000u);
  EXPECT_LT(tarry::stats().bytes_peak, live + 100000);
}

}  // namespace
