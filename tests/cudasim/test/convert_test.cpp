/// cvt between all types, in all roundings, against MPFR and integer arithmetic.

#include <tarry/ir/half.h>

#include "test/exact.h"
#include "test/lanes.h"

namespace cudasim {
namespace {

__extension__ typedef __int128 Wide;

struct IntType {
  const char* name;
  int bits;
  bool is_signed;
  Wide low() const { return is_signed ? -(Wide{1} << (bits - 1)) : 0; }
  Wide high() const { return (Wide{1} << (bits - is_signed)) - 1; }
  /// The value that the low bits of a register hold.
  Wide read(uint64_t reg) const {
    const Wide x = bits == 64 ? Wide{reg} : Wide{reg & ((uint64_t{1} << bits) - 1)};
    return is_signed && x >> (bits - 1) ? x - (Wide{1} << bits) : x;
  }
};
constexpr IntType kInts[] = {{"u8", 8, false},   {"s8", 8, true},   {"u16", 16, false}, {"s16", 16, true},
                             {"u32", 32, false}, {"s32", 32, true}, {"u64", 64, false}, {"s64", 64, true}};

struct FloatType {
  const char* name;
  int bits;
  ExactFormat format;
};
constexpr FloatType kFloats[] = {
    {"f16", 16, kExactHalf}, {"bf16", 16, kExactBrain}, {"f32", 32, kExactFloat}, {"f64", 64, kExactDouble}};

double value(const FloatType& t, uint64_t bits) {
  if (t.bits == 64) return std::bit_cast<double>(bits);
  if (t.bits == 32) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  return t.format.precision == 11 ? tarry::ir::from_float16(static_cast<uint16_t>(bits))
                                  : tarry::ir::from_bfloat16(static_cast<uint16_t>(bits));
}

struct Mode {
  const char* name;
  const char* integral;
  mpfr_rnd_t mpfr;
};
constexpr Mode kModes[] = {
    {"rn", "rni", MPFR_RNDN}, {"rz", "rzi", MPFR_RNDZ}, {"rm", "rmi", MPFR_RNDD}, {"rp", "rpi", MPFR_RNDU}};

/// All registers of 64 bits: narrower types are read from wider registers, as PTX allows.
std::string from_wide(const std::string& op, int to_bits, int from_bits) {
  const std::string from = from_bits >= 32 ? "%rd" : "%h", to = to_bits >= 32 ? "%rd" : "%h";
  std::string code;
  if (from_bits == 16) code += "cvt.u16.u64 %h1, $0;";
  if (from_bits == 32) code += "cvt.u32.u64 %r6, $0;";
  const std::string a = from_bits == 16 ? "%h1" : from_bits == 32 ? "%r6" : "$0";
  const std::string d = to_bits == 16 ? "%h2" : to_bits == 32 ? "%r7" : "$d";
  code += op + " " + d + ", " + a + ";";
  if (to_bits == 16) code += "cvt.u64.u16 $d, %h2;";
  if (to_bits == 32) code += "cvt.u64.u32 $d, %r7;";
  return code;
}

class Convert : public testing::Test {
 protected:
  Machine m;
  std::vector<std::tuple<uint64_t>> words(const FloatType& t) const {
    std::vector<std::tuple<uint64_t>> all;
    if (t.bits == 64)
      for (double x : interesting<double>(300)) all.emplace_back(std::bit_cast<uint64_t>(x));
    if (t.bits == 32)
      for (float x : interesting<float>(300)) all.emplace_back(std::bit_cast<uint32_t>(x));
    if (t.bits == 16)
      for (uint64_t x = 0; x < 65536; x += 7) all.emplace_back(x);
    // Ties and their neighbours, for integers and for halves.
    for (double x : {0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 254.5, 255.5, -128.5, 32766.5, 65503.99, 65519.99, 65520.0,
                     4294967295.5, 1e10, -1e10, 5.9604644775390625e-08, 2.9802322387695312e-08, 8.9e-08})
      if (t.bits == 64)
        all.emplace_back(std::bit_cast<uint64_t>(x));
      else if (t.bits == 32)
        all.emplace_back(std::bit_cast<uint32_t>(static_cast<float>(x)));
    return all;
  }
};

TEST_F(Convert, IntegersToIntegers) {
  const auto operands = each(interesting<uint64_t>());
  for (const IntType& from : kInts)
    for (const IntType& to : kInts) {
      const auto cut = [&](uint64_t a) { return static_cast<uint64_t>(to.read(static_cast<uint64_t>(from.read(a)))); };
      const std::string types = std::string(to.name) + "." + from.name;
      expect_lanes<uint64_t>(m, "cvt." + types + " $d, $0;", operands, cut);
      if (to.low() <= from.low() && to.high() >= from.high()) continue;  // nothing to clamp, and no such form
      expect_lanes<uint64_t>(m, "cvt.sat." + types + " $d, $0;", operands, [&](uint64_t a) {
        return static_cast<uint64_t>(std::min(std::max(from.read(a), to.low()), to.high()));
      });
    }
}

TEST_F(Convert, IntegersToFloats) {
  const auto operands = each(interesting<uint64_t>(200));
  for (const IntType& from : kInts)
    for (const FloatType& to : kFloats)
      for (const Mode& mode : kModes) {
        const std::string op = std::string("cvt.") + mode.name + "." + to.name + "." + from.name;
        const bool exact_size = to.format.precision == kExactBrain.precision;  // no wider registers with bf16
        if (exact_size && from.bits == 8) continue;
        expect_lanes<uint64_t>(
            m,
            exact_size ? from_wide(op, 16, from.bits)
                       : op + (to.bits == 16   ? " %h2, $0; cvt.u64.u16 $d, %h2;"
                               : to.bits == 32 ? " %r7, $0; cvt.u64.u32 $d, %r7;"
                                               : " $d, $0;"),
            operands, [&](uint64_t a) {
              const Wide x = from.read(a);
              const double d = exactly(to.format, mode.mpfr, [&](mpfr_t r, mpfr_rnd_t rnd) {
                return set(r, from.is_signed ? Exact::of(static_cast<int64_t>(x)) : Exact::of(static_cast<uint64_t>(x)),
                           rnd);
              });
              if (to.bits == 64) return std::bit_cast<uint64_t>(d);
              if (to.bits == 32) return uint64_t{std::bit_cast<uint32_t>(static_cast<float>(d))};
              return uint64_t{to.format.precision == 11 ? tarry::ir::to_float16(static_cast<float>(d))
                                                        : tarry::ir::to_bfloat16(static_cast<float>(d))};
            });
      }
}

TEST_F(Convert, FloatsToIntegersClampAndLoseNaNs) {
  for (const FloatType& from : kFloats)
    for (const IntType& to : kInts)
      for (const Mode& mode : kModes) {
        const int bits = std::max(to.bits, 16);
        if (from.format.precision == kExactBrain.precision && to.bits == 8) continue;
        expect_lanes<uint64_t>(
            m, from_wide(std::string("cvt.") + mode.integral + "." + to.name + "." + from.name, bits, from.bits),
            words(from), [&](uint64_t a) {
              const double x = value(from, a);
              Wide d = 0;
              if (std::isinf(x)) {
                d = x > 0 ? to.high() : to.low();
              } else if (!std::isnan(x)) {
                mpfr_t r;
                mpfr_init2(r, 64);
                mpfr_rint(r, Exact(x), mode.mpfr);
                const double integral = mpfr_get_d(r, MPFR_RNDN);
                mpfr_clear(r);
                d = std::fabs(integral) < 0x1p100 ? std::min(std::max(Wide(integral), to.low()), to.high())
                    : integral > 0                ? to.high()
                                                  : to.low();
              }
              const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
              return static_cast<uint64_t>(d) & mask;
            });
      }
}

TEST_F(Convert, FloatsToFloats) {
  for (const FloatType& from : kFloats)
    for (const FloatType& to : kFloats) {
      const bool narrows = to.format.precision < from.format.precision || to.format.emax < from.format.emax;
      for (const Mode& mode : kModes) {
        if (!narrows && mode.mpfr != MPFR_RNDN) continue;
        const std::string op =
            std::string("cvt.") + (narrows ? std::string(mode.name) + "." : "") + to.name + "." + from.name;
        expect_lanes<uint64_t>(m, from_wide(op, to.bits, from.bits), words(from), [&](uint64_t a) {
          const double d = exactly(to.format, mode.mpfr,
                                   [&](mpfr_t r, mpfr_rnd_t rnd) { return set(r, Exact(value(from, a)), rnd); });
          if (to.bits == 64) return std::bit_cast<uint64_t>(with_ptx_nan(d));
          if (to.bits == 32) return uint64_t{std::bit_cast<uint32_t>(with_ptx_nan(static_cast<float>(d)))};
          if (std::isnan(d)) return uint64_t{0x7fff};
          return uint64_t{to.format.precision == 11 ? tarry::ir::to_float16(static_cast<float>(d))
                                                    : tarry::ir::to_bfloat16(static_cast<float>(d))};
        });
      }
    }
}

TEST_F(Convert, ToIntegralFloats) {
  for (const Mode& mode : kModes) {
    const auto integral = [&](auto a) {
      mpfr_t r;
      mpfr_init2(r, 64);
      mpfr_rint(r, Exact(a), mode.mpfr);
      const double d = mpfr_get_d(r, MPFR_RNDN);
      mpfr_clear(r);
      return with_ptx_nan(static_cast<decltype(a)>(d));
    };
    expect_lanes<float>(m, std::string("cvt.") + mode.integral + ".f32.f32 $d, $0;", each(interesting<float>(500)),
                        integral);
    expect_lanes<double>(m, std::string("cvt.") + mode.integral + ".f64.f64 $d, $0;", each(interesting<double>(500)),
                         integral);
  }
  expect_lanes<float>(m, "cvt.sat.f32.f32 $d, $0;", each(interesting<float>()),
                      [](float a) { return a > 0 ? std::min(a, 1.0f) : 0.0f; });
}

TEST_F(Convert, PairsOfHalves) {
  const auto two = pairs(interesting<float>(), interesting<float>());
  const auto half = [](float x) { return uint32_t{std::isnan(x) ? uint16_t{0x7fff} : tarry::ir::to_float16(x)}; };
  const auto brain = [](float x) { return uint32_t{std::isnan(x) ? uint16_t{0x7fff} : tarry::ir::to_bfloat16(x)}; };
  expect_lanes<uint32_t>(m, "cvt.rn.f16x2.f32 $d, $0, $1;", two,
                         [&](float a, float b) { return half(a) << 16 | half(b); });
  expect_lanes<uint32_t>(m, "cvt.rn.bf16x2.f32 $d, $0, $1;", two,
                         [&](float a, float b) { return brain(a) << 16 | brain(b); });
}

TEST_F(Convert, AsksForARoundingWhereOneIsNeeded) {
  for (const char* op :
       {"cvt.f32.f64 %f1, %fd1;", "cvt.rn.f64.f32 %fd1, %f1;", "cvt.f32.s32 %f1, %r1;", "cvt.s32.f32 %r1, %f1;"}) {
    CUmodule module;
    CUfunction f;
    EXPECT_CALL(cuModuleLoadData(&module, kernel_text(1, op).c_str()));
    EXPECT_CODE(cuModuleGetFunction(&f, module, "f"), CUDA_ERROR_INVALID_PTX) << op;
  }
}

}  // namespace
}  // namespace cudasim
