// A loop that goes on from its own results records the last turn's nodes again, with another value where it begins.
// Whatever else was computed of the value that stood there before keeps its own.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using Values = std::vector<double>;

constexpr int kTurns = 12;

Array array_of(const Values& values) { return np::array(std::span<const double>(values)); }

Values map(const Values& x, const std::function<double(double)>& f) {
  Values y;
  for (double v : x) y.push_back(f(v));
  return y;
}

const Values kStart{0.5, -1, 2, 3.25};
double step(double x) { return x * 0.75 + 1.5; }
Array step(const Array& x) { return x * 0.75 + 1.5; }

TEST(Carried, EachTurnGoesOnFromTheLastOnesResult) {
  Array x = array_of(kStart);
  Values expected = kStart;
  for (int turn = 0; turn < kTurns; ++turn) {
    x = step(x);
    expected = map(expected, [](double v) { return step(v); });
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
  }
}

TEST(Carried, TurnsThatAreAlikeMakeNoPlan) {
  Array x = array_of(kStart);
  const Array b = array_of({1, 2, 3, 4});
  const auto turn = [&] {
    x = np::maximum(x * b, x + 1.0) / 3.0;
    tarry::eval(x);
  };
  for (int i = 0; i < kTurns; ++i) turn();
  tarry::reset_stats();
  for (int i = 0; i < 10 * kTurns; ++i) turn();
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().plans_hit, 10u * kTurns);
}

TEST(Carried, WhatWasComputedOfAnEarlierValueStays) {
  Array x = array_of(kStart), kept;
  Values expected = kStart, expected_kept;
  for (int turn = 0; turn < kTurns; ++turn) {
    Array squared = x * x;
    EXPECT_EQ(squared.to_vector<double>(), map(expected, [](double v) { return v * v; })) << turn;
    if (turn > 0) {
      EXPECT_EQ(kept.to_vector<double>(), expected_kept) << turn;
    }
    kept = squared;
    expected_kept = map(expected, [](double v) { return v * v; });
    x = step(x);
    expected = map(expected, [](double v) { return step(v); });
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
    EXPECT_EQ(kept.to_vector<double>(), expected_kept) << turn;
  }
}

TEST(Carried, OtherNamesOfEarlierResultsKeepTheirValues) {
  Array x = array_of(kStart);
  Values expected = kStart;
  std::vector<Array> names;
  std::vector<Values> values;
  for (int turn = 0; turn < kTurns; ++turn) {
    x = step(x);
    expected = map(expected, [](double v) { return step(v); });
    tarry::eval(x);
    if (turn % 3 == 1) {
      names.push_back(x);
      values.push_back(expected);
    }
  }
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i].to_vector<double>(), values[i]) << i;
}

TEST(Carried, TwoValuesMayChangePlaces) {
  Array x = array_of(kStart), v = array_of({1, 0.5, -1, 2});
  Values of_x = kStart, of_v{1, 0.5, -1, 2};
  for (int turn = 0; turn < 3 * kTurns; ++turn) {
    v = v - x * 0.125;
    x = x + v * 0.125;
    for (size_t i = 0; i < of_x.size(); ++i) {
      of_v[i] = of_v[i] - of_x[i] * 0.125;
      of_x[i] = of_x[i] + of_v[i] * 0.125;
    }
    tarry::eval(x, v);
    if (turn % 5 == 4) {
      std::swap(x, v);
      std::swap(of_x, of_v);
    }
    EXPECT_EQ(x.to_vector<double>(), of_x) << turn;
    EXPECT_EQ(v.to_vector<double>(), of_v) << turn;
  }
}

TEST(Carried, AnExpressionOfTheCarriedValueIsComputedAnew) {
  Array x = array_of(kStart);
  const Array b = array_of({1, 2, 3, 4});
  Values expected = kStart;
  Array product, other_name;
  for (int turn = 0; turn < kTurns; ++turn) {
    x = step(x);
    expected = map(expected, [](double v) { return step(v); });
    tarry::eval(x);
    Values wanted = expected;
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] *= i + 1.0;
    product = x * b;
    EXPECT_EQ(product.to_vector<double>(), wanted) << turn;
    if (turn % 2 == 0) other_name = product;  // may not move
  }
}

TEST(Carried, ViewsShowTheValueOfTheirOwnBase) {
  Array x = array_of(kStart);
  Values expected = kStart;
  Array view;
  Values shown;
  for (int turn = 0; turn < 2 * kTurns; ++turn) {
    x = step(x);
    expected = map(expected, [](double v) { return step(v); });
    tarry::eval(x);
    if (turn > 0) {
      EXPECT_EQ((view + 1.0).to_vector<double>(), map(shown, [](double v) { return v + 1.0; })) << turn;
    }
    if (turn % 2 == 0) {
      view = x[np::slice(1, np::none)];
      shown.assign(expected.begin() + 1, expected.end());
    }
    if (turn % 4 == 0) {
      view *= 2.0;
      for (size_t i = 1; i < expected.size(); ++i) expected[i] *= 2;
      shown.assign(expected.begin() + 1, expected.end());
    }
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
  }
}

TEST(Carried, AViewOfAnEarlierTurnWhoseBaseHasNoOtherName) {
  const Array b = array_of({2, 2, 2, 2}), c = array_of({1, 1, 1});
  for (const bool reshaped : {false, true}) {
    Array x = array_of({1, 2, 3, 4});
    std::vector<Array> old;
    std::vector<double> second;
    for (int turn = 0; turn < kTurns; ++turn) {
      const Array base = x * b;
      const Array view = reshaped ? base.reshape({2, 2}) : base[np::slice(1, np::none)];
      const Array of_view = view + 1.0;
      const size_t place = reshaped ? 1 : 0;
      for (size_t i = 0; i < old.size(); ++i) EXPECT_EQ((old[i] + 1.0).to_vector<double>()[place], second[i] + 1) << i;
      tarry::eval(base, of_view);
      old.push_back(view);
      second.push_back(2 * (2.0 * turn + 2));
      x = x + b;
      tarry::eval(x);
    }
    for (size_t i = 0; i < old.size(); ++i) EXPECT_EQ(old[i].to_vector<double>()[reshaped ? 1 : 0], second[i]) << i;
  }
}

TEST(Carried, AFailedReadStaysFailedAndTheNextOneIsNot) {
  const Array x = array_of(kStart);
  Array place = np::array({-3, 9});
  std::vector<Array> failed;
  for (int turn = 0; turn < kTurns; ++turn) {
    place = np::maximum(place - 1, -4) + 0;
    tarry::eval(place);
    const Array read = x[place + 0] * 2.0;
    const int last = std::max(8 - turn, -4);
    if (last >= 4) {
      failed.push_back(read);
      EXPECT_THROW(read.to_vector<double>(), tarry::IndexError) << turn;
    } else {
      EXPECT_EQ(read.to_vector<double>(), (Values{1, 2 * kStart[static_cast<size_t>((last + 4) % 4)]})) << turn;
    }
  }
  EXPECT_EQ(failed.size(), 5u);
  for (const Array& f : failed) EXPECT_THROW(f.to_vector<double>(), tarry::IndexError);
}

TEST(Carried, AThreadMayGoOnWithAnothersResult) {
  Array x = array_of(kStart);
  Values expected = kStart;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto one = [&] {
      for (int i = 0; i < 3; ++i) {
        x = step(x);
        tarry::eval(x);
      }
    };
    if (turn % 2)
      std::thread(one).join();
    else
      one();
    for (int i = 0; i < 3; ++i) expected = map(expected, [](double v) { return step(v); });
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
  }
}

TEST(Carried, ADerivativeInEachTurn) {
  Array x = array_of(kStart);
  Values expected = kStart;
  const auto slope = tarry::grad([](const Array& a) { return np::sum(a * a * 0.5); });
  for (int turn = 0; turn < kTurns; ++turn) {
    x = x - 0.25 * slope(x);
    expected = map(expected, [](double v) { return v - 0.25 * v; });
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
  }
}

TEST(Carried, RowsAndTotals) {
  Array x = np::reshape(array_of({1, 2, 3, 4, 5, 6}), {2, 3});
  Values expected{1, 2, 3, 4, 5, 6};
  for (int turn = 0; turn < kTurns; ++turn) {
    x = x - np::max(x, 1, tarry::keepdims) * 0.5;
    for (int row = 0; row < 2; ++row) {
      const double top = *std::max_element(expected.begin() + 3 * row, expected.begin() + 3 * row + 3);
      for (int i = 0; i < 3; ++i) expected[static_cast<size_t>(3 * row + i)] -= top * 0.5;
    }
    EXPECT_EQ(x.to_vector<double>(), expected) << turn;
  }
}

// ---- loops made by chance ----------------------------------------------------------------------

/// An array and what it should hold: names of one array share it, and views show parts of it.
struct Both {
  Array array;
  std::shared_ptr<Values> values;
  size_t start = 0;
};

class RandomLoop {
 public:
  explicit RandomLoop(unsigned seed) : random_(seed), keeps_views_(seed % 2 == 1) {
    for (int i = 0; i < kVariables; ++i) {
      Values values;
      for (size_t k = 0; k < kCount; ++k) values.push_back(below(64) / 16.0 - 2);
      variables_.push_back({array_of(values), std::make_shared<Values>(values)});
    }
    for (int i = 0; i < 3 + below(6); ++i)
      body_.push_back({below(6), below(kVariables), below(kVariables), below(kVariables), below(3) == 0});
  }

  void turn() {
    for (const Statement& s : body_) run(s);
    if (keeps_views_) look_at_part_of_a_sum();
    if (below(3) != 0) check(variables_[static_cast<size_t>(below(kVariables))]);
    switch (below(12)) {
      case 0: kept_.push_back(variable()); break;
      case 1: variable() = variable(); break;
      case 2: std::swap(variable(), variable()); break;
      case 3: look_at_part(); break;
      case 4: write_to_part(); break;
      case 5: kept_.clear(); break;
      case 6: body_[static_cast<size_t>(below(static_cast<int>(body_.size())))].op = below(6); break;
      default: break;
    }
    for (const Both& b : kept_)
      if (below(4) == 0) check(b);
  }
  void check_all() {
    for (const Both& b : variables_) check(b);
    for (const Both& b : kept_) check(b);
  }

 private:
  static constexpr int kVariables = 3;
  static constexpr size_t kCount = 5;
  struct Statement {
    int op, to, a, b;
    bool number;
  };

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  Both& variable() { return variables_[static_cast<size_t>(below(kVariables))]; }

  static Values shown(const Both& b) {
    const auto first = b.values->begin() + static_cast<std::ptrdiff_t>(b.start);
    return {first, b.values->end()};
  }
  static void check(const Both& b) { EXPECT_EQ(b.array.to_vector<double>(), shown(b)); }

  template <class T>
  static T combine(int op, const T& a, const T& b) {
    using np::abs, np::maximum, np::sqrt, std::abs, std::sqrt;
    const auto maximum_of = [](const auto& x, const auto& y) {
      if constexpr (std::is_same_v<T, double>)
        return x >= y ? x : y;
      else
        return maximum(x, y);
    };
    switch (op) {
      case 0: return a + b;
      case 1: return a - b;
      case 2: return a * 0.5 + b * 0.25;
      case 3: return maximum_of(a, b) - 0.125;
      case 4: return sqrt(abs(a)) - b;
      default: return abs(a - b) * 0.5;
    }
  }

  void run(const Statement& s) {
    const Both &a = variables_[static_cast<size_t>(s.a)], &b = variables_[static_cast<size_t>(s.b)];
    auto values = std::make_shared<Values>(kCount);
    const double number = below(8) / 4.0;
    for (size_t i = 0; i < kCount; ++i)
      (*values)[i] = combine(s.op, (*a.values)[i], s.number ? number : (*b.values)[i]);
    Array array = s.number ? combine(s.op, a.array, Array(number)) : combine(s.op, a.array, b.array);
    variables_[static_cast<size_t>(s.to)] = {std::move(array), std::move(values)};
  }

  void look_at_part() {
    const Both& of = variable();
    kept_.push_back({of.array[np::slice(2, np::none)], of.values, 2});
  }
  /// A view whose base has no name.
  void look_at_part_of_a_sum() {
    const Both &a = variables_[0], &b = variables_[1];
    const auto values = std::make_shared<Values>(kCount);
    for (size_t i = 0; i < kCount; ++i) (*values)[i] = (*a.values)[i] + (*b.values)[i];
    const Both part{(a.array + b.array)[np::slice(1, np::none)], values, 1};
    const Array more = part.array + 1.0;
    if (!kept_.empty() && below(2) == 0) check(kept_.back());
    EXPECT_EQ(more.to_vector<double>(), map(shown(part), [](double v) { return v + 1.0; }));
    if (kept_.size() > 8) kept_.erase(kept_.begin());
    kept_.push_back(part);
  }
  void write_to_part() {
    Both& of = variable();
    of.array[np::slice(1, np::none)] = 0.75;
    std::fill(of.values->begin() + 1, of.values->end(), 0.75);
  }

  std::mt19937 random_;
  bool keeps_views_;
  std::vector<Both> variables_, kept_;
  std::vector<Statement> body_;
};

class RandomLoops : public testing::TestWithParam<unsigned> {};

TEST_P(RandomLoops, GiveWhatTheSameLoopsGiveByHand) {
  for (unsigned i = 0; i < 25; ++i) {
    SCOPED_TRACE(i);
    RandomLoop loop(GetParam() * 25 + i);
    for (int turn = 0; turn < 40; ++turn) {
      SCOPED_TRACE(turn);
      loop.turn();
      if (testing::Test::HasFailure()) return;
    }
    loop.check_all();
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomLoops, testing::Range(0u, 8u));

}  // namespace
