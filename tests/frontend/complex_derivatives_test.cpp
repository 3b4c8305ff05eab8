// Derivatives by complex numbers: the gradient of a real function is df/dx - i df/dy.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

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

// ---- axes, diagonals and the unit circle, where the formulas of values have special cases ----

struct Function {
  std::string name;
  std::function<Array(const Array&)> f;
  std::function<Z(Z)> first, second;
  std::vector<Z> singular;  // and where the closed forms are not to be had
};

Array first_by_jvp(const std::function<Array(const Array&)>& f, const Array& z) {
  return tarry::jvp(f, z, np::ones_like(z)).second;
}
/// Of a function of each element: the gradient of the real part is the derivative.
Array first_by_grad(const std::function<Array(const Array&)>& f, const Array& z) {
  return tarry::grad([&](const Array& x) { return np::sum(f(x).real()); })(z);
}

void expect_near(const Array& got, const std::function<Z(Z)>& wanted, const std::vector<Z>& at,
                 const std::string& name) {
  const std::vector<Z> g = got.to_vector<Z>();
  for (size_t i = 0; i < at.size(); ++i)
    EXPECT_LT(std::abs(g[i] - wanted(at[i])), 1e-13 * (1 + std::abs(wanted(at[i]))))
        << name << " at " << at[i] << ": " << g[i] << ", right " << wanted(at[i]);
}

/// First and second derivatives, in both modes and their mixtures.
void expect_derivatives(const Function& f, const std::vector<Z>& points) {
  std::vector<Z> at;
  for (Z z : points)
    if (std::find(f.singular.begin(), f.singular.end(), z) == f.singular.end()) at.push_back(z);
  const Array z = np::array(at);
  expect_near(first_by_jvp(f.f, z), f.first, at, f.name + "' by jvp");
  expect_near(first_by_grad(f.f, z), f.first, at, f.name + "' by grad");
  const auto by_jvp = [&](const Array& x) { return first_by_jvp(f.f, x); };
  const auto by_grad = [&](const Array& x) { return first_by_grad(f.f, x); };
  expect_near(first_by_jvp(by_jvp, z), f.second, at, f.name + "'' by jvp of jvp");
  expect_near(first_by_jvp(by_grad, z), f.second, at, f.name + "'' by jvp of grad");
  expect_near(first_by_grad(by_grad, z), f.second, at, f.name + "'' by grad of grad");
}

const Z i(0, 1);

std::vector<Z> awkward_points() {
  return {Z(0),       i,           -i,          2.0 * i,  -2.0 * i,   0.5 * i,     Z(1),        Z(-1),
          Z(0.5),     Z(-0.5),     Z(2),        Z(-2),    Z(1, 1),    Z(1, -1),    Z(-1, 1),    Z(-1, -1),
          Z(1, 2),    Z(-1, 2),    Z(1, -2),    Z(2, 1),  Z(-2, 1),   Z(2, -1),    Z(-2, -0.0), Z(2, -0.0),
          Z(-0.0, 2), Z(0.6, 0.8), Z(-0.0, -2), Z(30, 0), Z(0, 0.25), Z(-0.0, 0.0)};
}

Z times_i(Z z) { return {-z.imag(), z.real()}; }
Z root_of_difference(Z z) { return std::sqrt(1.0 - z) * std::sqrt(1.0 + z); }  // of 1 - z²
Z root_of_sum(Z z) { return root_of_difference(times_i(z)); }
Z root_below(Z z) { return std::sqrt(z - 1.0) * std::sqrt(z + 1.0); }

TEST(ComplexDerivatives, OfPowersAndLogarithmsEverywhere) {
  const double ln2 = std::log(2.0), log2e = 1 / ln2;
  const Function functions[] = {
      {"exp",
       [](const Array& z) { return np::exp(z); },
       [](Z z) { return std::exp(z); },
       [](Z z) { return std::exp(z); },
       {}},
      {"exp2",
       [](const Array& z) { return np::exp2(z); },
       [=](Z z) { return ln2 * std::exp(ln2 * z); },
       [=](Z z) { return ln2 * ln2 * std::exp(ln2 * z); },
       {}},
      {"expm1",
       [](const Array& z) { return np::expm1(z); },
       [](Z z) { return std::exp(z); },
       [](Z z) { return std::exp(z); },
       {}},
      {"log",
       [](const Array& z) { return np::log(z); },
       [](Z z) { return 1.0 / z; },
       [](Z z) { return -1.0 / (z * z); },
       {0}},
      {"log2",
       [](const Array& z) { return np::log2(z); },
       [=](Z z) { return log2e / z; },
       [=](Z z) { return -log2e / (z * z); },
       {0}},
      {"log10",
       [](const Array& z) { return np::log10(z); },
       [](Z z) { return 1 / std::log(10.0) / z; },
       [](Z z) { return -1 / std::log(10.0) / (z * z); },
       {0}},
      {"log1p",
       [](const Array& z) { return np::log1p(z); },
       [](Z z) { return 1.0 / (1.0 + z); },
       [](Z z) { return -1.0 / ((1.0 + z) * (1.0 + z)); },
       {-1}},
      {"sqrt",
       [](const Array& z) { return np::sqrt(z); },
       [](Z z) { return 0.5 / std::sqrt(z); },
       [](Z z) { return -0.25 / (z * std::sqrt(z)); },
       {0}},
      {"reciprocal",
       [](const Array& z) { return np::reciprocal(z); },
       [](Z z) { return -1.0 / (z * z); },
       [](Z z) { return 2.0 / (z * z * z); },
       {0}},
  };
  for (const Function& f : functions) expect_derivatives(f, awkward_points());
}

TEST(ComplexDerivatives, OfCircularFunctionsEverywhere) {
  const auto slope_of_tan = [](Z z) { return 1.0 / (std::cos(z) * std::cos(z)); };
  const auto slope_of_tanh = [](Z z) { return 1.0 / (std::cosh(z) * std::cosh(z)); };
  const double pi = 3.141592653589793;
  const auto slope_of_sinc = [=](Z z) {
    return z == 0.0 ? 0.0 : std::cos(pi * z) / z - std::sin(pi * z) / (pi * z * z);
  };
  const auto bend_of_sinc = [=](Z z) {
    return z == 0.0 ? -pi * pi / 3 : -pi * std::sin(pi * z) / z - 2.0 * slope_of_sinc(z) / z;
  };
  const Function functions[] = {
      {"sin",
       [](const Array& z) { return np::sin(z); },
       [](Z z) { return std::cos(z); },
       [](Z z) { return -std::sin(z); },
       {}},
      {"cos",
       [](const Array& z) { return np::cos(z); },
       [](Z z) { return -std::sin(z); },
       [](Z z) { return -std::cos(z); },
       {}},
      {"tan",
       [](const Array& z) { return np::tan(z); },
       slope_of_tan,
       [=](Z z) { return 2.0 * std::tan(z) * slope_of_tan(z); },
       {}},
      {"sinh",
       [](const Array& z) { return np::sinh(z); },
       [](Z z) { return std::cosh(z); },
       [](Z z) { return std::sinh(z); },
       {}},
      {"cosh",
       [](const Array& z) { return np::cosh(z); },
       [](Z z) { return std::sinh(z); },
       [](Z z) { return std::cosh(z); },
       {}},
      {"tanh",
       [](const Array& z) { return np::tanh(z); },
       slope_of_tanh,
       [=](Z z) { return -2.0 * std::tanh(z) * slope_of_tanh(z); },
       {}},
      {"sinc", [](const Array& z) { return np::sinc(z); }, slope_of_sinc, bend_of_sinc, {0.25 * i}},
  };
  for (const Function& f : functions) expect_derivatives(f, awkward_points());
}

TEST(ComplexDerivatives, OfInverseFunctionsEverywhere) {
  const Function functions[] = {
      {"arcsin",
       [](const Array& z) { return np::arcsin(z); },
       [](Z z) { return 1.0 / root_of_difference(z); },
       [](Z z) { return z / std::pow(root_of_difference(z), 3); },
       {1, -1}},
      {"arccos",
       [](const Array& z) { return np::arccos(z); },
       [](Z z) { return -1.0 / root_of_difference(z); },
       [](Z z) { return -z / std::pow(root_of_difference(z), 3); },
       {1, -1}},
      {"arctan",
       [](const Array& z) { return np::arctan(z); },
       [](Z z) { return 1.0 / (1.0 + z * z); },
       [](Z z) { return -2.0 * z / ((1.0 + z * z) * (1.0 + z * z)); },
       {i, -i}},
      {"arcsinh",
       [](const Array& z) { return np::arcsinh(z); },
       [](Z z) { return 1.0 / root_of_sum(z); },
       [](Z z) { return -z / std::pow(root_of_sum(z), 3); },
       {i, -i}},
      {"arccosh",
       [](const Array& z) { return np::arccosh(z); },
       [](Z z) { return 1.0 / root_below(z); },
       [](Z z) { return -z / std::pow(root_below(z), 3); },
       {1, -1}},
      {"arctanh",
       [](const Array& z) { return np::arctanh(z); },
       [](Z z) { return 1.0 / (1.0 - z * z); },
       [](Z z) { return 2.0 * z / ((1.0 - z * z) * (1.0 - z * z)); },
       {1, -1}},
  };
  for (const Function& f : functions) expect_derivatives(f, awkward_points());
}

TEST(ComplexDerivatives, OfPowersByBaseAndExponent) {
  const Z c(1, 2), e(0.5, 1);
  const auto to = [](Z b) {
    return Function{"z^b",
                    [=](const Array& z) { return np::power(z, np::array(std::vector<Z>{b})); },
                    [=](Z z) { return b * std::exp((b - 1.0) * std::log(z)); },
                    [=](Z z) { return b * (b - 1.0) * std::exp((b - 2.0) * std::log(z)); },
                    {0}};
  };
  const auto of = [](Z a) {
    return Function{"a^z",
                    [=](const Array& z) { return np::power(np::array(std::vector<Z>{a}), z); },
                    [=](Z z) { return std::log(a) * std::exp(z * std::log(a)); },
                    [=](Z z) { return std::log(a) * std::log(a) * std::exp(z * std::log(a)); },
                    {30}};
  };
  const Function self{"z^z",
                      [](const Array& z) { return np::power(z, z); },
                      [](Z z) { return std::exp(z * std::log(z)) * (std::log(z) + 1.0); },
                      [](Z z) {
                        const Z log = std::log(z), slope = log + 1.0;
                        return std::exp(z * log) * (slope * slope + 1.0 / z);
                      },
                      {0, 30}};
  std::vector<Z> points = awkward_points();
  points.push_back(Z(3));
  for (const Function& f : {to(2.5), to(e), to(2), to(-1), to(0), of(c), of(2), of(-2), of(i), self})
    expect_derivatives(f, points);
  // The exponent may be real, and an integer.
  const auto real_power = [&](const Array& n) { return np::power(c, n).real(); };
  EXPECT_NEAR(double(tarry::grad(real_power)(2.0)), (c * c * std::log(c)).real(), 1e-13);
}

TEST(ComplexDerivatives, OfIntegerPowersOfZero) {
  const auto slopes = [](double n) {
    const auto f = [=](const Array& z) { return np::power(z, np::array({Z(n)})); };
    const auto slope = [=](const Array& z) { return first_by_grad(f, z); };
    const Array zero = np::array({Z(0)});
    return std::pair(slope(zero).to_vector<Z>()[0], first_by_grad(slope, zero).to_vector<Z>()[0]);
  };
  EXPECT_EQ(slopes(1), std::pair(Z(1), Z(0)));
  EXPECT_EQ(slopes(2), std::pair(Z(0), Z(2)));
  EXPECT_EQ(slopes(3), std::pair(Z(0), Z(0)));
}

TEST(ComplexDerivatives, OfTanhFarOut) {
  for (Z z : {Z(25, 1), Z(-30, -0.5), Z(40, 0)}) {
    const auto f = [](const Array& x) { return np::tanh(x); };
    const Z right = 1.0 / (std::cosh(z) * std::cosh(z));
    const Z by_jvp = first_by_jvp(f, np::array({z})).to_vector<Z>()[0];
    const Z by_grad = first_by_grad(f, np::array({z})).to_vector<Z>()[0];
    EXPECT_LT(std::abs(by_jvp - right), 1e-14 * std::abs(right)) << z;
    EXPECT_LT(std::abs(by_grad - right), 1e-14 * std::abs(right)) << z;
  }
}

// A real parameter on an axis of a complex formula.
TEST(ComplexDerivatives, PhasesAtZero) {
  const auto wave = [](const Array& w) { return np::imag(np::exp(-1.0 + w * Z(0, 1))); };
  EXPECT_NEAR(double(tarry::grad(wave)(np::array(0.0))), std::exp(-1.0), 1e-16);
  const auto rows = np::array({Z(0), Z(0, 2), Z(1, 1)});
  const auto f = [](const Array& z) { return (np::sqrt(np::exp(z)) + np::power(Z(1, 2), z)).real(); };
  const std::vector<Z> each = tarry::vmap(tarry::grad(f))(rows).to_vector<Z>();
  for (size_t k = 0; k < each.size(); ++k) EXPECT_EQ(each[k], tarry::grad(f)(Array(rows[k])).item<Z>());
}

}  // namespace
