// Programs that record again what they recorded before: what is found of the last time is never its values.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

struct Inputs {
  Array a = np::linspace(1.0, 2.0, 6).copy(), b = np::linspace(0.5, 3.0, 6).copy();
  Inputs() { tarry::eval(a, b); }
};

Array formula(const Inputs& in, double first, double second) { return np::sqrt((in.a + first) * in.b) - second * in.b; }

std::vector<double> expected(double first, double second) {
  std::vector<double> values;
  for (int i = 0; i < 6; ++i) {
    const Inputs in;
    const double a = double(in.a[i]), b = double(in.b[i]);
    values.push_back(std::sqrt((a + first) * b) - second * b);
  }
  return values;
}

TEST(Cursor, OtherNumbersGiveOtherValues) {
  const Inputs in;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(formula(in, i, 0.5 * i).to_vector<double>(), expected(i, 0.5 * i)) << i;
}

TEST(Cursor, ValuesThatAreKeptStay) {
  const Inputs in;
  std::vector<Array> looked, waiting;
  for (int i = 0; i < 8; ++i) {
    looked.push_back(formula(in, i, 0.25 * i));
    if (i % 2 == 0) tarry::eval(looked.back());
    waiting.push_back(formula(in, i + 0.5, 0.125));
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(looked[i].to_vector<double>(), expected(i, 0.25 * i)) << i;
    EXPECT_EQ(waiting[i].to_vector<double>(), expected(i + 0.5, 0.125)) << i;
  }
}

TEST(Cursor, AValueThatIsKnownOfTheOldNumberIsNotThatOfTheNew) {
  const Inputs in;
  Array inner = in.a + 1.0;
  const Array outer = np::exp(inner);
  tarry::eval(outer);
  inner = in.a;  // the sum is dead, what was made of it is stored
  const Array again = np::exp(in.a + 2.0);
  EXPECT_EQ(double(again[0]), double(np::exp(np::array(3.0))));
  EXPECT_EQ(double(outer[0]), double(np::exp(np::array(2.0))));
}

TEST(Cursor, AHandleIntoTheMiddle) {
  const Inputs in;
  for (int i = 0; i < 6; ++i) {
    const Array sum = in.a + double(i), product = sum * in.b;
    if (i % 3 == 1) tarry::eval(product);
    const Array next = in.a + double(i + 1);
    EXPECT_EQ(double(next[0]), 2.0 + i);
    EXPECT_EQ(double(sum[0]), 1.0 + i);
    EXPECT_EQ(double((sum * in.b)[0]), double(product[0]));
  }
}

TEST(Cursor, OtherTypesAndShapesOfTheSameFormula) {
  const auto f = [](const Array& x) { return np::maximum(x * 2 + 1, x) - 3; };
  for (int turn = 0; turn < 3; ++turn)
    for (const int n : {3, 5, 1})
      for (const tarry::DType t : {tarry::float64, tarry::float32, tarry::int32}) {
        const Array x = np::arange(n).astype(t), y = f(x);
        EXPECT_EQ(y.shape(), tarry::Shape{n});
        EXPECT_EQ(y.dtype(), t);
        EXPECT_EQ(double(y[n - 1]), 2.0 * (n - 1) + 1 - 3);
        EXPECT_THROW(np::concatenate({y, y}) + np::ones({2 * n + 1}), tarry::ValueError);
      }
}

TEST(Cursor, IndicesAreLookedAtAgain) {
  const Array table = np::arange(10) * 1.0, at = np::arange(3);
  tarry::eval(table, at);
  for (int turn = 0; turn < 3; ++turn)
    for (const int step : {1, 3, 4}) {
      const Array read = table[at * step + 1];
      if (step == 4) {
        EXPECT_EQ(double(read[1]), 5.0) << "1, 5, 9";
        EXPECT_THROW(tarry::eval(table[at * step + 2]), tarry::IndexError);
      } else {
        EXPECT_EQ(double(read[2]), 2.0 * step + 1);
      }
    }
}

TEST(Cursor, WritesInTheLoop) {
  Array x = np::zeros({5});
  double sum = 0;
  for (int i = 0; i < 10; ++i) {
    x[2] = double(i);
    x += 1.0;
    sum += double(np::sum(x * 2.0));
  }
  // Others count up by one each turn, the third starts again from i.
  double expected_sum = 0;
  for (int i = 0; i < 10; ++i) expected_sum += 2 * (4.0 * (i + 1) + i + 1);
  EXPECT_EQ(sum, expected_sum);
}

TEST(Cursor, DerivativesWithOtherNumbers) {
  const Array x = np::linspace(0.1, 0.9, 4);
  for (int i = 1; i < 6; ++i) {
    const auto f = [i](const Array& v) { return np::sum(v * v * double(i) + 0.5 * v); };
    const std::vector<double> g = tarry::grad(f)(x).to_vector<double>();
    for (int k = 0; k < 4; ++k) EXPECT_NEAR(g[k], 2 * i * double(x[k]) + 0.5, 1e-14);
    EXPECT_EQ(double(f(x)), double(f(x.copy())));
  }
}

TEST(Cursor, ReadersInOtherThreads) {
  const Inputs in;
  for (int i = 0; i < 30; ++i) {
    const Array mine = formula(in, i, 1.0);
    std::vector<double> theirs;
    std::thread([&] { theirs = (mine + 0.0).to_vector<double>(); }).join();
    EXPECT_EQ(theirs, expected(i, 1.0));
  }
}

}  // namespace
