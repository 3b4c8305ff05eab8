/// Rows of every number of whole blocks, with and without a rest: they are folded side by side, in the same order. And
/// rows of which several go along together.

#include "interp_support.h"

#include "cpu/executable.h"

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

constexpr int64_t kLengths[] = {1,    511,  512,  513,  1023, 1024, 1025, 1535, 1536, 1537, 2047,
                                2048, 2049, 2560, 3071, 3072, 3073, 4095, 4096, 4100, 7680, 8192};

/// A mean and then the distances from it, in two walks; or a sum and a largest value in one.
ir::Kernel folds(DType t, bool at_once) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(t, true);
  const Value sum = maker.same(Op::reduce_sum, x);
  maker.write(sum);
  if (at_once) {
    maker.write(maker.same(Op::reduce_max, x));
  } else {
    const Value distance = maker.same(Op::sub, x, sum);
    maker.write(maker.same(Op::reduce_sum, maker.same(Op::mul, distance, distance)));
  }
  maker.kernel.accesses[0].row = ir::StrideClass::unit;
  return maker.kernel;
}

class LlvmBlocks : public testing::TestWithParam<int> {};

TEST_P(LlvmBlocks, FoldInTheOrderOfTheInterpreter) {
  for (DType t : {DType::float32, DType::float64, DType::float16, DType::int32, DType::bool_})
    for (bool at_once : {false, true}) {
      if (t == DType::bool_ && !at_once) continue;  // has no difference
      const ir::Kernel kernel = folds(t, at_once);
      const auto interpreted = codegen::interpreter().compile(kernel);
      const auto compiled = codegen::compile_for_width(kernel, GetParam());
      for (int64_t n : kLengths) {
        constexpr int64_t kRows = 3;
        Data rows = random_values(t, kRows * n, n);
        std::vector<Data> expected(2, Data(t, kRows)), got = expected;
        const auto run = [&](const codegen::Executable& executable, std::vector<Data>& results) {
          Launcher({kRows, n})
              .operand(rows.bytes.data(), {n, 1})
              .operand(results[0].bytes.data(), {1, 0})
              .operand(results[1].bytes.data(), {1, 0})
              .run(executable);
        };
        run(*interpreted, expected);
        run(*compiled, got);
        for (int result = 0; result < 2; ++result)
          for (int64_t i = 0; i < kRows; ++i)
            ASSERT_TRUE(same_value(t, expected[result].bits(i), got[result].bits(i)))
                << ir::info(t).name << ", result " << result << ", row " << i << " of length " << n;
      }
    }
}

/// Three walks, of which each waits for the one before: (x - mean) / sqrt(mean of squares) * scale, and a row's mean.
ir::Kernel normalisation(DType t) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(t, true), scale = maker.read(t, true);
  const Value mean = maker.same(Op::div, maker.same(Op::reduce_sum, x), maker.scalar(t));
  const Value distance = maker.same(Op::sub, x, mean);
  const Value sum = maker.same(Op::reduce_sum, maker.same(Op::mul, distance, distance));
  const Value by = maker.same(Op::sqrt, maker.same(Op::div, sum, maker.scalar(t)));
  maker.write(maker.same(Op::mul, maker.same(Op::div, distance, by), scale), true);
  maker.write(mean);
  for (int access : {0, 1, 2}) maker.kernel.accesses[access].row = ir::StrideClass::unit;
  maker.kernel.accesses[1].outer = ir::StrideClass::zero;
  return maker.kernel;
}

TEST_P(LlvmBlocks, RowsGoAlongTogether) {
  for (DType t : {DType::float32, DType::float64, DType::float16}) {
    const ir::Kernel kernel = normalisation(t);
    const auto interpreted = codegen::interpreter().compile(kernel);
    const auto compiled = codegen::compile_for_width(kernel, GetParam());
    for (int64_t n : kLengths)
      for (int64_t rows : {1, 2, 3, 4, 5, 9})
        for (bool in_place : {false, true}) {
          SCOPED_TRACE(std::string(ir::info(t).name) + ", " + std::to_string(rows) + " rows of " + std::to_string(n));
          constexpr uint64_t kSeed = 7;
          const int64_t apart = n + 5;  // from row to row
          Data scale = random_values(t, n, 3), count = random_values(t, 1, kSeed);
          const auto run = [&](const codegen::Executable& executable, Data& x, Data& y, Data& means) {
            Launcher({rows, n})
                .operand(x.bytes.data(), {apart, 1})
                .operand(scale.bytes.data(), {0, 1})
                .operand(y.bytes.data(), {apart, 1})
                .operand(means.bytes.data(), {1, 0})
                .scalar(count.bits(0))
                .scalar(count.bits(0))
                .run(executable);
          };
          Data x = random_values(t, rows * apart, n), expected = x, means(t, rows), got = x, got_means(t, rows);
          run(*interpreted, x, expected, means);
          run(*compiled, in_place ? got : x, got, got_means);
          for (size_t i = 0; i < got.size(); ++i)
            ASSERT_TRUE(same_value(t, expected.bits(i), got.bits(i))) << "element " << i;
          for (int64_t i = 0; i < rows; ++i) ASSERT_TRUE(same_value(t, means.bits(i), got_means.bits(i))) << i;
        }
  }
}

INSTANTIATE_TEST_SUITE_P(Bytes, LlvmBlocks, testing::Values(16, 32, 64));

}  // namespace
}  // namespace tarry::test
