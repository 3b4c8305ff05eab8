/// Kernels as the planner makes them: rows walked several times, scans, results in place of operands,
/// cold regions, masked reads.

#include "interp_naive.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

#include <sys/mman.h>

namespace tarry::test {
namespace {

std::vector<float> floats(size_t n, uint64_t seed) {
  Data d = random_values(DType::float32, n, seed);
  return {d.as<float>(), d.as<float>() + n};
}

/// A page that may be read between two that may not.
class GuardedPage {
 public:
  GuardedPage()
      : pages_(static_cast<std::byte*>(
            mmap(nullptr, 3 * kSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    mprotect(pages_ + kSize, kSize, PROT_READ | PROT_WRITE);
  }
  ~GuardedPage() { munmap(pages_, 3 * kSize); }
  double* readable() { return reinterpret_cast<double*>(pages_ + kSize); }
  double* forbidden() { return reinterpret_cast<double*>(pages_); }
  static constexpr size_t kSize = 4096;

 private:
  std::byte* pages_;
};

TEST(InterpreterKernels, ResultsMayTakeTheMemoryOfOperands) {
  // Two arrays exchanged and changed: each point reads both before it writes either.
  KernelMaker maker;
  const Value x = maker.read(DType::float32), y = maker.read(DType::float32);
  maker.write(y);
  maker.write(maker.same(Op::add, x, y));
  maker.write(maker.same(Op::mul, x, y));
  const auto executable = maker.compile();
  for (int64_t n : {1, 7, 2000, 100000}) {
    std::vector<float> a = floats(n, 1), b = floats(n, 2), product(n);
    const std::vector<float> old_a = a, old_b = b;
    Launcher({n})
        .operand(a.data(), {1})
        .operand(b.data(), {1})
        .operand(a.data(), {1})
        .operand(b.data(), {1})
        .operand(product.data(), {1})
        .run(*executable);
    for (int64_t i = 0; i < n; ++i) {
      ASSERT_EQ(a[i], old_b[i]);
      ASSERT_EQ(b[i], old_a[i] + old_b[i]);
      ASSERT_EQ(product[i], old_a[i] * old_b[i]);
    }
  }
}

TEST(InterpreterKernels, AnIntermediateReadAfterTheResultIsKnownStaysWhatItWas) {
  // The stored value is older than another use of the operand that it overwrites.
  KernelMaker maker;
  const Value x = maker.read(DType::float32);
  const Value twice = maker.same(Op::add, x, x);
  const Value square = maker.same(Op::mul, x, x);
  maker.write(twice);
  maker.write(maker.same(Op::sub, square, twice));
  std::vector<float> a = floats(5000, 1), other(5000);
  const std::vector<float> old = a;
  Launcher({5000}).operand(a.data(), {1}).operand(a.data(), {1}).operand(other.data(), {1}).run(*maker.compile());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i], old[i] + old[i]);
    ASSERT_EQ(other[i], old[i] * old[i] - (old[i] + old[i]));
  }
}

TEST(InterpreterKernels, MaskedReadsDoNotTouchMemory) {
  GuardedPage page;
  const int64_t n = GuardedPage::kSize / sizeof(double);
  double* inside = page.readable();
  for (int64_t i = 0; i < n; ++i) inside[i] = static_cast<double>(i + 1);

  KernelMaker maker;
  const Value at = maker.index();
  const Value low = maker.add(Op::ge, DType::bool_, {at, maker.constant(DType::int64, 0)});
  const Value high = maker.add(Op::lt, DType::bool_, {at, maker.constant(DType::int64, static_cast<uint64_t>(n))});
  maker.write(maker.read_where(maker.add(Op::and_, DType::bool_, {low, high}), DType::float64));
  const auto executable = maker.compile();
  for (int64_t step : {1, -1, 3}) {
    const int64_t points = 3 * n;
    std::vector<double> out(points, -1);
    const int64_t start = step > 0 ? -n : 2 * n;
    // Addresses outside are computed, never followed.
    auto* base = reinterpret_cast<double*>(reinterpret_cast<intptr_t>(inside) + start * 8);
    Launcher({points}).offset(start, {step}).operand(base, {step}).operand(out.data(), {1}).run(*executable);
    for (int64_t i = 0; i < points; ++i) {
      const int64_t k = start + i * step;
      ASSERT_EQ(out[i], k >= 0 && k < n ? static_cast<double>(k + 1) : 0.0) << "step " << step << " at " << i;
    }
  }
}

TEST(InterpreterKernels, ColdRegionsAreSkippedWhereNoLaneNeedsThem) {
  // The region reads memory that may not be read: entered, it would fault.
  GuardedPage page;
  KernelMaker maker;
  const Value x = maker.read(DType::float64);
  const Value large =
      maker.add(Op::gt, DType::bool_, {x, maker.constant(DType::float64, std::bit_cast<uint64_t>(1e9))});
  const Value begin = maker.add(Op::cold_begin, DType::bool_, {large});
  const Value slow = maker.same(Op::mul, x, maker.read(DType::float64));
  maker.write(maker.add(Op::cold_end, DType::float64, {begin, slow, x}));
  std::vector<double> in(5000, 2.5), out(5000);
  Launcher({5000})
      .operand(in.data(), {1})
      .operand(page.forbidden(), {0})
      .operand(out.data(), {1})
      .run(*maker.compile());
  EXPECT_EQ(in, out);
  // Entered for one lane, the others keep the fast value.
  in[3000] = 1e10;
  page.readable()[0] = 2;
  Launcher({5000}).operand(in.data(), {1}).operand(page.readable(), {0}).operand(out.data(), {1}).run(*maker.compile());
  EXPECT_EQ(out[3000], 2e10);
  EXPECT_EQ(out[2999], 2.5);
}

TEST(InterpreterKernels, SoftmaxAndNormalisation) {
  // x - max, squared, over its sum; then the deviation over the root of the mean square.
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true);
  const Value shifted = maker.same(Op::sub, x, maker.same(Op::reduce_max, x));
  const Value weight =
      maker.same(Op::div, maker.f32(1), maker.same(Op::add, maker.f32(1), maker.same(Op::mul, shifted, shifted)));
  maker.write(maker.same(Op::div, weight, maker.same(Op::reduce_sum, weight)), true);
  const Value mean = maker.same(Op::div, maker.same(Op::reduce_sum, x), maker.scalar(DType::float32));
  const Value deviation = maker.same(Op::sub, x, mean);
  const Value variance = maker.same(Op::reduce_sum, maker.same(Op::mul, deviation, deviation));
  maker.write(maker.same(Op::div, deviation, maker.same(Op::sqrt, variance)), true);
  maker.write(mean);
  const auto executable = maker.compile();

  struct Case {
    int64_t rows, n, row_stride, step;
  };
  for (const Case& c : {Case{5, 1024, 1024, 1}, Case{700, 10, 10, 1}, Case{100, 200, 1, 100}, Case{1, 70000, 0, 1},
                        Case{2, 300000, 300000, 1}, Case{3, 0, 0, 1}}) {
    std::vector<float> in = floats(c.rows * c.n + 1, 5);
    const auto run = [&](const std::function<void(const codegen::Launch&)>& execute) {
      std::vector<float> out(2 * c.rows * c.n + c.rows, -7);
      const int64_t extents[] = {c.rows, c.n};
      const int64_t strides[] = {c.row_stride, c.step}, row_strides[] = {1, 0};
      codegen::Launch::Operand operands[4];
      float* memory[] = {in.data(), out.data(), out.data() + c.rows * c.n, out.data() + 2 * c.rows * c.n};
      for (int i = 0; i < 4; ++i) {
        operands[i].data = memory[i];
        operands[i].strides = i < 3 ? strides : row_strides;
      }
      const uint64_t scalars[] = {std::bit_cast<uint32_t>(static_cast<float>(c.n))};
      execute({extents, operands, scalars});
      return out;
    };
    const auto expected = run([&](const codegen::Launch& launch) { run_naively(maker.kernel, launch); });
    for (int threads : {1, 2, 5}) {
      runtime::set_num_threads(threads);
      const auto got = run([&](const codegen::Launch& launch) { executable->run(launch); });
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_TRUE(same_value(DType::float32, std::bit_cast<uint32_t>(expected[i]), std::bit_cast<uint32_t>(got[i])))
            << c.rows << " rows of " << c.n << " at " << i << " with " << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace tarry::test
