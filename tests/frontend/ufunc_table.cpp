#include "ufunc_table.h"

namespace reference {

namespace np = tarry::numpy;
using tarry::Array;

const std::map<std::string, Unary>& unary_functions() {
#define TARRY_UNARY(name)                             \
  {                                                   \
#name, [](const Array& x) { return np::name(x); } \
  }
  static const std::map<std::string, Unary> table = {
      TARRY_UNARY(absolute),
      TARRY_UNARY(arccos),
      TARRY_UNARY(arccosh),
      TARRY_UNARY(arcsin),
      TARRY_UNARY(arcsinh),
      TARRY_UNARY(arctan),
      TARRY_UNARY(arctanh),
      TARRY_UNARY(bitwise_count),
      TARRY_UNARY(cbrt),
      TARRY_UNARY(ceil),
      TARRY_UNARY(cos),
      TARRY_UNARY(cosh),
      TARRY_UNARY(deg2rad),
      TARRY_UNARY(exp),
      TARRY_UNARY(exp2),
      TARRY_UNARY(expm1),
      TARRY_UNARY(fabs),
      TARRY_UNARY(floor),
      TARRY_UNARY(invert),
      TARRY_UNARY(isfinite),
      TARRY_UNARY(isinf),
      TARRY_UNARY(isnan),
      TARRY_UNARY(log),
      TARRY_UNARY(log10),
      TARRY_UNARY(log1p),
      TARRY_UNARY(log2),
      TARRY_UNARY(logical_not),
      TARRY_UNARY(negative),
      TARRY_UNARY(positive),
      TARRY_UNARY(rad2deg),
      TARRY_UNARY(reciprocal),
      TARRY_UNARY(rint),
      TARRY_UNARY(sign),
      TARRY_UNARY(signbit),
      TARRY_UNARY(sin),
      TARRY_UNARY(sinh),
      TARRY_UNARY(spacing),
      TARRY_UNARY(sqrt),
      TARRY_UNARY(square),
      TARRY_UNARY(tan),
      TARRY_UNARY(tanh),
      TARRY_UNARY(trunc),
      {"frexp.0", [](const Array& x) { return np::frexp(x).first; }},
      {"frexp.1", [](const Array& x) { return np::frexp(x).second; }},
      {"modf.0", [](const Array& x) { return np::modf(x).first; }},
      {"modf.1", [](const Array& x) { return np::modf(x).second; }},
  };
#undef TARRY_UNARY
  return table;
}

const std::map<std::string, Binary>& binary_functions() {
#define TARRY_BINARY(name)                                               \
  {                                                                      \
#name, [](const Array& a, const Array& b) { return np::name(a, b); } \
  }
  static const std::map<std::string, Binary> table = {
      TARRY_BINARY(add),
      TARRY_BINARY(arctan2),
      TARRY_BINARY(bitwise_and),
      TARRY_BINARY(bitwise_or),
      TARRY_BINARY(bitwise_xor),
      TARRY_BINARY(copysign),
      TARRY_BINARY(divide),
      TARRY_BINARY(equal),
      TARRY_BINARY(float_power),
      TARRY_BINARY(floor_divide),
      TARRY_BINARY(fmax),
      TARRY_BINARY(fmin),
      TARRY_BINARY(fmod),
      TARRY_BINARY(gcd),
      TARRY_BINARY(greater),
      TARRY_BINARY(greater_equal),
      TARRY_BINARY(heaviside),
      TARRY_BINARY(hypot),
      TARRY_BINARY(lcm),
      TARRY_BINARY(left_shift),
      TARRY_BINARY(less),
      TARRY_BINARY(less_equal),
      TARRY_BINARY(logaddexp),
      TARRY_BINARY(logaddexp2),
      TARRY_BINARY(logical_and),
      TARRY_BINARY(logical_or),
      TARRY_BINARY(logical_xor),
      TARRY_BINARY(maximum),
      TARRY_BINARY(minimum),
      TARRY_BINARY(multiply),
      TARRY_BINARY(nextafter),
      TARRY_BINARY(not_equal),
      TARRY_BINARY(power),
      TARRY_BINARY(remainder),
      TARRY_BINARY(right_shift),
      TARRY_BINARY(subtract),
      {"divmod.0", [](const Array& a, const Array& b) { return np::divmod(a, b).first; }},
      {"divmod.1", [](const Array& a, const Array& b) { return np::divmod(a, b).second; }},
  };
#undef TARRY_BINARY
  return table;
}

}  // namespace reference
