/// Sizes around the edges of vectors, lanes and blocks; results in place; memory beyond the arrays.

#include "interp_support.h"

#include <tarry/ir/text.h>
#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace tarry::test {
namespace {

constexpr int64_t kSizes[] = {1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1023, 1025, 5000};

/// An array with guards on both sides, `offset` elements past a 64-byte boundary.
class Guarded {
 public:
  Guarded(DType t, size_t n, size_t offset, uint64_t seed)
      : content_(random_values(t, n, seed)), size_(n * ir::size_of(t)), start_(kGuard + offset * ir::size_of(t)) {
    memory_.resize(size_ + start_ + 2 * kGuard, std::byte{0xa5});
    std::ranges::copy(content_.bytes, data());
  }
  std::byte* data() {
    const auto misaligned = reinterpret_cast<uintptr_t>(memory_.data()) % kGuard;
    return memory_.data() + start_ + (misaligned ? kGuard - misaligned : 0);
  }
  Data content() {
    Data d(content_.dtype, 0);
    d.bytes.assign(data(), data() + size_);
    return d;
  }
  bool guards_hold() {
    for (std::byte& b : memory_)
      if ((&b < data() || &b >= data() + size_) && b != std::byte{0xa5}) return false;
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  Data content_;
  size_t size_, start_;
  std::vector<std::byte> memory_;
};

void expect_equal(const Data& expected, const Data& got) {
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_TRUE(same_value(got.dtype, expected.bits(i), got.bits(i)))
        << "element " << i << std::hex << ": " << got.bits(i) << ", not " << expected.bits(i);
}

/// y = x * s + x at any size, alignment and thread count, and with y in the place of x.
TEST(LlvmMap, EverySizeAndAlignment) {
  for (DType t : {DType::float32, DType::float64, DType::uint8, DType::float16, DType::bool_}) {
    KernelMaker maker;
    const Value x = maker.read(t), s = maker.scalar(t);
    maker.write(maker.same(Op::add, maker.same(Op::mul, x, s), x));
    for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
    const auto interpreted = maker.compile();
    const auto compiled = codegen::llvm_cpu().compile(maker.kernel);
    const uint64_t scalar = random_values(t, 1, 9).bits(0);
    for (int64_t n : kSizes)
      for (size_t offset : {0, 1, 3})
        for (bool in_place : {false, true}) {
          SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(n) + " +" + std::to_string(offset));
          Guarded source(t, n, offset, n), expected(t, n, 0, 1), target(t, n, offset, 1);
          Launcher({n}).operand(source.data(), {1}).operand(expected.data(), {1}).scalar(scalar).run(*interpreted);
          Guarded& result = in_place ? source : target;
          Launcher({n}).operand(source.data(), {1}).operand(result.data(), {1}).scalar(scalar).run(*compiled);
          expect_equal(expected.content(), result.content());
          ASSERT_TRUE(source.guards_hold() && target.guards_hold());
        }
  }
}

/// Outputs beyond the cache are stored around it, from the first aligned element on.
TEST(LlvmMap, LargeOutputs) {
  KernelMaker maker;
  const Value x = maker.read(DType::float32);
  maker.write(maker.same(Op::add, x, x));
  maker.write(maker.same(Op::mul, x, x));
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  const auto compiled = codegen::llvm_cpu().compile(maker.kernel);
  const int64_t n = (int64_t{3} << 20) + 5;
  for (size_t offset : {0, 3})
    for (int threads : {1, 2}) {
      runtime::set_num_threads(threads);
      Guarded source(DType::float32, n, 0, 5), sum(DType::float32, n, offset, 1), product(DType::float32, n, offset, 1);
      Launcher({n}).operand(source.data(), {1}).operand(sum.data(), {1}).operand(product.data(), {1}).run(*compiled);
      Data from = source.content(), added = sum.content(), multiplied = product.content();
      for (int64_t i = 0; i < n; ++i) {
        const float v = from.as<float>()[i];
        ASSERT_EQ(added.as<float>()[i], v + v) << i;
        ASSERT_EQ(multiplied.as<float>()[i], v * v) << i;
      }
      ASSERT_TRUE(sum.guards_hold() && product.guards_hold());
    }
}

/// softmax-like: two reductions, a kept value, an element-level and a row-level result.
ir::Kernel two_walks(DType t, bool columns) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(t, true);
  const Value top = maker.same(Op::reduce_max, x);
  const Value e = maker.same(Op::exp, maker.same(Op::sub, x, top));
  const Value sum = maker.same(Op::reduce_sum, e);
  maker.write(maker.same(Op::div, e, sum), true);
  maker.write(sum);
  ir::Kernel k = maker.kernel;
  k.schedule = columns ? ir::Schedule::column : ir::Schedule::row;
  for (ir::Access& a : k.accesses) {
    const bool along_outer = columns || !a.in_row;
    a.outer = along_outer ? ir::StrideClass::unit : ir::StrideClass::any;
    if (a.in_row) a.row = along_outer ? ir::StrideClass::any : ir::StrideClass::unit;
  }
  return k;
}

class LlvmRows : public testing::TestWithParam<std::tuple<DType, bool>> {};

TEST_P(LlvmRows, EverySize) {
  const auto [t, columns] = GetParam();
  const ir::Kernel kernel = two_walks(t, columns);
  const auto interpreted = codegen::interpreter().compile(kernel);
  const auto compiled = codegen::llvm_cpu().compile(kernel);
  for (int64_t n : kSizes)
    for (int64_t rows : {1, 9, 70}) {
      SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(n));
      runtime::set_num_threads(rows % 2 + 1);
      const std::vector<int64_t> strides = columns ? std::vector<int64_t>{1, rows} : std::vector<int64_t>{n, 1};
      Guarded source(t, n * rows, 0, n), expected(t, n * rows, 0, 1), got(t, n * rows, 1, 1);
      Guarded expected_sum(t, rows, 0, 2), got_sum(t, rows, 1, 2);
      Launcher({rows, n})
          .operand(source.data(), strides)
          .operand(expected.data(), strides)
          .operand(expected_sum.data(), {1, 0})
          .run(*interpreted);
      Launcher({rows, n})
          .operand(source.data(), strides)
          .operand(got.data(), strides)
          .operand(got_sum.data(), {1, 0})
          .run(*compiled);
      expect_equal(expected.content(), got.content());
      expect_equal(expected_sum.content(), got_sum.content());
      ASSERT_TRUE(got.guards_hold() && got_sum.guards_hold());
    }
}
INSTANTIATE_TEST_SUITE_P(DTypes, LlvmRows,
                         testing::Combine(testing::Values(DType::float32, DType::float64, DType::float16),
                                          testing::Bool()));

/// Reductions of every kind and dtype over rows that are split among threads, over one axis and two.
TEST(LlvmSplit, EverySizeAndOp) {
  for (DType t : kRealDTypes) {
    KernelMaker maker(1, 2);
    maker.kernel.schedule = ir::Schedule::split;
    const Value x = maker.read(t, true);
    for (Op op : {Op::reduce_sum, Op::reduce_prod, Op::reduce_min, Op::reduce_max}) maker.write(maker.same(op, x));
    maker.kernel.accesses[0].row = ir::StrideClass::unit;
    const auto interpreted = maker.compile();
    const auto compiled = codegen::llvm_cpu().compile(maker.kernel);
    for (int64_t inner : {1, 31, 513, 5000})
      for (int64_t outer : {0, 1, 3, 40}) {
        SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(outer) + " x " + std::to_string(inner));
        runtime::set_num_threads(1 + outer % 2);
        // Runs with a gap between them, so that the axes do not collapse.
        Guarded source(t, 2 * outer * (inner + 1), 0, inner);
        Data expected(t, 8), got(t, 8);
        for (const auto& [executable, result] : {std::pair{interpreted, &expected}, std::pair{compiled, &got}}) {
          Launcher launcher({2, outer, inner});
          launcher.operand(source.data(), {outer * (inner + 1), inner + 1, 1});
          for (int r = 0; r < 4; ++r) launcher.operand(result->bytes.data() + 2 * r * ir::size_of(t), {1, 0, 0});
          launcher.run(*executable);
        }
        expect_equal(expected, got);
      }
  }
}

/// A long row: many chunks, the last one incomplete.
TEST(LlvmSplit, LongRows) {
  KernelMaker maker(1, 1);
  maker.kernel.schedule = ir::Schedule::split;
  const Value x = maker.read(DType::float32, true);
  maker.write(maker.same(Op::sqrt, maker.same(Op::reduce_sum, maker.same(Op::mul, x, x))));
  maker.kernel.accesses[0].row = ir::StrideClass::unit;
  const auto interpreted = maker.compile();
  const auto compiled = codegen::llvm_cpu().compile(maker.kernel);
  for (int64_t n : {100000, 1 << 20, (1 << 21) + 12345}) {
    Data source = random_values(DType::float32, n, 3);
    float expected, got;
    Launcher({1, n}).operand(source.bytes.data(), {n, 1}).operand(&expected, {1, 0}).run(*interpreted);
    for (int threads : {1, 2, 3}) {
      runtime::set_num_threads(threads);
      Launcher({1, n}).operand(source.bytes.data(), {n, 1}).operand(&got, {1, 0}).run(*compiled);
      EXPECT_EQ(expected, got) << n << " threads " << threads;
    }
  }
}

}  // namespace
}  // namespace tarry::test
