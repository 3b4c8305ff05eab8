// What is computed when, and what that costs: P4, P5 and P6 of flushes.
#include <tarry/tarry.h>

#include <tarry/runtime/buffer.h>
#include <tarry/runtime/config.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

/// Of this process; always 0 under a sanitizer, which keeps what was released and notes of all that was used.
size_t resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#else
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
#endif
}

Array step(const Array& x) { return x * 0.5 + 1.0; }

TEST(Flush, NothingRunsBeforeSomebodyLooks) {
  tarry::reset_stats();
  Array x = np::ones({100}) * 2.0 + 1.0;
  x += x;
  EXPECT_EQ(tarry::stats().flushes, 0u);
  EXPECT_GE(tarry::stats().ops_recorded, 3u);
  EXPECT_EQ(double(x[5]), 6.0);
  EXPECT_EQ(tarry::stats().flushes, 1u);
}

TEST(Flush, LookingAgainRunsNothing) {
  Array x = np::ones({100}) * 2.0;
  tarry::eval(x);
  tarry::reset_stats();
  EXPECT_EQ(x.to_vector<double>(), std::vector<double>(100, 2.0));
  EXPECT_EQ(np::repr(x[3]), "array(2.)");
  EXPECT_EQ(tarry::stats().flushes, 0u);
}

// `x = step(x); print(norm(x))`: once the first turns are over, each turn starts from a stored x.
TEST(Flush, SteadyLoopComputesNothingTwice) {
  Array x = np::ones({50});
  size_t length = 0;
  for (int i = 0; i < 20; ++i) {
    x = step(x);
    const Array norm = np::sum(x * x);
    const std::string trace = tarry::ir_text(norm);
    if (i == 4) length = trace.size();
    if (i > 4) {
      EXPECT_EQ(trace.size(), length) << "turn " << i << "\n" << trace;
    }
    const double element = 2 - std::ldexp(1.0, -(i + 1));  // exactly, and so is its square
    EXPECT_EQ(double(norm), 50 * element * element);
  }
}

TEST(Flush, SteadyLoopMakesNoPlans) {
  Array x = np::ones({50});
  for (int i = 0; i < 20; ++i) {
    x = step(x);
    if (i == 10) tarry::reset_stats();
    (void)double(np::sum(x));
  }
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().flushes, 10u);
}

TEST(Flush, NamedTemporaryIsNotStored) {
  Array a = np::ones({1 << 16});
  tarry::eval(a);
  auto f = [&] {
    Array t = a * 2.0;
    Array u = t + 1.0;
    return np::sum(u);
  };
  for (int i = 0; i < 3; ++i) (void)double(f());
  tarry::reset_stats();
  const uint64_t before = tarry::stats().bytes_live;
  (void)double(f());
  EXPECT_LT(tarry::stats().bytes_peak - before, 100'000u) << "an array of 512 KiB was stored";
}

TEST(Flush, ValueNeededAgainIsStoredWhileNamed) {
  Array a = np::ones({1000});
  Array t = np::sqrt(a + 3.0);
  EXPECT_EQ(double(np::sum(t)), 2000.0);
  EXPECT_EQ(double(np::max(t)), 2.0);  // the second time it is kept
  tarry::reset_stats();
  EXPECT_EQ(tarry::ir_text(np::min(t)).find("sqrt"), std::string::npos);
}

/// What a handle shows in another shape is needed again as well.
TEST(Flush, ValueNeededAgainInAnotherShapeIsStoredWhileNamed) {
  Array a = np::ones({1000});
  Array t = np::sqrt(a + 3.0).reshape({10, 100}).T();
  EXPECT_EQ(double(np::sum(t)), 2000.0);
  EXPECT_EQ(double(np::max(t)), 2.0);
  EXPECT_EQ(tarry::ir_text(np::min(t)).find("sqrt"), std::string::npos);
  // But of a small part the whole is not kept.
  Array part = np::exp(a - 1.0)[{np::slice(0, 3)}];
  EXPECT_EQ(double(np::sum(part)), 3.0);
  EXPECT_EQ(double(np::max(part)), 1.0);
  tarry::reset_stats();
  EXPECT_EQ(double(np::min(part)), 1.0);
  EXPECT_LT(tarry::stats().bytes_peak - tarry::stats().bytes_live, 1000u);
}

/// A product with a vector is one with a matrix of one column, in another shape.
TEST(Flush, SteadyLoopOfProductsComputesNothingTwice) {
  const Array a = np::identity(4) * 0.5;
  Array x = np::ones({4});
  tarry::eval(a);
  size_t length = 0;
  for (int i = 0; i < 12; ++i) {
    x = np::matmul(a, x);
    const Array sum = np::sum(x * x);
    const std::string trace = tarry::ir_text(sum);
    if (i == 4) length = trace.size();
    if (i > 4) {
      EXPECT_EQ(trace.size(), length) << "turn " << i << "\n" << trace;
    }
    EXPECT_EQ(double(sum), std::ldexp(4.0, -2 * (i + 1)));
    x = x + np::matmul(a, x) * 0.0;
  }
}

TEST(Flush, MemoryThatShowsAnElementTwiceIsNotWrittenInPlace) {
  Array x;
  {
    const Array one = np::array({3.0}) * 2.0;
    tarry::eval(one);
    x = np::repeat(one, 2, 0);
  }
  x[1] += 1;
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{6, 7}));
}

TEST(Flush, MillionOpsNeverLookedAt) {
  Array x = np::ones({16});
  for (int i = 0; i < 600'000; ++i) x = step(x);
  tarry::finish_compiling();  // LLVM takes its memory once
  const size_t before = resident_bytes();
  for (int i = 0; i < 450'000; ++i) x = step(x);
  EXPECT_LT(resident_bytes(), before + (size_t{16} << 20));
  EXPECT_EQ(x.to_vector<double>(), std::vector<double>(16, 2.0));
}

TEST(Flush, MillionDeadValues) {
  const Array a = np::ones({16});
  for (int i = 0; i < 10'000; ++i) Array dead = a * double(i);
  const size_t before = resident_bytes();
  for (int i = 0; i < 500'000; ++i) Array dead = a * double(i);
  EXPECT_LT(resident_bytes(), before + (size_t{16} << 20));
}

// Plans and kernels are kept for the next time, but not of all that ever ran.
TEST(Flush, ExpressionsThatNeverComeAgain) {
  const Array y = np::linspace(0.0, 1.0, 50);
  Array x = y.copy();
  uint64_t random = 1;
  const auto look_at_new_expressions = [&](int64_t ops) {
    while (ops > 0) {
      for (int i = 0; i < 1000; ++i, --ops) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        x = random >> 62 == 0 ? x * 0.99 + y : random >> 63 ? np::maximum(x, y) : x * y + 1.0;
      }
      tarry::eval(x);
    }
  };
  // LLVM would take a minute for as many kernels as are kept.
  const tarry::runtime::Tier tier = tarry::runtime::config().tier;
  tarry::runtime::set_tier(tarry::runtime::Tier::interpreter);
  look_at_new_expressions(300'000);
  const size_t before = resident_bytes();
  look_at_new_expressions(300'000);
  EXPECT_LT(resident_bytes(), before + (size_t{32} << 20));
  tarry::runtime::set_tier(tier);
}

TEST(Flush, ManyLivePendingValues) {
  std::vector<Array> all;
  const Array a = np::ones({4});
  for (int i = 0; i < 30'000; ++i) all.push_back(a * double(i));
  double sum = 0;
  for (int i = 0; i < 30'000; i += 1000) sum += double(all[i][2]);
  EXPECT_EQ(sum, 30 * 14500.0);
}

TEST(Flush, ManyWritesIntoOneArray) {
  Array x = np::zeros({100});
  for (int i = 0; i < 20'000; ++i) x[i % 100] = double(i);
  EXPECT_EQ(double(x[99]), 19999.0);
  EXPECT_EQ(double(x[0]), 19900.0);
}

TEST(Flush, WriteToAStoredArrayReusesItsMemory) {
  Array x = np::zeros({1 << 17});
  tarry::eval(x);
  x[5] = 1.0;
  tarry::eval(x);  // now x has memory of its own
  tarry::reset_stats();
  const uint64_t before = tarry::stats().bytes_live;
  for (int i = 0; i < 5; ++i) {
    x[i] = 2.0;
    tarry::eval(x);
  }
  EXPECT_LT(tarry::stats().bytes_peak - before, 1u << 19) << "the array was copied";
  EXPECT_EQ(double(np::sum(x)), 11.0);
}

TEST(Flush, ReaderOfAnOverwrittenVersionKeepsIt) {
  Array x = np::arange(8);
  tarry::eval(x);
  const Array old = x * 10;
  x[0] = 99;
  EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{99, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(old.to_vector<int64_t>(), (std::vector<int64_t>{0, 10, 20, 30, 40, 50, 60, 70}));
}

TEST(Flush, OverlappingWriteReadsTheOldElements) {
  for (bool looked_at : {false, true}) {
    Array x = np::arange(8);
    if (looked_at) tarry::eval(x);
    x[{np::slice(1, np::none)}] = x[{np::slice(np::none, -1)}] + x[{np::slice(1, np::none)}];
    EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 3, 5, 7, 9, 11, 13})) << looked_at;
    x[{np::slice(np::none, np::none, -1)}] = np::copy(x);
    EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{13, 11, 9, 7, 5, 3, 1, 0})) << looked_at;
  }
}

TEST(Flush, InputsAreBoundedByBytes) {
  const uint64_t limit = tarry::runtime::memory_limit();
  tarry::runtime::set_memory_limit(uint64_t{64} << 20);
  {
    Array total = 0.0;
    std::vector<double> data(1 << 17, 1.0);  // 1 MiB
    for (int i = 0; i < 200; ++i) total = total + np::sum(np::array(data) * 2.0);
    EXPECT_EQ(double(total), 200 * 2.0 * (1 << 17));
  }
  tarry::runtime::set_memory_limit(0);
  EXPECT_EQ(tarry::runtime::memory_limit(), limit);
}

TEST(Flush, ATraceIsCutByBytes) {
  tarry::runtime::set_memory_limit(uint64_t{64} << 20);
  tarry::reset_stats();
  {
    std::vector<Array> sums;
    std::vector<double> data(1 << 17);  // 1 MiB
    for (int i = 0; i < 40; ++i) {
      data[7] = i;
      sums.push_back(np::sum(np::array(data)));
    }
    EXPECT_GE(tarry::stats().flushes, 3u) << "40 MiB waited, an eighth of the limit may";
    EXPECT_LE(tarry::stats().flushes, 10u) << "a cut is for many ops";
    EXPECT_LT(tarry::stats().bytes_peak, uint64_t{16} << 20);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(double(sums[i]), i);
  }
  tarry::runtime::set_memory_limit(0);
}

TEST(Flush, ATraceIsCutByNodes) {
  std::vector<Array> all;
  const Array a = np::ones({3});
  tarry::eval(a);
  tarry::reset_stats();
  for (int i = 0; i < 35'000; ++i) all.push_back(a + double(i));
  EXPECT_GE(tarry::stats().flushes, 2u);
  EXPECT_LE(tarry::stats().flushes, 4u);
  for (int i = 0; i < 35'000; i += 999) EXPECT_EQ(double(all[i][1]), i + 1.0);
}

TEST(Flush, SortingStoresNoOrderThatNobodyAskedFor) {
  const Array x = np::random::rand(1 << 20).astype(tarry::float32);
  tarry::eval(x);
  const uint64_t bytes = (1 << 20) * sizeof(float), before = tarry::stats().bytes_live;
  tarry::reset_stats();
  const Array sorted = np::sort(x);
  tarry::eval(sorted);
  EXPECT_LT(tarry::stats().bytes_peak - before, bytes * 5 / 2);
  EXPECT_EQ(tarry::stats().library_calls, 1U);
  EXPECT_EQ(tarry::stats().kernels_launched, 0U);
}

TEST(Flush, RefusedAllocationLeavesEverythingAsItWas) {
  for (uint64_t nth = 1; nth < 8; ++nth) {
    Array a = np::arange(1000) * 1.0;
    Array b = a * 2.0;
    b[3] = -1.0;
    const Array c = np::sum(b, 0) + a;
    tarry::runtime::fail_allocation(nth);
    try {
      (void)c.to_vector<double>();
    } catch (const tarry::MemoryError&) {
    }
    tarry::runtime::fail_allocation(0);
    EXPECT_EQ(double(c[10]), 999000.0 - 6.0 - 1.0 + 10.0) << nth;
    EXPECT_EQ(double(b[3]), -1.0) << nth;
    EXPECT_EQ(double(a[999]), 999.0) << nth;
  }
}

TEST(Flush, RefusedAllocationAfterAWriteInPlace) {
  for (uint64_t nth = 1; nth < 8; ++nth) {
    Array x = np::arange(1000) * 1.0;
    tarry::eval(x);
    x += 1.0;
    const Array big = np::cumsum(np::sqrt(x)) + np::sum(x);
    tarry::runtime::fail_allocation(nth);
    try {
      tarry::eval(x, big);
    } catch (const tarry::MemoryError&) {
    }
    tarry::runtime::fail_allocation(0);
    EXPECT_EQ(double(x[999]), 1000.0) << nth;
    EXPECT_EQ(double(np::sum(x)), 500500.0) << nth;
  }
}

TEST(Flush, ErrorsAtTheCallLeaveTheArraysAlone) {
  Array x = np::arange(6).reshape({2, 3});
  EXPECT_THROW(x += np::ones({4}), tarry::ValueError);
  EXPECT_THROW(x += 0.5, tarry::TypeError);
  EXPECT_THROW(x[5], tarry::IndexError);
  EXPECT_THROW(x[0] = np::ones({2}), tarry::ValueError);
  EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Flush, NewSizesAndScalarsMakeNoNewKernels) {
  auto model = [](int64_t n, double rate) {
    const Array x = np::arange(n) * rate + 0.25;
    return double(np::sum(x * x - x));
  };
  model(10, 0.5);
  model(5000, 0.5);
  tarry::reset_stats();
  for (int64_t n : {11, 100, 4097, 70'000})
    for (double rate : {0.1, 0.7, 1.3}) model(n, rate);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

TEST(Flush, SharedMemoryIsReadAndWrittenAtTheCall) {
  std::vector<double> v{1, 2, 3, 4};
  Array g = np::frombuffer(v.data(), {2, 2});
  const Array sum = g + 1.0;
  v[0] = 100;  // the user's write comes after the op
  EXPECT_EQ(double(sum[{0, 0}]), 2.0);
  EXPECT_EQ(double(g[{0, 0}]), 100.0);
  g[1] = 7.0;
  EXPECT_EQ(v, (std::vector<double>{100, 2, 7, 7}));
  g *= 2.0;
  EXPECT_EQ(v, (std::vector<double>{200, 4, 14, 14}));
  g.T()[0] = -1.0;
  EXPECT_EQ(v, (std::vector<double>{-1, 4, -1, 14}));
}

TEST(Flush, DataStaysWhereItIs) {
  Array x = np::arange(4) * 1.0;
  const Array y = x * 2.0;  // waits for the old elements
  const double* p = x.data<double>();
  x[0] = 50.0;
  EXPECT_EQ(p[0], 50.0);
  x += 1.0;
  EXPECT_EQ(p[0], 51.0);
  EXPECT_EQ(p[3], 4.0);
  EXPECT_EQ(y.to_vector<double>(), (std::vector<double>{0, 2, 4, 6}));
  EXPECT_EQ(x.data<double>(), p);
  EXPECT_THROW(x.data<float>(), tarry::TypeError);
}

TEST(Flush, CopyOfASmallPieceDoesNotKeepTheWhole) {
  Array small;
  const uint64_t before = tarry::stats().bytes_live;
  {
    Array big = np::ones({1 << 20});
    big[0] = 2.0;
    tarry::eval(big);
    small = big[{np::slice(0, 4)}].copy();
    tarry::eval(small);
  }
  (void)double(np::sum(np::ones({2})));
  EXPECT_LT(tarry::stats().bytes_live, before + (1 << 20));
  EXPECT_EQ(small.to_vector<double>(), (std::vector<double>{2, 1, 1, 1}));
}

}  // namespace
