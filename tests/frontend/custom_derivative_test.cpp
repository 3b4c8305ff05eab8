// Derivatives that users write, checkpoints, and the classic programs.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
List list(const Array& a) { return a.to_vector<double>(); }

// ---- custom_vjp ----

/// log(1 + exp(x)) whose backward stays finite.
auto softplus() {
  return tarry::custom_vjp([](const Array& x) { return np::log(1.0 + np::exp(x)); },
                           [](const Array& x) { return std::pair(np::log(1.0 + np::exp(x)), x); },
                           [](const Array& x, const Array& ct) { return ct / (1.0 + np::exp(-x)); });
}

TEST(CustomVjp, ReplacesTheDerivative) {
  const auto f = softplus();
  EXPECT_NEAR(double(f(2.0)), std::log1p(std::exp(2.0)), 1e-15);
  EXPECT_EQ(double(tarry::grad(f)(800.0)), 1.0);  // the op by op derivative is NaN there
  const auto chain = [&](const Array& x) { return np::sum(f(x * x) * f(3.0 * x)); };
  const auto plain = [](const Array& x) {
    return np::sum(np::log(1.0 + np::exp(x * x)) * np::log(1.0 + np::exp(3.0 * x)));
  };
  const Array x = np::array({0.3, -0.7});
  const List a = list(tarry::grad(chain)(x)), b = list(tarry::grad(plain)(x));
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(a[i], b[i], 1e-14);
  // The backward is differentiated as any function is.
  EXPECT_NEAR(double(tarry::grad(tarry::grad(f))(0.5)),
              double(tarry::grad(tarry::grad([](const Array& v) { return np::log(1.0 + np::exp(v)); }))(0.5)), 1e-14);
  EXPECT_NEAR(double(tarry::jvp(tarry::grad(f), Array(0.5), Array(1.0)).second),
              double(tarry::grad(tarry::grad(f))(0.5)), 1e-14);
}

TEST(CustomVjp, SeveralArgumentsAndResults) {
  int calls = 0;
  const auto f = tarry::custom_vjp(
      [](const Array& a, const Array& b) { return std::pair(a * b, a + b); },
      [](const Array& a, const Array& b) { return std::pair(std::pair(a * b, a + b), std::pair(a, b)); },
      [&](const std::pair<Array, Array>& r, const std::pair<Array, Array>& ct) {
        ++calls;
        if (np::max(ct.first) > 1e9) throw std::runtime_error("looked at");  // cotangents have values
        return std::tuple(10.0 * ct.first * r.second + ct.second, 10.0 * ct.first * r.first + ct.second);
      });
  const auto g = [&](const Array& x) {
    const auto [p, s] = f(x, 2.0 * x);
    return p * s;  // 2x² · 3x
  };
  // With the true rule 18 x²; the product's share is ten times what it is: p'·s + p·s' = 10·4x·3x + 2x²·3.
  EXPECT_NEAR(double(tarry::grad(g)(2.0)), 10 * 12 * 4.0 + 6 * 4.0, 1e-12);
  EXPECT_EQ(calls, 1);
  const auto [y, pullback] = tarry::vjp(g, Array(2.0));
  EXPECT_NEAR(double(pullback(Array(1.0))), 504.0, 1e-12);
  EXPECT_NEAR(double(pullback(Array(2.0))), 1008.0, 1e-12);
  EXPECT_EQ(calls, 3);
}

TEST(CustomVjp, HasNoForwardMode) {
  const auto f = softplus();
  EXPECT_THROW(tarry::jvp(f, Array(1.0), Array(1.0)), tarry::TypeError);
  EXPECT_EQ(
      double(tarry::jvp([&](const Array& x) { return x + tarry::stop_gradient(f(Array(1.0))); }, Array(1.0), Array(1.0))
                 .second),
      1.0);
  const auto all = [&](const Array& x) { return np::sum(tarry::vmap(f)(x)); };
  EXPECT_NEAR(double(all(np::zeros({2}))), 2 * std::log(2.0), 1e-15);
  EXPECT_THROW(tarry::jvp(all, np::zeros({2}), np::ones({2})), tarry::TypeError);
}

TEST(CustomVjp, KeepsWhatTheCallSaw) {
  // What is written into an argument, or what the forward kept, behind the call is not what the call saw.
  const auto square =
      tarry::custom_vjp([](const Array& x) { return x * x; }, [](const Array& x) { return std::pair(x * x, x); },
                        [](const Array& x, const Array& ct) { return 2.0 * x * ct; });
  const auto f = [&](const Array& x) {
    Array y = x * 1.0;
    const Array z = square(y);
    y[np::ellipsis] = 100.0;
    return np::sum(z) + np::sum(y);
  };
  EXPECT_EQ(list(tarry::grad(f)(np::array({1.0, 3.0}))), (List{2, 6}));
}

TEST(CustomVjp, ManyCallsTakeLinearTime) {
  // By products of matrices, which are no kernels to be compiled.
  const auto square = tarry::custom_vjp([](const Array& x) { return np::matmul(x, x); },
                                        [](const Array& x) { return std::pair(np::matmul(x, x), x); },
                                        [](const Array& x, const Array& ct) { return np::matmul(x, 2.0 * ct); });
  const auto seconds = [&](int calls) {
    const auto f = [&](const Array& x) {
      Array y = x;
      for (int i = 0; i < calls; ++i) y = square(y) + x;
      return y[{0, 0}];
    };
    timespec start{}, end{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    EXPECT_NEAR(double(np::sum(tarry::grad(f)(np::full({1, 1}, 0.1)))), 1 / std::sqrt(0.6), 1e-12);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return static_cast<double>(end.tv_sec - start.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - start.tv_nsec);
  };
  seconds(2000), seconds(8000);  // whatever is compiled is compiled
  const double few = seconds(2000);
  EXPECT_LT(seconds(8000), 9 * few);
}

/// Ops recorded for twice as many turns, over those for half of them.
double growth(const std::function<Array(int)>& derivative) {
  const auto ops = [&](int turns) {
    tarry::reset_stats();
    tarry::eval(derivative(turns));
    return static_cast<double>(tarry::stats().ops_recorded);
  };
  const double half = ops(100);
  return ops(200) / half;
}

TEST(CustomJvp, WhatCallsReadMayBeReadElsewhereInLinearTime) {
  const auto sine =
      tarry::custom_jvp([](const Array& x) { return np::sin(x); },
                        [](const Array& x, const Array& t) { return std::pair(np::sin(x), t * np::cos(x)); });
  const Array at = np::array({0.5, 0.2});
  const auto residual = [&](const Array& x, int turns) {
    Array y = x * 1.0, z = x + 1.0;
    for (int i = 0; i < turns; ++i) {
      z = z * 0.5 + sine(y * 2.0);
      y = y + 0.01 * z * sine(z);
    }
    return np::sum(y * z);
  };
  for (int turns : {1, 2, 7}) tarry::check_grads([&](const Array& x) { return residual(x, turns); }, at, 2);
  EXPECT_LT(growth([&](int n) { return tarry::grad([&](const Array& x) { return residual(x, n); })(at); }), 2.1);
  EXPECT_LT(growth([&](int n) { return tarry::jvp([&](const Array& x) { return residual(x, n); }, at, at).second; }),
            2.1);
  EXPECT_LT(growth([&](int n) {
              return tarry::vmap([&](const Array& x) { return residual(x, n); })(np::ones({3, 2}));
            }),
            2.1);
}

TEST(CustomJvp, TurnsThatSolveTheSameWayHaveOnePlan) {
  const auto f = [](const Array& x) {
    Array y = x * 1.0;
    for (int i = 0; i < 60; ++i) y = np::linalg::solve(np::identity(2) * 3.0 + np::stack({y, x}), y);
    return np::sum(y);
  };
  tarry::reset_stats();
  tarry::eval(tarry::grad(f)(np::array({0.5, 0.2})));
  EXPECT_LT(tarry::stats().plans_made, 30u);
}

TEST(CustomVjp, WhatOnlyComparisonsShareHasNoDerivative) {
  // nextafter has none, and needs none where only a choice depends on it.
  const auto sine = tarry::custom_vjp([](const Array& x) { return np::sin(x); },
                                      [](const Array& x) { return std::pair(np::sin(x), x); },
                                      [](const Array& x, const Array& ct) { return ct * np::cos(x); });
  const auto f = [&](const Array& x) {
    const Array after = np::nextafter(x, np::array(9.0));
    const Array first = sine(np::where(after > 0.0, x, 0.0));
    return np::sum(first * np::where(after > 1.0, x, 1.0) + tarry::stop_gradient(after));
  };
  const List slopes = list(tarry::grad(f)(np::array({0.5, 2.0})));
  EXPECT_EQ(slopes[0], std::cos(0.5));
  EXPECT_NEAR(slopes[1], 2.0 * std::cos(2.0) + std::sin(2.0), 1e-15);
}

TEST(CustomVjp, OneArrayAsSeveralArguments) {
  const auto f = tarry::custom_vjp(
      [](const Array& a, const Array& b, const Array& c) { return a * b + c; },
      [](const Array& a, const Array& b, const Array& c) { return std::pair(a * b + c, std::pair(a, b)); },
      [](const std::pair<Array, Array>& r, const Array& ct) { return std::tuple(ct * r.second, ct * r.first, ct); });
  const auto g = [&](const Array& x) {
    const Array y = x + 1.0;
    return np::sum(f(y, y, x * x));
  };
  EXPECT_EQ(list(tarry::grad(g)(np::array({1.0, 3.0}))), (List{6, 14}));
}

TEST(CustomVjp, WrongRulesAreRefused) {
  const auto f =
      tarry::custom_vjp([](const Array& x) { return x * 2; }, [](const Array& x) { return std::pair(x * 2, x); },
                        [](const Array&, const Array& ct) { return np::sum(ct); });
  EXPECT_THROW(tarry::grad(f)(np::ones({3})), tarry::ValueError);
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no error";
}

TEST(CustomVjp, WrongTypesAreNamed) {
  const auto f =
      tarry::custom_vjp([](const Array& x) { return x * 2; }, [](const Array& x) { return std::pair(x * 2, x); },
                        [](const Array&, const Array& ct) { return ct.astype(tarry::float64); });
  EXPECT_EQ(
      message_of([&] { tarry::grad([&](const Array& x) { return np::sum(f(x)); })(np::ones({2}, tarry::float32)); }),
      "a custom derivative rule gave cotangents of shape (2,) and dtype float64 for an array of shape (2,) and "
      "dtype float32");
}

TEST(CustomVjp, WhatIsFollowedIsAnArgument) {
  const auto times = [](const Array& c) {
    return tarry::custom_vjp([c](const Array& x) { return c * x; },
                             [c](const Array& x) { return std::pair(c * x, std::vector<Array>{}); },
                             [c](const std::vector<Array>&, const Array& ct) { return ct * c; });
  };
  const auto by_tangent = [](const Array& c) {
    return tarry::custom_jvp([c](const Array& x) { return np::sin(c) * x; },
                             [c](const Array& x, const Array& t) { return std::pair(np::sin(c) * x, np::sin(c) * t); });
  };
  const std::string captured = "none of its arguments";
  const auto refused = [&](const std::function<void()>& f) {
    return message_of(f).find(captured) != std::string::npos;
  };
  EXPECT_TRUE(refused([&] { tarry::grad([&](const Array& c) { return times(c)(2.0); })(3.0); }));
  EXPECT_TRUE(refused([&] { tarry::grad([&](const Array& c) { return by_tangent(c)(2.0); })(3.0); }));
  EXPECT_TRUE(refused([&] { tarry::jvp([&](const Array& c) { return by_tangent(c)(2.0); }, Array(3.0), Array(1.0)); }));
  EXPECT_TRUE(refused(
      [&] { tarry::grad([&](const Array& c) { return np::sum(tarry::vmap(times(c))(np::ones({2}))); })(3.0); }));
  EXPECT_TRUE(refused([&] {
    tarry::grad([&](const Array& c) { return tarry::grad([&](const Array& x) { return times(c)(x); })(2.0); })(3.0);
  }));
  // What is constant for all transforms, or is said to be, may be captured.
  EXPECT_EQ(double(tarry::grad([&](const Array& x) { return times(5.0)(x); })(3.0)), 5.0);
  EXPECT_EQ(double(tarry::grad([&](const Array& x) { return times(tarry::stop_gradient(x))(x); })(3.0)), 3.0);
  EXPECT_EQ(double(tarry::grad([&](const Array& x) {
              return times(tarry::grad([](const Array& y) { return y * y * y; })(2.0))(x);
            })(3.0)),
            12.0);
  // Views and written arrays are arguments like others.
  const auto pieces = [&](const Array& x) {
    Array y = x * 1.0, sum = 0.0;
    y[0] = x[1];
    for (int64_t i = 0; i < 3; ++i) sum = sum + np::sum(times(2.0)(y[i])) + np::sum(times(1.0)(x[np::slice(i, 3)]));
    return sum;
  };
  EXPECT_EQ(list(tarry::grad(pieces)(np::array({1.0, 2.0, 3.0}))), (List{1, 6, 5}));
}

// x² = a, solved by a loop; the implicit function theorem gives the derivative.
TEST(CustomVjp, ImplicitFunction) {
  const auto solve = [](const Array& a) {
    Array x = a;
    for (int i = 0; i < 100; ++i) {
      Array next = 0.5 * (x + a / x);
      const bool done = bool(np::abs(next - x) < 1e-15);
      x = next;
      if (done) break;
    }
    return x;
  };
  const auto root = tarry::custom_vjp(
      solve,
      [=](const Array& a) {
        const Array x = solve(a);
        return std::pair(x, x);
      },
      [](const Array& x, const Array& ct) { return ct / (2.0 * x); });
  EXPECT_NEAR(double(tarry::grad(root)(2.0)), 0.5 / std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(double(tarry::grad([&](const Array& a) { return root(a) * root(3.0 * a); })(2.0)), std::sqrt(3.0), 1e-14);
}

// ---- custom_jvp ----

TEST(CustomJvp, BothModes) {
  const auto f =
      tarry::custom_jvp([](const Array& x) { return np::abs(x); },
                        [](const Array& x, const Array& t) { return std::pair(np::abs(x), np::where(x >= 0, t, -t)); });
  EXPECT_EQ(double(tarry::jvp(f, Array(0.0), Array(3.0)).second), 3.0);
  EXPECT_EQ(double(tarry::grad(f)(0.0)), 1.0);
  EXPECT_EQ(list(tarry::grad([&](const Array& x) { return np::sum(f(x) * x); })(np::array({-2.0, 3.0}))), (List{4, 6}));
  const auto product =
      tarry::custom_jvp([](const Array& a, const Array& b) { return a * b; },
                        [](const std::tuple<Array, Array>& at, const std::tuple<Array, Array>& t) {
                          return std::pair(std::get<0>(at) * std::get<1>(at),
                                           std::get<0>(t) * std::get<1>(at) + std::get<0>(at) * std::get<1>(t));
                        });
  tarry::check_grads([&](const Array& x) { return np::sin(product(x, x * x)); }, {np::array({0.3, 0.7})}, 2);
}

TEST(CustomJvp, RulesAreLinear) {
  const auto with = [](auto rule) {
    return tarry::custom_jvp([](const Array& x) { return np::sum(x * x); },
                             [rule](const Array& x, const Array& t) { return std::pair(np::sum(x * x), rule(x, t)); });
  };
  const auto refused = [](const auto& f) {
    const std::string text = message_of([&] { tarry::grad(f)(np::array({1.0, 2.0})); });
    return text.find("not linear in its tangents") != std::string::npos;
  };
  EXPECT_TRUE(refused(with([](const Array&, const Array& t) { return np::sum(t * t); })));
  EXPECT_TRUE(refused(with([](const Array&, const Array& t) { return np::sum(np::abs(t)); })));
  EXPECT_TRUE(refused(with([](const Array& x, const Array& t) { return np::sum(np::where(t > 0, x * t, 0.0)); })));
  const auto linear = with([](const Array& x, const Array& t) {
    Array twice = np::zeros({2});
    twice[np::slice(np::none, np::none, -1)] = 2.0 * t / 3.0 + t * np::sin(x) * 0.0;
    return np::dot(np::flip(twice), x) * 3.0 + np::sum(np::where(x > 5, t, 0.0)) +
           np::sum(np::linalg::inv(np::eye(2)), 0)[0] * 0.0;
  });
  EXPECT_EQ(list(tarry::grad(linear)(np::array({1.0, 2.0}))), (List{2, 4}));
}

// ---- checkpoint ----

TEST(Checkpoint, SameDerivatives) {
  const auto f = [](const Array& x) { return np::tanh(x * x + 1.0) * x; };
  const auto chain = [&](auto g) {
    return [g](const Array& x) {
      Array y = x;
      for (int i = 0; i < 5; ++i) y = g(y);
      return np::sum(y);
    };
  };
  const Array x = np::array({0.3, 0.7});
  EXPECT_EQ(list(tarry::grad(chain(tarry::checkpoint(f)))(x)), list(tarry::grad(chain(f))(x)));
  EXPECT_EQ(list(tarry::grad(chain(tarry::checkpoint(tarry::checkpoint(f))))(x)), list(tarry::grad(chain(f))(x)));
  tarry::check_grads(chain(tarry::checkpoint(f)), {x}, 2);
  const auto each = [&](const Array& a) { return np::sum(tarry::checkpoint(f)(a)); };
  EXPECT_EQ(list(tarry::vmap(tarry::grad(each))(x)), list(tarry::grad(chain(f))(x) * 0.0 + tarry::grad(each)(x)));
}

/// Peak bytes of the gradient of so many steps, in groups of `group` (0: no checkpoints).
uint64_t peak_of_chain(int all, int group) {
  const int64_t n = 128;
  const Array w = np::sin(np::arange(double(n * n))).reshape({n, n}) * 0.05, x = np::ones({n, n});
  tarry::eval(w, x);
  const auto steps = [&](int count) {
    return [&, count](const Array& y) {
      Array z = y;
      for (int i = 0; i < count; ++i) z = np::tanh(np::matmul(z, w));
      return z;
    };
  };
  const auto loss = [&](const Array& a) {
    Array y = a;
    if (group == 0) return np::sum(steps(all)(y));
    for (int done = 0; done < all; done += group) y = tarry::checkpoint(steps(group))(y);
    return np::sum(y);
  };
  tarry::reset_stats();
  const uint64_t before = tarry::stats().bytes_live;
  const Array g = tarry::grad(loss)(x);
  tarry::eval(g);
  EXPECT_TRUE(std::isfinite(double(np::sum(g))));
  return tarry::stats().bytes_peak - before;
}

TEST(Checkpoint, TakesLessMemory) {
  const uint64_t matrix = 128 * 128 * 8, all = peak_of_chain(64, 0), grouped = peak_of_chain(64, 8);
  EXPECT_GT(all, 60 * matrix);
  EXPECT_LT(grouped, 36 * matrix);
}

/// In groups of the root of their number: four times the steps take twice the memory.
TEST(Checkpoint, AChainTakesMemoryLikeTheRootOfItsLength) {
  const double short_chain = static_cast<double>(peak_of_chain(64, 8));
  EXPECT_LT(static_cast<double>(peak_of_chain(256, 16)), 2.3 * short_chain);
}

// ---- the classic programs ----

TEST(Programs, LogisticRegression) {
  const int64_t n = 200;
  const Array i = np::arange(double(n)), x = np::stack({np::sin(i), np::cos(1.7 * i), np::ones({n})}, 1);
  const Array truth = np::array({2.0, -1.0, 0.5}), label = (np::matmul(x, truth) > 0) * 1.0;
  const auto loss = [&](const Array& w) {
    const Array z = np::matmul(x, w);
    return np::mean(np::logaddexp(0.0, z) - label * z);
  };
  Array w = np::zeros({3});
  double last = HUGE_VAL;
  for (int step = 0; step < 100; ++step) {
    const auto [value, gradient] = tarry::value_and_grad(loss)(w);
    w -= 2.0 * gradient;
    if (step % 10 == 0) {
      EXPECT_LT(double(value), last);
      last = double(value);
    }
  }
  const Array guess = (np::matmul(x, w) > 0) * 1.0;
  EXPECT_GT(double(np::mean(guess == label)), 0.97);
}

TEST(Programs, RnnStepAgainstFormulas) {
  const Array h = np::array({{0.1, -0.2, 0.3}, {0.5, 0.4, -0.1}}), x = np::array({{0.7, 0.2}, {-0.3, 0.9}});
  const Array wh = np::sin(np::arange(9.0)).reshape({3, 3}), wx = np::cos(np::arange(6.0)).reshape({2, 3});
  const Array b = np::array({0.1, 0.2, 0.3});
  const auto step = [](const Array& hh, const Array& xx, const Array& u, const Array& v, const Array& c) {
    return np::sum(np::square(np::tanh(np::matmul(hh, u) + np::matmul(xx, v) + c)));
  };
  const auto [dh, dx, du, dv, db] = tarry::grad<0, 1, 2, 3, 4>(step)(h, x, wh, wx, b);
  const Array y = np::tanh(np::matmul(h, wh) + np::matmul(x, wx) + b), dz = 2.0 * y * (1.0 - y * y);
  const auto near = [](const Array& found, const Array& expected) {
    EXPECT_LT(double(np::max(np::abs(found - expected))), 1e-12);
    EXPECT_EQ(found.shape(), expected.shape());
  };
  near(dh, np::matmul(dz, wh.T()));
  near(dx, np::matmul(dz, wx.T()));
  near(du, np::matmul(h.T(), dz));
  near(dv, np::matmul(x.T(), dz));
  near(db, np::sum(dz, 0));
}

// y' = −k y by Runge and Kutta, as many steps as the tolerance asks for; dy(1)/dk = −y(1).
TEST(Programs, DifferentialEquationThroughALoop) {
  const auto solve = [](const Array& k) {
    const auto f = [&](const Array& y) { return -k * y; };
    Array y = 1.0;
    double t = 0, h = 0.01;
    while (t < 1.0 - 1e-12) {
      const Array a = f(y), b = f(y + 0.5 * h * a), c = f(y + 0.5 * h * b), d = f(y + h * c);
      y = y + h / 6.0 * (a + 2 * b + 2 * c + d);
      t += h;
    }
    return y;
  };
  EXPECT_NEAR(double(tarry::grad(solve)(1.5)), -std::exp(-1.5), 1e-9);
  EXPECT_NEAR(double(tarry::jvp(solve, Array(1.5), Array(1.0)).second), -std::exp(-1.5), 1e-9);
}

// Fits a exp(b t) by Gauss and Newton, whose products with JᵀJ are jvp and vjp.
TEST(Programs, GaussNewton) {
  const Array t = np::linspace(0.0, 1.0, 20), data = 2.0 * np::exp(-1.3 * t);
  const auto residual = [&](const Array& p) { return p[0] * np::exp(p[1] * t) - data; };
  Array p = np::array({1.0, 0.0});
  for (int i = 0; i < 15; ++i) {
    const auto [r, pullback] = tarry::vjp(residual, p);
    const auto normal = [&, &back = pullback](const Array& v) { return back(tarry::jvp(residual, p, v).second); };
    const Array a = normal(np::array({1.0, 0.0})), b = normal(np::array({0.0, 1.0})), g = pullback(r);
    const Array det = a[0] * b[1] - a[1] * b[0];
    p = p - np::stack({b[1] * g[0] - b[0] * g[1], a[0] * g[1] - a[1] * g[0]}) / det;
  }
  EXPECT_NEAR(double(p[0]), 2.0, 1e-12);
  EXPECT_NEAR(double(p[1]), -1.3, 1e-12);
}

}  // namespace
