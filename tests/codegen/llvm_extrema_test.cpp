/// The largest and the smallest of rows: a NaN wherever it stands, zeros of both signs, ends of rows.

#include "interp_support.h"

#include "cpu/executable.h"

#include <tarry/ir/half.h>

#include <gtest/gtest.h>

#include <limits>
#include <tuple>

namespace tarry::test {
namespace {

constexpr int64_t kLengths[] = {1, 2, 15, 16, 31, 32, 33, 63, 65, 513, 1025};

uint64_t bits_of(DType t, double x) {
  switch (t) {
    case DType::float16: return ir::to_float16(x);
    case DType::float32: return std::bit_cast<uint32_t>(static_cast<float>(x));
    default: return std::bit_cast<uint64_t>(x);
  }
}

/// Row i has a NaN at place i, the last row has none.
Data one_nan_in_each_row(DType t, int64_t n) {
  Data rows(t, static_cast<size_t>((n + 1) * n));
  std::mt19937_64 random(n);
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t x = static_cast<int64_t>(random() % 9) - 4;
    rows.set(i, bits_of(t, x == 0 && random() % 2 ? -0.0 : static_cast<double>(x)));
  }
  for (int64_t i = 0; i < n; ++i) rows.set(i * n + i, bits_of(t, std::numeric_limits<double>::quiet_NaN()));
  return rows;
}

class LlvmExtrema : public testing::TestWithParam<std::tuple<DType, int>> {
 protected:
  DType dtype() const { return std::get<0>(GetParam()); }
  int vector_bytes() const { return std::get<1>(GetParam()); }
};

TEST_P(LlvmExtrema, FindANaNAnywhere) {
  for (Op op : {Op::reduce_max, Op::reduce_min}) {
    KernelMaker maker(1, 1);
    maker.write(maker.same(op, maker.read(dtype(), true)));
    maker.kernel.accesses[0].row = ir::StrideClass::unit;
    const auto interpreted = maker.compile();
    for (ir::Schedule schedule : {ir::Schedule::row, ir::Schedule::split}) {
      maker.kernel.schedule = schedule;
      const auto compiled = codegen::compile_for_width(maker.kernel, vector_bytes());
      for (int64_t n : kLengths) {
        Data rows = one_nan_in_each_row(dtype(), n), expected(dtype(), n + 1), got(dtype(), n + 1);
        Launcher({n + 1, n})
            .operand(rows.bytes.data(), {n, 1})
            .operand(expected.bytes.data(), {1, 0})
            .run(*interpreted);
        Launcher({n + 1, n}).operand(rows.bytes.data(), {n, 1}).operand(got.bytes.data(), {1, 0}).run(*compiled);
        for (int64_t i = 0; i <= n; ++i) {
          ASSERT_EQ(is_nan(dtype(), got.bits(i)), i < n) << "row " << i << " of length " << n;
          ASSERT_TRUE(same_value(dtype(), expected.bits(i), got.bits(i))) << "row " << i << " of length " << n;
        }
      }
    }
  }
}

/// What is computed of places beyond the end of a row counts for nothing: here it is NaN.
TEST_P(LlvmExtrema, LookAtNothingBeyondTheEnd) {
  KernelMaker maker(1, 1);
  const Value place = maker.add(Op::cast, dtype(), {maker.index(true)});
  maker.write(maker.same(Op::reduce_max, maker.same(Op::sqrt, maker.same(Op::sub, maker.scalar(dtype()), place))));
  const auto compiled = codegen::compile_for_width(maker.kernel, vector_bytes());
  for (int64_t n : kLengths) {
    Data got(dtype(), 1);
    Launcher launcher({1, n});
    launcher.offset(0, {0, 1}).operand(got.bytes.data(), {1, 0});
    launcher.scalar(bits_of(dtype(), static_cast<double>(n - 1))).run(*compiled);
    const double top = static_cast<double>(n - 1);
    const double root = dtype() == DType::float64 ? std::sqrt(top) : std::sqrt(static_cast<float>(top));
    ASSERT_EQ(got.bits(0), bits_of(dtype(), root)) << n;
  }
}

INSTANTIATE_TEST_SUITE_P(DTypes, LlvmExtrema,
                         testing::Combine(testing::Values(DType::float16, DType::float32, DType::float64),
                                          testing::Values(16, 32, 64)),
                         [](const auto& info) {
                           return std::string(ir::info(std::get<0>(info.param)).name) + "_" +
                                  std::to_string(std::get<1>(info.param));
                         });

}  // namespace
}  // namespace tarry::test
