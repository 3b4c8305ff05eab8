/// Halves of both kinds, alone and in pairs, against MPFR.

#include <tarry/ir/half.h>

#include "test/exact.h"
#include "test/lanes.h"

namespace cudasim {
namespace {

struct Kind {
  const char* name;
  ExactFormat format;
  float (*read)(uint16_t);
  uint16_t infinity;
};
float read_half(uint16_t x) { return tarry::ir::from_float16(x); }
float read_brain(uint16_t x) { return tarry::ir::from_bfloat16(x); }
constexpr Kind kKinds[] = {{"f16", kExactHalf, read_half, 0x7c00}, {"bf16", kExactBrain, read_brain, 0x7f80}};

/// The bits of an exact value of the kind, without arithmetic: found by looking.
uint16_t bits(const Kind& k, double x) {
  if (std::isnan(x)) return 0x7fff;
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  uint16_t low = 0, high = k.infinity;
  while (low < high) {
    const uint16_t middle = static_cast<uint16_t>((low + high) / 2);
    if (k.read(middle) < std::fabs(x))
      low = static_cast<uint16_t>(middle + 1);
    else
      high = middle;
  }
  EXPECT_EQ(k.read(low), std::fabs(x));
  return sign | low;
}

class Halves : public testing::TestWithParam<Kind> {
 protected:
  std::vector<uint16_t> some() const {
    std::vector<uint16_t> all = {0,      1,      2,      0x3ff,  0x400,  0x3bff, 0x3c00, 0x3c01, 0x7bff, 0x7c00, 0x7c01,
                                 0x3f80, 0x3f81, 0x3f7f, 0x7f7f, 0x7f80, 0x7f81, 0x007f, 0x0080, 0x4248, 0x5555};
    for (size_t i = 0, n = all.size(); i < n; ++i) all.push_back(all[i] | 0x8000);
    std::mt19937 random(3);
    for (int i = 0; i < 60; ++i) all.push_back(static_cast<uint16_t>(random()));
    return all;
  }
  const Kind& kind() const { return GetParam(); }
  template <class F>
  uint16_t rounded(F f) const {
    return bits(kind(), exactly(kind().format, MPFR_RNDN, f));
  }
  Exact exact(uint16_t x) const { return Exact(kind().read(x)); }
  std::string op(const std::string& name) const { return name + "." + kind().name + " "; }
  Machine m;
};

TEST_P(Halves, Arithmetic) {
  const auto two = pairs(some(), some());
  expect_lanes<uint16_t>(m, op("add") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) {
    return rounded([&](mpfr_t d, mpfr_rnd_t r) { return mpfr_add(d, exact(a), exact(b), r); });
  });
  expect_lanes<uint16_t>(m, op("sub.rn") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) {
    return rounded([&](mpfr_t d, mpfr_rnd_t r) { return mpfr_sub(d, exact(a), exact(b), r); });
  });
  expect_lanes<uint16_t>(m, op("mul") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) {
    return rounded([&](mpfr_t d, mpfr_rnd_t r) { return mpfr_mul(d, exact(a), exact(b), r); });
  });
}

TEST_P(Halves, FusesProductAndSum) {
  std::vector<std::tuple<uint16_t, uint16_t, uint16_t>> three;
  std::mt19937 random(5);
  const std::vector<uint16_t> s = some();
  for (int i = 0; i < 20000; ++i)
    three.emplace_back(s[random() % s.size()], static_cast<uint16_t>(random()), s[random() % s.size()]);
  expect_lanes<uint16_t>(m, op("fma.rn") + "$d, $0, $1, $2;", three, [&](uint16_t a, uint16_t b, uint16_t c) {
    return rounded([&](mpfr_t d, mpfr_rnd_t r) { return mpfr_fma(d, exact(a), exact(b), exact(c), r); });
  });
}

TEST_P(Halves, SignsAndOrder) {
  const auto two = pairs(some(), some());
  const auto read = [&](uint16_t x) { return kind().read(x); };
  const auto nan = [&](uint16_t x) { return std::isnan(read(x)); };
  // -0 is below +0.
  const auto below = [&](uint16_t a, uint16_t b) {
    return read(a) < read(b) || (read(a) == read(b) && a > b && a >= 0x8000 && b < 0x8000);
  };
  expect_lanes<uint16_t>(m, op("neg") + "$d, $0;", each(some()), [](uint16_t a) { return a ^ 0x8000; });
  expect_lanes<uint16_t>(m, op("abs") + "$d, $0;", each(some()), [](uint16_t a) { return a & 0x7fff; });
  expect_lanes<uint16_t>(m, op("min") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) -> uint16_t {
    if (nan(a) || nan(b)) return nan(a) && nan(b) ? 0x7fff : nan(a) ? b : a;
    return below(b, a) ? b : a;
  });
  expect_lanes<uint16_t>(m, op("max.NaN") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) -> uint16_t {
    if (nan(a) || nan(b)) return 0x7fff;
    return below(a, b) ? b : a;
  });
  expect_lanes<bool>(m, op("setp.lt") + "$d, $0, $1;", two, [&](uint16_t a, uint16_t b) { return read(a) < read(b); });
  expect_lanes<bool>(m, op("setp.geu") + "$d, $0, $1;", two,
                     [&](uint16_t a, uint16_t b) { return !(read(a) < read(b)); });
}

TEST_P(Halves, InPairs) {
  std::vector<std::tuple<uint32_t, uint32_t>> two;
  std::mt19937 random(9);
  for (int i = 0; i < 3000; ++i) two.emplace_back(random(), random());
  const auto half = [&](uint32_t a, uint32_t b) {
    return uint32_t{rounded([&](mpfr_t d, mpfr_rnd_t r) {
      return mpfr_add(d, exact(static_cast<uint16_t>(a)), exact(static_cast<uint16_t>(b)), r);
    })};
  };
  expect_lanes<uint32_t>(m, std::string("add.") + kind().name + "x2 $d, $0, $1;", two,
                         [&](uint32_t a, uint32_t b) { return half(a, b) | half(a >> 16, b >> 16) << 16; });
}

INSTANTIATE_TEST_SUITE_P(Both, Halves, testing::ValuesIn(kKinds),
                         [](auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cudasim
