// An array has at most 64 axes, as in NumPy, by whatever way it would get more; with that many all works.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;

constexpr int kMost = 64;

Shape shape_of(int axes, int64_t last = 2) {
  Shape shape;
  for (int i = 0; i + 1 < axes; ++i) shape.push_back(1);
  shape.push_back(last);
  return shape;
}

Array array_of(int axes) { return np::arange(2.0).reshape(shape_of(axes)); }

template <class Error>
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Axes, MoreThan64AreRefusedAtTheCall) {
  const Array x = array_of(kMost);
  const Shape shape = shape_of(kMost + 1);
  const double numbers[] = {0, 1};
  const std::function<void()> calls[] = {
      [&] { np::zeros(shape); },
      [&] { np::empty(shape); },
      [&] { np::array(std::span<const double>(numbers), shape); },
      [&] { np::frombuffer(numbers, shape); },
      [&] { np::random::uniform(0, 1, shape); },
      [&] { x.reshape(shape); },
      [&] { np::arange(2.0).reshape(shape); },
      [&] { x.T().reshape(shape); },
      [&] { np::broadcast_to(x, shape); },
      [&] { np::expand_dims(x, 0); },
      [&] {
        np::stack({x, x});
      },
      [&] { np::tile(1.0, shape); },
      [&] { np::tensordot(array_of(33), array_of(33), 0).shape(); },
      [&] {
        np::take(x, np::array({{0, 1}}), -1);
      },
      [&] {
        const Array two = np::stack({array_of(63), array_of(63)});
        tarry::vmap([](Array e) { return e[np::newaxis] + 1.0; })(two);
      },
  };
  for (size_t i = 0; i < std::size(calls); ++i)
    EXPECT_EQ(refusal<tarry::ValueError>(calls[i]),
              "maximum supported dimension for an ndarray is currently 64, found " + std::string(i == 12 ? "66" : "65"))
        << "call " << i;
}

TEST(Axes, AnIndexMayNotShowMoreThan64) {
  const Array x = array_of(kMost), places = np::array({0, 0}).reshape(shape_of(kMost, 2));
  const std::function<void()> calls[] = {
      [&] { (void)x[np::newaxis]; },
      [&] { (void)x[np::array(true)]; },
      [&] {
        (void)x[{np::newaxis, np::ellipsis, np::array({0, 1})}];
      },
      [&] { Array{x}[np::newaxis] = 1.0; },
      [&] {
        Array{x}[{np::newaxis, np::ellipsis, np::array({0, 1})}] = 1.0;
      },
  };
  for (size_t i = 0; i < std::size(calls); ++i)
    EXPECT_EQ(refusal<tarry::IndexError>(calls[i]),
              "number of dimensions must be within [0, 64], indexing result would have 65")
        << "call " << i;
  EXPECT_EQ(refusal<tarry::IndexError>([&] {
              (void)np::zeros({2, 2})[places];
            }),
            "number of dimensions must be within [0, 64], indexing result would have 65");
}

TEST(Axes, NestedListsMayNotBeDeeper) {
  EXPECT_EQ(refusal<tarry::ValueError>([] {
              np::array({array_of(kMost), array_of(kMost)});
            }),
            "setting an array element with a sequence. The requested array would exceed the maximum number of "
            "dimension of 64.");
}

TEST(Axes, SixtyFourAreNotTooMany) {
  const Array x = array_of(kMost);
  const std::vector<double> two{0, 1};
  EXPECT_EQ((x + x.T() * 0.0).size(), 4);
  EXPECT_EQ(np::sum(x, -1).ndim(), kMost - 1);
  EXPECT_EQ(double(np::sum(x)), 1.0);
  EXPECT_EQ(np::stack({array_of(63), array_of(63)}).ndim(), kMost);
  EXPECT_EQ(np::ravel(x[{np::ellipsis, np::slice(np::none, np::none, -1)}]).to_vector<double>(),
            (std::vector<double>{1, 0}));
  EXPECT_EQ(x[x > 0.5].to_vector<double>(), (std::vector<double>{1}));
  const Array times = np::tile(x, {2});
  EXPECT_EQ(times.shape(), shape_of(kMost, 4));
  EXPECT_EQ(np::ravel(times).to_vector<double>(), (std::vector<double>{0, 1, 0, 1}));
  EXPECT_EQ(np::ravel(np::repeat(x, 2, -1)).to_vector<double>(), (std::vector<double>{0, 0, 1, 1}));
  EXPECT_EQ(np::ravel(np::kron(x, x + 1.0)).to_vector<double>(), (std::vector<double>{0, 0, 1, 2}));
  EXPECT_EQ(np::ravel(np::vecdot(x, x + 1.0)).to_vector<double>(), (std::vector<double>{2}));
  const Array m = np::arange(4.0).reshape([] {
    Shape shape = shape_of(kMost);
    shape[kMost - 2] = 2;
    return shape;
  }());
  EXPECT_EQ(np::ravel(np::matvec(m, x)).to_vector<double>(), (std::vector<double>{1, 3}));
  EXPECT_EQ(np::ravel(np::vecmat(x, m)).to_vector<double>(), (std::vector<double>{2, 3}));
  const auto dx = tarry::grad([](Array a) { return np::sum(a * a); })(x);
  EXPECT_EQ(np::ravel(dx).to_vector<double>(), (std::vector<double>{0, 2}));
}

TEST(Axes, AFunctionWithItsOwnDerivativeTakesAsManyArraysAsAnOpDoes) {
  const auto f = [](std::vector<Array> x) { return x[0] * 2.0; };
  const auto own = tarry::custom_vjp(
      f, [&](std::vector<Array> x) { return std::pair(f(x), x[0]); },
      [](Array, Array g) {
        std::vector<Array> all(70'000, g * 0.0);
        all[0] = g * 2.0;
        return all;
      });
  const std::vector<Array> x(70'000, Array(1.5) + np::array(0.0));
  EXPECT_EQ(double(own(x)), 3.0);
  EXPECT_EQ(refusal<tarry::ValueError>([&] { tarry::grad([&](std::vector<Array> v) { return own(v); })(x); }),
            "a function with a derivative of its own takes at most 65534 arrays, found 70000");
}

}  // namespace
