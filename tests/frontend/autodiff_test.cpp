// What transforms promise: control flow, mutation, nesting, trees, exceptions, bounds.
#include <tarry/tarry.h>

#include <gtest/gtest.h>
#include <pthread.h>

#include <cmath>
#include <ctime>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace user {
struct Layer {
  Array weight, bias;
  int width = 0;
};
TARRY_TREE(Layer, weight, bias)
struct Net {
  std::vector<Layer> layers;
  Array scale;
};
TARRY_TREE(Net, layers, scale)
}  // namespace user

namespace {

std::vector<double> list(const Array& a) { return a.to_vector<double>(); }
using List = std::vector<double>;

TEST(Grad, ControlFlow) {
  const auto f = [](const Array& x) {
    Array r = x;
    while (double(r) < 100.0) r = r * x;  // as often as the data says
    if (r > 200.0) return r * 2;
    return r;
  };
  EXPECT_EQ(double(tarry::grad(f)(3.0)), 2 * 5 * 81.0);  // 3**5 = 243
  EXPECT_EQ(double(tarry::grad(f)(5.0)), 3 * 25.0);      // 5**3 = 125
}

Array factorial_like(const Array& x, int n) {
  if (n == 0) return Array(1.0);
  return (x + n) * factorial_like(x, n - 1);
}

TEST(Grad, Recursion) {
  const auto f = [](const Array& x) { return factorial_like(x, 3); };  // (x+3)(x+2)(x+1)
  EXPECT_EQ(double(tarry::grad(f)(0.0)), 11.0);
}

TEST(Grad, PrintingInTheMiddleChangesNothing) {
  std::string seen;
  const auto f = [&](const Array& x) {
    Array y = np::sin(x) * x;
    seen = tarry::to_string(y);
    Array z = y * y;
    seen += tarry::to_string(z[{np::slice(0, 1)}]);
    return np::sum(z[{np::slice(1, 3)}] * y[0]);
  };
  const auto quiet = [](const Array& x) {
    Array y = np::sin(x) * x;
    Array z = y * y;
    return np::sum(z[{np::slice(1, 3)}] * y[0]);
  };
  const Array x = np::array({0.5, 1.0, 2.0});
  EXPECT_EQ(list(tarry::grad(f)(x)), list(tarry::grad(quiet)(x)));
  EXPECT_FALSE(seen.empty());
  tarry::check_grads(f, {x}, 2);
}

/// A gradient's terms are added in the order in which the function uses them, whatever it computes besides.
TEST(Grad, WhatIsComputedOnlyToBeLookedAtChangesNoBit) {
  const Array x = np::linspace(0.1, 3.0, 1000).astype(tarry::float32);
  const auto term = [](const Array& a, int i) {
    switch (i) {
      case 0: return np::exp(a) * 0.3f;
      case 1: return np::sin(a[{np::slice(np::none, np::none, -1)}]);
      case 2: return np::sqrt(a) / 7.0f;
      case 3: return np::square(np::cumsum(a)) * 1e-3f;
      default: return np::matmul(a.reshape({25, 40}), np::ones({40, 40}, tarry::float32)).reshape({1000}) * 0.1f;
    }
  };
  const auto gradient = [&](std::vector<int> looked_at) {
    return list(tarry::grad([&](const Array& a) {
      for (int i : looked_at) tarry::to_string(term(a, i));
      Array sum = term(a, 0);
      for (int i = 1; i < 5; ++i) sum = sum + term(a, i);
      for (int i : looked_at) tarry::to_string(term(a, i));
      return np::sum(sum * a);
    })(x));
  };
  const List quiet = gradient({});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gradient({i}), quiet) << i;
  EXPECT_EQ(gradient({4, 3, 2, 1, 0}), quiet);
}

/// What is recorded twice is one value all the same where it is known already.
TEST(Grad, WhatWasLookedAtIsNotComputedAgain) {
  const Array x = np::linspace(0.1, 3.0, 64).reshape({8, 8});
  tarry::eval(x);
  const auto f = [](const Array& a) {
    const Array solved = np::linalg::solve(a + np::identity(8), a);
    const Array largest = np::max(solved);
    const double known = double(largest);
    tarry::reset_stats();
    EXPECT_EQ(double(np::max(solved)), known);
    EXPECT_EQ(tarry::stats().kernels_launched, 0u);
    return np::max(solved) * known;
  };
  tarry::grad(f)(x);
  // However many there are.
  const auto many = [](const Array& a) {
    Array sum = np::zeros({});
    for (int i = 0; i < 300; ++i) {
      const Array row = a[i % 8] * double(i), first = np::sum(row);
      EXPECT_EQ(double(first), double(np::sum(row)));
      sum = sum + np::sum(row);
    }
    return sum;
  };
  EXPECT_EQ(list(tarry::grad(many)(x))[0], 38 * 148.0);  // 0 + 8 + … + 296
}

TEST(Grad, CapturedArraysAreConstants) {
  Array x = np::array({1.0, 2.0});
  tarry::eval(x);
  const auto f = [&](const Array& a) { return np::sum(a * x); };
  EXPECT_EQ(list(tarry::grad(f)(x)), (List{1.0, 2.0}));
  const auto g = [&](const Array& a) { return np::sum(a[{np::slice(0, 1)}] * x[{np::slice(0, 1)}]); };
  EXPECT_EQ(list(tarry::grad(g)(x)), (List{1.0, 0.0}));
  Array pending = np::array({1.0, 2.0}) * 3.0;
  const auto h = [&](const Array& a) { return np::sum(a * pending); };
  EXPECT_EQ(list(tarry::grad(h)(pending)), (List{3.0, 6.0}));
}

TEST(Grad, WritesToCapturedArraysStay) {
  Array log = np::zeros({2});
  const auto f = [&](const Array& x) {
    log[0] = x[1] * 10.0;
    return np::sum(x * log);
  };
  // log[0] is 10 x₁ while f runs.
  EXPECT_EQ(list(tarry::grad(f)(np::array({1.0, 2.0}))), (List{20.0, 10.0}));
  EXPECT_EQ(list(log), (List{20.0, 0.0}));
}

TEST(Grad, WritesToTheArgumentReachTheCaller) {
  const auto f = [](Array& x) {
    Array y = x * x;
    x[0] = 7.0;
    return np::sum(y * x);
  };
  Array x = np::array({1.0, 2.0});
  EXPECT_EQ(list(tarry::grad(f)(x)), (List{14.0, 12.0}));
  EXPECT_EQ(list(x), (List{7.0, 2.0}));
}

TEST(Grad, ViewsOfViewsAreWrittenThrough) {
  const auto f = [](const Array& x) {
    Array y = x * 1.0;
    Array v = y[{np::slice(1, 4)}];
    v[{np::slice(np::none, np::none, 2)}] *= x[0];
    v.reshape({3, 1})[1] += x[4];
    return np::sum(y * y);
  };
  tarry::check_grads(f, {np::array({1.5, 2.0, 3.0, 4.0, 5.0})}, 2);
}

TEST(Grad, ResultsKeepTheOrderOfAxes) {
  const Array x = np::arange(6.0).reshape({2, 3}).T().copy();
  EXPECT_EQ(tarry::grad([](const Array& a) { return np::sum(a * a); })(x).shape(), (tarry::Shape{3, 2}));
}

TEST(Grad, ConstantFunctions) {
  const Array x = np::ones({2, 3});
  EXPECT_EQ(list(tarry::grad([](const Array&) { return Array(3.0); })(x)), List(6, 0.0));
  EXPECT_EQ(list(tarry::grad([](const Array& a) { return np::sum(np::floor(a)); })(x)), List(6, 0.0));
  EXPECT_EQ(list(tarry::grad([](const Array& a) { return np::sum(a > 0.5) * 1.0; })(x)), List(6, 0.0));
}

TEST(Grad, IdentityAndUnusedParts) {
  EXPECT_EQ(double(tarry::grad([](const Array& x) { return x; })(3.0)), 1.0);
  EXPECT_EQ(list(tarry::grad([](const Array& x) { return x[1]; })(np::ones({3}))), (List{0, 1, 0}));
  // No scalar: seeded with ones.
  EXPECT_EQ(list(tarry::grad([](const Array& x) { return x * x; })(np::array({1.0, 2.0}))), (List{2, 4}));
}

TEST(Grad, Positions) {
  const auto f = [](const Array& a, const Array& b, const Array& c) { return a * b + c; };
  EXPECT_EQ(double(tarry::grad(f, 1)(2.0, 3.0, 4.0)), 2.0);
  EXPECT_EQ(double(tarry::grad(f, -1)(2.0, 3.0, 4.0)), 1.0);
  EXPECT_EQ(double(tarry::grad<1>(f)(2.0, 3.0, 4.0)), 2.0);
  const std::vector<Array> both = tarry::grad(f, {0, 2})(2.0, 3.0, 4.0);
  EXPECT_EQ(double(both[0]), 3.0);
  EXPECT_EQ(double(both[1]), 1.0);
  const auto [da, db] = tarry::grad<0, 1>(f)(2.0, 3.0, 4.0);
  EXPECT_EQ(double(da), 3.0);
  EXPECT_EQ(double(db), 2.0);
  EXPECT_THROW(tarry::grad(f, 3)(2.0, 3.0, 4.0), tarry::ValueError);
  EXPECT_THROW(tarry::grad(f, 1)(2.0, 3, 4.0), tarry::TypeError);
  const auto g = [](const Array& x, int n, const std::string& how) { return how == "up" ? x * n : x; };
  EXPECT_EQ(double(tarry::grad(g)(2.0, 5, std::string("up"))), 5.0);
}

TEST(Grad, IntegersAreRefused) {
  const auto f = [](const Array& x) { return x * x; };
  try {
    tarry::grad(f)(3);
    FAIL() << "no exception";
  } catch (const tarry::TypeError& e) {
    EXPECT_STREQ(
        e.what(),
        "grad requires real- or complex-valued inputs (input dtype that is a sub-dtype of np.inexact), but got "
        "int64.");
  }
  const auto g = [](const Array& x) { return np::argmax(x); };
  EXPECT_THROW(tarry::grad(g)(np::ones({3})), tarry::TypeError);
}

TEST(Grad, NumpyFunctions) {
  EXPECT_EQ(double(tarry::grad(np::exp)(0.0)), 1.0);
  EXPECT_EQ(double(tarry::grad(tarry::grad(np::sin))(0.5)), -std::sin(0.5));
}

TEST(Grad, ValueAndLoss) {
  const auto f = [](const Array& x, const Array& y) { return x * x * y; };
  const auto [value, gradient] = tarry::value_and_grad(f)(3.0, 2.0);
  EXPECT_EQ(double(value), 18.0);
  EXPECT_EQ(double(gradient), 12.0);
  const auto [gradient1, loss] = tarry::grad_and_loss(f, 1)(3.0, 2.0);
  EXPECT_EQ(double(gradient1), 9.0);
  EXPECT_EQ(double(loss), 18.0);
}

TEST(Grad, Trees) {
  user::Net net{{{np::array({{1.0, 2.0}, {3.0, 4.0}}), np::array({0.5, 0.25}), 2}}, Array(2.0)};
  const auto loss = [](const user::Net& n, const Array& x) {
    Array h = x;
    for (const user::Layer& l : n.layers) h = np::tanh(np::matmul(h, l.weight) + l.bias);
    return np::sum(h) * n.scale;
  };
  const Array x = np::array({{0.1, 0.2}});
  const user::Net g = tarry::grad(loss)(net, x);
  EXPECT_EQ(g.layers.size(), 1u);
  EXPECT_EQ(g.layers[0].width, 2);
  EXPECT_EQ(g.layers[0].weight.shape(), (tarry::Shape{2, 2}));
  const double h0 = std::tanh(0.1 + 0.6 + 0.5), h1 = std::tanh(0.2 + 0.8 + 0.25);
  EXPECT_NEAR(double(g.scale), h0 + h1, 1e-14);
  EXPECT_NEAR(double(g.layers[0].bias[0]), 2.0 * (1 - h0 * h0), 1e-14);
  std::map<std::string, Array> p{{"w", Array(3.0)}, {"b", Array(1.0)}};
  const auto line = [](const std::map<std::string, Array>& q) { return q.at("w") * q.at("w") + q.at("b"); };
  const std::map<std::string, Array> dp = tarry::grad(line)(p);
  EXPECT_EQ(double(dp.at("w")), 6.0);
  EXPECT_EQ(double(dp.at("b")), 1.0);
  tarry::check_grads(
      [](const std::pair<Array, std::array<Array, 2>>& t) { return t.first * t.second[0] * t.second[1]; },
      std::pair<Array, std::array<Array, 2>>{2.0, {3.0, 4.0}});
}

TEST(Grad, OfGrad) {
  const auto cube = [](const Array& x) { return x * x * x; };
  EXPECT_EQ(double(tarry::grad(tarry::grad(cube))(2.0)), 12.0);
  EXPECT_EQ(double(tarry::grad(tarry::grad(tarry::grad(cube)))(2.0)), 6.0);
  EXPECT_EQ(double(tarry::grad(tarry::grad(tarry::grad(tarry::grad(cube))))(2.0)), 0.0);
}

// The classic of perturbation confusion: d/dx x · (d/dy (x + y)) = 1.
TEST(Grad, InsideAFunctionUnderGrad) {
  const auto f = [](const Array& x) { return x * tarry::grad([&](const Array& y) { return x + y; })(1.0); };
  EXPECT_EQ(double(tarry::grad(f)(1.0)), 1.0);
  const auto g = [](const Array& x) { return x * tarry::grad([&](const Array& y) { return x * x * y * y; })(x); };
  EXPECT_EQ(double(tarry::grad(g)(3.0)), 8 * 27.0);  // x · 2x³
}

TEST(Grad, ForwardAndReverseInAnyMix) {
  const auto f = [](const Array& x) { return np::sum(np::sin(x) * x * x); };
  const Array x = np::array({0.3, 0.7}), v = np::array({1.0, -2.0});
  const auto second = [](double t) { return 2 * std::sin(t) + 4 * t * std::cos(t) - t * t * std::sin(t); };
  const List expected{second(0.3), -2 * second(0.7)};
  const auto near = [&](const Array& a) {
    for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(list(a)[i], expected[i], 1e-14);
  };
  near(tarry::jvp(tarry::grad(f), x, v).second);                                         // forward over reverse
  near(tarry::grad([&](const Array& a) { return tarry::jvp(f, a, v).second; })(x));      // reverse over forward
  near(tarry::grad([&](const Array& a) { return np::sum(tarry::grad(f)(a) * v); })(x));  // reverse over reverse
  const auto forward = [&](const Array& a) { return tarry::jvp(f, a, np::array({1.0, 0.0})).second; };
  EXPECT_NEAR(double(tarry::jvp(forward, x, v).second), second(0.3), 1e-14);  // forward over forward
}

TEST(Jvp, SeveralArguments) {
  const auto [y, dy] = tarry::jvp([](const Array& a, const Array& b) { return a * b; }, {2.0, 3.0}, {1.0, 10.0});
  EXPECT_EQ(double(y), 6.0);
  EXPECT_EQ(double(dy), 23.0);
  EXPECT_THROW(tarry::jvp(np::exp, {np::ones({2})}, {np::ones({3})}), tarry::ValueError);
}

TEST(Vjp, PullbackAnyNumberOfTimes) {
  const Array x = np::array({1.0, 2.0});
  const auto [y, pullback] = tarry::vjp([](const Array& a) { return a * a * a; }, x);
  EXPECT_EQ(list(y), (List{1, 8}));
  for (int i = 1; i < 4; ++i) EXPECT_EQ(list(pullback(np::full({2}, double(i)))), (List{3.0 * i, 12.0 * i}));
  const auto [z, pull2] = tarry::vjp([](const Array& a, const Array& b) { return a * b; }, Array(2.0), Array(5.0));
  const auto [da, db] = pull2(Array(1.0));
  EXPECT_EQ(double(z), 10.0);
  EXPECT_EQ(double(da), 5.0);
  EXPECT_EQ(double(db), 2.0);
}

TEST(Grad, StopGradient) {
  EXPECT_EQ(double(tarry::grad([](const Array& x) { return tarry::stop_gradient(x) * x; })(3.0)), 3.0);
  EXPECT_EQ(double(tarry::grad([](const Array& x) { return tarry::stop_gradient(x * x); })(3.0)), 0.0);
}

TEST(Grad, ExceptionsLeaveNothingBehind) {
  const auto fails = [](const Array& x) -> Array {
    Array y = x * x;
    if (y > 0) throw std::runtime_error("user");
    return y;
  };
  const auto nested = [&](const Array& x) { return x * tarry::grad(fails)(x); };
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(tarry::grad(fails)(2.0), std::runtime_error);
    EXPECT_THROW(tarry::grad(nested)(2.0), std::runtime_error);
    EXPECT_EQ(double(tarry::grad([](const Array& x) { return x * x; })(2.0)), 4.0);
  }
}

TEST(Grad, SharedMemoryIsNotFollowedSilently) {
  const auto look = [](const Array& x) {
    Array y = x * 2.0;
    return y * y.data<double>()[0];
  };
  EXPECT_THROW(tarry::grad(look)(np::ones({2})), tarry::ValueError);
  std::vector<double> memory(2);
  Array shared = np::frombuffer(memory.data(), {2});
  const auto write = [&](const Array& x) {
    shared[0] = x[0];
    return np::sum(shared * x);
  };
  EXPECT_THROW(tarry::grad(write)(np::ones({2})), tarry::ValueError);
  const auto stopped = [&](const Array& x) {
    shared[0] = tarry::stop_gradient(x[0]);
    return np::sum(shared * x);
  };
  EXPECT_EQ(list(tarry::grad(stopped)(np::full({2}, 3.0))), (List{3.0, 0.0}));
  EXPECT_EQ(memory[0], 3.0);
}

TEST(Grad, SharedMemoryIsReadAtTheCall) {
  std::vector<double> memory{1, 2, 3, 4};
  const Array shared = np::frombuffer(memory.data(), {4}), every_second = shared[{np::slice(np::none, np::none, 2)}];
  const auto scaled = [&](const Array& x) { return np::sum(x * shared) + np::sum(x[{np::slice(2)}] * every_second); };
  const Array gradient = tarry::grad(scaled)(np::ones({4}));
  const auto [value, pullback] = tarry::vjp(scaled, np::ones({4}));
  const Array second = tarry::grad([&](const Array& x) { return np::sum(tarry::grad(scaled)(x * x)); })(np::ones({4}));
  memory = {100, 200, 300, 400};
  EXPECT_EQ(list(gradient), (List{2, 5, 3, 4}));
  EXPECT_EQ(double(value), 14.0);
  EXPECT_EQ(list(pullback(1.0)), (List{2, 5, 3, 4}));
  EXPECT_EQ(list(second), (List{0, 0, 0, 0}));
  EXPECT_EQ(list(tarry::grad([&](const Array& x) { return np::sum(x * x * shared); })(shared)),
            (List{2e4, 8e4, 18e4, 32e4}));
}

TEST(Grad, OtherThreadsDoNotLoseIt) {
  const auto in_thread = [](auto work) {
    std::exception_ptr error;
    std::thread([&] {
      try {
        work();
      } catch (...) {
        error = std::current_exception();
      }
    }).join();
    if (error) std::rethrow_exception(error);
  };
  Array result;
  const auto reads = [&](const Array& x) {
    const Array y = x * 2.0;
    in_thread([&] { result = y + 1.0; });
    return np::sum(result);
  };
  const auto reads_argument = [&](const Array& x) {
    in_thread([&] { result = np::exp(x); });
    return np::sum(result);
  };
  const auto reads_view = [&](const Array& x) {
    in_thread([&] { result = x[{np::slice(0, 1)}] + 1.0; });
    return np::sum(result);
  };
  const Array x = np::array({1.0, 2.0});
  EXPECT_THROW(tarry::grad(reads)(x), tarry::ValueError);
  EXPECT_THROW(tarry::grad(reads_argument)(x), tarry::ValueError);
  EXPECT_THROW(tarry::grad(reads_view)(x), tarry::ValueError);
  const auto constant = [&](const Array& x) {
    const Array fixed = tarry::stop_gradient(x);
    in_thread([&] { result = fixed + 1.0; });
    return np::sum(result * x);
  };
  EXPECT_EQ(list(tarry::grad(constant)(x)), (std::vector<double>{2, 3}));
  // A transform of the other thread's own is as good as one here.
  Array gradient;
  in_thread([&] { gradient = tarry::grad([](const Array& v) { return np::sum(v * v); })(x); });
  EXPECT_EQ(list(gradient), (std::vector<double>{2, 4}));
}

TEST(Grad, APositionCountsOnce) {
  const auto f = [](const Array& a, const Array& b) { return np::sum(a * b); };
  const Array x = np::array({1.0, 2.0});
  EXPECT_THROW(tarry::grad(f, {0, 0})(x, x), tarry::ValueError);
  EXPECT_THROW(tarry::grad(f, {1, -1})(x, x), tarry::ValueError);
  EXPECT_THROW(tarry::value_and_grad(f, {0, -2})(x, x), tarry::ValueError);
  EXPECT_EQ(tarry::grad(f, {1, 0})(x, x).size(), 2u);
}

TEST(Grad, LongLoopsTakeLinearTime) {
  const auto seconds = [](int steps) {
    const auto f = [&](const Array& x) {
      Array y = x;
      for (int i = 0; i < steps; ++i) y = y * 0.99999 + x * 0.00001;
      return np::sum(y);
    };
    timespec start{}, end{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    EXPECT_NEAR(double(tarry::grad(f)(np::ones({4}))[2]), 1.0, 1e-9);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return static_cast<double>(end.tv_sec - start.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - start.tv_nsec);
  };
  const double tenth = seconds(10000);
  EXPECT_LT(seconds(100000), 20 * tenth);
}

/// On a stack of 256 KiB, which 10^5 calls inside one another would leave long before their end.
TEST(Grad, LongLoopsNeedNoDeepStack) {
  const auto run = [](void* result) -> void* {
    const auto f = [](const Array& x) {
      Array y = x;
      for (int i = 0; i < 100000; ++i) y = y * 0.99999 + x * 0.00001;
      return np::sum(y);
    };
    *static_cast<double*>(result) = double(tarry::grad(f)(np::ones({4}))[2]);
    return nullptr;
  };
  double slope = 0;
  pthread_attr_t small;
  pthread_attr_init(&small);
  ASSERT_EQ(pthread_attr_setstacksize(&small, 256 << 10), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &small, run, &slope), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&small);
  EXPECT_NEAR(slope, 1.0, 1e-9);
}

// A chain that is cut while it is recorded, and again while its derivative is.
TEST(Grad, LongChains) {
  const int steps = 8000;
  const auto f = [&](const Array& x) {
    Array y = x;
    for (int i = 0; i < steps; ++i) y = y * 0.9999 + x * 0.0001;
    return np::sum(y);
  };
  EXPECT_NEAR(double(tarry::grad(f)(np::ones({4}))[2]), 1.0, 1e-9);
}

TEST(Grad, SteadyLoopMakesNoPlans) {
  Array w = np::ones({8});
  const auto loss = [](const Array& x) { return np::sum(np::tanh(x) * x); };
  for (int i = 0; i < 12; ++i) {
    const auto [value, g] = tarry::value_and_grad(loss)(w);
    w = w - 0.1 * g;
    if (i == 6) tarry::reset_stats();
    (void)double(value);
  }
  EXPECT_EQ(tarry::stats().plans_made, 0u);
}

// A gradient of a fused sum reads what the sum reads, once: what it needs of the primal is computed again in its
// kernel.
TEST(Grad, OfAChainIsAtMostTwoKernels) {
  const auto chain = [](const Array& a, const Array& b, const Array& c) {
    return np::sum(np::tanh(a * b + c) * np::exp(-a) + np::sqrt(np::abs(b * c) + 1.0) - a / (1.0 + c * c));
  };
  const Array i = np::arange(100000.0);
  const Array a = np::sin(i).astype(tarry::float32), b = np::cos(i).astype(tarry::float32),
              c = np::sin(0.3 * i).astype(tarry::float32);
  tarry::eval(a, b, c);
  tarry::reset_stats();
  tarry::eval(tarry::grad([&](const Array& x) { return chain(x, b, c); })(a));
  EXPECT_LE(tarry::stats().kernels_launched, 2u);
  tarry::reset_stats();
  const auto [da, db, dc] = tarry::grad<0, 1, 2>(chain)(a, b, c);
  tarry::eval(da, db, dc);
  EXPECT_LE(tarry::stats().kernels_launched, 2u);
  EXPECT_GE(tarry::stats().kernels_launched, 1u);
}

}  // namespace
