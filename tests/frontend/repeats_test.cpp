// A user's loop in one trace: planned once, whatever the count, with the bits of one turn at a time.
#include <tarry/runtime/buffer.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using State = std::vector<Array>;
using Turn = std::function<void(State&, int)>;

std::vector<double> bits_of(const State& state) {
  std::vector<double> all;
  for (const Array& a : state) {
    const std::vector<double> values = a.astype(tarry::float64).to_vector<double>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// The loop run without a look, and with one at each turn.
void expect_same_bits(const std::function<State()>& begin, const Turn& turn, int turns) {
  State looked = begin(), lazy = begin();
  for (int i = 0; i < turns; ++i) {
    turn(looked, i);
    for (const Array& a : looked) tarry::eval(a);
  }
  for (int i = 0; i < turns; ++i) turn(lazy, i);
  EXPECT_EQ(bits_of(looked), bits_of(lazy)) << turns << " turns";
}

/// Seven ops.
Array seven_ops(const Array& x, const Array& a, const Array& b) { return np::maximum(x * a + b, b) - a * (x * b) + a; }

double loop_of(int turns, const Array& a, const Array& b) {
  Array x = a;
  for (int i = 0; i < turns; ++i) x = seven_ops(x, a, b);
  return double(np::sum(x * x));
}

struct Eights {
  Array a = np::linspace(0.5, 0.75, 8).copy(), b = np::linspace(0.125, 0.25, 8).copy();
  Eights() { tarry::eval(a, b); }
};

TEST(Repeats, PlansAndKernelsFollowTheSegment) {
  const Eights e;
  tarry::reset_stats();
  for (const int turns : {500, 501, 513, 777, 1000, 1429, 5000, 12'345, 20'001}) loop_of(turns, e.a, e.b);
  // Before the loop; pieces of 8, 4, 2 and 1 turns; after it, from one or another phase of a turn.
  EXPECT_LE(tarry::stats().plans_made, 12u);
  EXPECT_LE(tarry::stats().kernels_compiled, 12u);
}

TEST(Repeats, ALoopThatNobodyLooksAtMakesFewPlans) {
  const Eights e;
  tarry::reset_stats();
  loop_of(150'000, e.a, e.b);
  EXPECT_LE(tarry::stats().plans_made, 9u);
  EXPECT_LE(tarry::stats().kernels_compiled, 9u);
}

TEST(Repeats, AShortLoopIsOneKernel) {
  const Eights e;
  Array x = e.a;
  for (int i = 0; i < 7; ++i) x = seven_ops(x, e.a, e.b);
  tarry::reset_stats();
  tarry::eval(x);
  EXPECT_EQ(tarry::stats().kernels_launched, 1u);
}

TEST(Repeats, LaunchesAreFewerThanTurns) {
  const Eights e;
  Array x = e.a;
  for (int i = 0; i < 1000; ++i) x = seven_ops(x, e.a, e.b);
  tarry::reset_stats();
  tarry::eval(x);
  EXPECT_LE(tarry::stats().kernels_launched, 1000u / 5);
}

TEST(Repeats, ChangeNoBits) {
  const auto one = [] { return State{np::linspace(0.1, 2.0, 13)}; };
  const auto two = [] { return State{np::linspace(0.1, 2.0, 12), np::linspace(1.0, 3.0, 12).astype(tarry::float32)}; };
  const auto matrix = [] { return State{np::sin(np::arange(20) * 1.0).reshape({4, 5})}; };
  for (const int turns : {57, 200, 333}) {
    expect_same_bits(
        one, [](State& s, int) { s[0] = np::sin(s[0]) * 1.25 + 0.25; }, turns);
    // Numbers that change, and two values that depend on each other.
    expect_same_bits(
        two,
        [](State& s, int i) {
          const Array first = s[0];
          s[0] = s[1] * (0.5 + 0.001 * i) + np::sqrt(first);
          s[1] = (first / (1.0 + i)).astype(tarry::float32);
        },
        turns);
    // Reductions, views and writes in the loop.
    expect_same_bits(
        matrix,
        [](State& s, int) {
          s[0] = (s[0] - np::mean(s[0], 0)) / (1.0 + np::max(np::abs(s[0])));
          s[0][0] += s[0][1] * 0.5;
          s[0][{np::all, np::slice(1, 3)}] = 0.25;
        },
        turns);
    // Every third turn does something else.
    expect_same_bits(
        one,
        [](State& s, int i) {
          s[0] = s[0] * 1.01 - 0.01;
          if (i % 3 == 0) s[0] = np::tanh(s[0]);
        },
        turns);
    // Steps of an array on which the loop writes, read from one turn to the next.
    expect_same_bits(
        one, [](State& s, int) { s[0][{np::slice(1, np::none)}] += s[0][{np::slice(0, -1)}] * 0.125; }, turns);
  }
}

TEST(Repeats, ALoopInALoop) {
  const auto one = [] { return State{np::linspace(0.1, 2.0, 9), np::zeros({9})}; };
  expect_same_bits(
      one,
      [](State& s, int) {
        for (int j = 0; j < 50; ++j) s[0] = np::cos(s[0]) * 0.5 + 0.5 * s[0];
        s[1] += s[0];
        s[0] = s[0] + s[1] * 0.01;
      },
      12);
}

TEST(Repeats, WhatIsMadeBeforeTheLoopAndReadInIt) {
  const Eights e;
  const auto begin = [&] { return State{e.a + 0.0, np::exp(e.b), np::cumsum(e.a)}; };
  expect_same_bits(
      begin, [](State& s, int) { s[0] = s[0] * s[1] - s[2] * s[0] * s[0] * 0.125; }, 300);
}

TEST(Repeats, HandlesOfTurnsKeepTheirValues) {
  const Eights e;
  std::vector<Array> lazy, looked;
  Array x = e.a, y = e.a;
  for (int i = 0; i < 400; ++i) {
    x = seven_ops(x, e.a, e.b);
    y = seven_ops(y, e.a, e.b);
    tarry::eval(y);
    if (i % 37 == 0) {
      lazy.push_back(x);
      looked.push_back(y);
    }
  }
  tarry::eval(x);
  for (size_t i = 0; i < lazy.size(); ++i) EXPECT_EQ(lazy[i].to_vector<double>(), looked[i].to_vector<double>()) << i;
}

TEST(Repeats, AnIndexOutsideInALoopIsReported) {
  const Array table = np::arange(10) * 1.0;
  Array at = np::zeros({4}).astype(tarry::int64), sum = np::zeros({4});
  Array sound = np::ones({4});
  for (int i = 0; i < 400; ++i) {
    sum = sum + table[at];
    at = at + (i < 300 ? i % 2 : 1);  // beyond the table long before the end
    sound = sound * 1.001 + 0.5 * sound;
  }
  EXPECT_THROW(tarry::eval(sum), tarry::IndexError);
  EXPECT_THROW(tarry::eval(sum), tarry::IndexError);
  EXPECT_GT(double(sound[0]), 1.0);
  EXPECT_EQ(double(table[9]), 9.0);
}

TEST(Repeats, MemoryRefusedInTheMiddleLosesNothing) {
  const Eights e;
  Array expected = e.a;
  for (int i = 0; i < 300; ++i) {
    expected = seven_ops(expected, e.a, e.b);
    tarry::eval(expected);
  }
  for (uint64_t nth = 1; nth < 12; ++nth) {
    Array x = e.a;
    for (int i = 0; i < 300; ++i) x = seven_ops(x, e.a, e.b);
    tarry::runtime::fail_allocation(nth);
    try {
      tarry::eval(x);
    } catch (const tarry::MemoryError&) {
    }
    tarry::runtime::fail_allocation(0);
    EXPECT_EQ(x.to_vector<double>(), expected.to_vector<double>()) << nth;
  }
}

TEST(Repeats, MemoryIsThatOfAPiece) {
  Array x = np::ones({1 << 16}), a = np::full({1 << 16}, 0.5);
  tarry::eval(x, a);
  for (int i = 0; i < 1000; ++i) x = x * a + 0.25;
  tarry::reset_stats();
  const uint64_t before = tarry::stats().bytes_live;
  tarry::eval(x);
  EXPECT_LE(tarry::stats().bytes_peak, before + 2 * (sizeof(double) << 16));
}

TEST(Repeats, DerivativesOfLongLoops) {
  const auto f = [](bool look) {
    return tarry::grad([=](const Array& x) {
      Array y = x;
      for (int i = 0; i < 300; ++i) {
        y = y * 0.99 + np::sin(x) * 0.01;
        if (look) tarry::eval(y);
      }
      return np::sum(y);
    })(np::linspace(0.1, 0.9, 5));
  };
  EXPECT_EQ(f(false).to_vector<double>(), f(true).to_vector<double>());
}

}  // namespace
