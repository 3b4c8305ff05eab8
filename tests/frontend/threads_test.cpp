// Values that cross threads, threads that end, and what lives longer than main.
#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

/// Folds, scans and products of arrays large enough to be spread over threads.
std::vector<double> bits_of_folds() {
  const Array x = np::sin(np::arange(600 * 701).reshape({600, 701}) * 0.37) * 1e3;
  const Array small = x.astype(tarry::float32);
  std::vector<double> all;
  for (const Array& a : {np::sum(x), np::sum(x, 0), np::sum(x, 1), np::var(small, 0), np::prod(x * 1e-3, 1),
                         np::cumsum(x), np::matmul(x, x.T()), np::matmul(small.T(), small), np::matmul(x, x[0]),
                         x / np::sum(np::exp(x * 1e-3), 1, tarry::KeepDims::yes)}) {
    const std::vector<double> values = a.astype(tarry::float64).to_vector<double>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST(Threads, TheirNumberChangesNoBit) {
  const int before = tarry::runtime::num_threads();
  std::vector<std::vector<double>> results;
  for (int threads : {1, 2, 3}) {
    tarry::runtime::set_num_threads(threads);
    results.push_back(bits_of_folds());
  }
  tarry::runtime::set_num_threads(before);
  EXPECT_TRUE(results[0] == results[1]);
  EXPECT_TRUE(results[0] == results[2]);
}

TEST(Threads, PendingValueIsReadByAnother) {
  const Array x = np::arange(1000) * 2.0;
  double seen = 0;
  std::thread([&] { seen = double(np::sum(x + 1.0)); }).join();
  EXPECT_EQ(seen, 1000.0 * 999.0 + 1000.0);
  EXPECT_EQ(double(x[999]), 1998.0);
}

TEST(Threads, EndedThreadLeavesItsValues) {
  Array x;
  std::vector<Array> many(10);
  std::thread([&] {
    x = np::ones({10}) * 3.0;
    for (int i = 0; i < 10; ++i) many[i] = x + double(i);
  }).join();
  EXPECT_EQ(double(np::sum(x)), 30.0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(double(many[i][0]), 3.0 + i);
}

TEST(Threads, AnotherThreadWritesAndGivesBack) {
  Array x = np::zeros({4});
  const Array row = x[{np::slice(1, 3)}];
  for (int i = 1; i <= 5; ++i) std::thread([&] { x[1] = double(i); }).join();
  EXPECT_EQ(row.to_vector<double>(), (std::vector<double>{5, 0}));
  x += 1.0;
  EXPECT_EQ(row.to_vector<double>(), (std::vector<double>{6, 1}));
}

TEST(Threads, ManyReadersOfOneArray) {
  const Array x = np::arange(5000) * 1.0;
  const Array pending = x * 2.0 + 1.0;
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const Array y = pending + double(t);
        if (double(np::sum(y)) == 2 * 12497500.0 + 5000.0 + 5000.0 * t) ++right;
        if (double(pending[i]) == 2.0 * i + 1.0) ++right;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right.load(), 8 * 50 * 2);
}

TEST(Threads, ArraysDieInOtherThreads) {
  for (int round = 0; round < 20; ++round) {
    std::vector<Array> arrays;
    const Array x = np::ones({100});
    for (int i = 0; i < 100; ++i) arrays.push_back(x * double(i));
    std::thread other([moved = std::move(arrays)]() mutable { moved.clear(); });
    Array mine = x;
    for (int i = 0; i < 500; ++i) mine = mine + 1.0;
    EXPECT_EQ(double(mine[7]), 501.0);
    other.join();
  }
}

TEST(Threads, TwoThreadsExchangePendingValues) {
  // Each waits for the other's values while it records its own.
  Array left = np::ones({64}), right = np::ones({64}) * 2.0;
  std::atomic<int> turn{0};
  double sums[2] = {0, 0};
  auto work = [&](int me) {
    Array own = me == 0 ? left : right;
    for (int i = 0; i < 200; ++i) {
      own = own * 1.0 + 0.0;
      sums[me] += double(np::sum((me == 0 ? right : left) + own));
    }
    ++turn;
  };
  std::thread a(work, 0), b(work, 1);
  a.join();
  b.join();
  EXPECT_EQ(sums[0], 200 * 64 * 3.0);
  EXPECT_EQ(sums[1], 200 * 64 * 3.0);
}

TEST(Threads, SamePlansAndKernelsAtOnce) {
  // All make and find the same plans and kernels, which nobody has seen before.
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 1; i <= 20; ++i) {
        Array x = np::arange(i * 10) * 1.0;
        for (int k = 0; k < i % 4; ++k) x = x + 0.5;
        x[{np::slice(1, np::none, 2)}] *= 2.0;
        const double n = i * 10, shift = 0.5 * (i % 4);
        const double expected = n * (n - 1) / 2 + n * n / 4 + 1.5 * n * shift;
        if (double(np::sum(x)) == expected) ++right;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right.load(), 8 * 20);
}

TEST(Threads, ManyLookIntoOneArray) {
  const auto make = [] { return (np::arange(30) * 0.5).reshape({5, 6}).T() + 1.0; };
  const std::string expected = tarry::to_string(make());
  const Array pending = make();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (tarry::to_string(pending) == expected) ++right;
        if (!tarry::explain(pending * double(i)).empty() && tarry::stats().ops_recorded > 0) ++right;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right.load(), 4 * 20 * 2);
  EXPECT_EQ(double(pending[{5, 4}]), 15.5);
}

/// Uses arrays when everything else is gone already.
struct AtExit {
  Array pending = np::ones({8}) * 3.0;
  ~AtExit() {
    pending += 1.0;
    if (double(np::sum(pending)) != 32.0) std::abort();
  }
};
AtExit at_exit;

TEST(Threads, StaticDestructorsMayUseArrays) {
  // The destructor of at_exit is the test: the process would end abnormally.
  EXPECT_EQ(double(at_exit.pending[0]), 3.0);
}

}  // namespace
