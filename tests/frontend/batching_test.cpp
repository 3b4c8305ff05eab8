// vmap: a function of single elements on all elements at once, alone and mixed with derivatives.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
List list(const Array& a) { return a.to_vector<double>(); }

Array noise(const tarry::Shape& shape, double seed = 0.7) {
  return np::sin(np::arange(static_cast<double>(tarry::ir::num_elements(shape))) * 1.7 + seed).reshape(shape);
}

/// vmap gives what a loop over the elements gives.
void expect_loop(const std::function<Array(const Array&)>& f, const Array& x) {
  std::vector<Array> rows;
  for (int64_t i = 0; i < x.shape()[0]; ++i) rows.push_back(f(x[i].copy()));
  const Array expected = np::stack(rows), found = tarry::vmap(f)(x);
  ASSERT_EQ(found.shape(), expected.shape());
  EXPECT_EQ(found.dtype(), expected.dtype());
  const List a = list(found), b = list(expected);
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13) << "element " << i;
}

TEST(Vmap, WhatOutlivesTheCallHasNoPlaceForAllElements) {
  Array log = np::zeros({3}), shared = np::zeros({2});
  const auto f = [&](const Array& x) {
    log[1] = x * 2.0;
    return x;
  };
  try {
    tarry::vmap(f)(np::arange(4.0));
    ADD_FAILURE() << "no error";
  } catch (const tarry::ValueError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("batching_test.cpp:"), text.npos) << text;
    EXPECT_NE(text.find("shape (3,)"), text.npos) << text;
  }
  const auto into_argument = [](const Array& x, Array& y) {
    y += x;
    return y * 1.0;
  };
  EXPECT_THROW(tarry::vmap(into_argument, {0, tarry::none})(np::arange(4.0), shared), tarry::ValueError);
  // Its own arrays, its element, and values that are the same for all are all right.
  Array count = np::zeros({});
  const auto fine = [&](Array& x) {
    count += 1.0;
    Array own = np::zeros({3});
    own[1] = x * 2.0;
    x *= 3.0;
    return own + x;
  };
  EXPECT_EQ(list(tarry::vmap(fine)(np::arange(2.0))), (List{0, 0, 0, 3, 5, 3}));
  EXPECT_EQ(double(count), 1.0);
}

TEST(Vmap, EveryKindOfOp) {
  const Array x = noise({4, 2, 3}), row = noise({3}), w = noise({3, 5}), m = noise({2, 2});
  expect_loop([&](const Array& a) { return np::exp(a) * row + 2.0; }, x);
  expect_loop([&](const Array& a) { return row - a[0]; }, x);
  expect_loop([&](const Array& a) { return a.reshape({3, 2}).T() + a; }, x);
  expect_loop([&](const Array& a) { return np::broadcast_to(a[0], {2, 2, 3}) * m.reshape({2, 2, 1}); }, x);
  expect_loop([&](const Array& a) { return a[{np::slice(np::none, np::none, -1), np::slice(1, 3)}]; }, x);
  expect_loop([&](const Array& a) { return np::pad(a, 1) + np::pad(a, 1, np::PadMode::constant, a[{0, 1}]); }, x);
  expect_loop([&](const Array& a) { return np::concatenate({a, np::ones({1, 3}), a * a}); }, x);
  expect_loop([&](const Array& a) { return np::sum(a, 1) + np::max(a) - np::min(a, 1) * np::prod(a); }, x);
  expect_loop([&](const Array& a) { return np::cumsum(a, 0) * np::cumprod(a, 1); }, x);
  expect_loop([&](const Array& a) { return np::std(a) + np::mean(a, 0); }, x);
  expect_loop([&](const Array& a) { return np::where(a > 0, a, row); }, x);
  expect_loop([&](const Array& a) { return np::argmax(a, 0) + a.astype(tarry::int64); }, x);
  expect_loop([&](const Array& a) { return np::matmul(a, w); }, x);
  expect_loop([&](const Array& a) { return np::matmul(m, a); }, x);
  expect_loop([&](const Array& a) { return np::matmul(a, a.T()); }, x);
  expect_loop([&](const Array& a) { return np::dot(a, row) + np::dot(row, a[1]); }, x);
  expect_loop([&](const Array& a) { return np::sum(a) * 1.0; }, x);
  expect_loop(
      [&](const Array& a) {
        Array y = np::zeros({2, 3});
        y[0] = a[1];
        y[{1, 2}] += a[{0, 0}];
        y[a > 0.5] = 7.0;
        return y;
      },
      x);
  expect_loop([&](const Array&) { return row; }, x);
}

TEST(Vmap, Axes) {
  const Array x = noise({3, 4}), y = noise({4});
  const auto f = [](const Array& a, const Array& b) { return a * b; };
  EXPECT_EQ(list(tarry::vmap(f, {1, 0})(x, y)), list((x * y).T()));
  EXPECT_EQ(list(tarry::vmap(f, {1, 0}, 1)(x, y)), list(x * y));
  EXPECT_EQ(list(tarry::vmap(f, {0, tarry::none})(x, y)), list(x * y));
  EXPECT_EQ(list(tarry::vmap(f, {-2, tarry::none}, -1)(x, y)), list((x * y).T()));
  EXPECT_THROW(tarry::vmap(f)(x, y), tarry::ValueError);
  EXPECT_THROW(tarry::vmap(f, {0, 0, 0})(x, y), tarry::ValueError);
  EXPECT_THROW(tarry::vmap(f, {tarry::none, tarry::none})(x, y), tarry::ValueError);
  EXPECT_THROW(tarry::vmap(f)(Array(1.0), y), tarry::ValueError);
}

TEST(Vmap, Trees) {
  const auto f = [](const std::pair<Array, Array>& p, int n) {
    return std::vector<Array>{p.first * n, p.first + p.second};
  };
  const std::vector<Array> r = tarry::vmap(f)(std::pair<Array, Array>{np::arange(3.0), np::ones({3, 2})}, 5);
  EXPECT_EQ(list(r[0]), (List{0, 5, 10}));
  EXPECT_EQ(list(r[1]), (List{1, 1, 2, 2, 3, 3}));
}

/// What is said of looking at a value that depends on the batch.
std::string refusal_of(const std::function<void(const Array&)>& look, int* line_of_vmap = nullptr) {
  if (line_of_vmap) *line_of_vmap = __LINE__ + 2;
  try {
    tarry::vmap([&](const Array& x) { return look(x), x; })(noise({2, 4}));
    return "no exception";
  } catch (const tarry::ValueError& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another exception: ") + e.what();
  }
}

void expect_line(const std::string& words, int line) {
  EXPECT_NE(words.find("batching_test.cpp:" + std::to_string(line) + ")"), std::string::npos) << words;
  EXPECT_NE(words.find("Use where() in place of a branch, and look at the result of vmap"), std::string::npos) << words;
}

/// Looks that know where they stand, at the argument itself and at what is made of it.
#define EXPECT_REFUSED_HERE(...)                                        \
  expect_line(refusal_of([&]([[maybe_unused]] const Array& x) {         \
                const auto look = [&](const Array& x) { __VA_ARGS__; }; \
                look(x);                                                \
              }),                                                       \
              __LINE__);                                                \
  expect_line(refusal_of([&](const Array& x) {                          \
                const auto look = [&](const Array& x) { __VA_ARGS__; }; \
                look(2.0 * x);                                          \
              }),                                                       \
              __LINE__)

TEST(Vmap, LookingNamesTheLine) {
  std::ostringstream out;
  Array other = noise({4});
  const std::string file = testing::TempDir() + "of_one_element";
  EXPECT_REFUSED_HERE(out << x);
  EXPECT_REFUSED_HERE((void)tarry::to_string(x));
  EXPECT_REFUSED_HERE((void)np::str(x));
  EXPECT_REFUSED_HERE((void)np::repr(x));
  EXPECT_REFUSED_HERE((void)np::array2string(x));
  EXPECT_REFUSED_HERE((void)x[0].item<double>());
  EXPECT_REFUSED_HERE((void)x.to_vector<double>());
  EXPECT_REFUSED_HERE((void)x.to_vector<float>());
  EXPECT_REFUSED_HERE((void)x.data<double>());
  EXPECT_REFUSED_HERE(np::save(file, x));
  EXPECT_REFUSED_HERE(np::savez(file, {{"x", x}}));
  EXPECT_REFUSED_HERE(np::savez_compressed(file, {{"x", x}}));
  EXPECT_REFUSED_HERE((void)tarry::explain(x));
  EXPECT_REFUSED_HERE((void)tarry::ir_text(x));
  EXPECT_REFUSED_HERE(if (x[0] > 0) return );
  EXPECT_REFUSED_HERE(if (np::any(x)) return );
  EXPECT_REFUSED_HERE((void)double(np::std(x)));
  // Shapes that depend on data.
  EXPECT_REFUSED_HERE((void)np::nonzero(x));
  EXPECT_REFUSED_HERE((void)np::argwhere(x));
  EXPECT_REFUSED_HERE((void)np::unique(x).shape());
  EXPECT_REFUSED_HERE((void)Array(x[x > 0]).shape());
  EXPECT_REFUSED_HERE((void)(other[x > 0] + 1.0));
  EXPECT_REFUSED_HERE((void)np::compress(x > 0, other));
  EXPECT_REFUSED_HERE(Array y = x.copy(); y[y > 0] = noise({2}));
}

TEST(Vmap, LookingNamesWhatWasBatchedWhereTheLineIsUnknown) {
  // Conversions cannot know where they stand.
  int line = 0;
  std::string words = refusal_of([](const Array& x) { (void)bool(x[0]); }, &line);
  expect_line(words, line);
  expect_line(refusal_of([](const Array& x) { (void)double(x[0]); }), line);
  expect_line(refusal_of([](const Array& x) { tarry::eval(x); }), line);
  // Nor what the library computes on the way, which has no line of the user's.
  expect_line(refusal_of([](const Array& x) { (void)double(np::median(x)); }), line);
  expect_line(refusal_of([](const Array& x) { (void)double(tarry::grad(np::sin)(x[0])); }), line);
  // What is made of it does.
  const auto cube = [](const Array& y) { return y * y * y; };
  expect_line(refusal_of([&](const Array& x) { (void)double(tarry::grad(cube)(x[0])); }), __LINE__ - 1);
  expect_line(refusal_of([](const Array& x) { (void)np::allclose(x + 1.0, 0.0); }), __LINE__);
  // The function that vmap gave may be called elsewhere.
  const auto mapped = tarry::vmap([](const Array& x) { return double(x) > 0 ? x : -x; });
  const int made = __LINE__ - 1;
  try {
    (void)mapped(np::ones({3}));
    ADD_FAILURE() << "no exception";
  } catch (const tarry::ValueError& e) {
    expect_line(e.what(), made);
  }
}

TEST(Vmap, WhatDoesNotDependOnTheBatchMayBeLookedAt) {
  refusal_of([](const Array& x) { (void)double(x[0]); });  // and afterwards all is as it was
  const Array limit = np::array(0.5);
  const auto fine = [&](const Array& a) { return limit > 0 ? a * 2.0 : a; };
  EXPECT_EQ(list(tarry::vmap(fine)(np::ones({2}))), (List{2, 2}));
}

TEST(Vmap, WhatEscapesHasNoValue) {
  Array escaped = np::zeros({2});
  const auto f = [&](const Array& a) {
    escaped[0] = a;
    return a;
  };
  EXPECT_THROW(tarry::vmap(f)(np::ones({3})), tarry::ValueError);
  EXPECT_THROW(list(escaped), tarry::ValueError);
  EXPECT_THROW(list(escaped * 2.0 + 1.0), tarry::ValueError);
  EXPECT_EQ(list(np::ones({2}) * 2.0), (List{2, 2}));
}

TEST(Vmap, OfVmap) {
  const Array x = noise({3, 4}), y = noise({5});
  const auto inner = [&](const Array& a) { return tarry::vmap([&](const Array& b) { return a * b; })(y); };
  const auto outer = [&](const Array& r) { return tarry::vmap(inner)(r); };
  EXPECT_EQ(list(tarry::vmap(outer)(x)), list(x.reshape({3, 4, 1}) * y));
}

// ---- with derivatives, in every order ----

Array energy(const Array& a) { return np::sum(np::sin(a) * a * a) + np::prod(a); }

TEST(Compose, VmapOfGradAndGradOfVmap) {
  const Array x = noise({4, 3});
  const auto one = tarry::grad(energy);
  expect_loop([&](const Array& a) { return one(a); }, x);
  const auto all = [](const Array& xs) { return np::sum(tarry::vmap(energy)(xs)); };
  const List a = list(tarry::grad(all)(x)), b = list(tarry::vmap(one)(x));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13);
}

TEST(Compose, VmapOfJvpAndJvpOfVmap) {
  const Array x = noise({4, 3}), v = noise({4, 3}, 0.1);
  const auto push = [](const Array& a, const Array& t) { return tarry::jvp(energy, a, t).second; };
  const List a = list(tarry::vmap(push)(x, v));
  const List b = list(tarry::jvp([](const Array& xs) { return tarry::vmap(energy)(xs); }, x, v).second);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(a[i], double(push(x[i], v[i])), 1e-13);
    EXPECT_NEAR(b[i], a[i], 1e-13);
  }
}

TEST(Compose, VjpOfVmapAndVmapOfVjp) {
  const Array x = noise({4, 3}), c = noise({4}, 0.3);
  const auto [y, pullback] = tarry::vjp([](const Array& xs) { return tarry::vmap(energy)(xs); }, x);
  const auto pull = [](const Array& a, const Array& ct) { return tarry::vjp(energy, a).second(ct); };
  const List a = list(pullback(c)), b = list(tarry::vmap(pull)(x, c));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13);
}

TEST(Compose, GradInsideVmapInsideGrad) {
  const Array x = noise({4, 3});
  const auto f = [](const Array& xs) {
    return np::sum(tarry::vmap([](const Array& a) { return np::sum(tarry::grad(energy)(a) * a); })(xs));
  };
  tarry::check_grads(f, {x}, 2);
}

TEST(Jacobians, ForwardAndReverseAgree) {
  const auto f = [](const Array& x) {
    return np::stack({x[0] * x[1], np::sin(x[2]), x[0], np::sum(x * x)}).reshape({2, 2});
  };
  const Array x = np::array({0.5, -1.5, 2.0});
  const List expected{-1.5, 0.5, 0, 0, 0, std::cos(2.0), 1, 0, 0, 1, -3, 4};
  EXPECT_EQ(tarry::jacfwd(f)(x).shape(), (tarry::Shape{2, 2, 3}));
  EXPECT_EQ(list(tarry::jacfwd(f)(x)), expected);
  EXPECT_EQ(list(tarry::jacrev(f)(x)), expected);
  EXPECT_EQ(list(tarry::jacobian(f)(x)), expected);
  EXPECT_EQ(tarry::jacfwd(np::exp)(np::array(0.0)).shape(), (tarry::Shape{}));
}

TEST(Jacobians, BranchesOnTheArgument) {
  const auto f = [](const Array& x) {
    if (x[0] > 0) return x * x;
    return x;
  };
  EXPECT_EQ(list(tarry::jacfwd(f)(np::array({1.0, 2.0}))), (List{2, 0, 0, 4}));
  EXPECT_EQ(list(tarry::jacrev(f)(np::array({-1.0, 2.0}))), (List{1, 0, 0, 1}));
}

TEST(Hessian, OneBatchedEvaluation) {
  const auto f = [](const Array& x) { return np::sum(np::sin(x) * x); };
  const Array x = noise({64});
  tarry::eval(x);
  for (int i = 0; i < 2; ++i) (void)list(tarry::hessian(f)(x));
  tarry::reset_stats();
  const Array h = tarry::hessian(f)(x);
  (void)list(h);
  EXPECT_LE(tarry::stats().kernels_launched, 3u);
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  const auto second = [](double t) { return 2 * std::cos(t) - t * std::sin(t); };
  const List v = list(h), at = list(x);
  for (size_t i = 0; i < 64; ++i)
    for (size_t k = 0; k < 64; ++k) EXPECT_NEAR(v[i * 64 + k], i == k ? second(at[i]) : 0.0, 1e-13);
}

TEST(Hessian, TimesAVector) {
  const auto f = [](const Array& x) { return np::sum(x * x * x) * x[0]; };
  const Array x = noise({5}), v = noise({5}, 0.2);
  const List a = list(tarry::hvp(f, x, v)), b = list(np::matmul(tarry::hessian(f)(x), v));
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(a[i], b[i], 1e-13);
}

TEST(Hessian, NewtonOnRosenbrock) {
  const auto f = [](const Array& x) {
    return np::sum(100.0 * np::square(x[{np::slice(1, np::none)}] - np::square(x[{np::slice(0, -1)}])) +
                   np::square(1.0 - x[{np::slice(0, -1)}]));
  };
  Array x = np::array({-1.2, 1.0});
  for (int i = 0; i < 20; ++i) {
    const Array g = tarry::grad(f)(x), h = tarry::hessian(f)(x);
    const Array det = h[{0, 0}] * h[{1, 1}] - h[{0, 1}] * h[{1, 0}];
    const Array step = np::stack({h[{1, 1}] * g[0] - h[{0, 1}] * g[1], h[{0, 0}] * g[1] - h[{1, 0}] * g[0]}) / det;
    x = x - step;
  }
  EXPECT_NEAR(double(x[0]), 1.0, 1e-12);
  EXPECT_NEAR(double(x[1]), 1.0, 1e-12);
}

}  // namespace
