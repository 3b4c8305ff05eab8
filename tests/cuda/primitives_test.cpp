// What is more than a kernel of points or rows, on the stand-in for libcuda: the host's bits, and nothing left to it.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <array>
#include <cmath>
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

constexpr DType kReal[] = {tarry::bool_,    tarry::int8,    tarry::int16,  tarry::int32,  tarry::int64,
                           tarry::uint8,    tarry::uint16,  tarry::uint32, tarry::uint64, tarry::float16,
                           tarry::bfloat16, tarry::float32, tarry::float64};
constexpr DType kWhole[] = {tarry::bool_, tarry::int8,   tarry::int16,  tarry::int32, tarry::int64,
                            tarry::uint8, tarry::uint16, tarry::uint32, tarry::uint64};

/// Numbers of both signs with many bits, most of which a product loses.
Array whole(tarry::Shape shape, DType t) {
  if (t == tarry::bool_) return np::random::integers(0, 5, shape) == 0;
  return np::random::integers(INT64_MIN / 2, INT64_MAX / 2, shape).astype(t);
}

TEST_F(Primitives, ProductsOfIntegersWrapAround) {
  const auto plain = [](const std::vector<Array>& a) { return np::matmul(a[0], a[1]); };
  const auto turned = [](const std::vector<Array>& a) { return np::matmul(a[0].T(), a[1].T()); };
  const auto strided = [](const std::vector<Array>& a) {
    return np::matmul(a[0][{np::slice(1, 60), np::slice(np::none, np::none, 2)}],
                      a[1][{np::slice(np::none, np::none, -1), np::slice(3, 70)}]);
  };
  for (DType t : kWhole) {
    SCOPED_TRACE(std::string(tarry::ir::info(t).name));
    for (auto [m, k, n] : {std::array<int64_t, 3>{2, 2, 2}, {64, 8, 64}, {65, 9, 66}, {3, 130, 5}, {70, 3, 200}}) {
      expect_same(plain, {whole({m, k}, t), whole({k, n}, t)});
      expect_same(turned, {whole({k, m}, t), whole({n, k}, t)});
    }
    expect_same(plain, {whole({3, 5, 4}, t), whole({3, 4, 6}, t)});
    expect_same(plain, {whole({3, 5, 4}, t), whole({4, 6}, t)});
    expect_same(plain, {whole({5, 0}, t), whole({0, 6}, t)});
    expect_same(plain, {whole({7, 30}, t), whole({30}, t)});
    expect_same(plain, {whole({30}, t), whole({30, 9}, t)});
    expect_same(plain, {whole({30}, t), whole({30}, t)});
    expect_same(strided, {whole({80, 62}, t), whole({31, 90}, t)});
  }
}

TEST_F(Primitives, ProductsOfFloatsWithAVector) {
  const auto plain = [](const std::vector<Array>& a) { return np::matmul(a[0], a[1]); };
  for (DType t : {tarry::float16, tarry::float32, tarry::float64, tarry::complex64}) {
    const auto some = [&](const tarry::Shape& shape) { return np::random::standard_normal(shape).astype(t); };
    expect_same(plain, {some({7, 300}), some({300})});
    expect_same(plain, {some({300}), some({300, 9})});
    expect_same(plain, {some({1, 300}), some({300, 9})});
    expect_same(plain, {some({5, 300}), some({300, 1})});
    expect_same(plain, {some({4, 1}), some({1, 6})});
  }
}

/// Few distinct values, so that it shows whether equal ones keep their order.
Array repeated(const tarry::Shape& shape, DType t) {
  if (!tarry::ir::is_float(t)) return np::random::integers(-3, 4, shape).astype(t);
  Array x = (np::random::integers(-3, 4, shape) * 0.25).astype(t);
  x[np::random::integers(0, 6, shape) == 0] = -0.0;
  x[np::random::integers(0, 9, shape) == 0] = NAN;
  x[np::random::integers(0, 9, shape) == 0] = -INFINITY;
  x[np::random::integers(0, 9, shape) == 0] = INFINITY;
  return x;
}

Array np_argsort(const Array& x, int axis) { return np::argsort(x, axis); }
Array np_sort(const Array& x, int axis) { return np::sort(x, axis); }

TEST_F(Primitives, SortsAreStableAndNansComeLast) {
  for (DType t : kReal) {
    SCOPED_TRACE(std::string(tarry::ir::info(t).name));
    for (int64_t n : {0, 1, 2, 255, 256, 257, 1500})
      for (const Array& x : {repeated({n}, t), t == tarry::bool_ ? repeated({n}, t) : whole({n}, t)}) {
        expect_same([](const std::vector<Array>& a) { return np::argsort(a[0]); }, {x});
        expect_same([](const std::vector<Array>& a) { return np::sort(a[0]); }, {x});
      }
    for (int axis : {0, 1, 2}) {
      const auto view = [](const Array& x) {
        return x[{np::slice(np::none, np::none, -1), np::slice(np::none, np::none, 2)}].T();
      };
      for (const auto& sorted : {np_argsort, np_sort}) {
        expect_same([&](const std::vector<Array>& a) { return sorted(a[0], axis); }, {repeated({3, 300, 4}, t)});
        expect_same([&](const std::vector<Array>& a) { return sorted(view(a[0]), axis); }, {repeated({3, 20, 7}, t)});
      }
    }
  }
}

TEST_F(Primitives, SearchesInSortedRows) {
  for (DType t : kReal)
    for (int64_t n : {0, 1, 5, 600})
      for (np::Side side : {np::Side::left, np::Side::right}) {
        const auto search = [&](const std::vector<Array>& a) { return np::searchsorted(a[0], a[1], side); };
        const Array sorted = np::sort(repeated({n}, t));
        expect_same(search, {sorted, repeated({40, 7}, t)});
        expect_same(search, {sorted, repeated({}, t)});
        expect_same(
            [&](const std::vector<Array>& a) {
              return np::searchsorted(a[0][np::slice(np::none, np::none, 3)], a[1].T(), side);
            },
            {sorted, repeated({9, 4}, t)});
      }
}

}  // namespace
