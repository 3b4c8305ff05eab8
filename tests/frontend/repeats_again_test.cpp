// A long loop that is looked at now and then, and comes again: its pieces are those of the last time, as long as
// nothing else has changed.
#include <tarry/runtime/buffer.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

constexpr int kRounds = 9;   // each ends with a look
constexpr int kTurns = 200;  // of a round; four nodes each
constexpr int64_t kSize = 21;

Array start() { return np::linspace(0.25, 0.75, kSize).copy(); }
std::vector<double> values_of(const Array& x) { return x.to_vector<double>(); }

template <class Turn>
void run_round(Array& x, bool looks, const Turn& turn) {
  for (int i = 0; i < kTurns; ++i) {
    turn(x, i);
    if (looks) tarry::eval(x);
  }
  tarry::eval(x);
}

using Rounds = std::vector<std::vector<double>>;

/// The values after each round. One loop after the other: those that take turns are not seen again.
template <class Turn>
Rounds rounds_of(bool looks, const Turn& turn) {
  Rounds values;
  Array x = start();
  tarry::eval(x);
  for (int round = 0; round < kRounds; ++round) {
    run_round(x, looks, [&](Array& a, int i) { turn(a, round, i); });
    values.push_back(values_of(x));
  }
  return values;
}

template <class Turn>
void expect_same_rounds(const Turn& turn) {
  EXPECT_EQ(rounds_of(false, turn), rounds_of(true, turn));
}

TEST(RepeatsAgain, IsAllComputedWhenItWasLookedAt) {
  Array x = start();
  for (int round = 0; round < kRounds; ++round) {
    run_round(x, false, [](Array& a, int) { a = a * 0.99 + 0.125; });
    tarry::reset_stats();
    values_of(x);
    EXPECT_EQ(tarry::stats().kernels_launched, 0u) << round;
  }
}

TEST(RepeatsAgain, AnotherRootOfTheSamePlace) {
  const Array a = start(), b = a + 1.0;
  tarry::eval(a, b);
  for (int round = 0; round < kRounds; ++round) {
    Array of[] = {a, b};
    for (Array& x : of)
      for (int i = 0; i < kTurns; ++i) x = x * 0.99 + 0.125;
    const Array& looked = of[round < 6 ? 0 : 1];
    tarry::eval(looked);
    tarry::reset_stats();
    EXPECT_GT(values_of(looked)[0], 0) << round;
    EXPECT_EQ(tarry::stats().kernels_launched, 0u) << round;
  }
}

TEST(RepeatsAgain, OtherNumbers) {
  expect_same_rounds([](Array& x, int round, int i) { x = x * (0.9 + 0.01 * round) + 0.001 * i; });
}

TEST(RepeatsAgain, AnotherLoopNowAndThen) {
  expect_same_rounds([](Array& x, int round, int i) {
    x = x * 0.99 + 0.125;
    if (round % 4 == 3 && i == 50) x = np::sqrt(x);
    if (round == 6) x = x - 0.01;
  });
}

TEST(RepeatsAgain, WritesThroughViews) {
  expect_same_rounds([](Array& x, int, int i) {
    x = x * 0.99 + 0.125;
    if (i == 100) x[{np::slice(1, np::none)}] += x[{np::slice(0, -1)}] * 0.5;
  });
}

TEST(RepeatsAgain, ArraysThatAreWrittenBetween) {
  const auto rounds = [](bool looks) {
    Array a = np::full({kSize}, 0.75);
    return rounds_of(looks, [&](Array& x, int round, int i) {
      if (i == 0 && round >= 4) a[round] = 0.5 + 0.01 * round;
      x = x * a + 0.25;
    });
  };
  EXPECT_EQ(rounds(false), rounds(true));
}

TEST(RepeatsAgain, HandlesOfTheMiddle) {
  const auto rounds = [](bool looks) {
    std::vector<Array> kept;
    Rounds values = rounds_of(looks, [&](Array& x, int round, int i) {
      x = x * 0.99 + 0.125;
      if (round % 4 == 3 && i == 77) kept.push_back(x);
    });
    for (const Array& x : kept) values.push_back(values_of(x));
    return values;
  };
  EXPECT_EQ(rounds(false), rounds(true));
}

TEST(RepeatsAgain, WhoElseHoldsWhatItBeginsWith) {
  Array x = start();
  std::vector<double> expected = values_of(x);
  for (int round = 0; round < kRounds; ++round) {
    const Array before = round % 2 ? x : Array();
    const std::vector<double> of_before = expected;
    run_round(x, false, [](Array& a, int) { a = a * 0.99 + 0.125; });
    for (double& v : expected)
      for (int i = 0; i < kTurns; ++i) v = v * 0.99 + 0.125;
    EXPECT_EQ(values_of(x), expected) << round;
    if (round % 2) {
      EXPECT_EQ(values_of(before), of_before) << round;
    }
  }
}

TEST(RepeatsAgain, ArraysOfAnotherSizeOrType) {
  const auto rounds = [](bool looks) {
    Rounds values;
    for (const int64_t size : {21, 34, 21}) {
      for (const tarry::DType dtype : {tarry::float64, tarry::float32}) {
        Array x = np::linspace(0.25, 0.75, size).astype(dtype);
        for (int round = 0; round < 4; ++round) {
          run_round(x, looks, [](Array& a, int) { a = a * 0.99 + 0.125; });
          values.push_back(values_of(x.astype(tarry::float64)));
        }
      }
    }
    return values;
  };
  EXPECT_EQ(rounds(false), rounds(true));
}

TEST(RepeatsAgain, AnIndexOutside) {
  const Array table = np::linspace(0.0, 1.0, kSize).copy();
  for (int round = 0; round < kRounds; ++round) {
    Array sum = np::zeros({4}), at = np::zeros({4}).astype(tarry::int64);
    const int step = round == 7 ? 1 : 0;
    for (int i = 0; i < kTurns; ++i) {
      sum = sum + table[at];
      at = (at + step) % 30;
    }
    if (step) {
      EXPECT_THROW(tarry::eval(sum), tarry::IndexError);
    } else {
      EXPECT_EQ(double(sum[0]), 0.0) << round;
    }
  }
}

TEST(RepeatsAgain, MemoryRefusedInAnyPiece) {
  const auto turn = [](Array& x, int, int) { x = x * 0.99 + np::sqrt(x) * 0.125; };
  const Rounds expected = rounds_of(true, turn);
  for (uint64_t nth = 1; nth < 14; ++nth) {
    Array x = start();
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < kTurns; ++i) turn(x, round, i);
      tarry::runtime::fail_allocation(round == 5 ? nth : 0);
      try {
        tarry::eval(x);
      } catch (const tarry::MemoryError&) {
      }
      tarry::runtime::fail_allocation(0);
      EXPECT_EQ(values_of(x), expected[static_cast<size_t>(round)]) << "allocation " << nth;
    }
  }
}

TEST(RepeatsAgain, SeveralResultsOfOneLoop) {
  const auto rounds = [](bool looks) {
    Array x = start(), y = start() * 2.0;
    Rounds values;
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < kTurns; ++i) {
        const Array old = x;
        x = y * 0.5 + np::sin(x);
        y = old - y * 0.125;
        if (looks) tarry::eval(x, y);
      }
      tarry::eval(x, y);
      values.push_back(values_of(x));
      values.push_back(values_of(y));
    }
    return values;
  };
  EXPECT_EQ(rounds(false), rounds(true));
}

TEST(RepeatsAgain, InAnotherThreadMeanwhile) {
  const auto turn = [](Array& x, int round, int i) { x = x * (0.9 + 0.01 * round) + 0.001 * i; };
  const Rounds expected = rounds_of(true, turn);
  std::vector<std::thread> threads;
  std::vector<Rounds> results(4);
  for (Rounds& result : results) threads.emplace_back([&] { result = rounds_of(false, turn); });
  for (std::thread& t : threads) t.join();
  for (const Rounds& result : results) EXPECT_EQ(result, expected);
}

}  // namespace
