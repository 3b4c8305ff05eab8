// Derivatives where functions have kinks, zeros and poles, and where `where` did not go.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
constexpr double kInf = std::numeric_limits<double>::infinity();

List gradient(const std::function<Array(const Array&)>& f, const List& at) {
  return tarry::grad(f)(np::array(at)).to_vector<double>();
}
double gradient(const std::function<Array(const Array&)>& f, double at) { return double(tarry::grad(f)(at)); }
double second(const std::function<Array(const Array&)>& f, double at) {
  return double(tarry::grad([&](const Array& x) { return tarry::grad(f)(x); })(at));
}

TEST(Points, TiesShareEvenly) {
  EXPECT_EQ(gradient([](const Array& x) { return np::maximum(x, 0.0); }, 0.0), 0.5);
  EXPECT_EQ(gradient([](const Array& x) { return np::minimum(x, x); }, 2.0), 1.0);
  EXPECT_EQ(gradient([](const Array& x) { return np::max(x); }, List{1, 3, 3, 2}), (List{0, 0.5, 0.5, 0}));
  EXPECT_EQ(gradient([](const Array& x) { return np::min(x); }, List{1, 1, 1, 2}),
            (List{1.0 / 3, 1.0 / 3, 1.0 / 3, 0}));
  EXPECT_EQ(gradient([](const Array& x) { return np::clip(x, 0.0, 1.0); }, List{-1, 0, 0.5, 1, 2}),
            (List{0, 0.5, 1, 0.5, 0}));
}

TEST(Points, NanInMaxAndMin) {
  const double nan = std::nan("");
  EXPECT_EQ(gradient([](const Array& x) { return np::max(x); }, List{1, nan, 3}), (List{0, 1, 0}));
  EXPECT_EQ(gradient([](const Array& x) { return np::maximum(x, 1.0); }, List{nan, 2, 0}), (List{1, 1, 0}));
}

TEST(Points, ProductsWithZeros) {
  const auto f = [](const Array& x) { return np::prod(x); };
  EXPECT_EQ(gradient(f, List{2, 3, 4}), (List{12, 8, 6}));
  EXPECT_EQ(gradient(f, List{2, 0, 4}), (List{0, 8, 0}));
  EXPECT_EQ(gradient(f, List{0, 3, 0}), (List{0, 0, 0}));
  EXPECT_EQ(gradient(f, List{5}), (List{1}));
  tarry::check_grads(f, {np::array({2.0, 0.0, 4.0, 1.5})}, 3);
  tarry::check_grads(f, {np::array({0.0, 3.0, 0.0})}, 3);
  tarry::check_grads([](const Array& x) { return np::cumprod(x); }, {np::array({2.0, 0.0, 4.0, 0.0, 3.0})}, 2);
  tarry::check_grads(
      [](const Array& x) {
        return np::prod(x, {0, 2});
      },
      {np::array({{{1.0, 0.0}, {2.0, 3.0}}, {{0.5, 2.0}, {0.0, 0.0}}})}, 2);
}

TEST(Points, PowerAtZero) {
  const auto power = [](double y) { return [y](const Array& x) { return np::power(x, np::array(y)); }; };
  EXPECT_EQ(gradient(power(0.0), 0.0), 0.0);
  EXPECT_EQ(gradient(power(1.0), 0.0), 1.0);
  EXPECT_EQ(gradient(power(2.0), 0.0), 0.0);
  EXPECT_EQ(gradient(power(3.0), -2.0), 12.0);
  EXPECT_EQ(gradient(power(0.5), 0.0), kInf);
  EXPECT_EQ(gradient([](const Array& y) { return np::power(np::array(0.0), y); }, 2.0), 0.0);
  EXPECT_EQ(gradient([](const Array& x) { return np::power(x, 2); }, -3.0), -6.0);
  EXPECT_EQ(second([](const Array& x) { return np::power(x, 2); }, 0.0), 2.0);
  EXPECT_EQ(second(power(2.0), 0.0), 2.0);
}

TEST(Points, RootsNormsAndDeviations) {
  EXPECT_EQ(gradient([](const Array& x) { return np::sqrt(x); }, 0.0), kInf);
  EXPECT_EQ(gradient([](const Array& x) { return np::abs(x); }, List{-2, 0, 3}), (List{-1, 0, 1}));
  EXPECT_EQ(gradient([](const Array& x) { return np::sqrt(np::sum(x * x)); }, List{0, 0}), (List{0, 0}));
  EXPECT_EQ(gradient([](const Array& x) { return np::std(x); }, List{3, 3, 3}), (List{0, 0, 0}));
  EXPECT_EQ(gradient([](const Array& x) { return np::hypot(x, 0.0); }, 0.0), 0.0);
}

/// Neither the value of the branch that was not taken nor its derivatives show, in both modes and orders.
void expect_clean(const std::function<Array(const Array&)>& f, double at, double first, double second_order) {
  EXPECT_EQ(gradient(f, at), first);
  EXPECT_EQ(double(tarry::jvp(f, Array(at), Array(1.0)).second), first);
  EXPECT_EQ(second(f, at), second_order);
}

TEST(Points, RemovableSingularities) {
  const auto second = [](auto f) {
    return tarry::grad(
        [=](const Array& y) { return np::sum(tarry::grad([=](const Array& x) { return np::sum(f(x)); })(y)); });
  };
  const auto sinc = second([](const Array& x) { return np::sinc(x); });
  const auto i0 = second([](const Array& x) { return np::i0(x); });
  const double pi = 3.141592653589793;
  const Array at = np::array({0.0, 0.001});
  EXPECT_EQ(tarry::grad([](const Array& x) { return np::sum(np::sinc(x) + np::i0(x)); })(np::array({0.0}))
                .to_vector<double>()[0],
            0.0);
  EXPECT_NEAR(double(sinc(at)[0]), -pi * pi / 3, 1e-14);
  EXPECT_NEAR(double(sinc(at)[1]), -pi * pi / 3, 1e-4);
  EXPECT_NEAR(double(i0(at)[0]), 0.5, 1e-15);
  EXPECT_NEAR(double(i0(at)[1]), 0.5, 1e-4);
  EXPECT_EQ(double(tarry::value_and_grad([](const Array& x) { return np::sum(np::sinc(x)); })(np::array({0.0})).first),
            1.0);
}

TEST(Points, NothingLeaksFromTheOtherBranch) {
  for (double at : {0.0, -1.0}) {
    expect_clean([](const Array& x) { return np::where(x > 0, np::log(x), 0.0); }, at, 0.0, 0.0);
    expect_clean([](const Array& x) { return np::where(x > 0, np::sqrt(x), 0.0); }, at, 0.0, 0.0);
    expect_clean([](const Array& x) { return np::where(x > 0, np::power(x, 0.3), x); }, at, 1.0, 0.0);
    expect_clean([](const Array& x) { return np::where(x > 0, np::exp(np::log(x)) * x, x * x); }, at, 2 * at, 2.0);
  }
  expect_clean([](const Array& x) { return np::where(x != 0, np::sin(x) / x, 1.0); }, 0.0, 0.0, 0.0);
  expect_clean([](const Array& x) { return np::where(x != 0, 1.0 / x, x); }, 0.0, 1.0, 0.0);
  expect_clean([](const Array& x) { return np::where(x < 1, x, np::arccosh(x) * np::exp(1000 * (1 - x))); }, 0.5, 1.0,
               0.0);
}

// A cotangent that happens to be 0 must not cut off what depends on it.
TEST(Points, ZeroCotangentsHaveDerivatives) {
  const auto mixed = [](const Array& x, const Array& y) {
    return tarry::grad([&](const Array& b) { return tarry::grad([&](const Array& a) { return a * a * b; })(x); })(y);
  };
  EXPECT_EQ(double(mixed(3.0, 0.0)), 6.0);  // ∂²(x² y)/∂x∂y = 2x, also at y = 0
  EXPECT_EQ(second([](const Array& x) { return x * x * x * x; }, 0.0), 0.0);
  EXPECT_EQ(second([](const Array& x) { return x * x; }, 0.0), 2.0);
  EXPECT_EQ(second([](const Array& x) { return np::sin(x) * x; }, 0.0), 2.0);
}

TEST(Points, IntegersStopDerivatives) {
  EXPECT_EQ(gradient([](const Array& x) { return x * (x > 1); }, List{0, 2}), (List{0, 1}));
  EXPECT_EQ(gradient([](const Array& x) { return np::sum(x.astype(tarry::int32)) * x; }, List{1.5, 2.5}), (List{3, 3}));
  EXPECT_EQ(gradient([](const Array& x) { return x * np::argmax(x); }, List{1, 2}), (List{1, 1}));
}

TEST(Points, LogOfSumsOfEqualNumbers) {
  for (const bool two : {false, true}) {
    const auto f = [two](const Array& x, const Array& y) { return two ? np::logaddexp2(x, y) : np::logaddexp(x, y); };
    const double base = two ? 0.6931471805599453 : 1.0;  // of its logarithm
    for (double at : {0.0, 3.0, -0.75}) {
      const auto of_first = [&](const Array& x) { return f(x, at); };
      const auto of_second = [&](const Array& y) { return f(at, y); };
      const auto of_both = [&](const Array& x) { return f(x, x); };
      for (const std::function<Array(const Array&)>& g :
           {std::function<Array(const Array&)>(of_first), std::function<Array(const Array&)>(of_second)}) {
        EXPECT_NEAR(gradient(g, at), 0.5, 1e-15);
        EXPECT_NEAR(double(tarry::jvp(g, Array(at), Array(1.0)).second), 0.5, 1e-15);
        EXPECT_NEAR(second(g, at), 0.25 * base, 1e-15);
        const auto third = [&](const Array& x) {
          return tarry::grad([&](const Array& y) { return tarry::grad(g)(y); })(x);
        };
        EXPECT_NEAR(gradient(third, at), 0.0, 1e-15);
        EXPECT_NEAR(second(third, at), -0.125 * base * base * base, 1e-15);
      }
      EXPECT_NEAR(gradient(of_both, at), 1.0, 1e-15);
      EXPECT_NEAR(second(of_both, at), 0.0, 1e-15);
    }
  }
  const List h = tarry::hessian([](const Array& p) { return np::logaddexp(p[0], p[1]); })(np::array({2.0, 2.0}))
                     .to_vector<double>();
  EXPECT_NEAR(h[0], 0.25, 1e-15);
  EXPECT_NEAR(h[1], -0.25, 1e-15);
  EXPECT_NEAR(h[2], -0.25, 1e-15);
  EXPECT_NEAR(h[3], 0.25, 1e-15);
}

TEST(Points, PowersOfBothArguments) {
  const auto power = [](const Array& p) { return np::power(p[0], p[1]); };
  const auto float_power = [](const Array& p) { return np::float_power(p[0], p[1]); };
  for (const std::function<Array(const Array&)>& f :
       {std::function<Array(const Array&)>(power), std::function<Array(const Array&)>(float_power)}) {
    const double log = std::log(2.0);
    const List at_zero = tarry::hessian(f)(np::array({2.0, 0.0})).to_vector<double>();
    const double second[] = {0, 0.5, 0.5, log * log};
    for (size_t k = 0; k < 4; ++k) EXPECT_NEAR(at_zero[k], second[k], 1e-15) << k;
    // Of x^y at (2, 1): by x twice and y once 1/x, by x once and y twice log² x + 2 log x.
    const List at_one = tarry::jacfwd(tarry::hessian(f))(np::array({2.0, 1.0})).to_vector<double>();
    const double third[] = {
        0, 0.5, 0.5, log * log + 2 * log, 0.5, log * log + 2 * log, log * log + 2 * log, 2 * log * log * log};
    for (size_t k = 0; k < 8; ++k) EXPECT_NEAR(at_one[k], third[k], 1e-14) << k;
  }
}

}  // namespace
