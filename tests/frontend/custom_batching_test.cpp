// Functions with derivatives of their own inside vmap, and every derivative of that.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
List list(const Array& a) { return a.to_vector<double>(); }

void expect_near(const Array& found, const Array& expected, double tolerance = 1e-13) {
  ASSERT_EQ(found.shape(), expected.shape());
  EXPECT_LE(double(np::max(np::abs(found - expected))), tolerance);
}

Array plain(const Array& x) { return np::log(1.0 + np::exp(x)); }
/// Its rules stay finite where derivatives op by op do not.
auto by_vjp() {
  return tarry::custom_vjp(
      plain, [](const Array& x) { return std::pair(plain(x), x); },
      [](const Array& x, const Array& ct) { return ct / (1.0 + np::exp(-x)); });
}
auto by_jvp() {
  return tarry::custom_jvp(plain,
                           [](const Array& x, const Array& t) { return std::pair(plain(x), t / (1.0 + np::exp(-x))); });
}

const Array kX = np::array({{0.3, -0.7, 0.1}, {1.5, 0.2, -2.0}});
const Array kV = np::array({{1.0, -0.5, 0.25}, {-2.0, 1.0, 0.5}});

const Array kC = np::array({1.0, -2.0, 0.5});

template <class F>
void check_both_ways(const F& f) {
  const auto one = [&](const Array& x) { return np::sum(f(x * x) * kC); };
  const auto reference = [](const Array& x) { return np::sum(plain(x * x) * kC); };
  const auto all = [](auto g) { return [g](const Array& x) { return np::sum(tarry::vmap(g)(x)); }; };
  expect_near(tarry::vmap(one)(kX), tarry::vmap(reference)(kX));
  const Array gradient = tarry::grad(all(reference))(kX);
  expect_near(tarry::grad(all(one))(kX), gradient);
  expect_near(tarry::vmap(tarry::grad(one))(kX), gradient);
  // Twice in every order.
  const Array second = tarry::hvp(all(reference), kX, kV);
  expect_near(tarry::grad([&](const Array& x) { return np::sum(tarry::grad(all(one))(x) * kV); })(kX), second);
  expect_near(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(tarry::grad(one))(x) * kV); })(kX), second);
  expect_near(tarry::hvp(all(one), kX, kV), second);
  expect_near(tarry::vmap([&](const Array& x, const Array& v) { return tarry::hvp(one, x, v); })(kX, kV), second);
  expect_near(tarry::vmap(tarry::hessian(one))(kX), tarry::vmap(tarry::hessian(reference))(kX));
  // A batch of batches, and by another axis.
  const auto twice = [&](const Array& x) { return tarry::vmap(tarry::vmap(one))(x); };
  const Array stack = np::stack({kX, kX * 0.5});
  expect_near(tarry::grad([&](const Array& x) { return np::sum(twice(x)); })(stack),
              np::stack({gradient, tarry::grad(all(one))(kX * 0.5)}));
  expect_near(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(one, {1})(x)); })(kX.T()), gradient.T());
  // It is the rule that is used.
  EXPECT_EQ(list(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(f)(x)); })(np::array({800.0, -800.0}))),
            (List{1, 0}));
  tarry::check_grads([&](const Array& x) { return np::sin(tarry::vmap(tarry::grad(one))(x)); }, {kX}, 1);
}

TEST(CustomBatching, Vjp) { check_both_ways(by_vjp()); }

TEST(CustomBatching, Jvp) {
  const auto f = by_jvp();
  check_both_ways(f);
  const auto all = [&](const Array& x) { return tarry::vmap(f)(x); };
  expect_near(tarry::jvp(all, kX, kV).second, tarry::jvp(plain, kX, kV).second);
  expect_near(tarry::vmap([&](const Array& x, const Array& v) { return tarry::jvp(f, x, v).second; })(kX, kV),
              tarry::jvp(plain, kX, kV).second);
  tarry::check_grads(all, {kX}, 3);
}

TEST(CustomBatching, WhatTheElementsShare) {
  // w is the same for all: its gradient is the sum; what the forward keeps of it is kept once.
  int backwards = 0;
  const auto product =
      tarry::custom_vjp([](const Array& x, const Array& w) { return np::matmul(w, x); },
                        [](const Array& x, const Array& w) { return std::pair(np::matmul(w, x), std::pair(x, w)); },
                        [&](const std::pair<Array, Array>& kept, const Array& ct) {
                          ++backwards;
                          EXPECT_EQ(kept.second.ndim(), 2);
                          return std::tuple(np::matmul(kept.second.T(), ct), np::outer(ct, kept.first));
                        });
  const Array w = np::sin(np::arange(12.0)).reshape({4, 3}), c = np::cos(np::arange(8.0)).reshape({2, 4});
  const auto loss = [&](auto f) {
    return [&, f](const Array& x, const Array& m) { return np::sum(c * tarry::vmap(f, {0, tarry::none})(x, m)); };
  };
  const auto reference = [](const Array& x, const Array& m) { return np::matmul(m, x); };
  const auto [dx, dw] = tarry::grad<0, 1>(loss(product))(kX, w);
  const auto [ex, ew] = tarry::grad<0, 1>(loss(reference))(kX, w);
  expect_near(dx, ex);
  expect_near(dw, ew);
  EXPECT_EQ(backwards, 1);  // for the whole batch at once
  // A captured one is a constant of the call, as without a batch.
  const auto captured = [&](const Array& m) {
    return np::sum(tarry::vmap([&](const Array& x) { return product(x, m); })(kX) * c);
  };
  expect_near(tarry::grad(captured)(w), ew);
}

TEST(CustomBatching, RulesLookAtNoElement) {
  const auto f =
      tarry::custom_vjp([](const Array& x) { return x * 2.0; }, [](const Array& x) { return std::pair(x * 2.0, x); },
                        [](const Array& x, const Array& ct) { return np::max(x) > 0 ? ct * 2.0 : ct; });
  EXPECT_EQ(list(tarry::grad([&](const Array& x) { return np::sum(f(x)); })(np::ones({2}))), (List{2, 2}));
  EXPECT_THROW(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(f)(x)); })(np::ones({2})),
               tarry::ValueError);
  // Nothing of it is left.
  EXPECT_EQ(list(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(by_vjp())(x)); })(np::zeros({2}))),
            (List{0.5, 0.5}));
}

TEST(CustomBatching, TreesAndConstants) {
  // Kept values that are no arrays are carried along; results that do not depend on the batch are batched too.
  const auto f =
      tarry::custom_vjp([](const Array& x, const Array& y) { return std::pair(x * 3.0, y * y); },
                        [](const Array& x, const Array& y) {
                          return std::pair(std::pair(x * 3.0, y * y), std::pair(std::vector<Array>{y}, 3));
                        },
                        [](const std::pair<std::vector<Array>, int>& kept, const std::pair<Array, Array>& ct) {
                          return std::tuple(double(kept.second) * ct.first, 2.0 * kept.first[0] * ct.second);
                        });
  const auto loss = [&](const Array& x, const Array& y) {
    const auto [p, q] = tarry::vmap(f, {0, tarry::none})(x, y);
    return np::sum(p * q);
  };
  const Array x = np::array({1.0, 2.0}), y = np::array(5.0);
  const auto [dx, dy] = tarry::grad<0, 1>(loss)(x, y);
  EXPECT_EQ(list(dx), (List{75, 75}));
  EXPECT_EQ(double(dy), 3 * 3.0 * 2 * 5);
}

}  // namespace
