// Linear algebra, by what it promises.
#include <gtest/gtest.h>

#include <tarry/tarry.h>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

Array sample(const tarry::Shape& shape, uint64_t seed = 7) {
  return np::random::default_rng(seed).standard_normal(shape);
}

void expect_close(const Array& a, const Array& b, double tolerance = 1e-10) {
  ASSERT_EQ(a.shape(), b.shape());
  EXPECT_TRUE(np::allclose(a, b, tolerance, tolerance)) << a << "\n" << b;
}

TEST(Linalg, SolvesWhatItMultiplies) {
  const Array a = sample({3, 5, 5}), x = sample({3, 5, 2}, 8);
  expect_close(np::linalg::solve(a, np::matmul(a, x)), x);
  const Array v = sample({5}, 9);
  expect_close(np::linalg::solve(Array(a[0]), np::matmul(a[0], v)), v);
  expect_close(np::matmul(np::linalg::inv(a), a), np::broadcast_to(np::identity(5), {3, 5, 5}));
  EXPECT_EQ(np::linalg::inv(a.astype(tarry::float32)).dtype(), tarry::float32);
}

TEST(Linalg, Determinants) {
  const Array a = np::array({{2.0, 1.0}, {7.0, -3.0}});
  EXPECT_NEAR(np::linalg::det(a).item<double>(), -13.0, 1e-12);
  const auto [sign, logarithm] = np::linalg::slogdet(a);
  EXPECT_EQ(sign.item<double>(), -1.0);
  EXPECT_NEAR(logarithm.item<double>(), std::log(13.0), 1e-12);
  EXPECT_EQ(np::linalg::det(np::ones({3, 3})).item<double>(), 0.0);
  EXPECT_EQ(np::linalg::slogdet(np::zeros({2, 2})).sign.item<double>(), 0.0);
  EXPECT_EQ(np::linalg::det(np::zeros({0, 0})).item<double>(), 1.0);
}

/// The product of the first entries is beyond the range of numbers, that of all is not.
TEST(Linalg, ADeterminantMayLeaveTheRangeOnTheWay) {
  const Array large = np::diag(np::array({1e200, 1e200, 1e-300}));
  EXPECT_NEAR(np::linalg::det(large).item<double>(), 1e100, 1e88);
  EXPECT_NEAR(np::abs(np::linalg::det(large * std::complex<double>(0, 1))).item<double>(), 1e100, 1e88);
  EXPECT_EQ(np::linalg::det(np::diag(np::array({1e200, 1e200, 0.0}))).item<double>(), 0);
}

TEST(Linalg, DeterminantsOfInfinitiesHaveASign) {
  const Array minus = np::diag(np::array({-INFINITY, 1.0}));
  EXPECT_EQ(np::linalg::det(minus).item<double>(), -INFINITY);
  EXPECT_EQ(np::linalg::slogdet(minus).sign.item<double>(), -1);
  EXPECT_EQ(np::linalg::slogdet(minus).logabsdet.item<double>(), INFINITY);
  EXPECT_TRUE(std::isnan(np::linalg::det(np::full({2, 2}, NAN)).item<double>()));
}

TEST(Linalg, OneSystemOfTwoTypes) {
  const Array turn = np::eye(2) * std::complex<double>(0, 1);
  EXPECT_EQ(np::linalg::solve(turn, np::array({true, false})).dtype(), tarry::complex128);
  EXPECT_EQ(np::linalg::solve(turn.astype(tarry::complex64), np::ones({2}, tarry::float32)).dtype(), tarry::complex64);
  EXPECT_THROW(np::linalg::solve(turn, np::ones({2}, tarry::float16)), tarry::TypeError);
}

TEST(Linalg, OfMatricesWithoutElements) {
  for (const tarry::DType t : {tarry::float64, tarry::complex128}) {
    EXPECT_EQ(np::linalg::inv(np::zeros({2, 0, 0}, t)).shape(), (tarry::Shape{2, 0, 0}));
    EXPECT_EQ(np::linalg::matrix_power(np::zeros({0, 0}, t), -1).shape(), (tarry::Shape{0, 0}));
    EXPECT_EQ(np::linalg::pinv(np::zeros({2, 0, 3}, t)).shape(), (tarry::Shape{2, 3, 0}));
    const auto [u, s, vh] = np::linalg::svd(np::zeros({2, 0, 3}, t));
    EXPECT_EQ(u.shape(), (tarry::Shape{2, 0, 0}));
    EXPECT_EQ(s.shape(), (tarry::Shape{2, 0}));
    expect_close(vh, np::broadcast_to(np::eye(3, -1, 0, t), {2, 3, 3}));
  }
}

TEST(Linalg, FactorsMultiplyToTheMatrix) {
  for (const tarry::Shape& shape : {tarry::Shape{4, 6}, tarry::Shape{6, 4}, tarry::Shape{2, 5, 5}}) {
    const Array a = sample(shape);
    for (bool reduced : {true, false}) {
      const auto [q, r] = np::linalg::qr(a, reduced);
      expect_close(np::matmul(q, r), a);
      expect_close(np::matmul(np::swapaxes(q, -1, -2), q),
                   np::broadcast_to(np::identity(q.shape().back()), np::matmul(np::swapaxes(q, -1, -2), q).shape()));
      expect_close(np::triu(r), r);
    }
    const auto [u, s, vh] = np::linalg::svd(a, false);
    expect_close(np::matmul(u * np::expand_dims(s, -2), vh), a);
    expect_close(s, np::linalg::svdvals(a));
    EXPECT_TRUE(np::all(s >= 0).item<bool>());
    EXPECT_EQ(np::linalg::svd(a).vh.shape().back(), shape.back());
    expect_close(np::matmul(np::matmul(a, np::linalg::pinv(a)), a), a);
  }
  const Array a = sample({4, 4}), positive = np::matmul(a, a.T()) + np::identity(4);
  const Array l = np::linalg::cholesky(positive);
  expect_close(np::matmul(l, l.T()), positive);
  expect_close(np::tril(l), l);
}

TEST(Linalg, EigenvaluesOfSymmetricMatrices) {
  const Array a = sample({2, 6, 6}), symmetric = a + np::swapaxes(a, -1, -2);
  const auto [w, v] = np::linalg::eigh(symmetric);
  expect_close(np::matmul(symmetric, v), v * np::expand_dims(w, -2));
  expect_close(np::linalg::eigvalsh(symmetric), w);
  EXPECT_TRUE(np::all(np::diff(w) >= 0).item<bool>());
}

TEST(Linalg, LeastSquares) {
  const Array a = sample({20, 3}), b = sample({20}, 11);
  const auto fit = np::linalg::lstsq(a, b);
  EXPECT_EQ(fit.rank, 3);
  const Array rest = b - np::matmul(a, fit.x);
  EXPECT_LT(np::max(np::abs(np::matmul(a.T(), rest))).item<double>(), 1e-12);
  EXPECT_NEAR(fit.residuals.item<double>(), np::sum(rest * rest).item<double>(), 1e-10);
  const Array twice = np::concatenate({a, a}, 1);
  EXPECT_EQ(np::linalg::lstsq(twice, b).rank, 3);
  EXPECT_EQ(np::linalg::matrix_rank(twice).item<int>(), 3);
}

TEST(Linalg, NormsAndPowers) {
  const Array a = np::array({{1.0, -2.0}, {3.0, 4.0}});
  EXPECT_DOUBLE_EQ(np::linalg::norm(a).item<double>(), std::sqrt(30.0));
  EXPECT_DOUBLE_EQ(np::linalg::norm(a, 1).item<double>(), 6.0);
  EXPECT_DOUBLE_EQ(np::linalg::norm(a, INFINITY).item<double>(), 7.0);
  EXPECT_NEAR(np::linalg::norm(a, 2).item<double>(), 5.1167, 1e-4);
  expect_close(np::linalg::norm(a, 2, 1), np::array({std::sqrt(5.0), 5.0}));
  EXPECT_DOUBLE_EQ(np::linalg::norm(np::array({3, 4})).item<double>(), 5.0);
  expect_close(np::linalg::matrix_power(a, 3), np::matmul(np::matmul(a, a), a));
  expect_close(np::linalg::matrix_power(a, -2), np::linalg::inv(np::matmul(a, a)));
  expect_close(np::linalg::matrix_power(a, 0), np::identity(2));
}

TEST(Linalg, RefusesWhatCannotBe) {
  EXPECT_THROW(np::linalg::inv(np::ones({2, 2})), tarry::ValueError);
  EXPECT_THROW(np::linalg::inv(np::ones({2, 3})), tarry::ValueError);
  EXPECT_THROW(np::linalg::inv(np::ones({2})), tarry::ValueError);
  EXPECT_THROW(np::linalg::solve(np::identity(2), np::ones({3})), tarry::ValueError);
  EXPECT_THROW(np::linalg::cholesky(-np::identity(3)), tarry::ValueError);
  EXPECT_THROW(np::linalg::det(np::ones({2, 2}, tarry::float16)), tarry::TypeError);
}

}  // namespace
