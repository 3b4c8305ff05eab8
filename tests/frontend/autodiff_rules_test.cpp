// Every op's derivative against differences: both modes, two orders. Awkward points stand in autodiff_points_test.cpp.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::DType;

namespace {

Array numbers(std::vector<double> v, tarry::Shape shape, DType dtype) {
  return np::array(std::span<const double>(v), shape).astype(dtype);
}

/// Inside (0, 1), where every function is smooth.
Array unit(DType t) { return numbers({0.31, 0.55, 0.12, 0.83, 0.47, 0.69}, {2, 3}, t); }
Array above_one(DType t) { return numbers({1.31, 2.55, 1.12, 3.83, 1.47, 2.69}, {2, 3}, t); }
Array both_signs(DType t) { return numbers({0.31, -0.55, 1.12, -0.83, -1.47, 0.69}, {2, 3}, t); }
Array row(DType t) { return numbers({0.9, -1.7, 0.6}, {3}, t); }
/// Quotients of above_one by these are far from integers.
Array divisors(DType t) { return numbers({0.9, -1.7, 0.77}, {3}, t); }

struct Unary {
  const char* name;
  std::function<Array(const Array&)> f;
  Array (*at)(DType);
};
void PrintTo(const Unary& u, std::ostream* out) { *out << u.name; }

#define TARRY_UNARY(name, at)                             \
  Unary {                                                 \
#name, [](const Array& x) { return np::name(x); }, at \
  }

class UnaryRules : public testing::TestWithParam<Unary> {};

TEST_P(UnaryRules, Float64) { EXPECT_NO_THROW(tarry::check_grads(GetParam().f, GetParam().at(tarry::float64), 2)); }
TEST_P(UnaryRules, Float32) { EXPECT_NO_THROW(tarry::check_grads(GetParam().f, GetParam().at(tarry::float32), 2)); }

INSTANTIATE_TEST_SUITE_P(
    Elementwise, UnaryRules,
    testing::Values(TARRY_UNARY(negative, both_signs), TARRY_UNARY(positive, both_signs), TARRY_UNARY(abs, both_signs),
                    TARRY_UNARY(sign, both_signs), TARRY_UNARY(sqrt, unit), TARRY_UNARY(cbrt, unit),
                    TARRY_UNARY(exp, both_signs), TARRY_UNARY(exp2, both_signs), TARRY_UNARY(expm1, both_signs),
                    TARRY_UNARY(log, unit), TARRY_UNARY(log2, unit), TARRY_UNARY(log10, unit), TARRY_UNARY(log1p, unit),
                    TARRY_UNARY(sin, both_signs), TARRY_UNARY(cos, both_signs), TARRY_UNARY(tan, unit),
                    TARRY_UNARY(arcsin, unit), TARRY_UNARY(arccos, unit), TARRY_UNARY(arctan, both_signs),
                    TARRY_UNARY(sinh, both_signs), TARRY_UNARY(cosh, both_signs), TARRY_UNARY(tanh, both_signs),
                    TARRY_UNARY(arcsinh, both_signs), TARRY_UNARY(arccosh, above_one), TARRY_UNARY(arctanh, unit),
                    TARRY_UNARY(erf, both_signs), TARRY_UNARY(square, both_signs), TARRY_UNARY(reciprocal, above_one),
                    TARRY_UNARY(floor, unit), TARRY_UNARY(ceil, unit), TARRY_UNARY(trunc, unit),
                    TARRY_UNARY(rint, unit), TARRY_UNARY(degrees, unit)),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(Folds, UnaryRules,
                         testing::Values(Unary{"sum", [](const Array& x) { return np::sum(x); }, both_signs},
                                         Unary{"sum_axis", [](const Array& x) { return np::sum(x, 1); }, both_signs},
                                         Unary{"mean", [](const Array& x) { return np::mean(x, 0, tarry::keepdims); },
                                               both_signs},
                                         Unary{"var", [](const Array& x) { return np::var(x, 1); }, both_signs},
                                         Unary{"std", [](const Array& x) { return np::std(x); }, both_signs},
                                         Unary{"prod", [](const Array& x) { return np::prod(x); }, both_signs},
                                         Unary{"prod_axis", [](const Array& x) { return np::prod(x, 0); }, both_signs},
                                         Unary{"max", [](const Array& x) { return np::max(x, 1); }, both_signs},
                                         Unary{"min", [](const Array& x) { return np::min(x); }, both_signs},
                                         Unary{"cumsum", [](const Array& x) { return np::cumsum(x, 1); }, both_signs},
                                         Unary{"cumprod", [](const Array& x) { return np::cumprod(x); }, both_signs}),
                         [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Movement, UnaryRules,
    testing::Values(
        Unary{"reshape",
              [](const Array& x) {
                return np::exp(x.reshape({3, 2}));
              },
              both_signs},
        Unary{"transpose",
              [](const Array& x) {
                return np::exp(x.T()) * np::array({1.0, 2.0});
              },
              both_signs},
        Unary{"broadcast",
              [](const Array& x) {
                return np::exp(np::broadcast_to(x, {4, 2, 3}));
              },
              both_signs},
        Unary{"slice",
              [](const Array& x) {
                return np::exp(x[{np::all, np::slice(1, 3)}]);
              },
              both_signs},
        Unary{"strided",
              [](const Array& x) {
                return np::exp(x[{np::all, np::slice(np::none, np::none, 2)}]);
              },
              both_signs},
        Unary{"reversed", [](const Array& x) { return np::exp(x[{np::slice(np::none, np::none, -1)}]); }, both_signs},
        Unary{"flip", [](const Array& x) { return np::sin(np::flip(x)) * np::arange(3.0); }, both_signs},
        Unary{"roll", [](const Array& x) { return np::sin(np::roll(x, 2, 1)) * np::arange(3.0); }, both_signs},
        Unary{"pad", [](const Array& x) { return np::exp(np::pad(x, 2)); }, both_signs},
        Unary{"pad_edge", [](const Array& x) { return np::exp(np::pad(x, 1, np::PadMode::edge)); }, both_signs},
        Unary{"pad_by_itself",
              [](const Array& x) {
                return np::exp(np::pad(x, 1, np::PadMode::constant, x[{0, 0}] * 2));
              },
              both_signs},
        Unary{"concatenate",
              [](const Array& x) {
                return np::exp(np::concatenate({x, x * x}));
              },
              both_signs},
        Unary{"stack",
              [](const Array& x) {
                return np::exp(np::stack({x, 2 * x}, 1));
              },
              both_signs},
        Unary{"list",
              [](const Array& x) {
                return np::exp(np::array({x[{0, 0}], 2 * x[{1, 1}], Array(3.0)}));
              },
              both_signs},
        Unary{"astype", [](const Array& x) { return np::exp(x.astype(tarry::float64)); }, both_signs},
        Unary{"write",
              [](const Array& x) {
                Array y = x * x;
                y[0] = 3.0 * x[1];
                y[{np::all, np::slice(0, 2)}] *= x[{np::all, np::slice(1, 3)}];
                y[{np::slice(np::none, np::none, -1), 1}] += np::sum(x);
                return y * y;
              },
              both_signs},
        Unary{"mask",
              [](const Array& x) {
                Array y = x * x;
                y[x > 0] = 3.0;
                y[x < -1] *= 2.0;
                return np::sin(y);
              },
              both_signs}),
    [](const auto& info) { return std::string(info.param.name); });

struct Binary {
  const char* name;
  std::function<Array(const Array&, const Array&)> f;
  Array (*a)(DType);
  Array (*b)(DType);
};
void PrintTo(const Binary& u, std::ostream* out) { *out << u.name; }

#define TARRY_BINARY(name, a, b)                                               \
  Binary {                                                                     \
#name, [](const Array& x, const Array& y) { return np::name(x, y); }, a, b \
  }

class BinaryRules : public testing::TestWithParam<Binary> {};

TEST_P(BinaryRules, Float64) {
  const Binary& p = GetParam();
  EXPECT_NO_THROW(tarry::check_grads(p.f, {p.a(tarry::float64), p.b(tarry::float64)}, 2));
}
TEST_P(BinaryRules, Float32) {
  const Binary& p = GetParam();
  EXPECT_NO_THROW(tarry::check_grads(p.f, {p.a(tarry::float32), p.b(tarry::float32)}, 2));
}

INSTANTIATE_TEST_SUITE_P(
    All, BinaryRules,
    testing::Values(
        TARRY_BINARY(add, both_signs, row), TARRY_BINARY(subtract, row, both_signs),
        TARRY_BINARY(multiply, both_signs, row), TARRY_BINARY(divide, both_signs, row),
        TARRY_BINARY(power, above_one, row), TARRY_BINARY(maximum, both_signs, row),
        TARRY_BINARY(minimum, both_signs, row), TARRY_BINARY(remainder, above_one, divisors),
        TARRY_BINARY(fmod, above_one, divisors), TARRY_BINARY(arctan2, both_signs, row),
        TARRY_BINARY(hypot, both_signs, row), TARRY_BINARY(copysign, both_signs, row),
        TARRY_BINARY(fmax, both_signs, row), TARRY_BINARY(logaddexp, both_signs, row),
        TARRY_BINARY(logaddexp2, both_signs, row), TARRY_BINARY(floor_divide, above_one, divisors),
        Binary{"where", [](const Array& x, const Array& y) { return np::where(x > 0, x * y, np::exp(y)); }, both_signs,
               row},
        Binary{"clip", [](const Array& x, const Array& y) { return np::clip(x * 3, np::min(y) + 0.2, np::max(y)); },
               both_signs, row},
        Binary{"matmul", [](const Array& x, const Array& y) { return np::matmul(x, y.T() * 2); }, both_signs, unit},
        Binary{"matmul_batched",
               [](const Array& x, const Array& y) {
                 return np::matmul(x.reshape({1, 2, 3}) * np::array({1.0, 2.0}).reshape({2, 1, 1}).astype(x.dtype()),
                                   y.T());
               },
               both_signs, unit},
        Binary{"dot", [](const Array& x, const Array& y) { return np::dot(x, y); }, both_signs, row},
        Binary{"outer",
               [](const Array& x, const Array& y) {
                 return x.reshape({2, 3, 1}) * y;
               },
               both_signs, row}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Rules, WhatHasNoDerivativeSaysSo) {
  const auto f = [](const Array& x) { return np::sum(np::nextafter(x, 3.0)); };
  try {
    tarry::grad(f)(np::array({1.0, 2.0}));
    FAIL() << "no exception";
  } catch (const tarry::TypeError& e) {
    EXPECT_NE(std::string(e.what()).find("nextafter is not differentiable"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("autodiff_rules_test.cpp"), std::string::npos) << e.what();
  }
  // Unless nobody needs it.
  const auto g = [](const Array& x) { return np::sum(tarry::stop_gradient(np::nextafter(x, 3.0)) * x); };
  EXPECT_NEAR(double(tarry::grad(g)(np::array({1.0, 2.0}))[1]), 2.0, 1e-12);
}

TEST(Rules, CheckGradsFindsWrongDerivatives) {
  // A derivative that is cut off in the middle is not that of the whole.
  const auto f = [](const Array& x) { return x * tarry::stop_gradient(x); };
  EXPECT_THROW(tarry::check_grads(f, {np::array({1.0, 2.0})}, 1), tarry::ValueError);
}

}  // namespace
