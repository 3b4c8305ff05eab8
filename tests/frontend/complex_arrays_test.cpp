// Complex arrays as arrays: views of their parts, weak numbers, files, linear algebra.
#include <gtest/gtest.h>
#include <tarry/tarry.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

namespace np = tarry::numpy;
using np::all;
using np::none;
using np::slice;
using tarry::Array;
using Z = std::complex<double>;

std::vector<Z> elements(const Array& a) { return a.to_vector<Z>(); }

TEST(ComplexArrays, PartsAreViews) {
  for (const bool looks : {false, true}) {
    Array z = np::array({{Z(1, 2), Z(3, 4)}, {Z(5, 6), Z(7, 8)}});
    const Array re = z.real(), im = z.imag(), corner = z.T().imag()[{1, slice(none)}];
    const auto look = [&] {
      if (looks) tarry::eval(z, re, im, corner);
    };
    look();
    z.real()[0] = np::array({10, 20});
    look();
    z[{1, 0}] = Z(-1, -2);
    look();
    z.imag() += 100;
    look();
    Array(z.imag()[{all, 1}])[0] = 0;
    look();
    EXPECT_EQ(elements(z), (std::vector<Z>{Z(10, 102), Z(20, 0), Z(-1, 98), Z(7, 108)}));
    EXPECT_EQ(re.to_vector<double>(), (std::vector<double>{10, 20, -1, 7}));
    EXPECT_EQ(im.to_vector<double>(), (std::vector<double>{102, 0, 98, 108}));
    EXPECT_EQ(corner.to_vector<double>(), (std::vector<double>{0, 108}));
    EXPECT_EQ(re.dtype(), tarry::float64);
  }
}

TEST(ComplexArrays, PartsOfReversedAndReshapedViews) {
  Array z = np::arange(12, tarry::complex64).reshape({3, 4});
  Array back = z[{slice(none, none, -1), slice(1, none, 2)}];
  back.imag()[np::ellipsis] = np::arange(6).reshape({3, 2});
  z.reshape(12).real()[slice(0, 3)] = -1;
  const std::vector<std::complex<float>> found = z.to_vector<std::complex<float>>();
  for (int i = 0; i < 12; ++i) {
    const int row = i / 4, column = i % 4;
    const float im = column % 2 ? static_cast<float>((2 - row) * 2 + column / 2) : 0.0f;
    EXPECT_EQ(found[static_cast<size_t>(i)], std::complex<float>(i < 3 ? -1.0f : static_cast<float>(i), im)) << i;
  }
  z.imag()[z.real() > 8] = 7;
  EXPECT_EQ(double(np::sum(z.imag() == 7)), 3);
}

TEST(ComplexArrays, RealArraysHaveParts) {
  Array x = np::arange(3.0);
  x.real()[0] = 5.0;  // the array itself
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{5, 1, 2}));
  EXPECT_EQ(x.imag().to_vector<double>(), (std::vector<double>{0, 0, 0}));
  EXPECT_THROW(x.imag()[0] = 1.0, tarry::ValueError);
}

TEST(ComplexArrays, MemoryOfTheUser) {
  std::vector<Z> memory{Z(1, 2), Z(3, 4), Z(5, 6)};
  Array z = np::frombuffer(memory.data(), {3});
  z.real()[slice(1, none)] = 0;
  z[0] = Z(0, 1);
  EXPECT_EQ(memory, (std::vector<Z>{Z(0, 1), Z(0, 4), Z(0, 6)}));
  memory[2] = 9;
  EXPECT_EQ(z.real().to_vector<double>(), (std::vector<double>{0, 0, 9}));
  Array w = np::array({Z(1, 1)});
  const Z* data = w.data<Z>();
  w.imag()[0] = 4;
  EXPECT_EQ(*data, Z(1, 4));
}

TEST(ComplexArrays, NumbersAreWeak) {
  const Array f = np::ones({2}, tarry::float32), z = np::ones({2}, tarry::complex64);
  EXPECT_EQ((f + Z(0, 1)).dtype(), tarry::complex64);
  EXPECT_EQ((np::ones({2}, tarry::float16) * Z(0, 1)).dtype(), tarry::complex64);
  EXPECT_EQ((np::arange(2) * Z(0, 1)).dtype(), tarry::complex128);
  EXPECT_EQ((z * 2.5).dtype(), tarry::complex64);
  EXPECT_EQ((z + np::ones({2})).dtype(), tarry::complex128);
  EXPECT_EQ(elements(np::arange(2) * Z(0, 1)), (std::vector<Z>{Z(0, 0), Z(0, 1)}));
  EXPECT_EQ(np::array({Z(0, 1), 2, 3.5}).dtype(), tarry::complex128);
  EXPECT_EQ(np::array({std::complex<float>(1, 2)}).dtype(), tarry::complex128);
  const Array number = Z(3, -4);
  EXPECT_EQ(number.item<Z>(), Z(3, -4));
  EXPECT_EQ(double(np::abs(number)), 5);
  EXPECT_TRUE(bool(Array(Z(0, 1))));
  EXPECT_FALSE(bool(Array(Z(0, 0))));
  EXPECT_EQ(tarry::to_string(number), "(3-4j)");
}

TEST(ComplexArrays, InPlace) {
  Array z = np::array({Z(1, 2), Z(3, 4)});
  const Array same = z;
  z *= Z(0, 1);
  z += 1;
  z[slice(1, none)] /= 2.0;
  EXPECT_EQ(elements(same), (std::vector<Z>{Z(-1, 1), Z(-1.5, 1.5)}));
  Array f = np::ones({2});
  EXPECT_THROW(f += z, tarry::TypeError);
  f[np::ellipsis] = z;  // drops the imaginary parts
  EXPECT_EQ(f.to_vector<double>(), (std::vector<double>{-1, -1.5}));
}

/// numpy.multiply.at and its kin, of numbers whose products are exact.
TEST(ComplexArrays, ProductsAndExtremesAtRepeatedPlaces) {
  const Array places = np::array({0, 2, 0, 0, 3, 2, 0});
  const Array factors = np::array({Z(0, 2), Z(1, 1), Z(2, -1), Z(-1, 0), Z(3, 0), Z(0, 1), Z(1, 3)});
  Array x = np::array({Z(1, 1), Z(5, 0), Z(0, 1), Z(2, 2)}), p = x.copy(), most = x.copy(), least = x.copy();
  np::multiply_at(p, places, factors);
  np::maximum_at(most, places, factors);
  np::minimum_at(least, places, factors);
  std::vector<Z> product = elements(x), largest = product, smallest = product;
  const auto before = [](Z a, Z b) { return a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag(); };
  const std::vector<Z> given = elements(factors);
  const std::vector<int64_t> at = places.to_vector<int64_t>();
  for (size_t i = 0; i < at.size(); ++i) {
    const auto k = static_cast<size_t>(at[i]);
    product[k] *= given[i];
    largest[k] = std::max(largest[k], given[i], before);
    smallest[k] = std::min(smallest[k], given[i], before);
  }
  EXPECT_EQ(elements(p), product);
  EXPECT_EQ(elements(most), largest);
  EXPECT_EQ(elements(least), smallest);

  Array many = np::ones({3}, tarry::complex64);
  np::multiply_at(many, np::arange(301) % 2, Z(0, 1));
  EXPECT_EQ(elements(many), (std::vector<Z>{Z(0, -1), Z(-1, 0), Z(1, 0)}));
  Array rows = np::ones({2, 2}, tarry::complex128);
  np::multiply_at(rows, {np::all, np::array({1, 1})}, np::array({{Z(0, 1), Z(2, 0)}, {Z(3, 0), Z(0, -1)}}));
  EXPECT_EQ(elements(rows), (std::vector<Z>{Z(1, 0), Z(0, 2), Z(1, 0), Z(0, -3)}));
  Array real = np::ones({2});
  EXPECT_THROW(np::multiply_at(real, 0, Z(0, 1)), tarry::TypeError);
}

TEST(ComplexArrays, LargeOnesThroughFusedKernels) {
  constexpr int64_t n = 100003;
  const Array x = np::arange(static_cast<double>(n)) / 1000.0;
  const Array z = x + Z(0, 1) * np::flip(x);
  const Array w = (z * z.conj()).real() - np::square(np::abs(z));
  EXPECT_LT(double(np::max(np::abs(w))), 1e-8);
  const Array turned = np::exp(Z(0, 1) * x);
  EXPECT_LT(double(np::max(np::abs(np::abs(turned) - 1))), 1e-15);
  const Array rows = z[slice(0, 100000)].reshape({100, 1000});
  const Array total = np::sum(rows, 0), apart = np::sum(rows.real(), 0) + Z(0, 1) * np::sum(rows.imag(), 0);
  EXPECT_EQ(elements(total), elements(apart));
}

TEST(ComplexArrays, Files) {
  const std::string path = testing::TempDir() + "tarry_complex_" + std::to_string(getpid());
  const Array z = np::array({{Z(1, 2), Z(-0.0, 4)}, {Z(5, -6), Z(7, 0)}});
  np::save(path + ".npy", z.T());
  const Array back = np::load(path + ".npy");
  EXPECT_EQ(back.dtype(), tarry::complex128);
  EXPECT_EQ(elements(back), elements(z.T()));
  np::savez(path + ".npz", {{"z", z.astype(tarry::complex64)}});
  EXPECT_EQ(elements(np::loadz(path + ".npz").at("z")), elements(z));
  std::remove((path + ".npy").c_str());
  std::remove((path + ".npz").c_str());
}

TEST(ComplexArrays, RealIfClose) {
  const Array z = np::array({Z(1, 1e-15), Z(2, 0)});
  EXPECT_EQ(np::real_if_close(z).dtype(), tarry::float64);
  EXPECT_EQ(np::real_if_close(z, 1).dtype(), tarry::float64);  // 1 is an absolute bound
  EXPECT_EQ(np::real_if_close(z * Z(1, 1)).dtype(), tarry::complex128);
  EXPECT_TRUE(np::iscomplexobj(z));
  EXPECT_TRUE(np::isrealobj(z.real()));
}

// ---- linear algebra ----------------------------------------------------------------------------

Array random_matrix(const tarry::Shape& shape, int seed) {
  np::random::Generator g = np::random::default_rng(seed);
  const Array re = g.standard_normal(shape), im = g.standard_normal(shape);
  return re + Z(0, 1) * im;
}
Array turned(const Array& a) { return np::swapaxes(a, -1, -2).conj(); }
double distance(const Array& a, const Array& b) { return double(np::max(np::abs(a - b))); }

TEST(ComplexLinalg, SystemsAndDeterminants) {
  const Array a = random_matrix({3, 5, 5}, 1), b = random_matrix({5, 2}, 2);
  EXPECT_LT(distance(np::matmul(a, np::linalg::solve(a, b)), np::broadcast_to(b, {3, 5, 2})), 1e-12);
  EXPECT_LT(distance(np::matmul(a[0], np::linalg::solve(a[0], b[{all, 0}])), b[{all, 0}]), 1e-12);
  EXPECT_LT(distance(np::matmul(np::linalg::inv(a), a), np::broadcast_to(np::eye(5), {3, 5, 5})), 1e-12);
  const auto [sign, logarithm] = np::linalg::slogdet(a);
  EXPECT_LT(distance(np::linalg::det(a), sign * np::exp(logarithm)), 1e-11);
  EXPECT_LT(distance(np::linalg::det(np::matmul(a[0], a[1])), np::linalg::det(a[0]) * np::linalg::det(a[1])), 1e-9);
  EXPECT_LT(std::abs(np::linalg::det(np::array({{Z(1, 1), Z(2)}, {Z(0, 3), Z(4, -1)}})).item<Z>() - Z(5, -3)), 1e-14);
  EXPECT_THROW(np::linalg::inv(np::ones({2, 2}, tarry::complex128)), tarry::ValueError);
  EXPECT_EQ(np::linalg::inv(a.astype(tarry::complex64)).dtype(), tarry::complex64);
  EXPECT_LT(distance(np::linalg::matrix_power(a[0], -2), np::linalg::inv(np::matmul(a[0], a[0]))), 1e-11);
}

TEST(ComplexLinalg, Factors) {
  for (const tarry::Shape& shape : {tarry::Shape{4, 4}, {6, 3}, {2, 3, 6}}) {
    const Array a = random_matrix(shape, 3);
    for (const bool reduced : {true, false}) {
      const auto [q, r] = np::linalg::qr(a, reduced);
      EXPECT_LT(distance(np::matmul(q, r), a), 1e-13);
      EXPECT_LT(distance(np::matmul(turned(q), q), np::eye(q.shape().back())), 1e-13);
    }
    const auto [u, s, vh] = np::linalg::svd(a, false);
    EXPECT_EQ(s.dtype(), tarry::float64);
    EXPECT_LT(distance(np::matmul(u * np::expand_dims(s, -2), vh), a), 1e-13);
    EXPECT_LT(distance(np::linalg::svdvals(a), s), 1e-13);
    const Array p = np::linalg::pinv(a);
    EXPECT_LT(distance(np::matmul(np::matmul(a, p), a), a), 1e-12);
  }
}

TEST(ComplexLinalg, HermitianMatrices) {
  const Array x = random_matrix({5, 5}, 4), a = np::matmul(x, turned(x)) + np::eye(5);
  const Array lower = np::linalg::cholesky(a);
  EXPECT_LT(distance(np::matmul(lower, turned(lower)), a), 1e-12);
  const auto [values, vectors] = np::linalg::eigh(a);
  EXPECT_LT(distance(np::matmul(a, vectors), vectors * values), 1e-12);
  EXPECT_LT(distance(np::linalg::eigvalsh(a), values), 1e-12);
  EXPECT_LT(std::abs(double(np::sum(values)) - np::trace(a).item<Z>().real()), 1e-11);
  EXPECT_THROW(np::linalg::cholesky(a - 100 * np::eye(5)), tarry::ValueError);
}

TEST(ComplexLinalg, LeastSquaresAndNorms) {
  const Array a = random_matrix({7, 3}, 5), x = random_matrix({3}, 6), b = np::matmul(a, x);
  const auto found = np::linalg::lstsq(a, b);
  EXPECT_LT(distance(found.x, x), 1e-13);
  EXPECT_EQ(found.rank, 3);
  const Array v = np::array({Z(3, 4), Z(0, 12)});
  EXPECT_DOUBLE_EQ(double(np::linalg::norm(v)), 13);
  EXPECT_DOUBLE_EQ(double(np::linalg::norm(v, 1)), 17);
  EXPECT_DOUBLE_EQ(double(np::linalg::norm(v, INFINITY)), 12);
  EXPECT_EQ(np::linalg::norm(v).dtype(), tarry::float64);
  EXPECT_LT(distance(np::cov(np::stack({x, x * Z(0, 1)}))[{0, 1}], np::var(x, {}, tarry::KeepDims::no, 1) * Z(0, -1)),
            1e-13);
}

}  // namespace
