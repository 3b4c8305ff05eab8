// One function and many shapes: a kernel depends on what is done and how arrays lie, never on extents and scalars. Axes
// of extent 1 and 0 may ask for others, but few.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using Function = std::function<Array(const Array&, double)>;

/// Kernels for 1,000 shapes and scalars, the extents from `least` on. Now and then a single row or column is long, and
/// threads share it.
uint64_t kernels_for_shapes(int least, const Function& f, bool some_are_long = true) {
  tarry::eval(np::zeros({2, 2}));
  tarry::reset_stats();
  for (int i = 0; i < 1000; ++i) {
    const int rows = i % 100 == 0 ? 1 : least + i % 37, columns = i % 100 == 50 ? 1 : least + i * 7 % 101;
    const bool is_long = some_are_long && i % 3 == 0;
    const Array x = np::zeros({columns == 1 && is_long ? 20'000 : rows, rows == 1 && is_long ? 20'000 : columns});
    if (least > 1 && (x.shape()[0] < least || x.shape()[1] < least)) continue;
    tarry::eval(x);
    tarry::eval(f(x, 0.5 + i));
  }
  return tarry::stats().kernels_compiled;
}

void expect_few_kernels(const Function& f) {
  const uint64_t from_two = kernels_for_shapes(2, f);
  EXPECT_LE(from_two, 2u);
  EXPECT_LE(from_two + kernels_for_shapes(0, f), 4u);
}

/// Where a long column alone is two or three steps, each of them adds a kernel to those of columns and of short ones.
void expect_few_kernels_for_columns(const Function& f) {
  const uint64_t from_two = kernels_for_shapes(2, f);
  EXPECT_LE(from_two, 2u);
  const uint64_t from_zero = from_two + kernels_for_shapes(0, f, false);
  EXPECT_LE(from_zero, 4u);
  EXPECT_LE(from_zero + kernels_for_shapes(0, f), 5u);
}

using FunctionOfExtents = std::function<Array(int, int, int, double)>;

/// Kernels for arrays of three axes whose extents are `least` or more, of all combinations.
uint64_t kernels_for_three_extents(int least, const FunctionOfExtents& f) {
  tarry::eval(np::zeros({2, 2}));
  tarry::reset_stats();
  for (int i = 0; i < 1000; ++i) {
    const auto extent = [&](int digit) { return digit < 2 ? least + digit : least + digit * digit - i % 2; };
    tarry::eval(f(extent(i % 10), extent(i / 10 % 10), extent(i / 100), 0.5 + i));
  }
  return tarry::stats().kernels_compiled;
}

void expect_few_kernels_of_three_axes(const FunctionOfExtents& f) {
  const uint64_t from_two = kernels_for_three_extents(2, f);
  EXPECT_LE(from_two, 2u);
  EXPECT_LE(from_two + kernels_for_three_extents(0, f), 4u);
}

Array stored(const tarry::Shape& shape) {
  Array a = np::zeros(shape);
  tarry::eval(a);
  return a;
}

Array softmax(const Array& x, double number, int axis) {
  if (x.size() == 0) return x;  // there is no greatest element
  const Array y = x * number;
  const Array e = np::exp(y - np::max(y, axis, tarry::keepdims));
  return e / np::sum(e, axis, tarry::keepdims);
}

Array layernorm(const Array& x, double number, int axis) {
  const Array d = x - np::mean(x, axis, tarry::keepdims);
  return d / np::sqrt(np::mean(d * d, axis, tarry::keepdims) + number);
}

TEST(Shapes, PointsAreFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return np::tanh(x * number - 0.25 * number) + 1.5; });
}

TEST(Shapes, ASoftmaxOfRowsIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return softmax(x, number, 1); });
}

TEST(Shapes, ASoftmaxOfColumnsIsFewKernels) {
  expect_few_kernels_for_columns([](const Array& x, double number) { return softmax(x, number, 0); });
}

TEST(Shapes, ALayernormOfRowsIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return layernorm(x, number, 1); });
}

TEST(Shapes, ALayernormOfColumnsIsFewKernels) {
  expect_few_kernels_for_columns([](const Array& x, double number) { return layernorm(x, number, 0); });
}

TEST(Shapes, ASumOverRowsIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return np::sum(x * number, 1); });
}

TEST(Shapes, ASumOverColumnsIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return np::sum(x * number, 0); });
}

TEST(Shapes, ASumOfAllIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) { return np::sum(x * number); });
}

TEST(Shapes, AVarianceIsFewKernels) {
  expect_few_kernels_for_columns([](const Array& x, double number) { return np::var(x * number, 0); });
}

TEST(Shapes, InterpolationBetweenAnyNumberOfPointsIsTheSameKernels) {
  const auto between = [](int64_t points, int64_t places) {
    const Array xp = np::arange(points) * 1.0;
    tarry::eval(np::interp(np::arange(places) * 0.25, xp, np::sqrt(xp)));
  };
  between(4, 10);
  tarry::reset_stats();
  for (int64_t points = 2; points < 40; ++points) between(points, 3 * points + 5);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

TEST(Shapes, AChainWithBroadcastingIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) {
    const Array row = np::zeros({x.shape()[1]}), column = np::zeros({x.shape()[0], 1});
    tarry::eval(row, column);
    return np::tanh(x * row + column) * number;
  });
}

TEST(Shapes, AChainOfThreeOperandsThatEachHaveOneAxisIsFewKernels) {
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    return np::tanh((stored({a, 1, 1}) + stored({b, 1})) * stored({c})) * number;
  });
}

TEST(Shapes, AChainOfTwoOperandsThatAreBroadcastDifferentlyIsFewKernels) {
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    return np::tanh(stored({a, 1, c}) + stored({b, 1})) * number;
  });
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    return np::tanh(stored({a, b, c}) * stored({c}) + stored({a, b, 1})) * number;
  });
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    return np::tanh(stored({a, b, c}) * stored({1, b, c}) + stored({a, 1, c})) * number;
  });
}

TEST(Shapes, ASumOfSlicesIsFewKernels) {
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    const Array x = stored({a + 2, b + 2, c + 2});
    const auto inner = np::slice(1, -1);
    return x[{inner, inner, np::slice(0, -2)}] + x[{inner, inner, np::slice(2, np::none)}] * number;
  });
}

TEST(Shapes, AnArrayAndATransposedOneAreFewKernels) {
  expect_few_kernels_of_three_axes([](int a, int b, int c, double number) {
    return np::tanh(np::transpose(stored({c, b, a})) + stored({a, b, c})) * number;
  });
}

TEST(Shapes, WhatFollowsAMatrixProductIsFewKernels) {
  expect_few_kernels([](const Array& x, double number) {
    const Array weights = np::zeros({x.shape()[1], 7}), bias = np::zeros({7});
    tarry::eval(weights, bias);
    return np::maximum(np::matmul(x, weights) + bias, 0.0) * number;
  });
}

// A row alone and rows of one element are rows like others: one kernel, and what it computes is the same.
TEST(Shapes, AnAxisOfOneIsAnAxis) {
  for (int axis : {0, 1})
    for (int rows : {1, 2, 5})
      for (int columns : {1, 2, 7}) {
        const Array x = np::arange(rows * columns).reshape({rows, columns}) * 0.25;
        const Array together = softmax(x, 1.5, axis);
        Array steps = np::exp(x * 1.5 - np::max(x * 1.5, axis, tarry::keepdims));
        tarry::eval(steps);
        Array sum = np::sum(steps, axis, tarry::keepdims);
        tarry::eval(sum);
        EXPECT_TRUE(np::array_equal(together, steps / sum)) << rows << "x" << columns << " over " << axis;
      }
}

TEST(Shapes, BroadcastingAlongAxesOfOneGivesTheSameBits) {
  const auto numbered = [](const tarry::Shape& shape) {
    int64_t n = 1;
    for (int64_t extent : shape) n *= extent;
    Array x = np::arange(n).reshape(shape) * 0.37;
    tarry::eval(x);
    return x;
  };
  for (int a : {0, 1, 2, 5})
    for (int b : {0, 1, 3})
      for (int c : {0, 1, 4, 33}) {
        const Array x = numbered({a, b, c}), row = numbered({c}), column = numbered({b, 1}),
                    plane = numbered({a, 1, c}), turned = numbered({c, b, a});
        const Array together = np::sqrt((x * row + column) * plane) - np::transpose(turned) * 3.0;
        Array step = x * row;
        tarry::eval(step);
        tarry::eval(step = step + column);
        tarry::eval(step = step * plane);
        tarry::eval(step = np::sqrt(step));
        Array other = np::transpose(turned).copy();
        tarry::eval(other);
        tarry::eval(other = other * 3.0);
        EXPECT_TRUE(np::array_equal(together, step - other)) << a << "x" << b << "x" << c;
      }
}

TEST(Shapes, AShortRowAloneIsOneKernel) {
  const Array x = np::arange(100).reshape({1, 100}) * 0.125;
  tarry::eval(x);
  tarry::reset_stats();
  tarry::eval(softmax(x, 2.0, 1));
  EXPECT_EQ(tarry::stats().kernels_launched, 1u);
}

// What is done to every element alike is planned once for all shapes.
TEST(Shapes, PointsArePlannedOnce) {
  const auto points = [](const Array& x, double number) { return np::maximum(np::sqrt(x * number) - x, 0.5) * number; };
  for (int i = 0; i < 2; ++i) tarry::eval(points(np::zeros({2, 2 + i}) + 0.5, 2.0), np::zeros({2}));
  tarry::reset_stats();
  for (int i = 0; i < 1000; ++i) {
    const Array x = np::full({2 + i % 37, 2 + i * 7 % 101}, 0.25 * i);
    tarry::eval(x);
    const Array y = points(x, 0.5 + i);
    tarry::eval(y);
    const Array expected = points(Array(0.25 * i), 0.5 + i), last = y[{1, 1}];
    ASSERT_EQ(double(last), double(expected)) << i;
  }
  EXPECT_LE(tarry::stats().plans_made, 4u);
}

/// Several results, of several dtypes, from arrays of which some are given away: all at once, or op by op.
std::vector<std::vector<double>> results(const tarry::Shape& shape, double number, bool at_once) {
  int64_t n = 1;
  for (int64_t e : shape) n *= e;
  const auto look = [&](const Array& a) {
    if (!at_once) tarry::eval(a);
    return a;
  };
  Array x = look((np::arange(n) * 0.37).reshape(shape)), i = look(np::arange(n).reshape(shape) % 7);
  tarry::eval(x, i);
  const Array scaled = look(x * number);
  const Array big = look(scaled > 1.5);
  const Array chosen = look(np::where(big, scaled, look(np::sin(x))));
  const Array whole = look(chosen.astype(tarry::int64));
  const Array both = look(look(whole + i) * look(np::array(3)));
  x = look(chosen - x);
  tarry::eval(x, both, big);
  const auto values = [](const Array& a) { return a.astype(tarry::float64).to_vector<double>(); };
  return {values(x), values(both), values(big)};
}

TEST(Shapes, PlansOfOtherShapesGiveTheSameBits) {
  const tarry::Shape shapes[] = {{6},    {2, 3}, {3, 2}, {100}, {1},       {1, 1}, {1, 6},    {6, 1},
                                 {0},    {4, 0}, {2},    {3},   {2, 3, 4}, {24},   {1, 1, 5}, {70'000},
                                 {5, 7}, {7, 5}, {2, 2}, {4},   {},        {2, 1}, {33, 31},  {1024}};
  for (const tarry::Shape& shape : shapes)
    for (double number : {0.5, 2.0}) EXPECT_EQ(results(shape, number, true), results(shape, number, false));
}

}  // namespace
