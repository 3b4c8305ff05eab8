// A loop over the same arrays flushes the same nodes turn by turn. Whatever else has changed in between counts all the
// same.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

constexpr int kTurns = 8;  // that are all alike, so that the flush is known

Array counting(double step, double from) {
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(i * step + from);
  return np::array(std::span<const double>(values), tarry::Shape{4, 3});
}

/// 4x3 arrays that were not computed: of those the same expression has the same nodes each time.
struct Inputs {
  Array a = counting(0.5, 0), b = counting(1, 1);
};

std::vector<double> times(const std::vector<double>& values, double factor, double plus) {
  std::vector<double> result;
  for (double v : values) result.push_back(v * factor + plus);
  return result;
}

TEST(SeenAgain, AHandleThatReadsTheMiddle) {
  const Inputs in;
  const std::vector<double> product = (in.a * in.b).to_vector<double>();
  for (int turn = 0; turn < 4 * kTurns; ++turn) {
    Array kept;
    const Array y = [&] {
      const Array middle = in.a * in.b;
      if (turn % kTurns == kTurns - 1) kept = middle;
      return middle * 2.0 + 1.0;
    }();
    EXPECT_EQ(y.to_vector<double>(), times(product, 2, 1)) << turn;
    if (turn % kTurns == kTurns - 1) {
      EXPECT_EQ(kept.to_vector<double>(), product) << turn;
    }
  }
}

TEST(SeenAgain, WhatIsReadAfterwardsIsStoredFromThenOn) {
  const Inputs in;
  const auto turn = [&](bool reads_middle) {
    const Array middle = np::sqrt(in.a * in.b);
    const Array y = middle + 1.0;
    tarry::eval(y);
    tarry::reset_stats();
    if (reads_middle) tarry::eval(middle);
    return tarry::stats().kernels_launched;
  };
  for (int i = 0; i < kTurns; ++i) turn(false);
  turn(true);
  turn(true);
  EXPECT_EQ(turn(true), 0u) << "computed a second time";
}

TEST(SeenAgain, ASumThatWasLookedAtBefore) {
  const Inputs in;
  const Array row = np::array({1.0, 2.0, 4.0});
  const uint64_t before = tarry::stats().bytes_live;
  for (int turn = 0; turn < 20 * kTurns; ++turn) {
    const Array sum = np::sum(in.a, 0), y = sum / row - row;
    if (turn % kTurns == kTurns - 1) {
      EXPECT_EQ(double(sum[2]), 13) << turn;
    }
    EXPECT_EQ(y.to_vector<double>(), (std::vector<double>{8, 3.5, -0.75})) << turn;
    EXPECT_EQ(double(sum[0]), 9);
  }
  EXPECT_LE(tarry::stats().bytes_live, before + 256) << "results of turns that are over are kept";
}

TEST(SeenAgain, HandlesThatWantAnotherOrderInMemory) {
  const Inputs in;
  const Array a = in.a.T(), b = in.b.T();
  for (int turn = 0; turn < 3 * kTurns; ++turn) {
    const bool c_order = turn % kTurns == kTurns - 1;
    Array y = a + b;
    if (c_order) y = y.copy();
    tarry::eval(y);
    EXPECT_EQ(y.strides(), c_order ? tarry::Shape({32, 8}) : tarry::Shape({8, 24})) << turn;
    EXPECT_EQ(double(y[2][1]), double(in.a[1][2]) + double(in.b[1][2]));
  }
}

TEST(SeenAgain, InputsThatAreWrittenInPlace) {
  Inputs in;
  for (int turn = 0; turn < 4 * kTurns; ++turn) {
    if (turn % kTurns == kTurns - 1) in.a[1][2] = -7.0 * turn;
    const Array y = in.a * in.b - 1.0;
    EXPECT_EQ(double(y[1][2]), double(in.a[1][2]) * 6 - 1) << turn;
    EXPECT_EQ(double(y[0][1]), 0.5 * 2 - 1);
  }
}

TEST(SeenAgain, InputsThatNobodyKeeps) {
  for (int round = 0; round < 3; ++round) {
    Inputs in;
    const Array other = in.b;
    for (int turn = 0; turn < kTurns; ++turn) tarry::eval(in.a * in.b + 3.0);
    // Now the buffer of one is free for the result, the other's is not.
    const Array y = in.a * in.b + 3.0;
    in.a = in.b = Array();
    tarry::eval(y);
    EXPECT_EQ(double(y[3][2]), 5.5 * 12 + 3);
    EXPECT_EQ(double(other[3][2]), 12.0);
  }
}

TEST(SeenAgain, OtherNumbersAndOtherRoots) {
  const Inputs in;
  for (int turn = 0; turn < 40; ++turn) {
    const Array y = (in.a + double(turn)) * in.b, z = in.a - double(turn);
    if (turn % 3 == 0)
      tarry::eval(y, z);
    else if (turn % 3 == 1)
      tarry::eval(z, y);
    else
      tarry::eval(y);
    EXPECT_EQ(double(y[1][0]), (1.5 + turn) * 4) << turn;
    EXPECT_EQ(double(z[1][0]), 1.5 - turn) << turn;
  }
}

TEST(SeenAgain, IndicesAreChecked) {
  const Array table = (np::arange(10) * 1.0).copy(), places = np::arange(3).copy();
  tarry::eval(table, places);
  for (int turn = 0; turn < 2 * kTurns; ++turn) {
    EXPECT_EQ((table[places * 2] + 1.0).to_vector<double>(), (std::vector<double>{1, 3, 5}));
    if (turn % kTurns == kTurns - 1) {
      EXPECT_THROW(tarry::eval(table[places * 5]), tarry::IndexError);
    }
  }
}

TEST(SeenAgain, AfterTheTraceWasMadeShorter) {
  const Inputs in;
  const std::vector<double> expected = times((in.a * in.b).to_vector<double>(), 1, 0.25);
  for (int turn = 0; turn < 200; ++turn) {
    const Array y = in.a * in.b + 0.25;
    EXPECT_EQ(y.to_vector<double>(), expected) << turn;
    if (turn % 10 != 9) continue;
    // Many nodes that die: values are numbered anew.
    Array x = in.a;
    for (int k = 0; k < 300; ++k) x = x * 0.5 + double(k * turn);
  }
}

TEST(SeenAgain, InDerivatives) {
  const Inputs in;
  const auto f = [&](const Array& x) { return np::sum(x * in.b + 1.0); };
  for (int turn = 0; turn < 3 * kTurns; ++turn) {
    EXPECT_EQ(double(f(in.a)), double(f(in.a.copy())));
    if (turn % kTurns == kTurns - 1) {
      EXPECT_EQ(tarry::grad(f)(in.a).to_vector<double>(), in.b.to_vector<double>());
    }
  }
}

TEST(SeenAgain, ReadersInOtherThreads) {
  const Inputs in;
  const std::vector<double> product = (in.a * in.b).to_vector<double>();
  for (int turn = 0; turn < 3 * kTurns; ++turn) {
    const Array middle = in.a * in.b, y = middle + 1.0;
    std::vector<double> theirs;
    if (turn % kTurns == kTurns - 1) std::thread([&] { theirs = (middle * 1.0).to_vector<double>(); }).join();
    EXPECT_EQ(y.to_vector<double>(), times(product, 1, 1));
    if (turn % kTurns == kTurns - 1) {
      EXPECT_EQ(theirs, product);
    }
  }
}

/// Values that say where they stand, in memory of their own order.
Array numbered(const tarry::Shape& shape, double from, bool fortran = false) {
  int64_t size = 1;
  for (int64_t extent : shape) size *= extent;
  const Array flat = np::arange(size) * 0.5 + from;
  const Array x = fortran ? flat.reshape({shape[1], shape[0]}).T() : flat.reshape(shape);
  tarry::eval(x);
  return x;
}

TEST(SeenAgain, TheSameOfArraysOfAnotherSize) {
  int64_t size = 5;
  for (int turn = 0; turn < 60; ++turn) {
    size = turn % 7 == 6 ? turn % 3 : size * 31 % 4999 + (turn == 20 ? 300'000 : 0);
    const Array a = numbered({size}, 1), b = numbered({size}, -3);
    const Array middle = a * b + double(turn), y = middle / a - 0.25, z = np::maximum(a, b) * 2.0;
    if (turn % 2 == 0)
      tarry::eval(y, z);
    else
      tarry::eval(y);
    EXPECT_EQ(y.shape(), tarry::Shape{size});
    const std::vector<double> ys = y.to_vector<double>(), zs = z.to_vector<double>(), ms = middle.to_vector<double>();
    for (size_t i = 0; i < ys.size(); ++i) {
      const double p = 0.5 * static_cast<double>(i) + 1, q = 0.5 * static_cast<double>(i) - 3;
      ASSERT_EQ(ys[i], (p * q + turn) / p - 0.25) << size << " " << i;
      ASSERT_EQ(zs[i], 2 * p);
      ASSERT_EQ(ms[i], p * q + turn);
    }
  }
}

TEST(SeenAgain, TheSameOfArraysOfAnotherShape) {
  const auto f = [](const Array& x, const Array& y) { return np::sqrt(x * x + 1.0) - y; };
  const auto expect = [&](const Array& x, const Array& y) {
    const std::vector<double> xs = x.to_vector<double>(), ys = y.to_vector<double>(), got = f(x, y).to_vector<double>();
    ASSERT_EQ(got.size(), xs.size());
    for (size_t i = 0; i < xs.size(); ++i) ASSERT_EQ(got[i], std::sqrt(xs[i] * xs[i] + 1) - ys[i % ys.size()]) << i;
  };
  for (int64_t turn = 0; turn < 60; ++turn) {
    const int64_t rows = turn * 5 % 7 + 2, columns = turn * 3 % 11 + 2;
    const tarry::Shape shape{rows, columns};
    expect(numbered(shape, 1), numbered(shape, 2));
    expect(numbered({columns, rows + 1}, 1), numbered({columns, rows + 1}, 2));
    // Now such a plan is known; what comes looks like another size of it, and is something else.
    switch (turn % 10) {
      case 0: expect(numbered(shape, 1, true), numbered(shape, 2)); break;
      case 1: expect(numbered(shape, 1), numbered(shape, 2, true)); break;
      case 2: expect(numbered(shape, 1), numbered({1, columns}, 2)); break;
      case 3: expect(numbered({2 * rows, columns}, 1)[np::slice(np::none, np::none, 2)], numbered(shape, 0)); break;
      case 4: expect(numbered({rows, 2, columns}, 1), numbered({rows, 2, columns}, 0)); break;
      case 5: expect(numbered({2 * rows, columns}, 1)[np::slice(rows, np::none)], numbered(shape, 0)); break;
      case 6: expect(numbered({1, 1}, 1), numbered({1, 1}, 3)); break;
      case 7: expect(numbered({0, columns}, 1), numbered({0, columns}, 3)); break;
      case 8: {
        const Array x = numbered(shape, 4);
        expect(x, x);
        expect(x, x[np::slice(0, 1)]);
        break;
      }
      default: expect(numbered({1, columns}, 1), numbered({1, columns}, 2));
    }
  }
}

TEST(SeenAgain, TwoResultsOfOneSizeAndThenOfTwo) {
  for (int64_t turn = 1; turn < 30; ++turn) {
    const int64_t size = turn * 7 % 13 + 2, other = turn % 3 == 2 ? size + 3 : size;
    const Array a = numbered({size}, 1), b = numbered({other}, 2);
    const Array y = a * a, z = b + b;
    tarry::eval(y, z);
    ASSERT_EQ(y.size(), size);
    ASSERT_EQ(z.size(), other);
    EXPECT_EQ(double(y[-1]), std::pow(0.5 * static_cast<double>(size - 1) + 1, 2));
    EXPECT_EQ(double(z[-1]), static_cast<double>(other - 1) + 4);
  }
}

/// One element looks like a number, and a number like an array of one element.
TEST(SeenAgain, TheSameOfOneElementAndOfMany) {
  const auto f = [](const Array& x, const Array& number) { return (x * number + x) * number; };
  const auto expect = [&](int64_t size, const Array& number) {
    const Array x = numbered({size}, 1);
    const std::vector<double> got = f(x, number).to_vector<double>();
    const double n = number.item<double>();
    ASSERT_EQ(got.size(), static_cast<size_t>(size));
    for (size_t i = 0; i < got.size(); ++i) {
      const double v = 0.5 * static_cast<double>(i) + 1;
      ASSERT_EQ(got[i], (v * n + v) * n) << size << " " << i;
    }
  };
  const Array stored = numbered({1}, 3), number = stored.reshape({});
  for (int turn = 0; turn < 40; ++turn) {
    expect(turn % 3 == 0 ? 1 : turn, number);
    expect(turn % 4 == 0 ? turn : 1, number);
    expect(1, stored);
    expect(turn % 5 == 0 ? 1 : 4, stored);
    EXPECT_EQ(f(number, stored).shape(), tarry::Shape{1});
    EXPECT_EQ(f(number, number).item<double>(), 36.0);
  }
}

TEST(SeenAgain, APlanForOneElementIsThatForMany) {
  const auto f = [](int64_t size) {
    const std::vector<double> twos(static_cast<size_t>(size), 2), fives(static_cast<size_t>(size), 5);
    return (np::array(twos) * np::array(fives) - 3.0).to_vector<double>();
  };
  tarry::reset_stats();
  for (int64_t size : {1, 10, 100, 1, 3}) EXPECT_EQ(f(size).front(), 7.0);
  EXPECT_EQ(tarry::stats().plans_made, 1u);
}

TEST(SeenAgain, OfAnotherSizeNothingIsPlanned) {
  const auto f = [](int64_t size) {
    const std::vector<double> values(static_cast<size_t>(size), 0.5 * static_cast<double>(size));
    const Array x = np::array(std::span<const double>(values), {size});
    return (x * 3.0 - x).to_vector<double>();
  };
  for (int64_t size : {7, 9, 8}) f(size);
  tarry::reset_stats();
  for (int64_t size = 10; size < 60; ++size) EXPECT_EQ(f(size).back(), static_cast<double>(size));
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

}  // namespace
