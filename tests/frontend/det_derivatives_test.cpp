// Derivatives of det, a polynomial: they exist at every matrix, and are compared with sums over cofactors.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
namespace la = tarry::numpy::linalg;
using tarry::Array;

namespace {

using Z = std::complex<double>;

/// By Laplace, along the first of the rows that are left: exact for small integers.
Z det_of(const std::vector<Z>& a, size_t n, std::vector<size_t> rows, std::vector<size_t> columns) {
  if (rows.empty()) return 1;
  const size_t row = rows.front();
  rows.erase(rows.begin());
  Z sum = 0;
  for (size_t k = 0; k < columns.size(); ++k) {
    std::vector<size_t> others = columns;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(k));
    sum += (k % 2 ? -1.0 : 1.0) * a[row * n + columns[k]] * det_of(a, n, rows, others);
  }
  return sum;
}

/// The derivative of det by some elements, each a row and a column: the minor without them, with its sign.
Z derivative_of(const std::vector<Z>& a, size_t n, const std::vector<std::pair<size_t, size_t>>& by) {
  std::vector<size_t> rows(n), columns(n);
  for (size_t i = 0; i < n; ++i) rows[i] = columns[i] = i;
  Z sign = 1;
  for (const auto& [r, c] : by) {
    const auto i = std::ranges::find(rows, r), j = std::ranges::find(columns, c);
    if (i == rows.end() || j == columns.end()) return 0;
    if ((i - rows.begin() + (j - columns.begin())) % 2) sign = -sign;
    rows.erase(i);
    columns.erase(j);
  }
  return sign * det_of(a, n, rows, columns);
}

Array det(const Array& a) { return la::det(a); }
/// Another that is real, of complex matrices too.
Array real_det(const Array& a) { return np::real(la::det(a)); }

/// Of products of vectors of small integers: of that rank at most.
Array of_rank(int64_t n, int64_t rank, int seed = 1) {
  Array sum = np::zeros({n, n});
  for (int64_t k = 0; k < rank; ++k) {
    const Array column = np::mod(np::arange(double(n)) * (seed + 2 * k + 1) + k, 5.0) - 2.0;
    const Array row = np::mod(np::arange(double(n)) * (3 * k + seed) + 2.0 * k + 1.0, 7.0) - 3.0;
    sum = sum + np::expand_dims(column, 1) * row;
  }
  return sum;
}

/// Of sums of products of so many elements; in proportion to their size, as the error of a matrix decomposition.
double rounding(const Array& a, size_t factors) {
  return 1e-15 * double(a.size()) * std::pow(std::max(double(la::norm(a)), 1e-9), double(factors));
}

void expect_cofactors(const Array& a) {
  const auto n = static_cast<size_t>(a.shape()[0]);
  const std::vector<Z> elements = a.to_vector<Z>();
  const std::vector<Z> first = tarry::grad(real_det)(a).to_vector<Z>();
  for (size_t i = 0; i < n * n; ++i)
    EXPECT_LE(std::abs(first[i] - derivative_of(elements, n, {{i / n, i % n}})), rounding(a, n - 1))
        << "by element " << i;
}

void expect_second_cofactors(const Array& a) {
  const auto n = static_cast<size_t>(a.shape()[0]);
  if (n < 2) return;
  const std::vector<Z> elements = a.to_vector<Z>();
  const std::vector<Z> second = tarry::jacobian(tarry::grad(real_det))(a).to_vector<Z>();
  for (size_t i = 0; i < n * n; ++i)
    for (size_t j = 0; j < n * n; ++j)
      EXPECT_LE(std::abs(second[i * n * n + j] - derivative_of(elements, n, {{i / n, i % n}, {j / n, j % n}})),
                rounding(a, n - 2))
          << "by elements " << i << ", " << j;
}

TEST(DetDerivatives, AreCofactorsAtMatricesOfEveryRank) {
  for (int64_t n : {1, 2, 3, 5})
    for (int64_t rank = 0; rank <= n; ++rank) {
      SCOPED_TRACE("order " + std::to_string(n) + ", rank " + std::to_string(rank));
      expect_cofactors(of_rank(n, rank));
      expect_cofactors(of_rank(n, rank) + Z(0, 1) * of_rank(n, rank, 3));
      expect_second_cofactors(of_rank(n, rank));
      expect_second_cofactors(of_rank(n, rank) * Z(0.5, 1));
    }
}

TEST(DetDerivatives, WhereRoundingMakesASingularMatrixRegular) {
  // An LU decomposition ends with a pivot of about 1e-16 here: the inverse has no correct digit.
  const Array a = np::array({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}, {7.0, 8.0, 9.0}});
  expect_cofactors(a);
  expect_second_cofactors(a);
  expect_second_cofactors(a + 1e-9 * np::identity(3));
}

TEST(DetDerivatives, AreExactForGradedMatrices) {
  // Rows of very different sizes are no reason to lose digits of the small ones.
  const Array a = np::array({{3e12, 1e12, -2e12}, {1.0, 4.0, 2.0}, {2e-12, 1e-12, 5e-12}});
  const std::vector<Z> elements = a.to_vector<Z>();
  const std::vector<double> second = tarry::hessian(det)(a).to_vector<double>();
  for (size_t i = 0; i < 9; ++i)
    for (size_t j = 0; j < 9; ++j) {
      const double expected = derivative_of(elements, 3, {{i / 3, i % 3}, {j / 3, j % 3}}).real();
      EXPECT_NEAR(second[i * 9 + j], expected, 1e-13 * std::abs(expected)) << i << ", " << j;
    }
}

TEST(DetDerivatives, ThirdOnesToo) {
  for (int64_t rank : {1, 2, 3}) {
    const Array a = of_rank(3, rank);
    const std::vector<double> third = tarry::jacobian(tarry::hessian(det))(a).to_vector<double>();
    for (size_t i = 0; i < 729; ++i) {
      const size_t x = i / 81, y = i / 9 % 9, z = i % 9;
      const Z expected = derivative_of(a.to_vector<Z>(), 3, {{x / 3, x % 3}, {y / 3, y % 3}, {z / 3, z % 3}});
      EXPECT_NEAR(third[i], expected.real(), 1e-11) << "rank " << rank << ", elements " << i;
    }
  }
}

TEST(DetDerivatives, InBatchesOfSingularAndRegularMatrices) {
  std::vector<Array> matrices;
  for (int64_t rank : {3, 2, 1, 0, 3}) matrices.push_back(of_rank(3, rank, int(rank) + 1));
  const Array batch = np::stack(matrices);
  const auto total = [](const Array& x) { return np::sum(la::det(x)); };
  const Array at_once = tarry::grad(total)(batch), inside = tarry::vmap(tarry::grad(det))(batch),
              outside = tarry::grad([](const Array&x) { return np::sum(tarry::vmap(det)(x)); })(batch),
              second = tarry::vmap(tarry::hessian(det))(batch);
  for (size_t i = 0; i < matrices.size(); ++i) {
    const Array one = tarry::grad(det)(matrices[i]), two = tarry::hessian(det)(matrices[i]);
    for (const Array& found : {at_once, inside, outside})
      EXPECT_LE(double(np::max(np::abs(found[int64_t(i)] - one))), 1e-13) << "matrix " << i;
    EXPECT_LE(double(np::max(np::abs(second[int64_t(i)] - two))), 1e-12) << "matrix " << i;
  }
  EXPECT_EQ(tarry::grad(total)(np::zeros({0, 3, 3})).shape(), (tarry::Shape{0, 3, 3}));
}

TEST(DetDerivatives, AgreeWithDifferencesInBothModes) {
  for (int64_t rank : {0, 1, 2, 3}) {
    EXPECT_NO_THROW(tarry::check_grads(det, {of_rank(3, rank)}, 2)) << "rank " << rank;
    EXPECT_NO_THROW(tarry::check_grads(real_det, {of_rank(3, rank) * Z(1, 2)}, 2)) << "rank " << rank;
  }
}

TEST(DetDerivatives, OfTheSmallest) {
  EXPECT_EQ(double(tarry::grad(det)(np::zeros({1, 1}))[{0, 0}]), 1.0);
  EXPECT_EQ(double(tarry::hessian(det)(np::zeros({1, 1}))[{0, 0, 0, 0}]), 0.0);
  EXPECT_EQ(tarry::grad(det)(np::zeros({0, 0})).shape(), (tarry::Shape{0, 0}));
  EXPECT_EQ(tarry::hessian(det)(np::zeros({0, 0})).shape(), (tarry::Shape{0, 0, 0, 0}));
}

TEST(DetDerivatives, KeepTheType) {
  for (const tarry::DType t : {tarry::float32, tarry::complex64}) {
    const Array a = of_rank(3, 2).astype(t), g = tarry::grad(real_det)(a);
    EXPECT_EQ(g.dtype(), t);
    EXPECT_LE(double(np::max(np::abs(g - tarry::grad(real_det)(of_rank(3, 2))))), 1e-5);
    EXPECT_EQ(tarry::jacobian(tarry::grad(real_det))(a).dtype(), t);
  }
  // What overflows in float32 on the way need not in the end.
  const Array small = (of_rank(3, 3) * 1e-16).astype(tarry::float32), g = tarry::grad(det)(small);
  const Array expected = tarry::grad(det)(small.astype(tarry::float64));
  EXPECT_LE(double(np::max(np::abs(g - expected))), 1e-6 * double(np::max(np::abs(expected))));
}

}  // namespace
