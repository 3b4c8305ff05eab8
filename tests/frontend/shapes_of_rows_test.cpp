// Sums, means, softmax and the like over any axes of arrays of three and four axes, of many shapes: few kernels, and
// the bits of each row alone.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;

namespace {

using AxisList = std::vector<int64_t>;
using Extents = std::vector<int64_t>;
using Function = std::function<Array(const Array&, double, const AxisList&)>;

/// Axes that are reduced of arrays of this many, but for three of four and all of them.
std::vector<AxisList> choices(int rank) {
  std::vector<AxisList> result;
  for (int set = 1; set + 1 < 1 << rank; ++set) {
    AxisList axes;
    for (int a = 0; a < rank; ++a)
      if (set >> a & 1) axes.push_back(a);
    if (axes.size() <= 2) result.push_back(axes);
  }
  return result;
}

/// All shapes with these extents.
std::vector<Shape> shapes(int rank, const Extents& extents) {
  std::vector<Shape> result{Shape{}};
  for (int a = 0; a < rank; ++a) {
    std::vector<Shape> longer;
    for (const Shape& s : result)
      for (int64_t e : extents) {
        longer.push_back(s);
        longer.back().push_back(e);
      }
    result = std::move(longer);
  }
  return result;
}

Array stored(const Shape& shape) {
  Array a = np::zeros(shape);
  tarry::eval(a);
  return a;
}

/// Something else for each number, so that no case finds kernels of another.
Array marked(Array x, int number) {
  using Ufunc = Array (*)(const Array&);
  static const Ufunc ops[] = {
      [](const Array& a) { return np::sqrt(a); },  [](const Array& a) { return np::floor(a); },
      [](const Array& a) { return np::ceil(a); },  [](const Array& a) { return np::square(a); },
      [](const Array& a) { return np::trunc(a); }, [](const Array& a) { return np::rint(a); },
      [](const Array& a) { return np::abs(a); },   [](const Array& a) { return np::maximum(a, a + a); }};
  for (int bit = 0; bit < 8; ++bit)
    if (number >> bit & 1) x = ops[bit](x);
  return x;
}

void expect_few_kernels(int rank, const Function& f) {
  static int number = 0;
  for (const AxisList& axes : choices(rank)) {
    ++number;
    stored({2, 2});  // what fills the inputs does not count
    tarry::reset_stats();
    int turn = 0;
    const auto run = [&](const Shape& shape) {
      const Array x = stored(shape);
      const double scalar = 0.5 + turn++;
      tarry::eval(f(marked(x * scalar, number), scalar, axes));
    };
    for (const Shape& s : shapes(rank, rank == 3 ? Extents{2, 3, 5, 8, 17} : Extents{2, 3, 17})) run(s);
    EXPECT_LE(tarry::stats().kernels_compiled, 2u) << rank << " axes, over " << Shape(axes);
    for (const Shape& s : shapes(rank, rank == 3 ? Extents{0, 1, 2, 3, 5, 8, 17} : Extents{0, 1, 2, 3, 17})) run(s);
    EXPECT_LE(tarry::stats().kernels_compiled, 4u) << rank << " axes, over " << Shape(axes);
  }
}

void expect_few_kernels(const Function& f) {
  expect_few_kernels(3, f);
  expect_few_kernels(4, f);
}

Array softmax(const Array& x, const AxisList& axes) {
  if (x.size() == 0) return x;  // there is no greatest element
  const Array e = np::exp(x - np::max(x, axes, tarry::keepdims));
  return e / np::sum(e, axes, tarry::keepdims);
}

Array layernorm(const Array& x, double number, const AxisList& axes) {
  const Array d = x - np::mean(x, axes, tarry::keepdims);
  return d / np::sqrt(np::mean(d * d, axes, tarry::keepdims) + number);
}

TEST(ShapesOfRows, ASumIsFewKernels) {
  expect_few_kernels([](const Array& x, double number, const AxisList& axes) { return np::sum(x + number, axes); });
}

TEST(ShapesOfRows, ASumThatKeepsItsAxesIsFewKernels) {
  expect_few_kernels([](const Array& x, double number, const AxisList& axes) {
    return np::sum(x + number, axes, tarry::keepdims) * number;
  });
}

TEST(ShapesOfRows, ASumThatIsFedBackIsFewKernels) {
  expect_few_kernels([](const Array& x, double number, const AxisList& axes) {
    return x - np::sum(x * number, axes, tarry::keepdims);
  });
}

TEST(ShapesOfRows, AMeanIsFewKernels) {
  expect_few_kernels([](const Array& x, double, const AxisList& axes) { return np::mean(x, axes); });
}

TEST(ShapesOfRows, AMaximumIsFewKernels) {
  expect_few_kernels([](const Array& x, double, const AxisList& axes) { return x.size() == 0 ? x : np::max(x, axes); });
}

TEST(ShapesOfRows, ASoftmaxIsFewKernels) {
  expect_few_kernels([](const Array& x, double, const AxisList& axes) { return softmax(x, axes); });
}

TEST(ShapesOfRows, ALayernormIsFewKernels) {
  expect_few_kernels([](const Array& x, double number, const AxisList& axes) { return layernorm(x, number, axes); });
}

TEST(ShapesOfRows, ALayernormWithWeightsIsFewKernels) {
  expect_few_kernels([](const Array& x, double number, const AxisList& axes) {
    return layernorm(x, number, axes) * stored({x.shape().back()}) + stored({x.shape().back()});
  });
}

TEST(ShapesOfRows, ASumOfProductsWithARowIsFewKernels) {
  expect_few_kernels(
      [](const Array& x, double, const AxisList& axes) { return np::sum(x * stored({x.shape().back()}), axes); });
}

TEST(ShapesOfRows, ASumOfProductsWithAColumnIsFewKernels) {
  // Of four axes a column of one element may be one that is broadcast or one that is not.
  expect_few_kernels(3, [](const Array& x, double, const AxisList& axes) {
    return np::sum(x * stored({x.shape()[x.ndim() - 2], 1}), axes);
  });
}

// Whole arrays are three steps, whatever their shape.
TEST(ShapesOfRows, ASoftmaxOfAllIsThreeKernels) {
  stored({2, 2});
  tarry::reset_stats();
  for (const Shape& s : shapes(3, {1, 2, 3, 17})) tarry::eval(softmax(stored(s) * 0.75 - 1.0, {0, 1, 2}));
  EXPECT_LE(tarry::stats().kernels_compiled, 3u);
}

Array numbered(const Shape& shape) {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  Array x = (np::arange(n) * 0.37 % 1.9).reshape(shape);
  tarry::eval(x);
  return x;
}

// The order of a sum follows from its axes alone: that of every row is that of the row by itself.
TEST(ShapesOfRows, SumsOverAMiddleAxisAreThoseOfEachRowAlone) {
  for (int64_t a : {1, 2, 5})
    for (int64_t b : {0, 1, 2, 33, 1100})
      for (int64_t c : {1, 2, 40}) {
        const Array x = numbered({a, b, c}), sums = np::sum(x * 1.5 + 0.25, 1);
        const Array back = x - np::sum(x * 1.5, 1, tarry::keepdims);
        tarry::eval(sums, back);
        for (int64_t i = 0; i < a; i += 2)
          for (int64_t k = 0; k < c; k += 7) {
            Array row = x[{i, np::slice(np::none, np::none), k}].copy();
            tarry::eval(row);
            EXPECT_EQ(double(sums[{i, k}]), double(np::sum(row * 1.5 + 0.25))) << a << "x" << b << "x" << c;
            Array sum = np::sum(row * 1.5);
            tarry::eval(sum);
            EXPECT_TRUE(np::array_equal(back[{i, np::slice(np::none, np::none), k}], row - sum))
                << a << "x" << b << "x" << c;
          }
      }
}

TEST(ShapesOfRows, ReductionsOverAnyAxesGiveTheBitsOfOneStepAtATime) {
  for (const Shape& shape : shapes(4, {1, 2, 7}))
    for (const AxisList& axes : choices(4)) {
      const Array x = numbered(shape);
      const Array together = softmax(x * 1.5, axes);
      Array y = x * 1.5;
      tarry::eval(y);
      Array greatest = np::max(y, axes, tarry::keepdims);
      tarry::eval(greatest);
      Array e = y - greatest;
      tarry::eval(e);
      tarry::eval(e = np::exp(e));
      Array sum = np::sum(e, axes, tarry::keepdims);
      tarry::eval(sum);
      EXPECT_TRUE(np::array_equal(together, e / sum)) << shape << " over " << Shape(axes);
    }
}

}  // namespace
