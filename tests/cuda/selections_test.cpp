// Masks on GPUs, on the stand-in for libcuda: what is selected is found there, and one number comes to the host.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <functional>
#include <limits>
#include <vector>

#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::cpu;
using tarry::gpu;

class Selections : public testing::Test {
  tarry::PolicyScope only_there_{tarry::Policy::device_only};
  void TearDown() override { EXPECT_EQ(tarry::test::stand_in_violations(), ""); }
};

/// The same function of the same array on the host and on a GPU.
void expect_same(const Array& x, const std::function<std::vector<Array>(const Array&)>& f) {
  const Array there = x.to(gpu(0));
  const std::vector<Array> expected = f(x), got = f(there);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].context(), gpu(0));
    EXPECT_EQ(got[i].dtype(), expected[i].dtype());
    EXPECT_EQ(np::repr(got[i].to(cpu())), np::repr(expected[i]));
  }
}

Array pattern(const tarry::Shape& shape) {
  int64_t size = 1;
  for (int64_t extent : shape) size *= extent;
  return (np::arange(size) * 7 % 5).reshape(shape);
}

TEST_F(Selections, PlacesThatAreNotZero) {
  for (const tarry::Shape& shape : {tarry::Shape{1}, {7}, {1000}, {3, 5}, {1, 9}, {9, 1}, {4, 3, 5}, {2, 1, 3, 4}}) {
    expect_same(pattern(shape), [](const Array& x) { return np::nonzero(x); });
    expect_same(pattern(shape) * 0, [](const Array& x) { return np::nonzero(x); });
    expect_same(pattern(shape) * 0 + 1, [](const Array& x) { return np::nonzero(x > 0); });
  }
  for (const tarry::Shape& shape : {tarry::Shape{0}, {0, 3}, {3, 0}})
    expect_same(np::zeros(shape), [](const Array& x) { return np::nonzero(x); });
  expect_same(pattern({6, 8}), [](const Array& x) { return np::nonzero(x.T()[np::slice(np::none, np::none, -2)]); });
}

TEST_F(Selections, OfEveryDtype) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array x = np::array({0.0, 1.0, -0.0, 3.0, 0.0});
  for (const tarry::DType t : {tarry::bool_, tarry::int8, tarry::uint64, tarry::float16, tarry::bfloat16,
                               tarry::float32, tarry::float64, tarry::complex64, tarry::complex128})
    expect_same(x.astype(t), [](const Array& a) { return np::nonzero(a); });
  expect_same(np::array({nan, 0.0, -nan, 1e-320}), [](const Array& a) { return np::nonzero(a); });
}

TEST_F(Selections, ReadsAndWritesByMasks) {
  const Array x = pattern({40, 30}) * 1.5;
  expect_same(x, [](const Array& a) {
    return std::vector<Array>{a[a > 2.0], a[{1, a[1] > 2.0}], a[np::any(a > 5.0, 1)]};
  });
  expect_same(x, [](const Array& a) {
    Array b = a.copy(), c = a.copy(), d = a.copy();
    b[b > 2.0] = -1.0;
    c[c > 2.0] += 10.0;
    d[d <= 2.0] = d[d <= 2.0] * 3.0 + 1.0;
    return std::vector<Array>{b, c, d};
  });
  for (const bool all : {true, false})
    expect_same(x, [all](const Array& a) {
      Array b = a.copy(), c = a.copy();
      b[np::array(all).to(a.context())] += 1.0;
      c[np::array(all).to(a.context())] = Array(a[np::newaxis])[np::slice(0, int64_t{all})] * 2.0;
      return std::vector<Array>{a[np::array(all).to(a.context())], b, c};
    });
  expect_same(x, [](const Array& a) {
    return std::vector<Array>{np::argwhere(a > 3.0), np::flatnonzero(a), np::extract(a > 3.0, a),
                              np::compress(a[0] > 3.0, a, 1)};
  });
}

TEST_F(Selections, OneNumberComesToTheHost) {
  const Array x = (np::arange(10000) % 3).to(gpu(0));
  tarry::eval(x);
  tarry::reset_stats();
  const uint64_t before = tarry::test::stand_in_counters().bytes_to_host;
  const Array chosen = x[x == 1];
  tarry::eval(chosen);
  EXPECT_EQ(chosen.size(), 3333);
  EXPECT_LE(tarry::test::stand_in_counters().bytes_to_host - before, 64u);
  EXPECT_EQ(tarry::stats().fallbacks, 0u);
}

TEST_F(Selections, MasksOfAnotherPlaceAreRefused) {
  const Array x = (np::arange(12) * 1.0).to(gpu(0));
  const Array mask = np::arange(12) % 2 == 0;
  EXPECT_EQ(np::repr(x[mask.to(gpu(0))].to(cpu())), "array([ 0.,  2.,  4.,  6.,  8., 10.])");
  EXPECT_THROW(x[mask], tarry::ValueError);
  EXPECT_THROW((np::arange(12) * 1.0)[mask.to(gpu(0))], tarry::ValueError);
}

TEST_F(Selections, Derivatives) {
  const Array x = (np::arange(6) * 0.5).to(gpu(0));
  const auto f = [](const Array& a) { return np::sum(np::square(a[a > 1.0])); };
  EXPECT_EQ(np::repr(tarry::grad(f)(x).to(cpu())), "array([0., 0., 0., 3., 4., 5.])");
}

}  // namespace
