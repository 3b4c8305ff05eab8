// Matrix products on a GPU: small integers, whose products are exact in whatever order they are summed.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <functional>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using List = std::vector<double>;

Array integers(const tarry::Shape& shape, tarry::DType dtype, int seed) {
  np::random::seed(static_cast<uint64_t>(seed));
  const Array x = np::random::integers(-3, 4, shape).astype(dtype);
  return tarry::ir::is_complex(dtype) ? x + Array(std::complex<double>(0, 1)).astype(dtype) *
                                                x[{np::ellipsis, np::slice(np::none, np::none, -1)}]
                                      : x;
}

List parts(const Array& x) {
  const Array flat = np::concatenate({np::real(x).ravel(), np::imag(x).ravel()});
  return flat.to_vector<double>();
}

class Products : public testing::TestWithParam<tarry::DType> {};

TEST_P(Products, OfAnyLayoutAndBatchAreCublass) {
  const tarry::DType t = GetParam();
  using Program = std::function<Array(const Array&, const Array&)>;
  struct Case {
    tarry::Shape a, b;
    Program f;
  };
  const Program plain = [](const Array& a, const Array& b) { return np::matmul(a, b); };
  const std::vector<Case> cases{
      {{3, 4}, {4, 5}, plain},
      {{4, 3}, {4, 5}, [](const Array& a, const Array& b) { return np::matmul(a.T(), b); }},
      {{3, 4}, {5, 4}, [](const Array& a, const Array& b) { return np::matmul(a, b.T()); }},
      {{4, 3}, {5, 4}, [](const Array& a, const Array& b) { return np::matmul(a.T(), b.T()); }},
      {{6, 8},
       {4, 5},
       [](const Array& a, const Array& b) {
         return np::matmul(a[{np::slice(1, 4), np::slice(2, 6)}], b);
       }},
      {{2, 3, 4}, {2, 4, 5}, plain},
      {{2, 3, 4}, {4, 5}, plain},
      {{3, 2, 4}, {3, 5, 4}, [](const Array& a, const Array& b) { return np::matmul(a, np::swapaxes(b, 1, 2)); }},
      {{3, 4}, {4, 5}, [](const Array& a, const Array& b) { return np::matmul(a + 1, b * 2) + 1; }},
  };
  int n = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(n);
    const Array a = integers(c.a, t, 2 * n), b = integers(c.b, t, 2 * n + 1);
    ++n;
    const List expected = parts(c.f(a, b));
    const Array there = a.to(tarry::gpu(0)), other = b.to(tarry::gpu(0));
    tarry::PolicyScope strict(tarry::Policy::device_only);
    const Array product = c.f(there, other);
    EXPECT_EQ(product.context(), tarry::gpu(0));
    EXPECT_EQ(parts(product), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Products,
                         testing::Values(tarry::float16, tarry::bfloat16, tarry::float32, tarry::float64,
                                         tarry::complex64, tarry::complex128),
                         [](const auto& p) { return std::string(tarry::ir::info(p.param).name); });

// cuBLAS takes rows or columns of neighbours that lie one after the other: others are copied first, on the GPU.
TEST(Products, OfMatricesWithStridesAlongRowsAndColumns) {
  const auto every = [](int64_t step) { return np::slice(np::none, np::none, step); };
  const Array a = np::arange(144.0).reshape({12, 12}).to(tarry::gpu(0));
  const auto products = [&](const Array& x) {
    const Array part = x[{every(2), every(2)}], reversed = x[{every(-2), np::slice(0, 6)}];
    const Array same_rows = np::broadcast_to(x[0][np::slice(0, 6)], {6, 6}),
                batch = x.reshape({2, 6, 3, 4})[{every(1), every(2), every(1), every(2)}];
    return std::vector<Array>{np::matmul(part, part), np::matmul(part.T(), reversed), np::matmul(reversed, same_rows),
                              np::matmul(same_rows.T(), reversed.T()), np::matmul(batch, np::swapaxes(batch, -1, -2))};
  };
  const std::vector<Array> expected = products(a.to(tarry::cpu()));
  tarry::reset_stats();
  const std::vector<Array> got = products(a);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].to_vector<double>(), expected[i].to_vector<double>()) << i;
    EXPECT_EQ(got[i].context(), tarry::gpu(0));
  }
  EXPECT_EQ(tarry::stats().fallbacks, 0u);
}

TEST(Products, WithAVectorHaveTheHostsBits) {
  np::random::seed(5);
  const Array a = np::random::standard_normal({7, 300}), v = np::random::standard_normal({300});
  EXPECT_EQ(np::matmul(a.to(tarry::gpu(0)), v.to(tarry::gpu(0))).to_vector<double>(),
            np::matmul(a, v).to_vector<double>());
}

}  // namespace
