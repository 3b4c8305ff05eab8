/// Expansion leaves primitives alone, and the loops built ahead of time give its bits.

#include "math_evaluator.h"

#include <tarry/ir/verify.h>
#include <tarry/passes/expand.h>
#include <tarry/passes/math/loops.h>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tarry::tests {
namespace {

/// A kernel that stores `op` of its loads.
ir::Kernel kernel_of(Op op, DType operand, DType result) {
  ir::Kernel k;
  std::vector<Value> loads;
  const int arity = ir::info(op).arity;
  for (int i = 0; i < arity; ++i) {
    k.accesses.push_back({ir::Access::Kind::read, operand});
    loads.push_back(k.body.add(Op::load, operand, {}, {}, {i}));
  }
  k.accesses.push_back({ir::Access::Kind::write, result});
  const Value v = k.body.add(op, result, {}, loads);
  k.body.add(Op::store, result, {}, {v}, {arity});
  return k;
}

DType unsigned_of_size(size_t bytes) { return bytes == 2 ? DType::uint16 : bytes == 4 ? DType::uint32 : DType::uint64; }

DType result_of(Op op, DType t) {
  if (op == Op::bitcast) return unsigned_of_size(ir::size_of(t));
  return ir::info(op).dtype_rule == ir::DTypeRule::boolean ? DType::bool_ : t;
}

bool is_nan(DType t, uint64_t bits) {
  switch (t) {
    case DType::float16: return std::isnan(ir::from_float16(static_cast<uint16_t>(bits)));
    case DType::bfloat16: return std::isnan(ir::from_bfloat16(static_cast<uint16_t>(bits)));
    case DType::float32: return std::isnan(from_bits<float>(bits));
    case DType::float64: return std::isnan(from_bits<double>(bits));
    default: return false;
  }
}

/// Values of a dtype where its functions change their ways, then random ones: bit patterns, and numbers of everyday
/// size.
std::vector<uint64_t> samples(DType t, int count, uint64_t seed) {
  std::vector<uint64_t> out;
  std::mt19937_64 random(seed);
  const int width = static_cast<int>(8 * ir::size_of(t));
  const uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;
  if (ir::is_bool(t)) return {0, 1, 1, 0};
  if (ir::is_float(t)) {
    for (double x : {0.0,   0.5,  1.0,   1.5,   2.0,    2.5,    3.0,
                     4.0,   7.0,  10.0,  88.5,  89.5,   104.0,  710.0,
                     745.5, 1e5,  3e38,  1e300, 0.25,   0.625,  0.7071067811865476,
                     1e-3,  1e-8, 1e-20, 1e-40, 1e-310, 0x1p24, 0x1p53,
                     0x1p63}) {
      for (double y : {x, -x}) {
        out.push_back(t == DType::float64   ? to_bits(y)
                      : t == DType::float32 ? to_bits(static_cast<float>(y))
                      : t == DType::float16 ? ir::to_float16(y)
                                            : ir::to_bfloat16(y));
      }
    }
    const uint64_t infinity = t == DType::float64   ? 0x7ffull << 52
                              : t == DType::float16 ? 0x7c00
                              : t == DType::float32 ? 0x7f800000
                                                    : 0x7f80;
    for (uint64_t b : {infinity, infinity + 1, infinity - 1, infinity | infinity >> 1})
      for (uint64_t s : {uint64_t{0}, uint64_t{1} << (width - 1)}) out.push_back(b | s);
  } else {
    for (int64_t x : {0, 1, 2, 3, 5, 7, 15, 16, 31, 64, 100, 127, 128}) {
      for (int64_t y : {x, -x}) out.push_back(static_cast<uint64_t>(y) & mask);
    }
    for (uint64_t b : {mask, mask >> 1, (mask >> 1) + 1}) out.push_back(b);
  }
  std::uniform_real_distribution<double> everyday(-10, 10);
  while (static_cast<int>(out.size()) < count) {
    const double x = everyday(random);
    if (out.size() % 2 == 0 && ir::is_float(t)) {
      out.push_back(
          evaluate_cast(DType::float32, t == DType::float32 ? DType::float64 : t, to_bits(static_cast<float>(x))));
      if (t == DType::float32) out.back() = to_bits(static_cast<float>(x));
    } else if (out.size() % 2 == 0) {
      out.push_back(static_cast<uint64_t>(static_cast<int64_t>(x)) & mask);
    } else {
      out.push_back(random() & mask);
    }
  }
  return out;
}

std::vector<uint8_t> pack(DType t, const std::vector<uint64_t>& values) {
  std::vector<uint8_t> bytes(values.size() * ir::size_of(t));
  for (size_t i = 0; i < values.size(); ++i) std::memcpy(&bytes[i * ir::size_of(t)], &values[i], ir::size_of(t));
  return bytes;
}

/// Runs both on the same operands and compares.
void compare(const ir::Kernel& kernel, passes::Loop loop, DType operand, DType result,
             const std::vector<std::vector<uint64_t>>& inputs, const std::string& what) {
  const size_t n = inputs[0].size();
  std::vector<std::vector<uint8_t>> packed;
  std::vector<const void*> operands;
  for (const auto& in : inputs) packed.push_back(pack(operand, in));
  for (const auto& bytes : packed) operands.push_back(bytes.data());
  std::vector<uint8_t> out(n * ir::size_of(result));
  loop(operands.data(), out.data(), static_cast<int64_t>(n));
  Evaluator evaluator(kernel.body);
  int failures = 0;
  for (size_t i = 0; i < n && failures < 5; ++i) {
    std::vector<uint64_t> in;
    for (const auto& values : inputs) in.push_back(values[i]);
    const uint64_t expected = evaluator.run(in);
    uint64_t got = 0;
    std::memcpy(&got, &out[i * ir::size_of(result)], ir::size_of(result));
    if (got == expected || (is_nan(result, got) && is_nan(result, expected))) continue;
    ++failures;
    ADD_FAILURE() << what << " of " << std::hex << in[0] << (in.size() > 1 ? ", " + std::to_string(in[1]) : "")
                  << ": the loop gives " << got << ", the expansion " << expected;
  }
}

/// Every pair out of `few` values, then pairs of random ones.
std::vector<std::vector<uint64_t>> operands_of(Op op, DType t) {
  const int arity = ir::info(op).arity;
  if (arity == 1) return {samples(t, 20000, 1)};
  const std::vector<uint64_t> first = samples(t, 3000, 2), second = samples(t, 3000, 3);
  std::vector<std::vector<uint64_t>> out(arity);
  const size_t few = std::min<size_t>(first.size(), 70);
  for (size_t i = 0; i < few; ++i)
    for (size_t j = 0; j < few; ++j) out[0].push_back(first[i]), out[1].push_back(second[j]);
  for (size_t i = few; i < first.size(); ++i) out[0].push_back(first[i]), out[1].push_back(second[i]);
  for (int k = 2; k < arity; ++k) {
    out[k] = out[k - 1];
    std::rotate(out[k].begin(), out[k].begin() + std::min<size_t>(17, out[k].size()), out[k].end());
  }
  return out;
}

class EveryOp : public testing::TestWithParam<DType> {};

TEST_P(EveryOp, ExpandsToPrimitivesWithTheBitsOfItsLoop) {
  const DType t = GetParam();
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::select || op == Op::cast ||
        !ir::accepts(ir::info(op).accepts, t))
      continue;
    const std::string what = std::string(ir::info(op).name) + " of " + std::string(ir::info(t).name);
    if (passes::is_primitive(op, t)) {
      EXPECT_EQ(passes::elementwise_loop(op, t), nullptr) << what;
      continue;
    }
    // bool has no floor division, remainder or power of its own.
    const passes::Loop loop = passes::elementwise_loop(op, t);
    ASSERT_NE(loop, nullptr) << what;
    const DType result = result_of(op, t);
    const ir::Kernel expanded = passes::expand(kernel_of(op, t, result));
    for (uint32_t id = 0; id < expanded.body.size(); ++id)
      ASSERT_TRUE(passes::is_primitive(expanded.body, Value{id}))
          << what << " leaves " << ir::info(expanded.body.op(Value{id})).name;
    compare(expanded, loop, t, result, operands_of(op, t), what);
  }
}

TEST_P(EveryOp, CastsExpandToTheBitsOfTheirLoops) {
  const DType from = GetParam();
  for (int i = 0; i < ir::kNumDTypes; ++i) {
    const DType to = static_cast<DType>(i);
    if (ir::is_complex(to)) continue;
    const std::string what = std::string(ir::info(from).name) + " to " + std::string(ir::info(to).name);
    const passes::Loop loop = passes::cast_loop(from, to);
    ASSERT_EQ(loop == nullptr, passes::is_primitive_cast(from, to)) << what;
    if (loop) compare(passes::expand(kernel_of(Op::cast, from, to)), loop, from, to, {samples(from, 20000, 4)}, what);
  }
}

INSTANTIATE_TEST_SUITE_P(DTypes, EveryOp,
                         testing::Values(DType::bool_, DType::int8, DType::int16, DType::int32, DType::int64,
                                         DType::uint8, DType::uint16, DType::uint32, DType::uint64, DType::float16,
                                         DType::bfloat16, DType::float32, DType::float64),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

TEST(Expand, RoundsOnceFromDoubleToHalf) {
  // Just above a tie of float16 and of bfloat16: by way of the nearest float32 it would be the tie itself.
  const auto cast = [](DType to, double x) {
    const ir::Kernel k = passes::expand(kernel_of(Op::cast, DType::float64, to));
    return Evaluator(k.body).run({to_bits(x)});
  };
  EXPECT_EQ(cast(DType::float16, 1 + 0x1p-11 + 0x1p-40), 0x3c01u);
  EXPECT_EQ(cast(DType::float16, 1 + 0x1p-11), 0x3c00u);
  EXPECT_EQ(cast(DType::bfloat16, 1 + 0x1p-8 + 0x1p-40), 0x3f81u);
  EXPECT_EQ(cast(DType::bfloat16, -1 - 0x1p-8), 0xbf80u);
}

/// exp(-|x|), whose argument is known to be no number above 0.
ir::Kernel falling_exponential(DType t) {
  ir::Kernel k;
  k.accesses = {{ir::Access::Kind::read, t}, {ir::Access::Kind::write, t}};
  Value v = k.body.add(Op::load, t, {}, {}, {0});
  for (Op op : {Op::abs, Op::neg, Op::exp}) v = k.body.add(op, t, {}, {v});
  k.body.add(Op::store, t, {}, {v}, {1});
  return k;
}

template <class T>
void check_falling_exponential(DType t, double lowest) {
  std::vector<uint64_t> arguments = samples(t, 20000, 5);
  std::mt19937_64 random(6);
  std::uniform_real_distribution<double> anywhere(lowest, 0), where_results_are_subnormal(lowest, 0.8 * lowest);
  for (int i = 0; i < 100000; ++i) {
    arguments.push_back(to_bits(static_cast<T>(anywhere(random))));
    arguments.push_back(to_bits(static_cast<T>(where_results_are_subnormal(random))));
  }
  // Payloads must not find their way into exponents.
  for (uint64_t payload : {1, 2, 0x101, 0x2aaaa})
    arguments.push_back(to_bits(std::numeric_limits<T>::quiet_NaN()) | payload);
  for (uint64_t& bits : arguments) bits |= uint64_t{1} << (8 * sizeof(T) - 1);
  const ir::Kernel expanded = passes::expand(falling_exponential(t));
  EXPECT_LT(expanded.body.size(), passes::expand(kernel_of(Op::exp, t, t)).body.size());
  compare(expanded, passes::elementwise_loop(Op::exp, t), t, t, {arguments}, "exp without positive arguments");
}

TEST(Expand, ExpOfWhatIsNotPositiveIsCheaperAndGivesTheSameBits) {
  check_falling_exponential<float>(DType::float32, -105);
  check_falling_exponential<double>(DType::float64, -750);
}

TEST(Expand, LeavesAKernelOfPrimitivesAsItIs) {
  const ir::Kernel k = kernel_of(Op::mul, DType::float32, DType::float32);
  EXPECT_TRUE(ir::equal(passes::expand(k), k));
  const ir::Kernel once = passes::expand(kernel_of(Op::exp, DType::float32, DType::float32));
  EXPECT_TRUE(ir::equal(passes::expand(once), once));
}

}  // namespace
}  // namespace tarry::tests
