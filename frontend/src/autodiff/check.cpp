// check_grads: derivatives against differences, and both modes against each other.

#include "place.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <tarry/ir/error.h>

#include <cmath>
#include <cstdint>
#include <string>

namespace tarry::frontend {
namespace {

namespace np = tarry::numpy;

/// Numbers in [-1, 1), the same ones each time.
class Noise {
 public:
  Array like(const Array& x) {
    const Near near(x);
    if (ir::is_complex(x.dtype())) {
      std::vector<std::complex<double>> values(static_cast<size_t>(x.size()));
      for (std::complex<double>& v : values) v = {next(), next()};
      return np::array(std::span<const std::complex<double>>(values), x.shape()).astype(x.dtype());
    }
    std::vector<double> values(static_cast<size_t>(x.size()));
    for (double& v : values) v = next();
    return np::array(std::span<const double>(values), x.shape()).astype(x.dtype());
  }
  Arrays like(const Arrays& x) {
    Arrays all;
    for (const Array& a : x) all.push_back(like(a));
    return all;
  }

 private:
  double next() {  // splitmix64
    state_ += 0x9e3779b97f4a7c15ull;
    uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-52 - 1.0;
  }
  uint64_t state_ = 1;
};

/// What differences can promise: they are of fourth order.
struct Precision {
  double step, relative;
};
Precision precision(const Arrays& at) {
  Precision worst{7e-4, 1e-7};
  for (const Array& a : at)
    if (ir::part_of(a.dtype()) != float64)
      worst = ir::part_of(a.dtype()) == float32 ? Precision{3e-2, 5e-3} : Precision{2.5e-1, 2e-1};
  return worst;
}

Arrays moved(const Arrays& at, const Arrays& along, double step) {
  Arrays result;
  for (size_t i = 0; i < at.size(); ++i) result.push_back(at[i] + along[i] * step);
  return result;
}

/// The elements; of complex ones first the real parts, then the imaginary ones.
std::vector<double> numbers(const Array& a) {
  std::vector<double> all = a.astype(float64).to_vector<double>();
  if (!ir::is_complex(a.dtype())) return all;
  const std::vector<double> imag = np::imag(a).astype(float64).to_vector<double>();
  all.insert(all.end(), imag.begin(), imag.end());
  return all;
}

/// Throws with the entry that is furthest off.
void compare(const std::string& what, const Array& found, const Array& expected, double relative) {
  const std::vector<double> x = numbers(found), y = numbers(expected);
  double scale = 1.0, worst = 0.0;
  size_t at = 0;
  for (double v : y)
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < x.size(); ++i) {
    const double error = std::abs(x[i] - y[i]);
    if (error <= worst) continue;  // a NaN is the worst of all
    worst = std::isnan(error) ? HUGE_VAL : error;
    at = i;
  }
  if (worst <= relative * scale) return;
  throw ValueError("check_grads: " + what + " is " + std::to_string(x[at]) + " where differences give " +
                   std::to_string(y[at]) + ", at element " +
                   std::to_string(at % std::max<size_t>(1, static_cast<size_t>(found.size()))) +
                   " of an array of shape " + ir::tuple_text(found.shape()));
}

Arrays differences(const FlatFunction& f, const Arrays& at, const Arrays& along, double h) {
  const Arrays a = f(moved(at, along, h)), b = f(moved(at, along, -h));
  const Arrays c = f(moved(at, along, 2 * h)), d = f(moved(at, along, -2 * h));
  Arrays result;
  for (size_t i = 0; i < a.size(); ++i) result.push_back((8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h));
  return result;
}

double inner(const Arrays& a, const Arrays& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const std::vector<double> x = numbers(a[i]), y = numbers(b[i]);
    // The real part of a product of complex numbers.
    const auto reals = static_cast<size_t>(a[i].size());
    for (size_t k = 0; k < x.size(); ++k) sum += k < reals ? x[k] * y[k] : -x[k] * y[k];
  }
  return sum;
}

/// Differences are taken in float64 where f lets them: then the step alone limits them.
Arrays widened(const Arrays& arrays) {
  Arrays wide;
  for (const Array& a : arrays) wide.push_back(a.astype(ir::is_complex(a.dtype()) ? complex128 : float64));
  return wide;
}

void check_once(const FlatFunction& f, const Arrays& at, const std::string& order, Noise& noise) {
  const Precision p = precision(at);
  const Arrays along = noise.like(at);
  const Arrays expected = differences(f, widened(at), widened(along), p.step);
  const Differentiated d = forward("check_grads", f, at, along);
  for (size_t i = 0; i < expected.size(); ++i)
    compare("the derivative of order " + order + " in forward mode", d.derivatives[i], expected[i], p.relative);
  const auto [values, pullback] = pull("check_grads", f, at);
  const Arrays cotangents = noise.like(values);
  const double reverse_side = inner(pullback(cotangents), along), forward_side = inner(cotangents, d.derivatives);
  compare("the projected derivative of order " + order + " in reverse mode", reverse_side, forward_side, p.relative);
}

}  // namespace

void check_gradients(const FlatFunction& f, const Arrays& at, int order) {
  Noise noise;
  FlatFunction g = f;
  for (int k = 1; k <= order; ++k) {
    check_once(g, at, std::to_string(k), noise);
    if (k == order) break;
    const Arrays values = g(at);
    const Arrays cotangents = noise.like(values), along = noise.like(at);
    // Both modes go into the next order.
    if (k % 2 == 1)
      g = [g, cotangents](const Arrays& x) { return pull("check_grads", g, x).second(cotangents); };
    else
      g = [g, along](const Arrays& x) { return forward("check_grads", g, x, along).derivatives; };
  }
}

}  // namespace tarry::frontend
