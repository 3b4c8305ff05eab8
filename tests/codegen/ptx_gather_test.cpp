/// Reads at computed places as PTX: kept within their axes with the interpreter's bits, and told where one lay outside.

#include "ptx_runner.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace tarry::test {
namespace {

constexpr int64_t kSize = 40;  // of the axis

/// Indices that lie inside, at both ends of the axis too, and negative ones.
PlacedArray sound_indices(int64_t n) {
  PlacedArray a{Data(DType::int64), {1}, 0, 0};
  a.data = random_values(DType::int64, static_cast<size_t>(n), 3);
  for (int64_t i = 0; i < n; ++i)
    a.data.set(static_cast<size_t>(i), static_cast<uint64_t>(i * 7 % (2 * kSize) - kSize));
  return a;
}

PlacedArray values(DType t, int64_t n, std::vector<int64_t> strides) {
  return {random_values(t, static_cast<size_t>(n), 5), std::move(strides), 0, 0};
}

/// y[i] = x[index[i]]
ir::Kernel gather_kernel(DType t) {
  KernelMaker maker;
  const Value index = maker.read(DType::int64), size = maker.scalar(DType::int64);
  const Value place = maker.add(Op::within, DType::int64, {index, size});
  maker.write(maker.add(Op::load_at, t, {place}, {maker.access(ir::Access::Kind::gather, t, false)}));
  for (ir::Access& a : maker.kernel.accesses)
    a.outer = a.kind == ir::Access::Kind::gather ? ir::StrideClass::zero : ir::StrideClass::unit;
  return maker.kernel;
}

PtxCounts run_gather(DType t, const PlacedArray& indices, const PtxOptions& options = {}) {
  const auto n = static_cast<int64_t>(indices.data.size());
  return expect_interpreted_bits(gather_kernel(t), {n}, {indices, values(t, kSize, {0}), values(t, n, {1})}, options,
                                 {static_cast<uint64_t>(kSize)});
}

TEST(PtxGather, SoundIndicesAreNotTold) {
  for (DType t : {DType::float32, DType::float64, DType::uint8})
    for (int64_t n : {1, 2, 3, 4, 5, 80, 257, 4099}) {
      const PtxCounts counts = run_gather(t, sound_indices(n));
      EXPECT_FALSE(counts.outside) << n;
      EXPECT_EQ(counts.launches, 1);
    }
}

TEST(PtxGather, OneOutsideIsToldWhereverItStands) {
  for (const int64_t bad : {kSize, -kSize - 1, INT64_MAX, INT64_MIN, INT64_MAX - kSize, INT64_MIN + kSize})
    for (int64_t n : {1, 6, 257, 4099})
      for (int64_t at : {int64_t{0}, n / 2, n - 1})
        for (int bits : {32, 64}) {
          SCOPED_TRACE(std::to_string(bad) + " at " + std::to_string(at) + " of " + std::to_string(n));
          PlacedArray indices = sound_indices(n);
          indices.data.set(static_cast<size_t>(at), static_cast<uint64_t>(bad));
          PtxOptions options;
          options.index_bits = bits;
          EXPECT_TRUE(run_gather(DType::float32, indices, options).outside);
        }
}

/// The index is the same everywhere: it is looked at ahead of all points.
TEST(PtxGather, AnIndexThatIsANumber) {
  for (const int64_t index : {int64_t{-1}, kSize - 1, kSize, -kSize - 1}) {
    KernelMaker maker;
    const Value place =
        maker.add(Op::within, DType::int64, {maker.scalar(DType::int64), maker.constant(DType::int64, kSize)});
    maker.write(maker.add(Op::load_at, DType::float32, {place},
                          {maker.access(ir::Access::Kind::gather, DType::float32, false)}));
    const PtxCounts counts = expect_interpreted_bits(
        maker.kernel, {100}, {values(DType::float32, kSize, {0}), values(DType::float32, 100, {1})}, {},
        {static_cast<uint64_t>(index)});
    EXPECT_EQ(counts.outside, index < -kSize || index >= kSize) << index;
  }
}

/// Sums of rows of gathered elements, by teams of threads that may stand beyond a row's end.
TEST(PtxGather, InRows) {
  const int64_t rows = 7;
  for (int64_t columns : {1, 31, 600, 1030})
    for (const int64_t bad : {int64_t{0}, kSize, -kSize - 1}) {
      SCOPED_TRACE(std::to_string(bad) + " in rows of " + std::to_string(columns));
      KernelMaker maker(1, 1);
      const Value index = maker.read(DType::int64, true), size = maker.scalar(DType::int64);
      const Value place = maker.add(Op::within, DType::int64, {index, size});
      const Value x = maker.add(Op::load_at, DType::float32, {place},
                                {maker.access(ir::Access::Kind::gather, DType::float32, true)});
      maker.write(maker.same(Op::reduce_sum, x));
      PlacedArray indices = sound_indices(rows * columns);
      indices.strides = {columns, 1};
      indices.data.set(static_cast<size_t>(rows * columns - 1), static_cast<uint64_t>(bad));
      const PtxCounts counts = expect_interpreted_bits(
          maker.kernel, {rows, columns},
          {indices, values(DType::float32, kSize, {0, 0}), values(DType::float32, rows, {1, 0})}, {},
          {static_cast<uint64_t>(kSize)});
      EXPECT_EQ(counts.outside, bad != 0);
    }
}

}  // namespace
}  // namespace tarry::test
