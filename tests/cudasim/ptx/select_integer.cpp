/// Integer arithmetic.

#include <limits>
#include <type_traits>

#include "ptx/select.h"
#include "ptx/select_float.h"

namespace cudasim {
namespace {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// Twice as wide, of the same sign.
template <class T>
struct WideOf;
template <>
struct WideOf<uint16_t> {
  using type = uint32_t;
};
template <>
struct WideOf<int16_t> {
  using type = int32_t;
};
template <>
struct WideOf<uint32_t> {
  using type = uint64_t;
};
template <>
struct WideOf<int32_t> {
  using type = int64_t;
};
template <>
struct WideOf<uint64_t> {
  using type = UInt128;
};
template <>
struct WideOf<int64_t> {
  using type = Int128;
};
template <>
struct WideOf<uint8_t> {
  using type = uint16_t;
};
template <>
struct WideOf<int8_t> {
  using type = int16_t;
};
template <class T>
using Wide = typename WideOf<T>::type;

/// Arithmetic that wraps.
template <class T>
using Bits = std::make_unsigned_t<T>;
template <class T>
T wrap_add(T a, T b) {
  return static_cast<T>(static_cast<Bits<T>>(a) + static_cast<Bits<T>>(b));
}
template <class T>
T wrap_sub(T a, T b) {
  return static_cast<T>(static_cast<Bits<T>>(a) - static_cast<Bits<T>>(b));
}
template <class T>
T wrap_mul(T a, T b) {
  return static_cast<T>(static_cast<Bits<Wide<T>>>(a) * static_cast<Bits<Wide<T>>>(b));
}
template <>
uint64_t wrap_mul(uint64_t a, uint64_t b) {
  return a * b;
}
template <>
int64_t wrap_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

template <class T>
T high(T a, T b) {
  return static_cast<T>((static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b)) >> (8 * sizeof(T)));
}

int32_t saturate(int64_t x) {
  if (x > std::numeric_limits<int32_t>::max()) return std::numeric_limits<int32_t>::max();
  if (x < std::numeric_limits<int32_t>::min()) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(x);
}

void ternary(Site& s, Type t, Type last) {
  s.expect(4);
  s.dst(0, last);
  s.src(1, t);
  s.src(2, t);
  s.src(3, last);
}

Type twice(Site& s, Type t) {
  switch (t) {
    case Type::u16: return Type::u32;
    case Type::s16: return Type::s32;
    case Type::u32: return Type::u64;
    case Type::s32: return Type::s64;
    default: s.unknown();
  }
}

/// For types that have one twice as wide among the registers.
template <class F>
Handler with_narrow(Site& s, Type t, F f) {
  switch (t) {
    case Type::u16: return f.template operator()<uint16_t>();
    case Type::s16: return f.template operator()<int16_t>();
    case Type::u32: return f.template operator()<uint32_t>();
    case Type::s32: return f.template operator()<int32_t>();
    default: s.unknown();
  }
}

}  // namespace

void binary(Site& s, Type t) {
  s.expect(3);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, t);
}

void unary(Site& s, Type t) {
  s.expect(2);
  s.dst(0, t);
  s.src(1, t);
}

void select_add(Site& s) {
  const bool carries = s.op.has("cc");
  const Type t = s.op.type();
  if (carries || s.op.base() != "add") s.unknown();
  if (select_float_arithmetic(s, "add", t)) return;
  binary(s, t);
  if (t == Type::s32 && s.op.has("sat")) {
    s.instr.run = lanes_of<int32_t, int32_t, int32_t>([](int64_t a, int64_t b) { return saturate(a + b); });
    return;
  }
  s.instr.run =
      with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return wrap_add(a, b); }); });
}

void select_sub(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "sub", t)) return;
  binary(s, t);
  if (t == Type::s32 && s.op.has("sat")) {
    s.instr.run = lanes_of<int32_t, int32_t, int32_t>([](int64_t a, int64_t b) { return saturate(a - b); });
    return;
  }
  s.instr.run =
      with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return wrap_sub(a, b); }); });
}

void select_mul(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "mul", t)) return;
  const std::string part = s.op.one_of({"lo", "hi", "wide"});
  if (part == "wide") {
    s.expect(3);
    s.dst(0, twice(s, t));
    s.src(1, t);
    s.src(2, t);
    s.instr.run = with_narrow(s, t, []<class T>() {
      return lanes_of<Wide<T>, T, T>([](T a, T b) { return static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b); });
    });
    return;
  }
  binary(s, t);
  if (part == "lo")
    s.instr.run =
        with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return wrap_mul(a, b); }); });
  else if (part == "hi")
    s.instr.run = with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return high(a, b); }); });
  else
    s.unknown();
}

void select_mad(Site& s) {
  const Type t = s.op.type();
  if (is_float(t)) s.unknown();
  const std::string part = s.op.one_of({"lo", "hi", "wide"});
  if (part == "wide") {
    ternary(s, t, twice(s, t));
    s.instr.run = with_narrow(s, t, []<class T>() {
      return lanes_of<Wide<T>, T, T, Wide<T>>(
          [](T a, T b, Wide<T> c) { return wrap_add<Wide<T>>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b), c); });
    });
    return;
  }
  ternary(s, t, t);
  if (part == "lo")
    s.instr.run = with_integer(s, t, []<class T>() {
      return lanes_of<T, T, T, T>([](T a, T b, T c) { return wrap_add(wrap_mul(a, b), c); });
    });
  else if (part == "hi" && t == Type::s32 && s.op.has("sat"))
    s.instr.run = lanes_of<int32_t, int32_t, int32_t, int32_t>(
        [](int32_t a, int32_t b, int64_t c) { return saturate(high(a, b) + c); });
  else if (part == "hi")
    s.instr.run = with_integer(
        s, t, []<class T>() { return lanes_of<T, T, T, T>([](T a, T b, T c) { return wrap_add(high(a, b), c); }); });
  else
    s.unknown();
}

namespace {

/// The low 24 bits, with their sign.
template <class T>
int64_t low24(T x) {
  if constexpr (std::is_signed_v<T>) return static_cast<int32_t>(static_cast<uint32_t>(x) << 8) >> 8;
  return x & 0xffffff;
}

template <class F>
Handler with_32(Site& s, Type t, F f) {
  if (t == Type::u32) return f.template operator()<uint32_t>();
  if (t == Type::s32) return f.template operator()<int32_t>();
  s.unknown();
}

}  // namespace

void select_mul24(Site& s) {
  const Type t = s.op.type();
  const std::string part = s.op.one_of({"lo", "hi"});
  if (part.empty()) s.unknown();
  binary(s, t);
  if (part == "lo")
    s.instr.run =
        with_32(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return low24(a) * low24(b); }); });
  else
    s.instr.run = with_32(
        s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return (low24(a) * low24(b)) >> 16; }); });
}

void select_mad24(Site& s) {
  const Type t = s.op.type();
  const std::string part = s.op.one_of({"lo", "hi"});
  if (part.empty()) s.unknown();
  ternary(s, t, t);
  if (part == "lo")
    s.instr.run = with_32(
        s, t, []<class T>() { return lanes_of<T, T, T, T>([](T a, T b, T c) { return low24(a) * low24(b) + c; }); });
  else
    s.instr.run = with_32(s, t, []<class T>() {
      return lanes_of<T, T, T, T>([](T a, T b, T c) { return ((low24(a) * low24(b)) >> 16) + c; });
    });
}

void select_sad(Site& s) {
  const Type t = s.op.type();
  ternary(s, t, t);
  s.instr.run = with_integer(s, t, []<class T>() {
    return lanes_of<T, T, T, T>([](T a, T b, T c) { return wrap_add(c, a < b ? wrap_sub(b, a) : wrap_sub(a, b)); });
  });
}

/// Division by zero gives what the hardware is seen to give: all ones.
void select_div(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "div", t)) return;
  binary(s, t);
  s.instr.run = with_integer(s, t, []<class T>() {
    return lanes_of<T, T, T>([](T a, T b) -> T {
      if (b == 0) return static_cast<T>(-1);
      if (std::is_signed_v<T> && b == static_cast<T>(-1)) return wrap_sub(T{0}, a);
      return static_cast<T>(a / b);
    });
  });
}

void select_rem(Site& s) {
  const Type t = s.op.type();
  binary(s, t);
  s.instr.run = with_integer(s, t, []<class T>() {
    return lanes_of<T, T, T>([](T a, T b) -> T {
      if (b == 0) return a;
      if (std::is_signed_v<T> && b == static_cast<T>(-1)) return 0;
      return static_cast<T>(a % b);
    });
  });
}

void select_abs(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "abs", t)) return;
  unary(s, t);
  if (!is_signed(t)) s.unknown();
  s.instr.run =
      with_integer(s, t, []<class T>() { return lanes_of<T, T>([](T a) { return a < 0 ? wrap_sub(T{0}, a) : a; }); });
}

void select_neg(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "neg", t)) return;
  unary(s, t);
  if (!is_signed(t)) s.unknown();
  s.instr.run = with_integer(s, t, []<class T>() { return lanes_of<T, T>([](T a) { return wrap_sub(T{0}, a); }); });
}

void select_min(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "min", t)) return;
  binary(s, t);
  s.instr.run = with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return a < b ? a : b; }); });
}

void select_max(Site& s) {
  const Type t = s.op.type();
  if (select_float_arithmetic(s, "max", t)) return;
  binary(s, t);
  s.instr.run = with_integer(s, t, []<class T>() { return lanes_of<T, T, T>([](T a, T b) { return a > b ? a : b; }); });
}

}  // namespace cudasim
