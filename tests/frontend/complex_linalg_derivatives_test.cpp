// Derivatives of the routines of linalg by complex matrices: against differences, in both modes, to second order.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <complex>
#include <functional>
#include <string>

namespace np = tarry::numpy;
namespace la = tarry::numpy::linalg;
using tarry::Array;

namespace {

using Z = std::complex<double>;
const Z kI(0, 1);

Array square() {
  return np::array({{3.0, 0.5, -1.0}, {0.25, 2.0, 0.75}, {-0.5, 1.0, 4.0}}) +
         kI * np::array({{0.5, -1.0, 0.25}, {1.5, 0.75, -0.5}, {0.25, 1.0, -0.75}});
}
Array tall() {
  return np::array({{1.0, 0.5}, {-0.75, 2.0}, {0.5, 0.25}, {1.5, -1.0}}) +
         kI * np::array({{0.25, -0.5}, {1.0, 0.5}, {-1.5, 0.75}, {0.5, 1.25}});
}
Array right() { return np::array({1.0, -2.0, 0.5}) + kI * np::array({0.5, 1.0, -1.0}); }
Array adjoint(const Array& x) { return np::conj(np::swapaxes(x, -1, -2)); }
Array positive(const Array& x) {
  return np::matmul(x, adjoint(x)) + np::identity(x.shape().back(), np::real(x).dtype());
}
/// What does not depend on the phases of its columns, which no routine fixes.
Array without_phase(const Array& x) {
  return np::matmul(x * np::arange(1.0, double(x.shape()[1]) + 1).astype(np::real(x).dtype()), adjoint(x));
}

struct Routine {
  const char* name;
  std::function<Array(const Array&)> f;
  Array (*at)();
};
void PrintTo(const Routine& r, std::ostream* out) { *out << r.name; }

class ComplexLinalg : public testing::TestWithParam<Routine> {};

TEST_P(ComplexLinalg, AgreesWithDifferences) {
  EXPECT_NO_THROW(tarry::check_grads(GetParam().f, {GetParam().at()}, 2));
}

TEST_P(ComplexLinalg, InABatch) {
  const Array x = GetParam().at(), stack = np::stack({x, x * 1.25 + 0.125 * kI});
  const auto size = [](const Array& a) {
    const Array y = GetParam().f(a);
    return np::sum(np::real(y) * np::real(y) + np::imag(y));
  };
  const Array found = tarry::grad([&](const Array& s) { return np::sum(tarry::vmap(size)(s)); })(stack);
  const Array inside = tarry::vmap(tarry::grad(size))(stack);
  for (int64_t i = 0; i < 2; ++i) {
    const Array expected = tarry::grad(size)(stack[i].copy());
    EXPECT_LT(double(np::max(np::abs(found[i] - expected))), 1e-10);
    EXPECT_LT(double(np::max(np::abs(inside[i] - expected))), 1e-10);
    EXPECT_LT(double(np::max(np::abs(tarry::vmap(GetParam().f)(stack)[i] - GetParam().f(stack[i].copy())))), 1e-12);
  }
}

TEST_P(ComplexLinalg, KeepsTheType) {
  const Array x = GetParam().at().astype(tarry::complex64);
  const auto size = [](const Array& a) { return np::sum(np::abs(GetParam().f(a))); };
  const auto [value, gradient] = tarry::value_and_grad(size)(x);
  EXPECT_EQ(value.dtype(), tarry::float32);
  EXPECT_EQ(gradient.dtype(), tarry::complex64);
}

INSTANTIATE_TEST_SUITE_P(
    All, ComplexLinalg,
    testing::Values(
        Routine{"solve", [](const Array& a) { return la::solve(a, right().astype(a.dtype())); }, square},
        Routine{"solve_real",
                [](const Array& b) { return la::solve(np::real(square()).astype(np::real(b).dtype()), b); }, right},
        Routine{"solve_both", [](const Array& a) { return la::solve(a, np::matmul(a.T(), a)); }, square},
        Routine{"inv", [](const Array& a) { return la::inv(a); }, square},
        Routine{"det", [](const Array& a) { return la::det(a); }, square},
        Routine{"slogdet_sign", [](const Array& a) { return la::slogdet(a).sign; }, square},
        Routine{"slogdet_size", [](const Array& a) { return la::slogdet(a).logabsdet; }, square},
        Routine{"cholesky", [](const Array& a) { return la::cholesky(positive(a)); }, square},
        Routine{"cholesky_triangle",
                [](const Array& a) { return la::cholesky(a + 4.0 * np::identity(3, np::real(a).dtype())); }, square},
        Routine{"qr_q", [](const Array& a) { return la::qr(a).q; }, tall},
        Routine{"qr_r", [](const Array& a) { return la::qr(a).r; }, tall},
        Routine{"qr_square", [](const Array& a) { return np::matmul(la::qr(a).q, np::sin(la::qr(a).r)); }, square},
        Routine{"svd_u", [](const Array& a) { return without_phase(la::svd(a, false).u); }, tall},
        Routine{"svd_s", [](const Array& a) { return la::svd(a, false).s; }, tall},
        Routine{"svd_vh", [](const Array& a) { return without_phase(adjoint(la::svd(a.T(), false).vh)); }, tall},
        Routine{"svd_all",
                [](const Array& a) {
                  const la::SVD f = la::svd(a);
                  return np::matmul(f.u * np::sin(f.s), f.vh);
                },
                square},
        Routine{"svdvals", [](const Array& a) { return la::svdvals(a); }, tall},
        Routine{"eigh_values", [](const Array& a) { return la::eigh(a).eigenvalues; }, square},
        Routine{"eigh_vectors", [](const Array& a) { return without_phase(la::eigh(a).eigenvectors); }, square},
        Routine{"eigvalsh", [](const Array& a) { return la::eigvalsh(a); }, square},
        Routine{"lstsq",
                [](const Array& a) {
                  return la::lstsq(a, np::array({1.0, 0.5, -1.0, 2.0}).astype(np::real(a).dtype())).x;
                },
                tall},
        Routine{"lstsq_for", [](const Array& b) { return la::lstsq(tall().astype(b.dtype()), b).x; },
                +[]() -> Array {
                  return tall()[{np::all, 0}];
                }},
        Routine{"lstsq_residuals",
                [](const Array& a) {
                  return la::lstsq(a, np::array({1.0, 0.5, -1.0, 2.0}).astype(np::real(a).dtype())).residuals;
                },
                tall},
        Routine{"pinv", [](const Array& a) { return la::pinv(a); }, tall},
        Routine{"matrix_power", [](const Array& a) { return la::matrix_power(a, -3); }, square},
        Routine{"norm", [](const Array& a) { return la::norm(a); }, tall},
        Routine{"norm_2", [](const Array& a) { return la::norm(a, 2); }, tall},
        Routine{"cond", [](const Array& a) { return la::cond(a); }, square}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ComplexLinalgDerivatives, AreClosedFormulas) {
  // f falls fastest along minus the conjugate of the gradient: of |det A|², 2 conj(det A) adj(A).
  const Array a = square();
  const auto f = [](const Array& x) {
    const Array d = la::det(x);
    return np::real(d) * np::real(d) + np::imag(d) * np::imag(d);
  };
  const Array d = la::det(a), expected = 2.0 * np::conj(d) * d * la::inv(a).T();
  EXPECT_LT(double(np::max(np::abs(tarry::grad(f)(a) - expected))), 1e-11);
  // Where a routine is holomorphic its jacobian is the complex derivative: of the inverse -W ⊗ Wᵀ.
  const Array w = la::inv(a), j = tarry::jacfwd([](const Array&x) { return la::inv(x); })(a);
  EXPECT_LT(double(np::max(np::abs(j + np::einsum("ik,lj->ijkl", {w, w})))), 1e-14);
}

}  // namespace
