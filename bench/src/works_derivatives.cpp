#include "memory.h"
#include "programs.h"
#include "tarry_side.h"
#include "works.h"

#include <peers/peers.h>

#include <chrono>
#include <cmath>
#include <memory>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using Floats = Block<float>;

Array chain_total(const Array& a, const Array& b, const Array& c) { return np::sum(chain_of_12(a, b, c)); }

constexpr int64_t kChain = int64_t{1} << 24;

struct ChainData {
  Floats a{kChain, -4, 4, 1}, b{kChain, -4, 4, 2}, c{kChain, -4, 4, 3}, ga{kChain}, gb{kChain}, gc{kChain};
  Array ta = array_of(a), tb = array_of(b), tc = array_of(c), total, tga, tgb, tgc;

  void primal() {
    total = Array();
    total = chain_total(ta, tb, tc);
    tarry::eval(total);
  }
  void gradient() {
    tga = Array();  // its buffer serves again, as ga does by hand
    tga = tarry::grad(chain_total)(ta, tb, tc);
    tarry::eval(tga);
  }
  void gradients() {
    tga = tgb = tgc = Array();
    std::tie(tga, tgb, tgc) = tarry::grad<0, 1, 2>(chain_total)(ta, tb, tc);
    tarry::eval(tga, tgb, tgc);
  }
};

/// Derivatives cancel: errors count against the size of their terms.
constexpr double kTerms = 16;

Comparison chain_gradient() {
  auto d = std::make_shared<ChainData>();
  Comparison row;
  row.name = "gradient of the chain's sum in a, 16 M float32";
  row.bar = 1.5;  // by hand divides less: it need not round as the op by op program does
  row.bytes = 4.0 * 4 * kChain;
  row.tarry = [d] { d->gradient(); };
  row.error = [d] { return largest_difference(d->tga, d->ga, kTerms); };
  row.tolerance = 1e-5;
  row.peers = {{"loop", [d] { peer_chain_gradient(d->a.data(), d->b.data(), d->c.data(), d->ga.data(), kChain); }}};
  return row;
}

Comparison chain_gradients() {
  auto d = std::make_shared<ChainData>();
  Comparison row;
  row.name = "gradient of the chain's sum in a, b, c, 16 M float32";
  row.bar = 1.5;  // by hand divides less: it need not round as the op by op program does
  row.bytes = 6.0 * 4 * kChain;
  row.tarry = [d] { d->gradients(); };
  row.error = [d] {
    return std::fmax(largest_difference(d->tga, d->ga, kTerms),
                     std::fmax(largest_difference(d->tgb, d->gb, kTerms), largest_difference(d->tgc, d->gc, kTerms)));
  };
  row.tolerance = 1e-5;
  row.peers = {{"loop", [d] {
                  peer_chain_gradients(d->a.data(), d->b.data(), d->c.data(), d->ga.data(), d->gb.data(), d->gc.data(),
                                       kChain);
                }}};
  return row;
}

double seconds_of(const std::function<void()>& run, int runs) {
  run();
  const auto start = Clock::now();
  for (int i = 0; i < runs; ++i) run();
  return std::chrono::duration<double>(Clock::now() - start).count() / runs;
}

/// Time of the work over time of what it is measured against, one after the other.
Cost ratio(std::string name, double bar, std::function<void()> work, std::function<void()> against, int runs) {
  auto settled = std::make_shared<bool>(false);
  return {std::move(name), "× the time", bar, [=] {
            if (!*settled) {
              settle(work);
              settle(against);
              *settled = true;
            }
            const double denominator = seconds_of(against, runs);
            return seconds_of(work, runs) / denominator;
          }};
}

/// Made when the row's turn comes.
template <class T>
std::function<T&()> made_once() {
  auto data = std::make_shared<std::unique_ptr<T>>();
  return [data]() -> T& {
    if (!*data) *data = std::make_unique<T>();
    return **data;
  };
}

/// Three layers of tanh, batch 256, width 512, float32, and a squared distance.
struct Perceptron {
  static constexpr int64_t kBatch = 256, kWidth = 512;
  Floats weights{3 * kWidth * kWidth, -0.1, 0.1, 1}, data{2 * kBatch * kWidth, -1, 1, 2}, biases{3 * kWidth, -1, 1, 3};
  std::vector<Array> w, b, gradients;
  Array x, y;

  Perceptron() {
    const Array all = array_of(weights, {3, kWidth, kWidth}), ends = array_of(data, {2, kBatch, kWidth});
    const Array starts = array_of(biases, {3, kWidth});
    for (int64_t i = 0; i < 3; ++i) {
      w.push_back(Array(all[i]).copy());
      b.push_back(Array(starts[i]).copy());
    }
    x = Array(ends[0]).copy();
    y = Array(ends[1]).copy();
  }
  void gradient() {
    using Parameters = std::pair<std::vector<Array>, std::vector<Array>>;
    const auto loss = [this](const Parameters& p) {
      Array h = x;
      for (size_t i = 0; i < 3; ++i) h = np::tanh(np::matmul(h, p.first[i]) + p.second[i]);
      return np::sum((h - y) * (h - y));
    };
    const Parameters g = tarry::grad(loss)(Parameters(w, b));
    tarry::eval(g.first[0], g.first[1], g.first[2], g.second[0], g.second[1], g.second[2]);
  }
  /// The eight matrix products of the gradient on whatever has their shapes, and an elementwise op on each operand.
  void products_and_passes() {
    std::vector<Array> results;
    for (const Array& m : w) results.push_back(np::matmul(x, m));
    for (size_t i = 1; i < 3; ++i) results.push_back(np::matmul(y, w[i].T()));
    for (const auto& [p, q] : {std::pair(x, y), std::pair(y, x), std::pair(x, x)})
      results.push_back(np::matmul(p.T(), q));
    for (const Array& m : w) results.push_back(m + 1.0);
    for (int i = 0; i < 7; ++i) results.push_back((i % 2 == 0 ? x : y) + i);
    for (Array& r : results) tarry::eval(r);
  }
};

/// Microseconds to record and transform the gradient of a function of 50 ops at size 8, seen before.
double recording_a_gradient() {
  constexpr int kLoops = 200;
  const auto f = [](const Array& x) {
    Array y = x;
    for (int i = 0; i < 25; ++i) y = np::sin(y) * 1.01;
    return np::sum(y);
  };
  static const Array x = np::ones({8});
  double seconds = 0;
  for (int i = 0; i < kLoops; ++i) {
    const auto start = Clock::now();
    const Array g = tarry::grad(f)(x);
    seconds += std::chrono::duration<double>(Clock::now() - start).count();
    tarry::eval(g);
  }
  return 1e6 * seconds / kLoops;
}

double hessian_kernels() {
  const Array x = np::linspace(0.0, 1.0, 64);
  tarry::eval(x);
  return kernels_launched_by([&] {
    const Array h = tarry::hessian([](const Array& v) { return np::sum(np::sin(v) * np::exp(v)); })(x);
    tarry::eval(h);
  });
}

/// Time of 100 000 recorded steps under grad over that of 10 000.
double long_loop() {
  const auto seconds = [](int steps) {
    const auto start = Clock::now();
    const Array g = tarry::grad([&](const Array& x) {
      Array y = x;
      for (int i = 0; i < steps; ++i) y = y * 0.99999 + x * 0.00001;
      return np::sum(y);
    })(np::ones({4}));
    tarry::eval(g);
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  static const double warm = seconds(10000);
  static_cast<void>(warm);
  const double tenth = seconds(10000);
  return seconds(100000) / tenth;
}

}  // namespace

std::vector<Work> derivative_works() {
  return {{"chain_gradient", chain_gradient}, {"chain_gradients", chain_gradients}};
}

std::vector<Cost> derivative_costs() {
  const auto chain = made_once<ChainData>();
  const auto perceptron = made_once<Perceptron>();
  return {
      ratio(
          "gradient of the chain's sum in a, against the sum", 2.0, [=] { chain().gradient(); },
          [=] { chain().primal(); }, 2),
      ratio(
          "gradient of the chain's sum in a, b, c, against the sum", 2.5, [=] { chain().gradients(); },
          [=] { chain().primal(); }, 2),
      ratio(
          "gradient of a perceptron, against its products and a pass over each operand", 1.15,
          [=] { perceptron().gradient(); }, [=] { perceptron().products_and_passes(); }, 2),
      {"recording the gradient of 50 ops", "µs", 30, recording_a_gradient},
      {"Hessian of 64 variables", "kernels", 3, hessian_kernels},
      {"gradient of 100 000 steps, against 10 000", "× the time", 12, long_loop},
  };
}

}  // namespace bench
