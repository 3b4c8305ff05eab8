/// Quotients of floats are correctly rounded whichever way a loop comes to them.

#include "interp_support.h"

#include "cpu/executable.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace tarry::test {
namespace {

constexpr int kWidths[] = {16, 32, 64};

/// x / y of arrays, or of an array and a number; and the quotient squared so often.
ir::Kernel quotient(bool by_number, int squarings = 0) {
  KernelMaker maker;
  const Value x = maker.read(DType::float32);
  const Value y = by_number ? maker.scalar(DType::float32) : maker.read(DType::float32);
  Value z = maker.same(Op::div, x, y);
  for (int i = 0; i < squarings; ++i) z = maker.same(Op::mul, z, z);
  maker.write(z);
  for (ir::Access& access : maker.kernel.accesses) access.outer = ir::StrideClass::unit;
  return maker.kernel;
}

class Divider {
 public:
  Divider(int width, bool by_number)
      : by_number_(by_number), executable_(codegen::compile_for_width(quotient(by_number), width)) {}

  /// Expects x[i] / y[i]; where it divides by a number, that is y[0].
  void check(const std::vector<float>& x, const std::vector<float>& y) {
    std::vector<float> z(x.size());
    Launcher launcher({static_cast<int64_t>(x.size())});
    launcher.operand(const_cast<float*>(x.data()), {1});
    if (by_number_)
      launcher.scalar(std::bit_cast<uint32_t>(y[0]));
    else
      launcher.operand(const_cast<float*>(y.data()), {1});
    launcher.operand(z.data(), {1}).run(*executable_);
    for (size_t i = 0; i < x.size(); ++i) {
      const float by = by_number_ ? y[0] : y[i];
      ASSERT_TRUE(same_value(DType::float32, std::bit_cast<uint32_t>(x[i] / by), std::bit_cast<uint32_t>(z[i])))
          << std::hexfloat << x[i] << " / " << by << " is " << x[i] / by << ", not " << z[i];
    }
  }

 private:
  const bool by_number_;
  std::shared_ptr<const codegen::Executable> executable_;
};

/// The inverse of an odd number modulo 2^64, by Newton's iteration.
constexpr uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int i = 0; i < 6; ++i) x *= 2 - odd * x;
  return x;
}

/// Calls f with each significand (24 bits) that divided by `divisor` gives a quotient nearest to the middle between two
/// floats: numerator · 2^shift = middle · divisor + d for a middle of 25 bits, which is odd, and a small d.
template <class F>
void for_hard_numerators(uint64_t divisor, F f) {
  constexpr int64_t kFarthest = 8;
  const int twos = std::countr_zero(divisor);
  for (int shift : {24, 25})
    for (int64_t d = -kFarthest; d <= kFarthest; ++d) {
      if (d == 0 || d & ((int64_t{1} << twos) - 1)) continue;
      const uint64_t step = uint64_t{1} << (shift - twos);
      const uint64_t first = static_cast<uint64_t>(-(d >> twos)) * inverse(divisor >> twos) & (step - 1);
      for (uint64_t middle = first; middle < 1u << 25; middle += step) {
        const uint64_t numerator = (middle * divisor + static_cast<uint64_t>(d)) >> shift;
        if (middle % 2 && middle >> 24 && numerator >> 23 == 1 && (shift == 24) == (numerator >= divisor)) f(numerator);
      }
    }
}

float of_significand(uint64_t bits) { return std::ldexp(static_cast<float>(bits), -23); }

constexpr uint64_t kFirst = uint64_t{1} << 23, kBehind = uint64_t{1} << 24;

TEST(LlvmDivision, QuotientsNearestToTheMiddleBetweenTwoFloats) {
  Divider divider(32, false);
  std::vector<float> x, y;
  const auto flush = [&] {
    divider.check(x, y);
    x.clear();
    y.clear();
  };
  for (uint64_t divisor = kFirst; divisor < kBehind; ++divisor) {
    for_hard_numerators(divisor, [&](uint64_t numerator) {
      x.push_back(of_significand(numerator));
      y.push_back(of_significand(divisor));
    });
    if (x.size() > 1 << 16) flush();
    if (HasFatalFailure()) return;
  }
  flush();
}

TEST(LlvmDivision, TheSameByOneNumber) {
  for (int width : kWidths) {
    Divider divider(width, true);
    for (uint64_t divisor = kFirst; divisor < kBehind; divisor += divisor < kBehind - 64 ? 9973 : 1) {
      std::vector<float> x;
      for_hard_numerators(divisor, [&](uint64_t numerator) { x.push_back(of_significand(numerator)); });
      if (x.empty()) continue;
      x.resize(64, x[0]);  // whole vectors
      divider.check(x, {of_significand(divisor)});
      if (HasFatalFailure()) return;
    }
  }
}

/// Zeros, infinities, NaN, and numbers of every exponent, among them the least and the largest significands.
std::vector<float> of_every_size() {
  using Limits = std::numeric_limits<float>;
  std::vector<float> all = {0.0f,          Limits::infinity(), Limits::quiet_NaN(), Limits::denorm_min(),
                            Limits::min(), Limits::max()};
  for (int exponent = -149; exponent < 128; exponent += std::abs(std::abs(exponent) - 61) < 5 ? 1 : 5)
    for (float significand : {1.0f, 1.0f + Limits::epsilon(), 1.3f, 2.0f - Limits::epsilon()})
      all.push_back(std::ldexp(significand, exponent));
  const size_t positive = all.size();
  for (size_t i = 0; i < positive; ++i) all.push_back(-all[i]);
  return all;
}

TEST(LlvmDivision, NumbersOfEverySize) {
  const std::vector<float> all = of_every_size();
  for (int width : kWidths) {
    Divider by_array(width, false), by_number(width, true);
    for (float y : all) {
      by_array.check(all, std::vector<float>(all.size(), y));
      by_array.check(std::vector<float>(all.size(), y), all);
      by_number.check(all, {y});
      // A vector in which nothing else is unusual.
      for (float x : all) by_array.check(std::vector<float>(64, x), std::vector<float>(64, y));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(LlvmDivision, AnyBits) {
  std::mt19937 draw(1);
  const auto numbers = [&](size_t n) {
    std::vector<float> x(n);
    for (float& v : x) v = std::bit_cast<float>(static_cast<uint32_t>(draw()));
    return x;
  };
  Divider by_array(32, false), by_number(32, true);
  for (int i = 0; i < 200; ++i) {
    const std::vector<float> x = numbers(10'000), y = numbers(10'000);
    by_array.check(x, y);
    by_number.check(x, {y[0]});
    if (HasFatalFailure()) return;
  }
}

/// x / s + x / t + x / y + x / (s / t), of numbers s and t.
ir::Kernel several_quotients() {
  KernelMaker maker;
  const Value x = maker.read(DType::float32), y = maker.read(DType::float32);
  const Value s = maker.scalar(DType::float32), t = maker.scalar(DType::float32);
  Value sum = maker.same(Op::add, maker.same(Op::div, x, s), maker.same(Op::div, x, t));
  sum = maker.same(Op::add, sum, maker.same(Op::div, x, y));
  maker.write(maker.same(Op::add, sum, maker.same(Op::div, x, maker.same(Op::div, s, t))));
  for (ir::Access& access : maker.kernel.accesses) access.outer = ir::StrideClass::unit;
  return maker.kernel;
}

TEST(LlvmDivision, SeveralInOneLoop) {
  constexpr int64_t n = 1000;
  Data x = random_values(DType::float32, n, 1), y = random_values(DType::float32, n, 2);
  const auto run = [&](const codegen::Executable& executable) {
    Data z(DType::float32, n);
    Launcher({n})
        .operand(x.bytes.data(), {1})
        .operand(y.bytes.data(), {1})
        .operand(z.bytes.data(), {1})
        .scalar(std::bit_cast<uint32_t>(1.7f))
        .scalar(std::bit_cast<uint32_t>(-0.3f))
        .run(executable);
    return z;
  };
  const ir::Kernel kernel = several_quotients();
  const Data expected = run(*codegen::interpreter().compile(kernel));
  for (int width : kWidths) EXPECT_EQ(run(*codegen::compile_for_width(kernel, width)).bytes, expected.bytes);
}

/// Each row by its sum, by its largest and its least value, and by a number; or the sums of what that gives.
ir::Kernel quotients_of_rows(bool summed) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true);
  const Value divisors[] = {maker.same(Op::reduce_sum, x), maker.same(Op::reduce_max, x), maker.same(Op::reduce_min, x),
                            maker.f32(1.7f)};
  Value sum = x;
  for (Value divisor : divisors) sum = maker.same(Op::add, sum, maker.same(Op::div, x, divisor));
  summed ? maker.write(maker.same(Op::reduce_sum, sum)) : maker.write(sum, true);
  maker.kernel.accesses[0].row = ir::StrideClass::unit;
  if (!summed) maker.kernel.accesses[1].row = ir::StrideClass::unit;
  return maker.kernel;
}

TEST(LlvmDivision, SeveralInARow) {
  for (bool summed : {false, true}) {
    const ir::Kernel kernel = quotients_of_rows(summed);
    const auto interpreted = codegen::interpreter().compile(kernel);
    for (int width : kWidths) {
      const auto compiled = codegen::compile_for_width(kernel, width);
      for (int64_t columns : {1, 7, 16, 33, 512, 1000})
        for (int64_t rows : {1, 3, 5}) {
          Data x = random_values(DType::float32, rows * columns, rows), y(DType::float32, x.size()), z = y;
          const auto run = [&](const codegen::Executable& executable, Data& result) {
            Launcher({rows, columns})
                .operand(x.bytes.data(), {columns, 1})
                .operand(result.bytes.data(), {summed ? 1 : columns, summed ? 0 : 1})
                .run(executable);
          };
          run(*interpreted, y);
          run(*compiled, z);
          EXPECT_EQ(y.bytes, z.bytes) << rows << " rows of " << columns;
        }
    }
  }
}

bool has_slow_divider() {
#if defined(__x86_64__)
  return __builtin_cpu_is("intel") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

TEST(LlvmDivision, IsMultiplicationWhereTheDividerWouldBeWaitedFor) {
  const auto multiplies = [](const ir::Kernel& kernel) {
    return codegen::emit_host_text(kernel, codegen::HostText::llvm_ir).find("getexp") != std::string::npos;
  };
  EXPECT_EQ(multiplies(quotient(false)), has_slow_divider());
  EXPECT_EQ(multiplies(quotient(true)), has_slow_divider());
  constexpr int kWorkFor9Cycles = 18;
  EXPECT_FALSE(multiplies(quotient(true, kWorkFor9Cycles)));
}

}  // namespace
}  // namespace tarry::test
