/// Arithmetic of f32 and f64, with every rounding.

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "ptx/select_float.h"

namespace cudasim {
namespace {

/// PTX has one NaN for results in single precision; what it does in double precision is not written down.
inline float settled(float x) { return x != x ? std::bit_cast<float>(0x7fffffffu) : x; }
inline double settled(double x) { return x != x ? std::bit_cast<double>(0x7ff8000000000000u) : x; }

template <class T>
T saturated(T x) {
  if (!(x > 0)) return 0;
  return x > 1 ? T{1} : x;
}

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
template <class T>
constexpr BitsOf<T> kSign = BitsOf<T>{1} << (8 * sizeof(T) - 1);

template <class T>
bool below(T a, T b) {
  if (a == b) return std::signbit(a) && !std::signbit(b);
  return a < b;
}

template <class T>
T smaller(T a, T b) {
  if (a != a) return settled(b);
  if (b != b) return settled(a);
  return below(b, a) ? b : a;
}
template <class T>
T larger(T a, T b) {
  if (a != a) return settled(b);
  if (b != b) return settled(a);
  return below(a, b) ? b : a;
}

int mode_of(Rounding r) {
  switch (r) {
    case Rounding::nearest: return FE_TONEAREST;
    case Rounding::zero: return FE_TOWARDZERO;
    case Rounding::down: return FE_DOWNWARD;
    case Rounding::up: return FE_UPWARD;
  }
  return FE_TONEAREST;
}

/// Operands come from memory and results go there, so that nothing moves out of the mode's scope.
template <Handler inner, int mode>
void in_mode(Warp& w, const Instr& i, uint32_t lanes) {
  std::fesetround(mode);
  asm volatile("" ::: "memory");
  inner(w, i, lanes);
  asm volatile("" ::: "memory");
  std::fesetround(FE_TONEAREST);
}

template <class F, class T, class... S>
Handler rounded(F, Rounding mode) {
  constexpr Handler inner = &detail::run_lanes<F, T, S...>;
  switch (mode_of(mode)) {
    case FE_TOWARDZERO: return &in_mode<inner, FE_TOWARDZERO>;
    case FE_DOWNWARD: return &in_mode<inner, FE_DOWNWARD>;
    case FE_UPWARD: return &in_mode<inner, FE_UPWARD>;
    default: return inner;
  }
}

template <class T, class F, class G>
Handler unary_of(bool saturates, Rounding mode, F f, G g) {
  return saturates ? rounded<G, T, T>(g, mode) : rounded<F, T, T>(f, mode);
}
template <class T, class F, class G>
Handler binary_of(bool saturates, Rounding mode, F f, G g) {
  return saturates ? rounded<G, T, T, T>(g, mode) : rounded<F, T, T, T>(f, mode);
}

void require_approximations(Site& s) {
  if (!knows_approximations()) s.unknown();
}

float flushed(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

/// f(x), rounded once from double precision; with .ftz denormals become zero on both sides.
template <class F>
Handler approximated(Site& s, F) {
  if (s.op.has("ftz"))
    return lanes_of<float, float>(
        [](float x) { return settled(flushed(static_cast<float>(F{}(double{flushed(x)})))); });
  return lanes_of<float, float>([](float x) { return settled(static_cast<float>(F{}(double{x}))); });
}

void add_like(Site& s, const std::string& op, Type t) {
  const Rounding mode = rounding_of(s);
  const bool saturates = t == Type::f32 && s.op.has("sat");
  binary(s, t);
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    if (op == "add")
      return binary_of<T>(
          saturates, mode, [](T a, T b) { return settled(a + b); }, [](T a, T b) { return saturated(a + b); });
    if (op == "sub")
      return binary_of<T>(
          saturates, mode, [](T a, T b) { return settled(a - b); }, [](T a, T b) { return saturated(a - b); });
    return binary_of<T>(
        saturates, mode, [](T a, T b) { return settled(a * b); }, [](T a, T b) { return saturated(a * b); });
  });
}

void divide(Site& s, Type t) {
  Rounding mode;
  binary(s, t);
  if (!has_rounding(s, mode)) {
    if (t != Type::f32 || s.op.one_of({"approx", "full"}).empty()) s.unknown();
    require_approximations(s);
    s.instr.run =
        s.op.has("ftz")
            ? lanes_of<float, float, float>([](float a, float b) { return settled(flushed(flushed(a) / flushed(b))); })
            : lanes_of<float, float, float>([](float a, float b) { return settled(a / b); });
    return;
  }
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    const auto f = [](T a, T b) { return settled(a / b); };
    return binary_of<T>(false, mode, f, f);
  });
}

/// .xorsign.abs is left unknown.
void min_or_max(Site& s, const std::string& op, Type t) {
  const bool propagates = s.op.has("NaN");
  binary(s, t);
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    if (propagates && op == "min")
      return lanes_of<T, T, T>([](T a, T b) { return a != a || b != b ? settled(a + b) : smaller(a, b); });
    if (propagates) return lanes_of<T, T, T>([](T a, T b) { return a != a || b != b ? settled(a + b) : larger(a, b); });
    if (op == "min") return lanes_of<T, T, T>([](T a, T b) { return smaller(a, b); });
    return lanes_of<T, T, T>([](T a, T b) { return larger(a, b); });
  });
}

void sign_op(Site& s, const std::string& op, Type t) {
  unary(s, t);
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    using B = BitsOf<T>;
    if (op == "abs") return lanes_of<B, B>([](B a) { return a & ~kSign<T>; });
    return lanes_of<B, B>([](B a) { return a ^ kSign<T>; });
  });
}

}  // namespace

bool& knows_approximations() {
  static bool known = false;
  return known;
}

bool has_rounding(Site& s, Rounding& mode) {
  const std::string name = s.op.one_of({"rn", "rz", "rm", "rp"});
  mode = name == "rz"   ? Rounding::zero
         : name == "rm" ? Rounding::down
         : name == "rp" ? Rounding::up
                        : Rounding::nearest;
  return !name.empty();
}

Rounding rounding_of(Site& s, Rounding without) {
  Rounding mode;
  return has_rounding(s, mode) ? mode : without;
}

void ternary_of(Site& s, Type t) {
  s.expect(4);
  s.dst(0, t);
  for (size_t k = 1; k < 4; ++k) s.src(k, t);
}

bool select_float_arithmetic(Site& s, const std::string& op, Type t) {
  if (!is_float(t)) return false;
  if (is_half(t)) return select_half_arithmetic(s, op, t);
  if (op == "add" || op == "sub" || op == "mul")
    add_like(s, op, t);
  else if (op == "div")
    divide(s, t);
  else if (op == "min" || op == "max")
    min_or_max(s, op, t);
  else if (op == "abs" || op == "neg")
    sign_op(s, op, t);
  else
    s.unknown();
  return true;
}

void select_fma(Site& s) {
  Rounding mode;
  const bool is_rounded = has_rounding(s, mode);
  const Type t = s.op.type();
  if (!is_rounded) s.unknown();
  if (is_half(t)) {
    select_half_arithmetic(s, "fma", t);
    return;
  }
  const bool saturates = t == Type::f32 && s.op.has("sat");
  ternary_of(s, t);
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    const auto f = [](T a, T b, T c) { return settled(std::fma(a, b, c)); };
    const auto g = [](T a, T b, T c) { return saturated(std::fma(a, b, c)); };
    return saturates ? rounded<decltype(g), T, T, T, T>(g, mode) : rounded<decltype(f), T, T, T, T>(f, mode);
  });
}

void select_sqrt(Site& s) {
  Rounding mode;
  const bool is_rounded = has_rounding(s, mode);
  const Type t = s.op.type();
  unary(s, t);
  if (!is_rounded) {
    if (t != Type::f32 || !s.op.has("approx")) s.unknown();
    require_approximations(s);
    s.instr.run = approximated(s, [](double x) { return std::sqrt(x); });
    return;
  }
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    const auto f = [](T a) { return settled(std::sqrt(a)); };
    return unary_of<T>(false, mode, f, f);
  });
}

void select_rcp(Site& s) {
  Rounding mode;
  const bool is_rounded = has_rounding(s, mode);
  const Type t = s.op.type();
  unary(s, t);
  if (!is_rounded) {
    if (!s.op.has("approx")) s.unknown();
    require_approximations(s);
    if (t == Type::f64) {
      if (!s.op.has("ftz")) s.unknown();
      // The upper half of the result.
      s.instr.run = lanes_of<double, double>([](double x) {
        return std::bit_cast<double>(std::bit_cast<uint64_t>(settled(1 / x)) & 0xffffffff00000000u);
      });
      return;
    }
    s.instr.run = approximated(s, [](double x) { return 1 / x; });
    return;
  }
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    const auto f = [](T a) { return settled(T{1} / a); };
    return unary_of<T>(false, mode, f, f);
  });
}

void select_approximation(Site& s) {
  const Type t = s.op.type();
  if (!s.op.has("approx")) s.unknown();
  require_approximations(s);
  unary(s, t);
  const std::string& base = s.op.base();
  if (t == Type::f64 && base == "rsqrt") {
    s.op.has("ftz");
    s.instr.run = lanes_of<double, double>([](double x) { return settled(1 / std::sqrt(x)); });
    return;
  }
  if (t != Type::f32) s.unknown();
  if (base == "ex2") s.instr.run = approximated(s, [](double x) { return std::exp2(x); });
  if (base == "lg2") s.instr.run = approximated(s, [](double x) { return std::log2(x); });
  if (base == "sin") s.instr.run = approximated(s, [](double x) { return std::sin(x); });
  if (base == "cos") s.instr.run = approximated(s, [](double x) { return std::cos(x); });
  if (base == "tanh") s.instr.run = approximated(s, [](double x) { return std::tanh(x); });
  if (base == "rsqrt") s.instr.run = approximated(s, [](double x) { return 1 / std::sqrt(x); });
}

/// The sign of a with the magnitude of b.
void select_copysign(Site& s) {
  const Type t = s.op.type();
  binary(s, t);
  s.instr.run = with_float(s, t, []<class T>() {
    using B = BitsOf<T>;
    return lanes_of<B, B, B>([](B a, B b) { return (b & ~kSign<T>) | (a & kSign<T>); });
  });
}

void select_testp(Site& s) {
  const std::string test = s.op.one_of({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  const Type t = s.op.type();
  s.expect(2);
  s.dst(0, Type::pred);
  s.src(1, t);
  s.instr.run = with_float(s, t, [&]<class T>() -> Handler {
    if (test == "finite") return test_of<T>([](T a) { return std::isfinite(a); });
    if (test == "infinite") return test_of<T>([](T a) { return std::isinf(a); });
    if (test == "number") return test_of<T>([](T a) { return !std::isnan(a); });
    if (test == "notanumber") return test_of<T>([](T a) { return std::isnan(a); });
    if (test == "normal") return test_of<T>([](T a) { return std::isnormal(a); });
    if (test == "subnormal") return test_of<T>([](T a) { return std::fpclassify(a) == FP_SUBNORMAL; });
    s.unknown();
  });
}

}  // namespace cudasim
