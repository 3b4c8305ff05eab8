/// The order of reductions, for every op, dtype, length and way of walking.

#include "interp_naive.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

constexpr Op kReductions[] = {Op::reduce_sum, Op::reduce_prod, Op::reduce_min, Op::reduce_max};

/// Rows of n elements, `rows` of them, with the given strides.
struct Layout {
  int64_t rows, row_stride, element_stride, base;
};

std::vector<Layout> layouts(int64_t n) {
  std::vector<Layout> all = {{1, 0, 1, 0}, {3, n, 1, 0}, {3, 1, 3, 0}, {2, n, -1, n - 1}, {2, n, 0, 0}};
  if (n < 1100) all.push_back({70, 1, 70, 0});
  if (n > 10000) all.resize(3);
  return all;
}

ir::Kernel reduction_kernel(Op op, DType t) {
  KernelMaker maker(1, 1);
  maker.write(maker.same(op, maker.read(t, true)));
  ir::verify(maker.kernel);
  return maker.kernel;
}

void check(Op op, DType t, int64_t n) {
  const auto executable = codegen::interpreter().compile(reduction_kernel(op, t));
  for (const Layout& layout : layouts(n)) {
    Data in = random_values(t, layout.rows * n + 1, n);
    Data out(t, layout.rows);
    std::byte* base = in.as<std::byte>() + layout.base * ir::size_of(t);
    std::vector<uint64_t> expected;
    for (int64_t r = 0; r < layout.rows; ++r)
      expected.push_back(reduce_naively(op, t, n, [&](int64_t i) {
        return in.bits(layout.base + r * layout.row_stride + i * layout.element_stride);
      }));
    for (int threads : {1, 2}) {
      runtime::set_num_threads(threads);
      Launcher({layout.rows, n})
          .operand(base, {layout.row_stride, layout.element_stride})
          .operand(out.as<void>(), {1, 0})
          .run(*executable);
      for (int64_t r = 0; r < layout.rows; ++r)
        ASSERT_TRUE(same_value(t, expected[r], out.bits(r)))
            << ir::info(op).name << " " << ir::info(t).name << " n " << n << " rows " << layout.rows << " stride "
            << layout.element_stride << " row " << r << " threads " << threads << std::hex << ": " << out.bits(r)
            << ", not " << expected[r];
    }
  }
}

class Reductions : public testing::TestWithParam<DType> {};

TEST_P(Reductions, FoldInTheirOrder) {
  const DType t = GetParam();
  for (Op op : kReductions)
    for (int64_t n : {0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025, 1537, 5000}) check(op, t, n);
  check(Op::reduce_sum, t, 100000);
}

INSTANTIATE_TEST_SUITE_P(Interpreter, Reductions, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

TEST(ReductionsInterpreted, ManyBlocksOverThreads) {
  runtime::set_num_threads(2);
  for (int64_t n : {512 * 1024, 512 * 1024 + 1, 3000017}) {
    Data in = random_values(DType::float32, n, 3);
    Data out(DType::float32, 1);
    Launcher({1, n})
        .operand(in.as<void>(), {0, 1})
        .operand(out.as<void>(), {0, 0})
        .run(*codegen::interpreter().compile(reduction_kernel(Op::reduce_sum, DType::float32)));
    EXPECT_EQ(out.bits(0), reduce_naively(Op::reduce_sum, DType::float32, n, [&](int64_t i) { return in.bits(i); }))
        << n;
  }
}

TEST(ReductionsInterpreted, SumOfNegativeZerosKeepsTheSign) {
  Data in(DType::float32, 100), out(DType::float32, 1);
  for (size_t i = 0; i < in.size(); ++i) in.set(i, 0x80000000);
  const auto sum = codegen::interpreter().compile(reduction_kernel(Op::reduce_sum, DType::float32));
  for (int64_t n : {1, 5, 33, 100}) {
    Launcher({1, n}).operand(in.as<void>(), {0, 1}).operand(out.as<void>(), {0, 0}).run(*sum);
    EXPECT_EQ(out.bits(0), 0x80000000) << n;
  }
  Launcher({1, 0}).operand(in.as<void>(), {0, 1}).operand(out.as<void>(), {0, 0}).run(*sum);
  EXPECT_EQ(out.bits(0), 0u);
}

TEST(ReductionsInterpreted, Float16SumsAreNotRoundedOnTheWay) {
  // 4096 ones: float16 alone would stop at 2048.
  Data in(DType::float16, 4096), out(DType::float16, 1);
  for (size_t i = 0; i < in.size(); ++i) in.set(i, ir::to_float16(1));
  Launcher({1, 4096})
      .operand(in.as<void>(), {0, 1})
      .operand(out.as<void>(), {0, 0})
      .run(*codegen::interpreter().compile(reduction_kernel(Op::reduce_sum, DType::float16)));
  EXPECT_EQ(out.bits(0), ir::to_float16(4096));
}

}  // namespace
}  // namespace tarry::test
