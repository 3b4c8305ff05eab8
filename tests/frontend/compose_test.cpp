// Every pair of transforms, one inside the other, on a function whose derivatives of all orders are known.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

/// Of arrays of one axis, element by element.
using Function = std::function<Array(const Array&)>;

/// exp(x/2) sin(x), the imaginary part of exp(cx) for c = 1/2 + i.
Array wave(const Array& x) { return np::exp(0.5 * x) * np::sin(x); }
double derivative_of_wave(int order, double x) {
  const std::complex<double> c(0.5, 1.0);
  return std::imag(std::pow(c, order) * std::exp(c * x));
}

Function total(const Function& f) {
  return [f](const Array& x) { return np::sum(f(x)); };
}

struct Transform {
  const char* name;
  int order;  // of the derivative that it takes
  Function (*apply)(const Function& f);
};

const Transform kTransforms[] = {
    {"grad", 1, [](const Function& f) -> Function { return tarry::grad(total(f)); }},
    {"value_and_grad", 1,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return tarry::value_and_grad(total(f))(x).second; };
     }},
    {"grad_and_loss", 1,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return tarry::grad_and_loss(total(f))(x).first; };
     }},
    {"jvp", 1,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return tarry::jvp(f, x, np::ones_like(x)).second; };
     }},
    {"vjp", 1,
     [](const Function& f) -> Function {
       return [f](const Array& x) {
         const auto [y, pullback] = tarry::vjp(f, x);
         return pullback(np::ones_like(y));
       };
     }},
    {"jacfwd", 1,
     [](const Function& f) -> Function { return [f](const Array& x) { return np::diagonal(tarry::jacfwd(f)(x)); }; }},
    {"jacrev", 1,
     [](const Function& f) -> Function { return [f](const Array& x) { return np::sum(tarry::jacrev(f)(x), 0); }; }},
    {"hessian", 2,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return np::diagonal(tarry::hessian(total(f))(x)); };
     }},
    {"hvp", 2,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return tarry::hvp(total(f), x, np::ones_like(x)); };
     }},
    {"vmap", 0,
     [](const Function& f) -> Function {
       return [f](const Array& x) {
         return tarry::vmap([f](const Array& e) { return f(e.reshape({1})).reshape({}); })(x);
       };
     }},
    {"checkpoint", 0, [](const Function& f) -> Function { return tarry::checkpoint(f); }},
    {"stop_gradient", 0,
     [](const Function& f) -> Function {
       return [f](const Array& x) { return f(x) * tarry::stop_gradient(np::ones_like(x)); };
     }},
    {"custom_jvp", 0,
     [](const Function& f) -> Function {
       return tarry::custom_jvp(f, [f](const Array& x, const Array& t) { return tarry::jvp(f, x, t); });
     }},
    {"custom_vjp", 0,
     [](const Function& f) -> Function {
       return tarry::custom_vjp(
           f, [f](const Array& x) { return std::pair(f(x), x); },
           [f](const Array& x, const Array& ct) { return tarry::vjp(f, x).second(ct); });
     }},
};

struct Pair {
  Transform outer, inner;
};
void PrintTo(const Pair& p, std::ostream* out) { *out << p.outer.name << " of " << p.inner.name; }

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (const Transform& outer : kTransforms)
    for (const Transform& inner : kTransforms) pairs.push_back({outer, inner});
  return pairs;
}

/// Whether f itself is pushed forward; in a Hessian that is its gradient, which has been made by then.
bool pushes_forward(const std::string& name) { return name == "jvp" || name == "jacfwd"; }

class Composed : public testing::TestWithParam<Pair> {};

TEST_P(Composed, GivesTheDerivativeOfBothOrders) {
  const auto& [outer, inner] = GetParam();
  const Array x = np::array({-1.0, 0.0, 0.3, 2.0});
  const Function composed = outer.apply(inner.apply(wave));
  if (inner.name == std::string("custom_vjp") && pushes_forward(outer.name)) {
    EXPECT_THROW(composed(x), tarry::TypeError);  // it has no forward mode
    return;
  }
  const std::vector<double> found = composed(x).to_vector<double>(), at = x.to_vector<double>();
  for (size_t i = 0; i < at.size(); ++i)
    EXPECT_NEAR(found[i], derivative_of_wave(outer.order + inner.order, at[i]), 1e-12) << "at " << at[i];
}

/// The gradient of the pair: what it made is differentiated like anything else.
TEST_P(Composed, HasAGradient) {
  const auto& [outer, inner] = GetParam();
  const std::string names[] = {outer.name, inner.name};
  const bool no_forward = names[1] == "custom_vjp" && (pushes_forward(names[0]) || names[0] == "custom_jvp");
  const Array x = np::array({-1.0, 0.0, 0.3, 2.0});
  const Function gradient = tarry::grad(total(outer.apply(inner.apply(wave))));
  if (no_forward) {
    EXPECT_THROW(gradient(x), tarry::TypeError);
    return;
  }
  const std::vector<double> found = gradient(x).to_vector<double>(), at = x.to_vector<double>();
  for (size_t i = 0; i < at.size(); ++i)
    EXPECT_NEAR(found[i], derivative_of_wave(outer.order + inner.order + 1, at[i]), 1e-11) << "at " << at[i];
}

INSTANTIATE_TEST_SUITE_P(All, Composed, testing::ValuesIn(all_pairs()), [](const auto& info) {
  return std::string(info.param.outer.name) + "_of_" + info.param.inner.name;
});

}  // namespace
