/// Elements as text, to the bit, and the conversions to 16-bit floats that stand behind it.

#include <tarry/ir/half.h>
#include <tarry/ir/literal.h>
#include <tarry/ir/reduction.h>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <tarry/ir/text.h>

namespace tarry::ir {
namespace {

uint64_t through_text(DType t, uint64_t bits) {
  Graph g;
  g.add(Op::constant, t, Shape{}, {}, {static_cast<int64_t>(bits)});
  return static_cast<uint64_t>(parse_graph(print(g)).attr(Value{0}));
}

TEST(Literal, EveryPatternOfNarrowTypesSurvives) {
  for (int i = 0; i < kNumDTypes; ++i) {
    const DType t = static_cast<DType>(i);
    if (size_of(t) > 2) continue;
    for (uint64_t bits = 0; bits < 1ull << 8 * size_of(t); ++bits)
      ASSERT_EQ(through_text(t, bits), bits) << info(t).name;
  }
}

TEST(Literal, RandomAndSpecialPatternsSurvive) {
  std::mt19937_64 random(3);
  for (int i = 0; i < kNumDTypes; ++i) {
    const DType t = static_cast<DType>(i);
    for (uint64_t bits : {0ull, 1ull, 0x7f800000ull, 0xff800000ull, 0x7fc00000ull, 0xffc00000ull, 0x7f800001ull,
                          0x80000000ull, 0x7ff0000000000000ull, 0x7ff8000000000000ull, 0xfff8000000000001ull,
                          0x7ff0000000000001ull, 1ull << 63, ~0ull, 0x000fffffffffffffull, 0x7fefffffffffffffull})
      ASSERT_EQ(through_text(t, bits), bits) << info(t).name;
    for (int round = 0; round < 4000; ++round) {
      const uint64_t bits = random() >> (random() % 64);
      ASSERT_EQ(through_text(t, bits), bits) << info(t).name;
    }
  }
}

TEST(Literal, ReadsLikeTheNumber) {
  EXPECT_EQ(literal_text(DType::bool_, 1), "true");
  EXPECT_EQ(literal_text(DType::int8, 0xff), "-1");
  EXPECT_EQ(literal_text(DType::int64, 1ull << 63), "-9223372036854775808");
  EXPECT_EQ(literal_text(DType::uint64, ~0ull), "18446744073709551615");
  EXPECT_EQ(literal_text(DType::float32, std::bit_cast<uint32_t>(0.1f)), "0.1");
  EXPECT_EQ(literal_text(DType::float64, std::bit_cast<uint64_t>(0.1)), "0.1");
  EXPECT_EQ(literal_text(DType::float64, std::bit_cast<uint64_t>(-0.0)), "-0");
  EXPECT_EQ(literal_text(DType::float16, 0x7c00), "inf");
  EXPECT_EQ(literal_text(DType::bfloat16, 0xff80), "-inf");
  EXPECT_EQ(literal_text(DType::float32, 0x7fc00000), "nan");
  EXPECT_EQ(literal_text(DType::float32, 0xffc00000), "bits 0xffc00000");
  EXPECT_EQ(literal_text(DType::float32, 0x17fc00000), "bits 0x17fc00000");
  EXPECT_EQ(literal_bits(DType::float64, "0x1.8p-3"), std::bit_cast<uint64_t>(0x1.8p-3));
  EXPECT_EQ(literal_bits(DType::float32, "-0x1p-149"), 0x80000001u);
  EXPECT_EQ(literal_bits(DType::float32, "16777217"), std::bit_cast<uint32_t>(16777216.f));
}

TEST(Literal, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(literal_bits(DType::bool_, "1"));
  EXPECT_FALSE(literal_bits(DType::int8, "128"));
  EXPECT_TRUE(literal_bits(DType::int8, "-128"));
  EXPECT_FALSE(literal_bits(DType::uint8, "-1"));
  EXPECT_FALSE(literal_bits(DType::float16, "65520"));
  EXPECT_TRUE(literal_bits(DType::float16, "65519"));
  EXPECT_FALSE(literal_bits(DType::float32, "1x"));
  EXPECT_FALSE(literal_bits(DType::float32, ""));
  EXPECT_FALSE(literal_bits(DType::float32, "--1"));
  EXPECT_FALSE(literal_bits(DType::int32, "1.0"));
}

TEST(Half, WideningIsExactAndNarrowingItsInverse) {
  for (uint32_t h = 0; h < 65536; ++h) {
    const auto half = static_cast<uint16_t>(h);
    if (!std::isnan(from_float16(half)))
      ASSERT_EQ(to_float16(from_float16(half)), half);
    else
      ASSERT_TRUE(std::isnan(from_float16(to_float16(from_float16(half)))));
    if (!std::isnan(from_bfloat16(half)))
      ASSERT_EQ(to_bfloat16(from_bfloat16(half)), half);
    else
      ASSERT_TRUE(std::isnan(from_bfloat16(to_bfloat16(from_bfloat16(half)))));
  }
  EXPECT_EQ(from_float16(0x3c00), 1.f);
  EXPECT_EQ(from_float16(0x0001), 0x1p-24f);
  EXPECT_EQ(from_bfloat16(0x3f80), 1.f);
}

TEST(Half, NarrowingRoundsToNearestEven) {
  // Between each two neighbours: just below the middle, the middle, just above it.
  for (uint16_t h = 0; h < 0x7bff; ++h) {
    const double low = from_float16(h), high = from_float16(h + 1), middle = (low + high) / 2;
    ASSERT_EQ(to_float16(std::nextafter(middle, low)), h);
    ASSERT_EQ(to_float16(middle), h & 1 ? h + 1 : h);
    ASSERT_EQ(to_float16(std::nextafter(middle, high)), h + 1);
    ASSERT_EQ(to_float16(-middle), (h & 1 ? h + 1 : h) | 0x8000);
  }
  EXPECT_EQ(to_float16(65519.99), 0x7bff);
  EXPECT_EQ(to_float16(65520), 0x7c00);
  EXPECT_EQ(to_float16(1e300), 0x7c00);
  EXPECT_EQ(to_float16(0x1p-25), 0);
  EXPECT_EQ(to_float16(0x1.0000000000001p-25), 1);
  EXPECT_EQ(to_float16(-5e-324), 0x8000);
  EXPECT_EQ(to_bfloat16(std::numeric_limits<double>::max()), 0x7f80);
  EXPECT_EQ(to_bfloat16(0x1.01p0), 0x3f80);
  EXPECT_EQ(to_bfloat16(0x1.03p0), 0x3f82);
}

TEST(Literal, BitsOfANumber) {
  EXPECT_EQ(bits_of(DType::bool_, -0.5), 1u);
  EXPECT_EQ(bits_of(DType::int8, -1), 0xffu);
  EXPECT_EQ(bits_of(DType::uint64, 0x1p63), 1ull << 63);
  EXPECT_EQ(bits_of(DType::float16, 1), 0x3c00u);
  EXPECT_EQ(bits_of(DType::float32, 0.1), std::bit_cast<uint32_t>(0.1f));
  EXPECT_EQ(bits_of(DType::complex64, 1), 0x3f800000u);
}

TEST(Reduction, IdentitiesLeaveElementsAsTheyAre) {
  EXPECT_EQ(identity_bits(Op::reduce_sum, DType::float32), 0x80000000u);
  EXPECT_EQ(identity_bits(Op::reduce_sum, DType::float64), 1ull << 63);
  EXPECT_EQ(identity_bits(Op::reduce_sum, DType::int32), 0u);
  EXPECT_EQ(identity_bits(Op::reduce_sum, DType::bool_), 0u);
  EXPECT_EQ(identity_bits(Op::reduce_prod, DType::bool_), 1u);
  EXPECT_EQ(identity_bits(Op::scan_prod, DType::float16), 0x3c00u);
  EXPECT_EQ(identity_bits(Op::scan_sum, DType::float64), 1ull << 63);
  EXPECT_EQ(identity_bits(Op::reduce_min, DType::float32), 0x7f800000u);
  EXPECT_EQ(identity_bits(Op::reduce_max, DType::float32), 0xff800000u);
  EXPECT_EQ(identity_bits(Op::reduce_min, DType::int8), 0x7fu);
  EXPECT_EQ(identity_bits(Op::reduce_max, DType::int8), 0x80u);
  EXPECT_EQ(identity_bits(Op::reduce_max, DType::int64), 1ull << 63);
  EXPECT_EQ(identity_bits(Op::reduce_min, DType::uint16), 0xffffu);
  EXPECT_EQ(identity_bits(Op::reduce_max, DType::uint64), 0u);
  EXPECT_EQ(identity_bits(Op::reduce_min, DType::bool_), 1u);
}

TEST(Names, OfOpsAndDtypesAreFound) {
  for (int i = 0; i < kNumOps; ++i) EXPECT_EQ(op_from_text(kOps[i].name), static_cast<Op>(i));
  for (const char* none : {"", "a", "and_", "zzz", "Add"}) EXPECT_FALSE(op_from_text(none)) << none;
  for (int i = 0; i < kNumDTypes; ++i) {
    EXPECT_EQ(dtype_from_text(kDTypes[i].text), static_cast<DType>(i));
    EXPECT_EQ(dtype_from_name(kDTypes[i].name), static_cast<DType>(i));
  }
  EXPECT_FALSE(dtype_from_text("float32"));
  EXPECT_FALSE(dtype_from_name("f32"));
}

}  // namespace
}  // namespace tarry::ir
