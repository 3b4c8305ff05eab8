/// Integer arithmetic and bits, against C++ on wider types or bit by bit.

#include "test/lanes.h"

namespace cudasim {
namespace {

__extension__ typedef __int128 Wide;

template <class T>
const char* kName = nullptr;
template <>
const char* kName<uint16_t> = "u16";
template <>
const char* kName<int16_t> = "s16";
template <>
const char* kName<uint32_t> = "u32";
template <>
const char* kName<int32_t> = "s32";
template <>
const char* kName<uint64_t> = "u64";
template <>
const char* kName<int64_t> = "s64";

template <class T>
class Integer : public testing::Test {
 protected:
  std::string op(const std::string& name) { return name + "." + kName<T> + " "; }
  Machine machine;
  std::vector<T> some = interesting<T>();
  std::vector<T> few = interesting<T>(6);
};
using Integers = testing::Types<uint16_t, int16_t, uint32_t, int32_t, uint64_t, int64_t>;
TYPED_TEST_SUITE(Integer, Integers);

TYPED_TEST(Integer, AddsSubtractsMultiplies) {
  using T = TypeParam;
  const auto two = pairs(this->some, this->some);
  expect_lanes<T>(this->machine, this->op("add") + "$d, $0, $1;", two, [](T a, T b) { return Wide{a} + b; });
  expect_lanes<T>(this->machine, this->op("sub") + "$d, $0, $1;", two, [](T a, T b) { return Wide{a} - b; });
  expect_lanes<T>(this->machine, this->op("mul.lo") + "$d, $0, $1;", two,
                  [](T a, T b) { return static_cast<uint64_t>(a) * static_cast<uint64_t>(b); });
  expect_lanes<T>(this->machine, this->op("mul.hi") + "$d, $0, $1;", two, [](T a, T b) {
    if constexpr (std::is_same_v<T, uint64_t>) {
      __extension__ typedef unsigned __int128 Unsigned;
      return static_cast<T>((Unsigned{a} * b) >> 64);
    } else {
      return static_cast<T>((Wide{a} * b) >> (8 * sizeof(T)));
    }
  });
  expect_lanes<T>(
      this->machine, this->op("mad.lo") + "$d, $0, $1, $2;", triples(this->few, this->few, this->few),
      [](T a, T b, T c) { return static_cast<uint64_t>(a) * static_cast<uint64_t>(b) + static_cast<uint64_t>(c); });
}

TYPED_TEST(Integer, Divides) {
  using T = TypeParam;
  const auto two = pairs(this->some, this->some);
  expect_lanes<T>(this->machine, this->op("div") + "$d, $0, $1;", two,
                  [](T a, T b) { return b == 0 ? Wide{-1} : Wide{a} / b; });
  expect_lanes<T>(this->machine, this->op("rem") + "$d, $0, $1;", two,
                  [](T a, T b) { return b == 0 ? Wide{a} : Wide{a} % b; });
}

TYPED_TEST(Integer, MinMaxSadAndSigns) {
  using T = TypeParam;
  const auto two = pairs(this->some, this->some);
  expect_lanes<T>(this->machine, this->op("min") + "$d, $0, $1;", two, [](T a, T b) { return std::min(a, b); });
  expect_lanes<T>(this->machine, this->op("max") + "$d, $0, $1;", two, [](T a, T b) { return std::max(a, b); });
  expect_lanes<T>(this->machine, this->op("sad") + "$d, $0, $1, $2;", triples(this->few, this->few, this->few),
                  [](T a, T b, T c) { return Wide{c} + (a < b ? Wide{b} - a : Wide{a} - b); });
  if constexpr (std::is_signed_v<T>) {
    expect_lanes<T>(this->machine, this->op("neg") + "$d, $0;", each(this->some), [](T a) { return -Wide{a}; });
    expect_lanes<T>(this->machine, this->op("abs") + "$d, $0;", each(this->some),
                    [](T a) { return a < 0 ? -Wide{a} : Wide{a}; });
  }
}

TYPED_TEST(Integer, ShiftsPastTheWidth) {
  using T = TypeParam;
  constexpr uint32_t kBits = 8 * sizeof(T);
  const std::vector<uint32_t> by = {0, 1, kBits - 1, kBits, kBits + 1, 2 * kBits, 255, 256, 0xffffffffu};
  expect_lanes<T>(this->machine, "shl.b" + std::to_string(kBits) + " $d, $0, $1;", pairs(this->some, by),
                  [](T a, uint32_t n) { return n >= kBits ? 0 : static_cast<uint64_t>(a) << n; });
  expect_lanes<T>(this->machine, this->op("shr") + "$d, $0, $1;", pairs(this->some, by),
                  [](T a, uint32_t n) { return Wide{a} >> std::min(n, 100u); });
}

TYPED_TEST(Integer, Compares) {
  using T = TypeParam;
  const auto two = pairs(this->some, this->some);
  expect_lanes<bool>(this->machine, this->op("setp.eq") + "$d, $0, $1;", two, [](T a, T b) { return a == b; });
  expect_lanes<bool>(this->machine, this->op("setp.ne") + "$d, $0, $1;", two, [](T a, T b) { return a != b; });
  expect_lanes<bool>(this->machine, this->op("setp.lt") + "$d, $0, $1;", two, [](T a, T b) { return a < b; });
  expect_lanes<bool>(this->machine, this->op("setp.le") + "$d, $0, $1;", two, [](T a, T b) { return a <= b; });
  expect_lanes<bool>(this->machine, this->op("setp.gt") + "$d, $0, $1;", two, [](T a, T b) { return a > b; });
  expect_lanes<bool>(this->machine, this->op("setp.ge") + "$d, $0, $1;", two, [](T a, T b) { return a >= b; });
}

TEST(Integers, ThatBecomeWider) {
  Machine m;
  const auto u16 = pairs(interesting<uint16_t>(), interesting<uint16_t>());
  const auto s16 = pairs(interesting<int16_t>(), interesting<int16_t>());
  const auto u32 = pairs(interesting<uint32_t>(), interesting<uint32_t>());
  const auto s32 = pairs(interesting<int32_t>(), interesting<int32_t>());
  expect_lanes<uint32_t>(m, "mul.wide.u16 $d, $0, $1;", u16, [](uint32_t a, uint32_t b) { return a * b; });
  expect_lanes<int32_t>(m, "mul.wide.s16 $d, $0, $1;", s16, [](int32_t a, int32_t b) { return a * b; });
  expect_lanes<uint64_t>(m, "mul.wide.u32 $d, $0, $1;", u32, [](uint64_t a, uint64_t b) { return a * b; });
  expect_lanes<int64_t>(m, "mul.wide.s32 $d, $0, $1;", s32, [](int64_t a, int64_t b) { return a * b; });
  expect_lanes<uint64_t>(m, "mad.wide.u32 $d, $0, $1, $2;",
                         triples(interesting<uint32_t>(6), interesting<uint32_t>(6), interesting<uint64_t>(6)),
                         [](uint64_t a, uint64_t b, uint64_t c) { return a * b + c; });
  expect_lanes<int64_t>(m, "mad.wide.s32 $d, $0, $1, $2;",
                        triples(interesting<int32_t>(6), interesting<int32_t>(6), interesting<int64_t>(6)),
                        [](int64_t a, int64_t b, int64_t c) { return Wide{a} * b + c; });
  expect_lanes<uint32_t>(m, "mad.hi.u32 $d, $0, $1, $2;",
                         triples(interesting<uint32_t>(6), interesting<uint32_t>(6), interesting<uint32_t>(6)),
                         [](uint64_t a, uint64_t b, uint64_t c) { return (a * b >> 32) + c; });
}

TEST(Integers, ThatSaturate) {
  Machine m;
  const auto two = pairs(interesting<int32_t>(), interesting<int32_t>());
  const auto clamp = [](int64_t x) { return std::min<int64_t>(std::max<int64_t>(x, INT32_MIN), INT32_MAX); };
  expect_lanes<int32_t>(m, "add.sat.s32 $d, $0, $1;", two, [&](int64_t a, int64_t b) { return clamp(a + b); });
  expect_lanes<int32_t>(m, "sub.sat.s32 $d, $0, $1;", two, [&](int64_t a, int64_t b) { return clamp(a - b); });
}

TEST(Integers, OfSeveralWords) {
  Machine m;
  const auto two = pairs(interesting<uint64_t>(), interesting<uint64_t>());
  const std::string split = "mov.b64 {%r5, %r6}, $0; mov.b64 {%r7, %r8}, $1; ", join = " mov.b64 $d, {%r9, %r10};";
  expect_lanes<uint64_t>(m, split + "add.cc.u32 %r9, %r5, %r7; addc.u32 %r10, %r6, %r8;" + join, two,
                         [](uint64_t a, uint64_t b) { return a + b; });
  expect_lanes<uint64_t>(m, split + "sub.cc.u32 %r9, %r5, %r7; subc.cc.u32 %r10, %r6, %r8;" + join, two,
                         [](uint64_t a, uint64_t b) { return a - b; });
  // The upper half of a product, in words.
  expect_lanes<uint64_t>(m,
                         split + R"(mul.lo.u32 %r11, %r5, %r7; mul.hi.u32 %r12, %r5, %r7;
    mad.lo.cc.u32 %r12, %r6, %r7, %r12; madc.hi.u32 %r13, %r6, %r7, 0;
    mad.lo.cc.u32 %r12, %r5, %r8, %r12; madc.hi.cc.u32 %r13, %r5, %r8, %r13; addc.u32 %r14, 0, 0;
    mad.lo.cc.u32 %r9, %r6, %r8, %r13; madc.hi.u32 %r10, %r6, %r8, %r14;)" +
                             join,
                         two, [](uint64_t a, uint64_t b) {
                           __extension__ typedef unsigned __int128 Unsigned;
                           return static_cast<uint64_t>(Unsigned{a} * b >> 64);
                         });
}

TEST(Integers, Of24Bits) {
  Machine m;
  const auto u = pairs(interesting<uint32_t>(), interesting<uint32_t>());
  const auto s = pairs(interesting<int32_t>(), interesting<int32_t>());
  const auto low = [](int32_t x) { return int64_t{(x & 0xffffff) - ((x & 0x800000) << 1)}; };
  expect_lanes<uint32_t>(m, "mul24.lo.u32 $d, $0, $1;", u,
                         [](uint64_t a, uint64_t b) { return (a & 0xffffff) * (b & 0xffffff); });
  expect_lanes<uint32_t>(m, "mul24.hi.u32 $d, $0, $1;", u,
                         [](uint64_t a, uint64_t b) { return (a & 0xffffff) * (b & 0xffffff) >> 16; });
  expect_lanes<int32_t>(m, "mul24.lo.s32 $d, $0, $1;", s, [&](int32_t a, int32_t b) { return low(a) * low(b); });
  expect_lanes<int32_t>(m, "mul24.hi.s32 $d, $0, $1;", s, [&](int32_t a, int32_t b) { return low(a) * low(b) >> 16; });
}

template <class T>
bool bit(T x, int k) {
  return k < static_cast<int>(8 * sizeof(T)) && (static_cast<uint64_t>(x) >> k & 1);
}

/// As the manual spells it.
template <class T>
T extracted(T a, uint32_t b, uint32_t c) {
  const int msb = 8 * sizeof(T) - 1, pos = b & 255, len = c & 255;
  const bool sign = std::is_signed_v<T> && len > 0 && bit(a, std::min(pos + len - 1, msb));
  uint64_t d = 0;
  for (int i = 0; i <= msb; ++i) d |= uint64_t{i < len && pos + i <= msb ? bit(a, pos + i) : sign} << i;
  return static_cast<T>(d);
}
template <class T>
T inserted(T a, T b, uint32_t c, uint32_t n) {
  const int msb = 8 * sizeof(T) - 1, pos = c & 255, len = n & 255;
  T f = b;
  for (int i = 0; i < len && pos + i <= msb; ++i) f = (f & ~(T{1} << (pos + i))) | (T{bit(a, i)} << (pos + i));
  return f;
}

TEST(Bits, FieldsAreTakenOutAndPutIn) {
  Machine m;
  const std::vector<uint32_t> places = {0, 1, 5, 31, 32, 33, 63, 64, 65, 255, 256, 300};
  expect_lanes<uint32_t>(m, "bfe.u32 $d, $0, $1, $2;", triples(interesting<uint32_t>(6), places, places),
                         extracted<uint32_t>);
  expect_lanes<int32_t>(m, "bfe.s32 $d, $0, $1, $2;", triples(interesting<int32_t>(6), places, places),
                        extracted<int32_t>);
  expect_lanes<uint64_t>(m, "bfe.u64 $d, $0, $1, $2;", triples(interesting<uint64_t>(6), places, places),
                         extracted<uint64_t>);
  expect_lanes<int64_t>(m, "bfe.s64 $d, $0, $1, $2;", triples(interesting<int64_t>(6), places, places),
                        extracted<int64_t>);
  for (uint32_t at : places)
    for (uint32_t n : places) {
      const std::string rest = ", " + std::to_string(at) + ", " + std::to_string(n) + ";";
      if (at > 70 && n > 70) continue;
      expect_lanes<uint32_t>(m, "bfi.b32 $d, $0, $1" + rest, pairs(interesting<uint32_t>(4), interesting<uint32_t>(4)),
                             [&](uint32_t a, uint32_t b) { return inserted(a, b, at, n); });
      expect_lanes<uint64_t>(m, "bfi.b64 $d, $0, $1" + rest, pairs(interesting<uint64_t>(4), interesting<uint64_t>(4)),
                             [&](uint64_t a, uint64_t b) { return inserted(a, b, at, n); });
    }
}

TEST(Bits, AreCountedFoundAndReversed) {
  Machine m;
  const auto u32 = each(interesting<uint32_t>());
  const auto u64 = each(interesting<uint64_t>());
  const auto count = [](auto x) {
    int n = 0;
    for (int k = 0; k < 64; ++k) n += bit(x, k);
    return n;
  };
  const auto highest = [](auto x) {
    int n = -1;
    for (int k = 0; k < 64; ++k)
      if (bit(x, k)) n = k;
    return n;
  };
  expect_lanes<uint32_t>(m, "popc.b32 $d, $0;", u32, count);
  expect_lanes<uint32_t>(m, "popc.b64 $d, $0;", u64, count);
  expect_lanes<uint32_t>(m, "clz.b32 $d, $0;", u32, [&](uint32_t x) { return 31 - highest(x); });
  expect_lanes<uint32_t>(m, "clz.b64 $d, $0;", u64, [&](uint64_t x) { return 63 - highest(x); });
  expect_lanes<uint32_t>(m, "bfind.u32 $d, $0;", u32, highest);
  expect_lanes<uint32_t>(m, "bfind.u64 $d, $0;", u64, highest);
  expect_lanes<uint32_t>(m, "bfind.shiftamt.u32 $d, $0;", u32, [&](uint32_t x) { return x ? 31 - highest(x) : -1; });
  expect_lanes<uint32_t>(m, "bfind.s32 $d, $0;", each(interesting<int32_t>()),
                         [&](int32_t x) { return highest(static_cast<uint32_t>(x < 0 ? ~x : x)); });
  expect_lanes<uint32_t>(m, "bfind.s64 $d, $0;", each(interesting<int64_t>()),
                         [&](int64_t x) { return highest(static_cast<uint64_t>(x < 0 ? ~x : x)); });
  const auto reversed = [](auto x) {
    decltype(x) d = 0;
    constexpr int kBits = 8 * sizeof x;
    for (int k = 0; k < kBits; ++k) d |= static_cast<decltype(x)>(bit(x, k)) << (kBits - 1 - k);
    return d;
  };
  expect_lanes<uint32_t>(m, "brev.b32 $d, $0;", u32, reversed);
  expect_lanes<uint64_t>(m, "brev.b64 $d, $0;", u64, reversed);
}

TEST(Bits, Logic) {
  Machine m;
  const auto two = pairs(interesting<uint32_t>(), interesting<uint32_t>());
  const auto wide = pairs(interesting<uint64_t>(), interesting<uint64_t>());
  const auto narrow = pairs(interesting<uint16_t>(), interesting<uint16_t>());
  const std::vector<bool> both = {false, true};
  std::vector<std::tuple<bool, bool>> flags = {{false, false}, {false, true}, {true, false}, {true, true}};
  expect_lanes<uint32_t>(m, "and.b32 $d, $0, $1;", two, [](uint32_t a, uint32_t b) { return a & b; });
  expect_lanes<uint64_t>(m, "or.b64 $d, $0, $1;", wide, [](uint64_t a, uint64_t b) { return a | b; });
  expect_lanes<uint16_t>(m, "xor.b16 $d, $0, $1;", narrow, [](uint16_t a, uint16_t b) { return a ^ b; });
  expect_lanes<uint32_t>(m, "not.b32 $d, $0;", each(interesting<uint32_t>()), [](uint32_t a) { return ~a; });
  expect_lanes<uint32_t>(m, "cnot.b32 $d, $0;", each(interesting<uint32_t>()), [](uint32_t a) { return a == 0; });
  expect_lanes<bool>(m, "and.pred $d, $0, $1;", flags, [](bool a, bool b) { return a && b; });
  expect_lanes<bool>(m, "or.pred $d, $0, $1;", flags, [](bool a, bool b) { return a || b; });
  expect_lanes<bool>(m, "xor.pred $d, $0, $1;", flags, [](bool a, bool b) { return a != b; });
  expect_lanes<bool>(m, "not.pred $d, $0;", std::vector<std::tuple<bool>>{{false}, {true}}, [](bool a) { return !a; });
  for (uint32_t table : {0x80u, 0xc0u, 0xeau, 0x96u, 0x01u, 0x1fu})
    expect_lanes<uint32_t>(m, "lop3.b32 $d, $0, $1, $2, " + std::to_string(table) + ";",
                           triples(interesting<uint32_t>(3), interesting<uint32_t>(3), interesting<uint32_t>(3)),
                           [&](uint32_t a, uint32_t b, uint32_t c) {
                             uint32_t d = 0;
                             for (int k = 0; k < 32; ++k)
                               d |= (table >> (bit(a, k) * 4 + bit(b, k) * 2 + bit(c, k)) & 1) << k;
                             return d;
                           });
}

TEST(Bits, FunnelShiftsAndPermutes) {
  Machine m;
  const std::vector<uint32_t> by = {0, 1, 5, 31, 32, 33, 64, 255};
  const auto operands = triples(interesting<uint32_t>(6), interesting<uint32_t>(6), by);
  const auto joined = [](uint64_t a, uint64_t b) { return b << 32 | a; };
  expect_lanes<uint32_t>(m, "shf.l.clamp.b32 $d, $0, $1, $2;", operands,
                         [&](uint32_t a, uint32_t b, uint32_t n) { return n >= 32 ? a : joined(a, b) << n >> 32; });
  expect_lanes<uint32_t>(m, "shf.r.clamp.b32 $d, $0, $1, $2;", operands,
                         [&](uint32_t a, uint32_t b, uint32_t n) { return n >= 32 ? b : joined(a, b) >> n; });
  expect_lanes<uint32_t>(m, "shf.l.wrap.b32 $d, $0, $1, $2;", operands,
                         [&](uint32_t a, uint32_t b, uint32_t n) { return joined(a, b) << (n % 32) >> 32; });
  expect_lanes<uint32_t>(m, "shf.r.wrap.b32 $d, $0, $1, $2;", operands,
                         [&](uint32_t a, uint32_t b, uint32_t n) { return joined(a, b) >> (n % 32); });
  expect_lanes<uint32_t>(m, "prmt.b32 $d, $0, $1, $2;",
                         triples(interesting<uint32_t>(6), interesting<uint32_t>(6),
                                 std::vector<uint32_t>{0x3210, 0x7654, 0x5410, 0xfedc, 0x0b8a}),
                         [&](uint32_t a, uint32_t b, uint32_t s) {
                           uint32_t d = 0;
                           for (int k = 0; k < 4; ++k) {
                             const uint32_t selector = s >> 4 * k & 15;
                             uint32_t byte = joined(a, b) >> 8 * (selector & 7) & 255;
                             if (selector & 8) byte = byte >= 128 ? 255 : 0;
                             d |= byte << 8 * k;
                           }
                           return d;
                         });
  expect_lanes<uint32_t>(m, "prmt.b32.f4e $d, $0, $1, $2;",
                         triples(interesting<uint32_t>(6), interesting<uint32_t>(6), std::vector<uint32_t>{0, 1, 2, 3}),
                         [&](uint32_t a, uint32_t b, uint32_t n) { return joined(a, b) >> 8 * n; });
  expect_lanes<uint32_t>(m, "prmt.b32.rc8 $d, $0, $1, $2;",
                         triples(interesting<uint32_t>(6), interesting<uint32_t>(6), std::vector<uint32_t>{0, 1, 2, 3}),
                         [&](uint32_t a, uint32_t, uint32_t n) { return (a >> 8 * n & 255) * 0x01010101u; });
  expect_lanes<int32_t>(
      m, "szext.clamp.s32 $d, $0, $1;", pairs(interesting<int32_t>(6), by), [](int32_t a, uint32_t n) {
        return n == 0 ? 0 : n >= 32 ? a : static_cast<int32_t>(static_cast<uint32_t>(a) << (32 - n)) >> (32 - n);
      });
  expect_lanes<uint32_t>(m, "bmsk.clamp.b32 $d, $0, $1;", pairs(by, by), [](uint64_t a, uint64_t b) {
    return a >= 32 ? 0 : ((uint64_t{1} << std::min<uint64_t>(b, 32)) - 1) << a;
  });
  expect_lanes<int32_t>(m, "dp4a.s32.s32 $d, $0, $1, $2;",
                        triples(interesting<int32_t>(6), interesting<int32_t>(6), interesting<int32_t>(6)),
                        [](int32_t a, int32_t b, int32_t c) {
                          int64_t sum = c;
                          for (int k = 0; k < 4; ++k)
                            sum += int64_t{static_cast<int8_t>(a >> 8 * k)} * static_cast<int8_t>(b >> 8 * k);
                          return sum;
                        });
}

TEST(Choices, SelectByPredicateAndSign) {
  Machine m;
  std::vector<std::tuple<uint32_t, uint32_t, bool>> operands = {{1, 2, true}, {1, 2, false}};
  expect_lanes<uint32_t>(m, "selp.b32 $d, $0, $1, $2;", operands,
                         [](uint32_t a, uint32_t b, bool p) { return p ? a : b; });
  expect_lanes<uint32_t>(m, "slct.b32.s32 $d, $0, $1, $2;",
                         triples(std::vector<uint32_t>{5}, std::vector<uint32_t>{6}, interesting<int32_t>()),
                         [](uint32_t a, uint32_t b, int32_t c) { return c >= 0 ? a : b; });
  expect_lanes<uint32_t>(m, "slct.b32.f32 $d, $0, $1, $2;",
                         triples(std::vector<uint32_t>{5}, std::vector<uint32_t>{6}, interesting<float>()),
                         [](uint32_t a, uint32_t b, float c) { return c >= 0 ? a : b; });
  expect_lanes<uint32_t>(m, "set.lt.u32.s32 $d, $0, $1;", pairs(interesting<int32_t>(), interesting<int32_t>()),
                         [](int32_t a, int32_t b) { return a < b ? ~0u : 0u; });
  expect_lanes<float>(m, "set.ge.f32.u32 $d, $0, $1;", pairs(interesting<uint32_t>(), interesting<uint32_t>()),
                      [](uint32_t a, uint32_t b) { return a >= b ? 1.0f : 0.0f; });
}

TEST(Choices, SetpCombinesAndGivesBoth) {
  Machine m;
  const auto operands = [] {
    std::vector<std::tuple<int32_t, int32_t, bool>> all;
    for (auto [a, b] : pairs(interesting<int32_t>(4), interesting<int32_t>(4)))
      for (bool c : {false, true}) all.emplace_back(a, b, c);
    return all;
  }();
  const std::string both = "selp.b32 $d, 1, 0, %p1; selp.b32 %r6, 2, 0, %p2; add.u32 $d, $d, %r6;";
  const auto two = [](bool p, bool q) { return uint32_t{p} + 2 * q; };
  expect_lanes<uint32_t>(m, "setp.lt.and.s32 %p1|%p2, $0, $1, $2;" + both, operands,
                         [&](int32_t a, int32_t b, bool c) { return two(a < b && c, !(a < b) && c); });
  expect_lanes<uint32_t>(m, "setp.lt.or.s32 %p1|%p2, $0, $1, !$2;" + both, operands,
                         [&](int32_t a, int32_t b, bool c) { return two(a < b || !c, !(a < b) || !c); });
  expect_lanes<uint32_t>(m, "setp.lt.xor.s32 %p1|%p2, $0, $1, $2;" + both, operands,
                         [&](int32_t a, int32_t b, bool c) { return two((a < b) != c, !(a < b) != c); });
  // The predicate that it combines with may be the one that it writes.
  expect_lanes<uint32_t>(m, "mov.pred %p1, $2; setp.lt.and.s32 %p1|%p2, $0, $1, %p1;" + both, operands,
                         [&](int32_t a, int32_t b, bool c) { return two(a < b && c, !(a < b) && c); });
}

}  // namespace
}  // namespace cudasim
