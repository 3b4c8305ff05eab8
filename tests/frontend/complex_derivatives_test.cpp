// Derivatives by complex numbers: the gradient of a real function is df/dx - i df/dy.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <string>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using Z = std::complex<double>;

Array points() { return np::array({Z(0.7, -0.4), Z(-1.2, 0.3), Z(0.25, 1.5), Z(2.0, 0.5)}); }

TEST(ComplexDerivatives, GradientIsOneOfTheConjugateSteepestAscent) {
  const auto loss = [](const Array& z) { return np::sum(np::square(np::abs(z))); };
  const std::vector<Z> z = points().to_vector<Z>(), g = tarry::grad(loss)(points()).to_vector<Z>();
  for (size_t i = 0; i < z.size(); ++i) EXPECT_LT(std::abs(g[i] - 2.0 * std::conj(z[i])), 1e-14);
  // A step against the conjugate goes down.
  const Array moved = points() - 0.01 * tarry::grad(loss)(points()).conj();
  EXPECT_LT(double(loss(moved)), double(loss(points())));
}

TEST(ComplexDerivatives, GradientsAgreeWithDifferences) {
  const auto loss = [](const Array& z) { return np::sum((np::exp(z) * np::sin(z.conj())).real() * z.imag()); };
  const std::vector<Z> g = tarry::grad(loss)(points()).to_vector<Z>();
  constexpr double h = 1e-5;
  for (size_t i = 0; i < g.size(); ++i) {
    const auto slope = [&](Z along) {
      std::vector<Z> there = points().to_vector<Z>(), back = there;
      there[i] += along * h;
      back[i] -= along * h;
      return (double(loss(np::array(there))) - double(loss(np::array(back)))) / (2 * h);
    };
    EXPECT_NEAR(g[i].real(), slope(1), 1e-8);
    EXPECT_NEAR(g[i].imag(), -slope(Z(0, 1)), 1e-8);
  }
}

TEST(ComplexDerivatives, AbsHasNoSlopeAtZero) {
  const Array z = np::array({Z(0), Z(3, 4), Z(0, -2)});
  const std::vector<Z> g = tarry::grad([](const Array& x) { return np::sum(np::abs(x)); })(z).to_vector<Z>();
  EXPECT_EQ(g[0], Z(0));
  EXPECT_LT(std::abs(g[1] - Z(0.6, -0.8)), 1e-15);
  EXPECT_LT(std::abs(g[2] - Z(0, 1)), 1e-15);
}

TEST(ComplexDerivatives, NothingLeaksFromTheBranchNotTaken) {
  const auto safe = [](const Array& x) { return np::sum(np::where(np::abs(x) > 0, np::log(x), 0).real()); };
  const std::vector<Z> g = tarry::grad(safe)(np::array({Z(0), Z(2, 0)})).to_vector<Z>();
  EXPECT_EQ(g[0], Z(0));
  EXPECT_LT(std::abs(g[1] - Z(0.5, 0)), 1e-15);
}

TEST(ComplexDerivatives, RealArgumentsOfComplexFormulas) {
  // |exp(i x)|² = 1, and the real part of exp(i x) is cos x.
  const Array x = np::array({0.3, -2.0, 1.5});
  const auto turn = [](const Array& t) { return np::exp(Z(0, 1) * t); };
  const Array flat = tarry::grad([&](const Array& t) { return np::sum(np::square(np::abs(turn(t)))); })(x);
  EXPECT_EQ(flat.dtype(), tarry::float64);
  EXPECT_LT(double(np::max(np::abs(flat))), 1e-15);
  const Array wave = tarry::grad([&](const Array& t) { return np::sum(turn(t).real()); })(x);
  EXPECT_LT(double(np::max(np::abs(wave + np::sin(x)))), 1e-15);
}

TEST(ComplexDerivatives, HolomorphicFunctionsByJvpAndJacobians) {
  const Array z = points(), dz = np::array({Z(1), Z(0, 1), Z(2, -1), Z(0.5)});
  const auto [value, slope] = tarry::jvp([](const Array& x) { return x * x * x; }, z, dz);
  EXPECT_LT(double(np::max(np::abs(slope - 3 * z * z * dz))), 1e-13);
  for (const bool forward : {true, false}) {
    const auto cube = [](const Array& x) { return np::power(x, 3); };
    const Array j = forward ? tarry::jacfwd(cube)(z) : tarry::jacrev(cube)(z);
    EXPECT_LT(double(np::max(np::abs(np::diagonal(j) - 3 * z * z))), 1e-13) << forward;
  }
}

TEST(ComplexDerivatives, ComplexResultsHaveNoGradient) {
  try {
    tarry::grad([](const Array& z) { return np::sum(z * z); })(points());
    FAIL();
  } catch (const tarry::TypeError& e) {
    EXPECT_NE(std::string(e.what()).find("grad requires real-valued outputs"), std::string::npos) << e.what();
  }
}

TEST(ComplexDerivatives, EveryFunctionInBothModes) {
  using F = std::function<Array(const Array&)>;
  const Array m =
      np::array({{Z(0.5, 1), Z(-1, 0.25)}, {Z(0, -1), Z(2, 0.5)}, {Z(1), Z(0.75, -0.5)}, {Z(-0.5), Z(0, 2)}});
  const std::map<std::string, F> functions = {
      {"mul", [](const Array& z) { return z * np::flip(z) * Z(1, 2); }},
      {"div", [](const Array& z) { return np::flip(z) / z; }},
      {"reciprocal", [](const Array& z) { return np::reciprocal(z); }},
      {"abs", [](const Array& z) { return np::abs(z); }},
      {"angle", [](const Array& z) { return np::angle(z); }},
      {"conj", [](const Array& z) { return z.conj() * z.real(); }},
      {"imag", [](const Array& z) { return z.imag() * z; }},
      {"exp", [](const Array& z) { return np::exp(z); }},
      {"log", [](const Array& z) { return np::log(z); }},
      {"sqrt", [](const Array& z) { return np::sqrt(z); }},
      {"sin", [](const Array& z) { return np::sin(z); }},
      {"cos", [](const Array& z) { return np::cos(z); }},
      {"tan", [](const Array& z) { return np::tan(z); }},
      {"sinh", [](const Array& z) { return np::sinh(z); }},
      {"tanh", [](const Array& z) { return np::tanh(z); }},
      {"arcsin", [](const Array& z) { return np::arcsin(z); }},
      {"arccosh", [](const Array& z) { return np::arccosh(z); }},
      {"arctan", [](const Array& z) { return np::arctan(z); }},
      {"power", [](const Array& z) { return np::power(z, np::flip(z)); }},
      {"sum", [](const Array& z) { return np::sum(z) * z; }},
      {"mean", [](const Array& z) { return np::mean(z) * z; }},
      {"var", [](const Array& z) { return np::var(z); }},
      {"prod", [](const Array& z) { return np::prod(z); }},
      {"cumprod", [](const Array& z) { return np::cumprod(z); }},
      {"cumsum", [](const Array& z) { return np::cumsum(z * z); }},
      {"max", [](const Array& z) { return np::max(z) * z; }},
      {"sort", [](const Array& z) { return np::sort(z) * z; }},
      {"matmul",
       [m](const Array& z) {
         return np::matmul(z.reshape({2, 2}), m[np::slice(np::none, 2)]);
       }},
      {"matvec", [m](const Array& z) { return np::dot(z, m); }},
      {"where", [](const Array& z) { return np::where(z.real() > 0.5, z * z, np::exp(z)); }},
      {"gather",
       [](const Array& z) {
         return z[np::array({3, 0, 0})] * Z(0, 1);
       }},
      {"write",
       [](const Array& z) {
         Array w = z * 2;
         w[1] = z[0] * z[2];
         w.real()[2] = 1.0;
         return w * w;
       }},
      {"parts",
       [](const Array& z) {
         Array w = z * z;
         w.imag()[np::slice(1, 3)] = z.real()[np::slice(0, 2)];
         return w * z;
       }},
  };
  // The kernels of second derivatives are large: compiling each before its only use takes minutes.
  const char* tier = std::getenv("TARRY_TIER");
  const int order = tier && std::string(tier) == "llvm" ? 1 : 2;
  for (const auto& [name, f] : functions) EXPECT_NO_THROW(tarry::check_grads(f, {points()}, order)) << name;
}

TEST(ComplexDerivatives, Batches) {
  const Array rows = np::stack({points(), points() * Z(0, 1), np::conj(points())});
  const auto f = [](const Array& z) { return np::sum(z * z.conj()).real() + np::exp(z).imag(); };
  const Array at_once = tarry::vmap(f)(rows);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(at_once[i].to_vector<double>(), f(Array(rows[i])).to_vector<double>());
  const auto slopes = tarry::vmap(tarry::grad([&](const Array& z) { return np::sum(f(z)); }))(rows);
  EXPECT_EQ(slopes.dtype(), tarry::complex128);
}

}  // namespace
