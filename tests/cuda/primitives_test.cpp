// What is more than a kernel of points or rows, on the stand-in for libcuda: the host's bits, and nothing left to it.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstring>

#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::cpu;
using tarry::DType;
using tarry::gpu;

/// The bits, with all NaNs one.
std::vector<uint64_t> bits(const Array& x) {
  if (np::iscomplexobj(x)) {
    std::vector<uint64_t> both = bits(np::real(x));
    for (uint64_t b : bits(np::imag(x))) both.push_back(b);
    return both;
  }
  std::vector<uint64_t> all;
  if (x.dtype() == DType::int64 || x.dtype() == DType::uint64) {
    for (int64_t v : x.to(cpu()).to_vector<int64_t>()) all.push_back(static_cast<uint64_t>(v));
    return all;
  }
  for (double v : x.to(cpu()).to_vector<double>()) {
    uint64_t b = 0;
    std::memcpy(&b, &v, sizeof b);
    all.push_back(v == v ? b : UINT64_MAX);
  }
  return all;
}

/// A function of arrays that are made on the host, computed there and on a GPU, which leaves nothing to the host.
template <class F>
void expect_same(const F& f, std::vector<Array> arguments) {
  const Array expected = f(arguments);
  const std::vector<uint64_t> on_host = bits(expected);
  for (Array& a : arguments) a = a.to(gpu(0));
  tarry::PolicyScope strict(tarry::Policy::device_only);
  const Array there = f(arguments);
  EXPECT_EQ(there.context(), gpu(0));
  EXPECT_EQ(there.shape(), expected.shape());
  EXPECT_EQ(bits(there), on_host);
}

/// Nothing that the library asks of the driver breaks the driver's rules.
class Primitives : public testing::Test {
  void SetUp() override { np::random::seed(11); }
  void TearDown() override { EXPECT_EQ(tarry::test::stand_in_violations(), ""); }
};

/// Places that many points meet at.
Array crowded(int64_t n, int64_t places) { return np::random::integers(0, places, {n}); }

TEST_F(Primitives, RoundedUpdatesComeInTheHostsOrder) {
  using Update = void (*)(const Array&, const tarry::Index&, tarry::Arg);
  for (DType t : {tarry::float32, tarry::float64, tarry::float16, tarry::bfloat16})
    for (Update update : {np::add_at, np::subtract_at, np::multiply_at, np::maximum_at, np::minimum_at})
      for (int64_t n : {0, 1, 300, 2000})
        expect_same(
            [&](const std::vector<Array>& a) {
              Array x = np::copy(a[0]);
              update(x, a[1], a[2]);
              return x;
            },
            {np::random::standard_normal({40}).astype(t), crowded(n, 40), np::random::standard_normal({n}).astype(t)});
}

TEST_F(Primitives, UpdatesOfViewsAndOfComplexNumbers) {
  const Array at = crowded(500, 20);
  expect_same(
      [&](const std::vector<Array>& a) {
        Array x = np::copy(a[0]);
        Array part = x[np::slice(np::none, np::none, -2)];
        np::add_at(part, a[1], a[2]);
        return x;
      },
      {np::random::standard_normal({40}), at, np::random::standard_normal({500})});
  for (DType t : {tarry::complex64, tarry::complex128})
    expect_same(
        [&](const std::vector<Array>& a) {
          Array x = np::copy(a[0]);
          np::add_at(x, a[1], a[2]);
          return x;
        },
        {np::zeros({20}, t), at,
         (np::random::standard_normal({500}) +
          np::array(std::complex<double>(0, 1)) * np::random::standard_normal({500}))
             .astype(t)});
}

/// Some tokens come often, as words do, some never.
TEST_F(Primitives, GradientsOfRowsThatAreGathered) {
  const Array table = np::random::standard_normal({30, 17}).astype(tarry::float32);
  const Array tokens = np::minimum(crowded(200, 29), crowded(200, 29)),
              weight = np::random::standard_normal({200, 17}).astype(tarry::float32);
  expect_same(
      [](const std::vector<Array>& a) {
        return tarry::grad([&](const Array& t) { return np::sum(np::tanh(np::take(t, a[1], 0)) * a[2]); })(a[0]);
      },
      {table, tokens, weight});
}

TEST_F(Primitives, CountsWithWeights) {
  expect_same([](const std::vector<Array>& a) { return np::bincount(a[0], a[1]); },
              {crowded(700, 9), np::random::standard_normal({700})});
}

}  // namespace
