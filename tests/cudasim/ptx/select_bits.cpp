/// Logic, shifts and whatever moves bits about.

#include <bit>

#include "ptx/select_float.h"

namespace cudasim {
namespace {

template <class F>
void logic(Site& s, F f) {
  const Type t = s.op.type();
  binary(s, t);
  if (t != Type::pred && is_signed(t)) s.unknown();
  s.instr.run = t == Type::pred
                    ? [](Warp& w, const Instr& i, uint32_t lanes) {
                        uint32_t& d = w.mask(i.dst);
                        d = (d & ~lanes) | (F{}(w.mask(i.src[0]), w.mask(i.src[1])) & lanes);
                      }
                    : with_bits(s, t, [&]<class T>() -> Handler { return lanes_of<T, T, T>(f); });
}

}  // namespace

void select_and(Site& s) {
  logic(s, [](auto a, auto b) { return a & b; });
}
void select_or(Site& s) {
  logic(s, [](auto a, auto b) { return a | b; });
}
void select_xor(Site& s) {
  logic(s, [](auto a, auto b) { return a ^ b; });
}

void select_not(Site& s) {
  const Type t = s.op.type();
  unary(s, t);
  if (t == Type::pred) {
    s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
      uint32_t& d = w.mask(i.dst);
      d = (d & ~lanes) | (~w.mask(i.src[0]) & lanes);
    };
    return;
  }
  s.instr.run = with_bits(s, t, []<class T>() { return lanes_of<T, T>([](T a) { return ~a; }); });
}

void select_cnot(Site& s) {
  const Type t = s.op.type();
  unary(s, t);
  s.instr.run = with_bits(s, t, []<class T>() { return lanes_of<T, T>([](T a) { return a == 0; }); });
}

/// Bit k of the table is the result where a, b and c spell k.
void select_lop3(Site& s) {
  if (s.op.type() != Type::b32) s.unknown();
  s.expect(5);
  s.dst(0, Type::b32);
  for (size_t k = 1; k < 4; ++k) s.src(k, Type::b32);
  if (s.operand(4).kind != Operand::Kind::integer || s.operand(4).value > 255) s.fail("a table of 8 bits expected");
  s.instr.extra = static_cast<uint32_t>(s.operand(4).value);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    each_lane(lanes, [&](int l) {
      const uint32_t a = w.reg<uint32_t>(i.src[0])[l], b = w.reg<uint32_t>(i.src[1])[l],
                     c = w.reg<uint32_t>(i.src[2])[l];
      uint32_t d = 0;
      for (uint32_t k = 0; k < 8; ++k)
        if (i.extra >> k & 1) d |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
      w.reg<uint32_t>(i.dst)[l] = d;
    });
  };
}

namespace {

void shift(Site& s, Type t) {
  s.expect(3);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, Type::u32);
}

}  // namespace

/// Past the width all bits are gone.
void select_shl(Site& s) {
  const Type t = s.op.type();
  shift(s, t);
  if (is_signed(t)) s.unknown();
  s.instr.run = with_bits(s, t, []<class T>() {
    return lanes_of<T, T, uint32_t>(
        [](T a, uint32_t n) -> T { return n >= 8 * sizeof(T) ? T{0} : static_cast<T>(a << n); });
  });
}

void select_shr(Site& s) {
  const Type t = s.op.type();
  shift(s, t);
  s.instr.run = with_integer(s, t, []<class T>() {
    return lanes_of<T, T, uint32_t>([](T a, uint32_t n) -> T {
      constexpr uint32_t kBits = 8 * sizeof(T);
      if (n >= kBits) return std::is_signed_v<T> ? static_cast<T>(a >> (kBits - 1)) : T{0};
      return static_cast<T>(a >> n);
    });
  });
}

namespace {

uint64_t joined(uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; }

}  // namespace

void select_shf(Site& s) {
  const std::string way = s.op.one_of({"l", "r"}), past = s.op.one_of({"clamp", "wrap"});
  if (way.empty() || past.empty() || s.op.type() != Type::b32) s.unknown();
  ternary_of(s, Type::b32);
  using U = uint32_t;
  if (way == "l" && past == "clamp")
    s.instr.run = lanes_of<U, U, U, U>([](U a, U b, U n) { return joined(a, b) << std::min(n, U{32}) >> 32; });
  else if (way == "l")
    s.instr.run = lanes_of<U, U, U, U>([](U a, U b, U n) { return joined(a, b) << (n & 31) >> 32; });
  else if (past == "clamp")
    s.instr.run = lanes_of<U, U, U, U>([](U a, U b, U n) { return joined(a, b) >> std::min(n, U{32}); });
  else
    s.instr.run = lanes_of<U, U, U, U>([](U a, U b, U n) { return joined(a, b) >> (n & 31); });
}

namespace {

uint32_t permute(uint32_t a, uint32_t b, uint32_t selectors) {
  const uint64_t bytes = uint64_t{b} << 32 | a;
  uint32_t d = 0;
  for (int k = 0; k < 4; ++k) {
    const uint32_t selector = selectors >> (4 * k) & 15;
    uint32_t byte = bytes >> (8 * (selector & 7)) & 255;
    if (selector & 8) byte = byte & 128 ? 255 : 0;
    d |= byte << (8 * k);
  }
  return d;
}

/// The selectors that a mode stands for, by the low two bits of the third operand.
const uint32_t* mode_selectors(const std::string& mode) {
  static const uint32_t f4e[] = {0x3210, 0x4321, 0x5432, 0x6543}, b4e[] = {0x5670, 0x6701, 0x7012, 0x0123},
                        rc8[] = {0x0000, 0x1111, 0x2222, 0x3333}, ecl[] = {0x3210, 0x3211, 0x3222, 0x3333},
                        ecr[] = {0x0000, 0x1110, 0x2210, 0x3210}, rc16[] = {0x1010, 0x3232, 0x1010, 0x3232};
  if (mode == "f4e") return f4e;
  if (mode == "b4e") return b4e;
  if (mode == "rc8") return rc8;
  if (mode == "ecl") return ecl;
  if (mode == "ecr") return ecr;
  return mode == "rc16" ? rc16 : nullptr;
}

}  // namespace

void select_prmt(Site& s) {
  if (s.op.type() != Type::b32) s.unknown();
  s.instr.plan = mode_selectors(s.op.one_of({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}));
  ternary_of(s, Type::b32);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    const auto* const modes = static_cast<const uint32_t*>(i.plan);
    each_lane(lanes, [&](int l) {
      const uint32_t c = w.reg<uint32_t>(i.src[2])[l];
      w.reg<uint32_t>(i.dst)[l] =
          permute(w.reg<uint32_t>(i.src[0])[l], w.reg<uint32_t>(i.src[1])[l], modes ? modes[c & 3] : c);
    });
  };
}

namespace {

/// `length` bits from `at` on; what lies past the width is the sign.
template <class T>
T extract(T a, uint32_t at, uint32_t length) {
  constexpr uint32_t kBits = 8 * sizeof(T);
  at &= 255;
  length &= 255;
  if (length == 0) return 0;
  using U = std::make_unsigned_t<T>;
  const uint32_t top = std::min(at + length - 1, kBits - 1);
  const bool sign = std::is_signed_v<T> && (static_cast<U>(a) >> top & 1);
  U d = at >= kBits ? U{0} : static_cast<U>(a) >> at;
  const uint32_t kept = at >= kBits ? 0 : std::min(length, kBits - at);
  if (kept < kBits) {
    const U mask = (U{1} << kept) - 1;
    d = (d & mask) | (sign ? ~mask : U{0});
  }
  return static_cast<T>(d);
}

template <class T>
T insert(T a, T b, uint32_t at, uint32_t length) {
  constexpr uint32_t kBits = 8 * sizeof(T);
  at &= 255;
  length &= 255;
  if (at >= kBits || length == 0) return b;
  const T ones = length >= kBits ? ~T{0} : static_cast<T>((T{1} << length) - 1);
  const T mask = ones << at;
  return (b & ~mask) | ((a << at) & mask);
}

}  // namespace

void select_bfe(Site& s) {
  const Type t = s.op.type();
  s.expect(4);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, Type::u32);
  s.src(3, Type::u32);
  if (size_of(t) < 4) s.unknown();
  s.instr.run = with_integer(s, t, []<class T>() {
    return lanes_of<T, T, uint32_t, uint32_t>([](T a, uint32_t at, uint32_t n) { return extract(a, at, n); });
  });
}

void select_bfi(Site& s) {
  const Type t = s.op.type();
  s.expect(5);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, t);
  s.src(3, Type::u32);
  s.src(4, Type::u32);
  if (t == Type::b32)
    s.instr.run = lanes_of<uint32_t, uint32_t, uint32_t, uint32_t, uint32_t>(
        [](uint32_t a, uint32_t b, uint32_t at, uint32_t n) { return insert(a, b, at, n); });
  else if (t == Type::b64)
    s.instr.run = lanes_of<uint64_t, uint64_t, uint64_t, uint32_t, uint32_t>(
        [](uint64_t a, uint64_t b, uint32_t at, uint32_t n) { return insert(a, b, at, n); });
  else
    s.unknown();
}

/// The place of the highest bit that is not the sign; all ones where there is none.
void select_bfind(Site& s) {
  const bool distance = s.op.has("shiftamt");
  const Type t = s.op.type();
  s.expect(2);
  s.dst(0, Type::u32);
  s.src(1, t);
  if (size_of(t) < 4) s.unknown();
  s.instr.run = with_integer(s, t, [&]<class T>() -> Handler {
    using U = std::make_unsigned_t<T>;
    if (distance)
      return lanes_of<uint32_t, T>([](T a) {
        const U u = static_cast<U>(a < T{0} ? ~a : a);
        return u == 0 ? ~uint32_t{0} : static_cast<uint32_t>(std::countl_zero(u));
      });
    return lanes_of<uint32_t, T>([](T a) {
      const U u = static_cast<U>(a < T{0} ? ~a : a);
      return u == 0 ? ~uint32_t{0} : static_cast<uint32_t>(std::bit_width(u) - 1);
    });
  });
}

void select_brev(Site& s) {
  const Type t = s.op.type();
  unary(s, t);
  if (size_of(t) < 4) s.unknown();
  s.instr.run = with_bits(s, t, []<class T>() {
    return lanes_of<T, T>([](T a) {
      T d = 0;
      for (size_t k = 0; k < 8 * sizeof(T); ++k) d |= (a >> k & 1) << (8 * sizeof(T) - 1 - k);
      return d;
    });
  });
}

namespace {

template <class F>
void count(Site& s, F f) {
  const Type t = s.op.type();
  s.expect(2);
  s.dst(0, Type::u32);
  s.src(1, t);
  if (t == Type::b32)
    s.instr.run = lanes_of<uint32_t, uint32_t>(f);
  else if (t == Type::b64)
    s.instr.run = lanes_of<uint32_t, uint64_t>(f);
  else
    s.unknown();
}

}  // namespace

void select_popc(Site& s) {
  count(s, [](auto a) { return std::popcount(a); });
}
void select_clz(Site& s) {
  count(s, [](auto a) { return std::countl_zero(a); });
}

/// The low n bits with or without their sign.
void select_szext(Site& s) {
  const std::string past = s.op.one_of({"clamp", "wrap"});
  const Type t = s.op.type();
  if (past.empty() || size_of(t) != 4) s.unknown();
  s.expect(3);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, Type::u32);
  s.instr.extra = past == "wrap";
  s.instr.run = t == Type::s32 ? Handler([](Warp& w, const Instr& i, uint32_t lanes) {
    each_lane(lanes, [&](int l) {
      const uint32_t n = w.reg<uint32_t>(i.src[1])[l];
      w.reg<int32_t>(i.dst)[l] = extract(w.reg<int32_t>(i.src[0])[l], 0, i.extra ? n & 31 : std::min(n, 32u));
    });
  })
                               : Handler([](Warp& w, const Instr& i, uint32_t lanes) {
                                   each_lane(lanes, [&](int l) {
                                     const uint32_t n = w.reg<uint32_t>(i.src[1])[l];
                                     w.reg<uint32_t>(i.dst)[l] =
                                         extract(w.reg<uint32_t>(i.src[0])[l], 0, i.extra ? n & 31 : std::min(n, 32u));
                                   });
                                 });
}

/// b ones from bit a on.
void select_bmsk(Site& s) {
  const std::string past = s.op.one_of({"clamp", "wrap"});
  if (past.empty() || s.op.type() != Type::b32) s.unknown();
  binary(s, Type::b32);
  if (past == "wrap")
    s.instr.run = lanes_of<uint32_t, uint32_t, uint32_t>(
        [](uint32_t a, uint32_t b) { return ((1u << (b & 31)) - 1) << (a & 31); });
  else
    s.instr.run = lanes_of<uint32_t, uint32_t, uint32_t>([](uint32_t a, uint32_t b) {
      const uint64_t ones = (uint64_t{1} << std::min(b, 32u)) - 1;
      return a >= 32 ? 0 : ones << a;
    });
}

/// The sum of four products of bytes.
void select_dp4a(Site& s) {
  const Type a = s.op.type(), b = s.op.type();
  if (size_of(a) != 4 || size_of(b) != 4) s.unknown();
  ternary_of(s, Type::b32);
  s.instr.extra = (is_signed(a) ? 1 : 0) | (is_signed(b) ? 2 : 0);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    each_lane(lanes, [&](int l) {
      const auto byte = [&](int operand, int k) -> int32_t {
        const uint32_t x = w.reg<uint32_t>(i.src[operand])[l] >> (8 * k) & 255;
        return i.extra >> operand & 1 ? static_cast<int8_t>(x) : static_cast<int32_t>(x);
      };
      uint32_t sum = w.reg<uint32_t>(i.src[2])[l];
      for (int k = 0; k < 4; ++k) sum += static_cast<uint32_t>(byte(0, k) * byte(1, k));
      w.reg<uint32_t>(i.dst)[l] = sum;
    });
  };
}

}  // namespace cudasim
