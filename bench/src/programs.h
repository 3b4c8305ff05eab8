#pragma once
/// The measured work as a user of tarry writes it.

#include "memory.h"

#include <tarry/tarry.h>

#include <span>

namespace bench {

namespace np = tarry::numpy;
using tarry::Array;

/// A copy of the block in tarry's memory.
template <class T>
Array array_of(const Block<T>& block) {
  return np::array(std::span<const T>(block.data(), static_cast<size_t>(block.size())));
}
template <class T>
Array array_of(const Block<T>& block, const tarry::Shape& shape) {
  return np::array(std::span<const T>(block.data(), static_cast<size_t>(block.size())), shape);
}

/// Largest |a - b| / max(|b|, floor).
template <class T>
double largest_difference(const Array& a, const Block<T>& b, double floor) {
  const auto values = a.to_vector<T>();
  return largest_difference(values.data(), b.data(), b.size(), floor);
}

inline Array chain_of_12(const Array& a, const Array& b, const Array& c) {
  const Array t = a * b + c;
  const Array u = t * t - a;
  const Array v = u / (np::abs(b) + 1.5);
  const Array w = np::maximum(v, 0.1 * v);
  return np::sqrt(w * w + 2);
}

inline Array stencil_by_slices(const Array& x) {
  const auto inner = np::slice(1, -1), before = np::slice(0, -2), after = np::slice(2, np::none);
  return 0.25 * (x[{before, inner}] + x[{after, inner}] + x[{inner, before}] + x[{inner, after}]) - x[{inner, inner}];
}

struct Prices {
  Array call, put;
};

inline Prices black_scholes_prices(const Array& spot, const Array& strike, const Array& time, double rate,
                                   double volatility) {
  const auto normal_cdf = [](const Array& x) { return 0.5 + 0.5 * np::erf(x * 0.7071067811865476); };
  const Array spread = volatility * np::sqrt(time);
  const Array d1 = (np::log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / spread;
  const Array cdf_1 = normal_cdf(d1), cdf_2 = normal_cdf(d1 - spread);
  const Array discounted = strike * np::exp(-rate * time);
  return {spot * cdf_1 - discounted * cdf_2, discounted * (1 - cdf_2) - spot * (1 - cdf_1)};
}

inline Array softmax_of_rows(const Array& x) {
  const Array e = np::exp(x - np::max(x, 1, tarry::keepdims));
  return e / np::sum(e, 1, tarry::keepdims);
}

inline Array layernorm_of_rows(const Array& x, const Array& scale, const Array& shift) {
  const Array mean = np::mean(x, 1, tarry::keepdims), variance = np::var(x, 1, tarry::keepdims);
  return (x - mean) / np::sqrt(variance + 1e-5) * scale + shift;
}

inline Array twenty_ops(const Array& a, const Array& b) {
  Array t = a * b + a;
  t = t * t - b;
  t = t * a + b;
  t = t / (np::abs(b) + a);
  t = np::maximum(t, a) * b;
  t = t - a * t;
  t = np::sqrt(np::abs(t)) + b;
  t = t * a - b;
  return t * t + a;
}

}  // namespace bench
