// Derivatives of the routines of linalg: against differences, in both modes, to second order.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace np = tarry::numpy;
namespace la = tarry::numpy::linalg;
using tarry::Array;

namespace {

Array square() { return np::array({{3.0, 0.5, -1.0}, {0.25, 2.0, 0.75}, {-0.5, 1.0, 4.0}}); }
Array tall() { return np::array({{1.0, 0.5}, {-0.75, 2.0}, {0.5, 0.25}, {1.5, -1.0}}); }
Array stack() {
  Array two = np::zeros({2, 3, 3});
  two[0] = square();
  two[1] = square().T() * 0.5;
  return two;
}
/// Of which a routine may read one triangle.
Array positive(const Array& x) { return np::matmul(x, np::swapaxes(x, -1, -2)) + np::identity(x.shape().back()); }

struct Routine {
  const char* name;
  std::function<Array(const Array&)> f;
  Array (*at)();
};
void PrintTo(const Routine& r, std::ostream* out) { *out << r.name; }

class LinalgRules : public testing::TestWithParam<Routine> {};

TEST_P(LinalgRules, AgreeWithDifferences) { EXPECT_NO_THROW(tarry::check_grads(GetParam().f, {GetParam().at()}, 2)); }
/// What a transform sees is what is computed without one.
TEST_P(LinalgRules, KeepTheValue) {
  const Array x = GetParam().at(), plain = GetParam().f(x);
  const auto [value, gradient] = tarry::value_and_grad([](const Array& a) { return np::sum(GetParam().f(a)); })(x);
  EXPECT_EQ(double(value), double(np::sum(plain)));
  EXPECT_EQ(gradient.shape(), x.shape());
}

/// In vmap a routine gives what a loop over the elements gives, and so do its derivatives, inside and outside.
void expect_loop(const std::function<Array(const Array&)>& f, const Array& stack) {
  const auto total = [&](const Array& x) {
    const Array y = f(x);
    return np::sum(np::iscomplexobj(y) ? np::real(y) * np::imag(y) : y * y);
  };
  std::vector<Array> values, gradients;
  for (int64_t i = 0; i < stack.shape()[0]; ++i) {
    values.push_back(f(stack[i].copy()));
    gradients.push_back(tarry::grad(total)(stack[i].copy()));
  }
  const auto near = [](const Array& found, const Array& expected) {
    ASSERT_EQ(found.shape(), expected.shape());
    EXPECT_EQ(found.dtype(), expected.dtype());
    EXPECT_LE(double(np::max(np::abs(found - expected))), 1e-9 * (1 + double(np::max(np::abs(expected)))));
  };
  near(tarry::vmap(f)(stack), np::stack(values));
  near(tarry::vmap(tarry::grad(total))(stack), np::stack(gradients));
  const auto all = [&](const Array& x) { return np::sum(tarry::vmap(total)(x)); };
  near(tarry::grad(all)(stack), np::stack(gradients));
  near(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(tarry::vmap(total))(x)); })(np::stack({stack}))[0],
       np::stack(gradients));
  // Derivatives of derivatives: a gradient inside vmap inside jvp.
  const Array along = np::cos(np::arange(double(stack.size()))).reshape(stack.shape()).astype(stack.dtype());
  near(tarry::jvp([&](const Array& x) { return tarry::vmap(tarry::grad(total))(x); }, stack, along).second,
       tarry::hvp(all, stack, along));
}

TEST_P(LinalgRules, InABatch) {
  const Array x = GetParam().at();
  expect_loop(GetParam().f, np::stack({x, x + 0.125 * np::sin(x), x * 1.25}));
}

const Array kRight = np::array({1.0, -2.0, 0.5});

INSTANTIATE_TEST_SUITE_P(
    All, LinalgRules,
    testing::Values(
        Routine{"solve", [](const Array& a) { return la::solve(a, kRight); }, square},
        Routine{"solve_for", [](const Array& b) { return la::solve(square(), np::sin(b)); }, square},
        Routine{"solve_both", [](const Array& a) { return la::solve(a, a.T() * 2.0); }, square},
        Routine{"solve_stack", [](const Array& a) { return la::solve(a, square()); }, stack},
        Routine{"inv", [](const Array& a) { return la::inv(a); }, square},
        Routine{"inv_stack", [](const Array& a) { return la::inv(a); }, stack},
        Routine{"det", [](const Array& a) { return la::det(a); }, square},
        Routine{"det_stack", [](const Array& a) { return la::det(a); }, stack},
        Routine{"slogdet", [](const Array& a) { return la::slogdet(a).logabsdet; }, stack},
        Routine{"cholesky", [](const Array& a) { return la::cholesky(positive(a)); }, square},
        Routine{"cholesky_triangle", [](const Array& a) { return la::cholesky(a + 3.0 * np::identity(3)); }, square},
        Routine{"cholesky_stack", [](const Array& a) { return la::cholesky(positive(a)); }, stack},
        Routine{"qr_q", [](const Array& a) { return la::qr(a).q; }, tall},
        Routine{"qr_r", [](const Array& a) { return la::qr(a).r; }, tall},
        Routine{"qr_square", [](const Array& a) { return np::matmul(la::qr(a).q, np::sin(la::qr(a).r)); }, square},
        Routine{"svd_u", [](const Array& a) { return np::abs(la::svd(a, false).u); }, tall},
        Routine{"svd_s", [](const Array& a) { return la::svd(a, false).s; }, tall},
        Routine{"svd_vh", [](const Array& a) { return np::abs(la::svd(a.T(), false).vh); }, tall},
        Routine{"svdvals", [](const Array& a) { return la::svdvals(a); }, square},
        Routine{"eigh_values", [](const Array& a) { return la::eigh(a).eigenvalues; }, square},
        Routine{"eigh_vectors", [](const Array& a) { return np::abs(la::eigh(a).eigenvectors); }, square},
        Routine{"eigvalsh", [](const Array& a) { return la::eigvalsh(a); }, stack},
        Routine{"lstsq",
                [](const Array& a) {
                  return la::lstsq(a, np::array({1.0, 0.5, -1.0, 2.0})).x;
                },
                tall},
        Routine{"lstsq_for", [](const Array& b) { return la::lstsq(tall(), np::sin(b)).x; }, tall},
        Routine{"lstsq_residuals",
                [](const Array& a) {
                  return la::lstsq(a, np::array({1.0, 0.5, -1.0, 2.0})).residuals;
                },
                tall},
        Routine{"pinv", [](const Array& a) { return la::pinv(a); }, tall},
        Routine{"matrix_power", [](const Array& a) { return la::matrix_power(a, -3); }, square},
        Routine{"norm", [](const Array& a) { return la::norm(a); }, tall},
        Routine{"norm_2", [](const Array& a) { return la::norm(a, 2); }, tall},
        Routine{"norm_1", [](const Array& a) { return la::norm(a, 1); }, square},
        Routine{"norm_3", [](const Array& a) { return la::norm(a, 3, 0); }, tall},
        Routine{"cond", [](const Array& a) { return la::cond(a); }, square}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LinalgDerivatives, AreClosedFormulas) {
  // The gradient of log |det A| is the transposed inverse; of det at a matrix of order 1, one.
  const Array a = square(), g = tarry::grad([](const Array&x) { return la::slogdet(x).logabsdet; })(a);
  EXPECT_LT(double(np::max(np::abs(g - la::inv(a).T()))), 1e-14);
  EXPECT_EQ(double(tarry::grad([](const Array& x) { return la::det(x.reshape({1, 1})); })(np::array({2.0}))[0]), 1.0);
}

TEST(LinalgDerivatives, AreOfThePointOfTheCall) {
  // What is written into the argument behind a call is not what the call saw.
  const auto f = [](const Array& x) {
    Array a = x * 1.0;
    const Array w = la::inv(a);
    a[np::ellipsis] = 7.0;
    return np::sum(w) + np::sum(a);
  };
  const Array g = tarry::grad(f)(square()), w = la::inv(square());
  const Array expected = -np::matmul(np::matmul(w.T(), np::ones({3, 3})), w.T());
  EXPECT_LT(double(np::max(np::abs(g - expected))), 1e-14);
}

TEST(LinalgDerivatives, InOtherTransforms) {
  // Tangents of a batch are products with what was computed once.
  const auto f = [](const Array& x) { return np::sum(la::solve(positive(x), kRight) * kRight); };
  const Array h = tarry::hessian(f)(square());
  const Array along = np::array({{0.5, 1.0, 0.0}, {-1.0, 0.25, 2.0}, {0.0, 1.0, -0.5}});
  const Array once = tarry::hvp(f, square(), along);
  EXPECT_LT(double(np::max(np::abs(np::einsum("ijkl,kl->ij", {h, along}) - once))), 1e-12);
  const Array j = tarry::jacfwd([](const Array& x) { return la::inv(x); })(square());
  EXPECT_LT(double(np::max(np::abs(j - tarry::jacrev([](const Array& x) { return la::inv(x); })(square())))), 1e-13);
  // float32 stays float32.
  EXPECT_EQ(tarry::grad([](const Array& x) { return la::det(x); })(square().astype(tarry::float32)).dtype(),
            tarry::float32);
}

TEST(LinalgDerivatives, InABatchValuesAreWhatTheRoutineRefuses) {
  const auto refused = [](auto f, const Array& stack, const std::string& words) {
    try {
      tarry::vmap(f)(stack);
      ADD_FAILURE() << "no exception: " << words;
    } catch (const tarry::Error& e) {
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  };
  const auto inv = [](const Array& x) { return la::inv(x); };
  refused(inv, np::zeros({2, 3, 3}), "Singular matrix");
  refused(inv, np::ones({2, 3, 2}), "Last 2 dimensions of the array must be square");
  refused(inv, np::ones({2, 2}), "1-dimensional array given");
  refused([](const Array& x) { return la::cholesky(x); }, -np::ones({2, 2, 2}), "Matrix is not positive definite");
  refused([](const Array& x) { return la::solve(x, np::ones({3})); }, np::ones({2, 2, 2}), "mismatch");
  refused([](const Array& x) { return la::lstsq(x, np::ones({3})).x; }, np::ones({2, 3, 2}), "lstsq");
  refused([](const Array& x) { return double(la::det(x)) > 0 ? x : -x; }, stack(), "cannot be looked at");
  // A batch of none, and integers.
  EXPECT_EQ(tarry::vmap(inv)(np::zeros({0, 3, 3})).shape(), (tarry::Shape{0, 3, 3}));
  EXPECT_EQ(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(inv)(x)); })(np::zeros({0, 3, 3})).shape(),
            (tarry::Shape{0, 3, 3}));
  EXPECT_EQ(tarry::vmap(inv)(np::array({{{1, 2}, {3, 4}}})).to_vector<double>(),
            la::inv(np::array({{1, 2}, {3, 4}})).to_vector<double>());
}

TEST(LinalgDerivatives, OneMatrixForTheWholeBatch) {
  const Array a = square(), b = np::sin(np::arange(12.0)).reshape({4, 3}),
              c = np::cos(np::arange(12.0)).reshape({4, 3});
  const auto all = [&](const Array& m) {
    return np::sum(c * tarry::vmap([&](const Array& y) { return la::solve(m, y); })(b));
  };
  const auto at_once = [&](const Array& m) { return np::sum(c * la::solve(m, b.T()).T()); };
  EXPECT_LT(double(np::max(np::abs(tarry::grad(all)(a) - tarry::grad(at_once)(a)))), 1e-14);
}

TEST(LinalgDerivatives, WhatHasNoneSaysSo) {
  const auto refused = [](auto f, const Array& at, const std::string& name) {
    try {
      tarry::grad([&](const Array& x) { return np::sum(f(x)); })(at);
      ADD_FAILURE() << name << " was differentiated";
    } catch (const tarry::TypeError& e) {
      EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
    }
  };
  refused([](const Array& x) { return la::qr(x.T()).r; }, tall(), "qr");
  refused([](const Array& x) { return la::svd(x).u; }, tall(), "svd");
  refused([](const Array& x) { return la::lstsq(x.T(), np::ones({2})).x; }, tall(), "lstsq");
  // log |det| has none at a singular matrix.
  try {
    tarry::grad([](const Array& x) { return la::slogdet(x).logabsdet; })(np::zeros({2, 2}));
    ADD_FAILURE() << "slogdet was differentiated";
  } catch (const tarry::ValueError& e) {
    EXPECT_EQ(std::string(e.what()), "the derivative of slogdet: Singular matrix");
  }
  // None of them leaves anything behind.
  EXPECT_EQ(double(tarry::grad([](const Array& x) { return x * x; })(3.0)), 6.0);
}

}  // namespace
