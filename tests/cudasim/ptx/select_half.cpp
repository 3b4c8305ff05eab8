/// Arithmetic of f16 and bf16, alone and in pairs. Single and double precision hold exact sums and products; what they
/// do not hold is rounded to odd first.

#include "ptx/select_float.h"

namespace cudasim {
namespace {

struct Half {
  static double read(uint16_t h) { return from_half(h); }
  static uint16_t write(double x) { return to_half(x); }
};
struct Brain {
  static double read(uint16_t b) { return from_brain(b); }
  static uint16_t write(double x) { return to_brain(x); }
};

/// Applies F to each half of 32 bits.
template <class F>
Handler paired(int arity, F) {
  switch (arity) {
    case 1:
      return lanes_of<uint32_t, uint32_t>([](uint32_t a) {
        return static_cast<uint32_t>(F{}(uint16_t(a), 0, 0)) | static_cast<uint32_t>(F{}(uint16_t(a >> 16), 0, 0))
                                                                   << 16;
      });
    case 2:
      return lanes_of<uint32_t, uint32_t, uint32_t>([](uint32_t a, uint32_t b) {
        return static_cast<uint32_t>(F{}(uint16_t(a), uint16_t(b), 0)) |
               static_cast<uint32_t>(F{}(uint16_t(a >> 16), uint16_t(b >> 16), 0)) << 16;
      });
    default:
      return lanes_of<uint32_t, uint32_t, uint32_t, uint32_t>([](uint32_t a, uint32_t b, uint32_t c) {
        return static_cast<uint32_t>(F{}(uint16_t(a), uint16_t(b), uint16_t(c))) |
               static_cast<uint32_t>(F{}(uint16_t(a >> 16), uint16_t(b >> 16), uint16_t(c >> 16))) << 16;
      });
  }
}

template <class F>
Handler alone(int arity, F) {
  switch (arity) {
    case 1: return lanes_of<uint16_t, uint16_t>([](uint16_t a) { return F{}(a, 0, 0); });
    case 2: return lanes_of<uint16_t, uint16_t, uint16_t>([](uint16_t a, uint16_t b) { return F{}(a, b, 0); });
    default:
      return lanes_of<uint16_t, uint16_t, uint16_t, uint16_t>(
          [](uint16_t a, uint16_t b, uint16_t c) { return F{}(a, b, c); });
  }
}

constexpr uint16_t kNan = 0x7fff;

template <class N>
bool is_nan(uint16_t a) {
  return N::read(a) != N::read(a);
}

/// −0 is below +0.
template <class N>
bool below(uint16_t a, uint16_t b) {
  if (N::read(a) == N::read(b)) return (a >> 15) > (b >> 15);
  return N::read(a) < N::read(b);
}

template <class N, bool largest, bool propagates>
uint16_t choose(uint16_t a, uint16_t b) {
  if (is_nan<N>(a)) return propagates || is_nan<N>(b) ? kNan : b;
  if (is_nan<N>(b)) return propagates ? kNan : a;
  if (largest) return below<N>(a, b) ? b : a;
  return below<N>(b, a) ? b : a;
}

template <class N>
uint16_t saturated(double x) {
  return N::write(!(x > 0) ? 0 : x > 1 ? 1 : x);
}

template <class N, class F>
Handler pick(bool pair, int arity, F f) {
  return pair ? paired(arity, f) : alone(arity, f);
}

template <class N>
Handler handler(Site& s, const std::string& op, bool pair, int& arity) {
  arity = op == "fma" ? 3 : op == "abs" || op == "neg" ? 1 : 2;
  if (op == "abs") return pick<N>(pair, 1, [](uint16_t a, uint16_t, uint16_t) { return uint16_t(a & 0x7fff); });
  if (op == "neg") return pick<N>(pair, 1, [](uint16_t a, uint16_t, uint16_t) { return uint16_t(a ^ 0x8000); });
  if (op == "min" || op == "max") {
    const bool propagates = s.op.has("NaN");
    if (op == "min" && propagates)
      return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return choose<N, false, true>(a, b); });
    if (op == "min")
      return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return choose<N, false, false>(a, b); });
    if (propagates)
      return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return choose<N, true, true>(a, b); });
    return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return choose<N, true, false>(a, b); });
  }
  if (op != "fma") s.op.has("rn");
  const bool saturates = s.op.has("sat");
  if (op == "add" && saturates)
    return pick<N>(pair, 2,
                   [](uint16_t a, uint16_t b, uint16_t) { return saturated<N>(add_to_odd(N::read(a), N::read(b))); });
  if (op == "add")
    return pick<N>(pair, 2,
                   [](uint16_t a, uint16_t b, uint16_t) { return N::write(add_to_odd(N::read(a), N::read(b))); });
  if (op == "sub" && saturates)
    return pick<N>(pair, 2,
                   [](uint16_t a, uint16_t b, uint16_t) { return saturated<N>(add_to_odd(N::read(a), -N::read(b))); });
  if (op == "sub")
    return pick<N>(pair, 2,
                   [](uint16_t a, uint16_t b, uint16_t) { return N::write(add_to_odd(N::read(a), -N::read(b))); });
  if (op == "mul" && saturates)
    return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return saturated<N>(N::read(a) * N::read(b)); });
  if (op == "mul")
    return pick<N>(pair, 2, [](uint16_t a, uint16_t b, uint16_t) { return N::write(N::read(a) * N::read(b)); });
  if (op != "fma") s.unknown();
  const bool clamps = s.op.has("relu");
  if (saturates && clamps) s.unknown();
  if (saturates)
    return pick<N>(pair, 3, [](uint16_t a, uint16_t b, uint16_t c) {
      return saturated<N>(add_to_odd(N::read(a) * N::read(b), N::read(c)));
    });
  if (clamps)
    return pick<N>(pair, 3, [](uint16_t a, uint16_t b, uint16_t c) {
      const double x = add_to_odd(N::read(a) * N::read(b), N::read(c));
      return N::write(x < 0 ? 0.0 : x);
    });
  return pick<N>(pair, 3, [](uint16_t a, uint16_t b, uint16_t c) {
    return N::write(add_to_odd(N::read(a) * N::read(b), N::read(c)));
  });
}

}  // namespace

bool is_half(Type t) { return t == Type::f16 || t == Type::bf16 || t == Type::f16x2 || t == Type::bf16x2; }

bool select_half_arithmetic(Site& s, const std::string& op, Type t) {
  if (!is_half(t)) return false;
  const bool pair = t == Type::f16x2 || t == Type::bf16x2;
  const bool brain = t == Type::bf16 || t == Type::bf16x2;
  int arity = 0;
  s.instr.run = brain ? handler<Brain>(s, op, pair, arity) : handler<Half>(s, op, pair, arity);
  if (arity == 1) unary(s, t);
  if (arity == 2) binary(s, t);
  if (arity == 3) ternary_of(s, t);
  return true;
}

}  // namespace cudasim
