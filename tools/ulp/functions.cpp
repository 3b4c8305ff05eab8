#include "functions.h"

#include <cmath>

namespace ulp {

using tarry::ir::Op;

namespace {

constexpr double kPi = 3.14159265358979323846;

#define ULP_UNARY(name, function, parity, ...)                                                                      \
  {                                                                                                                 \
#name, Op::name,                                                                                                \
        [](double x) { return std::function(x); }, [](long double x) { return std::function(x); }, mpfr_##function, \
                                                                                                Parity::parity, {   \
      __VA_ARGS__                                                                                                   \
    }                                                                                                               \
  }
#define ULP_BINARY(name, function, exactly, ...)                                                            \
  {                                                                                                         \
#name, Op::name, [](long double x, long double y) { return std::function(x, y); }, mpfr_##function,     \
                                                                                    {__VA_ARGS__ }, exactly \
  }

}  // namespace

const std::vector<Unary>& unary_functions() {
  static const std::vector<Unary> functions = {
      ULP_UNARY(exp, exp, none, {-746, 710}, {-2, 2}, {-0.4, 0.4}),
      ULP_UNARY(exp2, exp2, none, {-1080, 1025}, {-2, 2}),
      ULP_UNARY(expm1, expm1, none, {-45, 710}, {-3, 3}, {-0.4, 0.4}),
      ULP_UNARY(log, log, none, {0, 4}, {0.9, 1.1}, {0.99999, 1.00001}),
      ULP_UNARY(log2, log2, none, {0, 4}, {0.9, 1.1}, {0.99999, 1.00001}),
      ULP_UNARY(log10, log10, none, {0, 4}, {0.9, 1.1}, {0.99999, 1.00001}),
      ULP_UNARY(log1p, log1p, none, {-1, 4}, {-0.5, 0.5}, {-1e-5, 1e-5}),
      ULP_UNARY(sin, sin, odd, {-kPi, kPi}, {-300, 300}, {-2e8, 2e8}, {-1e-3, 1e-3}),
      ULP_UNARY(cos, cos, even, {-kPi, kPi}, {-300, 300}, {-2e8, 2e8}, {1.57, 1.5715}),
      ULP_UNARY(tan, tan, odd, {-kPi, kPi}, {-300, 300}, {-2e8, 2e8}, {1.57, 1.5715}),
      ULP_UNARY(asin, asin, odd, {-1, 1}, {0.49, 0.51}, {0.999, 1}, {-1e-4, 1e-4}),
      ULP_UNARY(acos, acos, none, {-1, 1}, {0.49, 0.51}, {0.999, 1}, {-1e-4, 1e-4}),
      ULP_UNARY(atan, atan, odd, {-20, 20}, {0.9, 1.1}, {-1e-3, 1e-3}),
      ULP_UNARY(sinh, sinh, odd, {-711, 711}, {-3, 3}, {0.99, 1.01}),
      ULP_UNARY(cosh, cosh, even, {-711, 711}, {-3, 3}),
      ULP_UNARY(tanh, tanh, odd, {-24, 24}, {-2, 2}, {-1e-3, 1e-3}),
      ULP_UNARY(asinh, asinh, odd, {-20, 20}, {-1, 1}, {-1e-3, 1e-3}),
      ULP_UNARY(acosh, acosh, none, {1, 20}, {1, 1.1}, {1, 1.00001}),
      ULP_UNARY(atanh, atanh, odd, {-1, 1}, {-0.1, 0.1}, {0.99, 1}),
      ULP_UNARY(erf, erf, odd, {-6.5, 6.5}, {0.9, 1.1}, {-0.1, 0.1}),
      ULP_UNARY(cbrt, cbrt, odd, {-10, 10}, {0.3, 3}),
  };
  return functions;
}

const std::vector<Binary>& binary_functions() {
  static const std::vector<Binary> functions = {
      ULP_BINARY(pow, pow, false, {{{0, 10}, {-50, 50}}}, {{{0.9, 1.1}, {-1000, 1000}}}, {{{0, 1e3}, {-3, 3}}},
                 {{{0.999, 1.001}, {-1e5, 1e5}}}, {{{1e-300, 1e300}, {-1.05, 1.05}}}),
      ULP_BINARY(atan2, atan2, false, {{{-5, 5}, {-5, 5}}}, {{{-1e-3, 1e-3}, {-5, 5}}}, {{{-5, 5}, {-1e-3, 1e-3}}}),
      ULP_BINARY(hypot, hypot, false, {{{-5, 5}, {-5, 5}}}, {{{-1e300, 1e300}, {-1e300, 1e300}}}),
      ULP_BINARY(fmod, fmod, true, {{{-100, 100}, {-3, 3}}}, {{{-1e30, 1e30}, {-1, 1}}}),
  };
  return functions;
}

}  // namespace ulp
