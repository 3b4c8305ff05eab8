/// Kernels of every schedule as PTX, at sizes around the edges of lanes, blocks, batches and chunks, against the
/// interpreter; and what they cost.

#include "ptx_runner.h"

#include <gtest/gtest.h>

#include <functional>

namespace tarry::test {
namespace {

constexpr DType kSumDTypes[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16,
                                DType::int8,    DType::uint16,  DType::int64,   DType::bool_};

/// An array in C order, `start` elements into its memory and with some behind.
PlacedArray c_order(DType t, const std::vector<int64_t>& extents, int64_t start = 0, uint64_t seed = 1) {
  PlacedArray a{Data(t), std::vector<int64_t>(extents.size(), 0), start, 0};
  int64_t n = 1;
  for (size_t i = extents.size(); i-- > 0;) {
    a.strides[i] = n;
    n *= extents[i];
  }
  a.data = random_values(t, static_cast<size_t>(n + 2 * start), seed);
  return a;
}

/// The same without its row axis.
PlacedArray per_row(DType t, int64_t rows) {
  PlacedArray a{random_values(t, static_cast<size_t>(rows), 7), {1, 0}, 0, 0};
  return a;
}

/// y = x * x + x, contiguous.
ir::Kernel polynomial(DType t) {
  KernelMaker maker;
  const Value x = maker.read(t);
  maker.write(maker.same(Op::add, maker.same(Op::mul, x, x), x));
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  return maker.kernel;
}

TEST(PtxMap, EverySizeAndAlignment) {
  for (DType t : {DType::float32, DType::float64, DType::uint8, DType::float16, DType::bool_, DType::int16})
    for (int64_t n : {1, 2, 3, 4, 7, 15, 16, 17, 255, 256, 257, 1000, 4099})
      for (int64_t start : {0, 1, 3}) {
        SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(n) + " from " + std::to_string(start));
        PtxOptions options;
        options.multiprocessors = 1;
        const auto counts = expect_interpreted_bits(polynomial(t), {n},
                                                    {c_order(t, {n}, start, 1), c_order(t, {n}, start, 2)}, options);
        EXPECT_EQ(counts.launches, 1);
      }
}

TEST(PtxMap, ReadsAndWritesOnce) {
  const int64_t n = 1 << 17;
  const auto counts = expect_interpreted_bits(polynomial(DType::float32), {n},
                                              {c_order(DType::float32, {n}), c_order(DType::float32, {n})}, {});
  EXPECT_EQ(counts.global_read, 4u * n);
  EXPECT_EQ(counts.global_written, 4u * n);
  EXPECT_LT(static_cast<double>(counts.thread_instructions) / n, 9);
}

TEST(PtxMap, SeveralAxes) {
  KernelMaker maker(3);
  const Value x = maker.read(DType::float32), y = maker.read(DType::float32);
  maker.write(maker.same(Op::sub, x, y));
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  for (int64_t inner : {1, 4, 6, 8, 32, 33}) {
    const std::vector<int64_t> extents{3, 5, inner};
    PlacedArray row = c_order(DType::float32, {inner});
    row.strides = {0, 0, 1};
    for (int bits : {32, 64}) {
      PtxOptions options;
      options.index_bits = bits;
      expect_interpreted_bits(maker.kernel, extents,
                              {c_order(DType::float32, extents, 0, 3), row, c_order(DType::float32, extents)}, options);
    }
  }
}

/// Sum and largest of each row, and the row over its sum.
ir::Kernel row_kernel(DType t, bool walks_again) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(t, true);
  const Value sum = maker.same(Op::reduce_sum, x), most = maker.same(Op::reduce_max, x);
  maker.write(sum);
  maker.write(most);
  if (walks_again) {
    const Value squares = maker.same(Op::reduce_sum, maker.same(Op::mul, maker.same(Op::max, x, sum), x));
    maker.write(maker.same(Op::max, maker.same(Op::min, x, sum), squares), true);
  }
  for (ir::Access& a : maker.kernel.accesses) {
    a.outer = a.in_row ? ir::StrideClass::any : ir::StrideClass::unit;
    a.row = a.in_row ? ir::StrideClass::unit : ir::StrideClass::zero;
  }
  return maker.kernel;
}

void check_rows(DType t, bool walks_again, int64_t rows, int64_t length, const PtxOptions& options,
                std::map<std::string, int>& entries) {
  SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(rows) + " rows of " + std::to_string(length) +
               (walks_again ? ", walked again" : ""));
  std::vector<PlacedArray> arrays{c_order(t, {rows, length}), per_row(t, rows), per_row(t, rows)};
  if (walks_again) arrays.push_back(c_order(t, {rows, length}));
  const auto counts = expect_interpreted_bits(row_kernel(t, walks_again), {rows, length}, arrays, options);
  for (const auto& [name, n] : counts.by_entry) entries[name] += n;
}

TEST(PtxRows, EveryLengthAndDType) {
  std::map<std::string, int> entries;
  for (DType t : kSumDTypes)
    for (int64_t length : {0, 1, 3, 4, 8, 31, 32, 33, 64, 511, 512, 513, 1024, 1537, 4097})
      for (int64_t rows : {1, 9, 40}) {
        if (length * rows > 20000 && t != DType::float32) continue;
        PtxOptions options;
        options.multiprocessors = rows == 9 ? 1 : 8;
        check_rows(t, rows == 9, rows, length, options, entries);
      }
  EXPECT_GT(entries["rows"], 0);
  EXPECT_GT(entries["rows_wide"], 0);
}

TEST(PtxRows, FewLongRowsAreCutIntoChunks) {
  std::map<std::string, int> entries;
  for (DType t : {DType::float32, DType::float64, DType::int8})
    for (int64_t length : {40000, 100003, 131072}) {
      PtxOptions options;
      options.multiprocessors = 16;
      check_rows(t, false, 2, length, options, entries);
    }
  EXPECT_GT(entries["finish_rows"], 0);
}

/// More than fits into shared memory, or more than one block should walk by itself.
TEST(PtxRows, LongRowsThatAreWalkedAgainTakeALaunchForEachWalk) {
  for (DType t : {DType::float32, DType::float64, DType::float16, DType::int8})
    for (int64_t length : {16384, 16385, 70001, 200000})
      for (int64_t rows : {1, 3}) {
        PtxOptions options;
        options.multiprocessors = length == 70001 ? 4 : 16;
        if (length == 70001) options.shared_bytes = 227 * 1024;
        std::map<std::string, int> entries;
        check_rows(t, true, rows, length, options, entries);
        if (length == 16384 && t != DType::float64) continue;
        EXPECT_EQ(entries["rows"] + entries["rows_wide"], 0);
        EXPECT_EQ(entries["walk_chunks"], 1);
        EXPECT_EQ(entries["fold_chunks"], 1);
        EXPECT_EQ(entries["walk_chunks_2"], 1);
      }
}

/// Softmax of one row keeps a large device busy, reads its row three times and writes it once.
TEST(PtxRows, AHugeRowIsSharedByManyBlocks) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true);
  const Value e = maker.same(Op::exp, maker.same(Op::sub, x, maker.same(Op::reduce_max, x)));
  maker.write(maker.same(Op::div, e, maker.same(Op::reduce_sum, e)), true);
  for (ir::Access& a : maker.kernel.accesses) a.row = ir::StrideClass::unit;
  const int64_t length = 1 << 20;
  PtxOptions options;
  options.multiprocessors = 132;
  const auto counts = expect_interpreted_bits(
      maker.kernel, {1, length}, {c_order(DType::float32, {1, length}), c_order(DType::float32, {1, length})}, options);
  EXPECT_EQ(counts.launches, 5);
  EXPECT_GT(counts.most_blocks, 128);
  EXPECT_LT(counts.global_read, 13u * length);
  EXPECT_LT(counts.global_written, 9u * length);
}

TEST(PtxRows, SoftmaxReadsAndWritesOnce) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true);
  const Value e = maker.same(Op::exp, maker.same(Op::sub, x, maker.same(Op::reduce_max, x)));
  maker.write(maker.same(Op::div, e, maker.same(Op::reduce_sum, e)), true);
  for (ir::Access& a : maker.kernel.accesses) a.row = ir::StrideClass::unit;
  const int64_t rows = 24, length = 1000;
  const auto counts =
      expect_interpreted_bits(maker.kernel, {rows, length},
                              {c_order(DType::float32, {rows, length}), c_order(DType::float32, {rows, length})}, {});
  EXPECT_EQ(counts.launches, 1);
  EXPECT_EQ(counts.global_read, 4u * rows * length);
  EXPECT_EQ(counts.global_written, 4u * rows * length);
}

using Body = std::function<Value(KernelMaker&, Value x)>;

/// Of a kernel that stores `f` of rows of plain numbers.
PtxCounts counts_of_rows(int64_t length, const Body& f) {
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true);
  maker.write(f(maker, x), true);
  for (ir::Access& a : maker.kernel.accesses) a.row = ir::StrideClass::unit;
  const int64_t rows = 64;
  PlacedArray numbers = c_order(DType::float32, {rows, length}), results = numbers;
  for (int64_t i = 0; i < rows * length; ++i) numbers.data.as<float>()[i] = static_cast<float>(i * 7919 % 1000) / 100;
  PtxOptions options;
  options.sm = 90;
  const PtxCounts counts = expect_interpreted_bits(maker.kernel, {rows, length}, {numbers, results}, options);
  EXPECT_EQ(counts.launches, 1);
  return counts;
}

Value softmax_with(KernelMaker& m, Value x, const Body& f) {
  const Value e = f(m, m.same(Op::sub, x, m.same(Op::reduce_max, x)));
  return m.same(Op::div, e, m.same(Op::reduce_sum, e));
}
Value exponential(KernelMaker& m, Value d) { return m.same(Op::exp, d); }
Value square(KernelMaker& m, Value d) { return m.same(Op::mul, d, d); }

/// Beside what nvcc makes of rows in registers: the bar of tools/gpu-counts, and for squares, which are not computed
/// again, less.
TEST(PtxRows, SoftmaxExecutesLittleMoreThanByHand) {
  auto for_each = [](const Body& f) {
    const auto counts = counts_of_rows(1024, [&](KernelMaker& m, Value x) { return softmax_with(m, x, f); });
    return static_cast<double>(counts.thread_instructions) / (64 * 1024);
  };
  EXPECT_LT(for_each(exponential), 1.2 * 22.80);
  EXPECT_LT(for_each(square), 1.1 * 11.62);
}

/// A square is kept where the last walk needs it alone, and computed again where that reads x as well.
TEST(PtxRows, WhatIsCheapTakesNoMemoryOfItsOwn) {
  auto shared_bytes = [](const Body& f) { return counts_of_rows(64, f).most_shared_bytes; };
  const uint32_t of_x =
      shared_bytes([](KernelMaker& m, Value x) { return m.same(Op::sub, x, m.same(Op::reduce_sum, x)); });
  EXPECT_GT(of_x, 0u);
  EXPECT_EQ(shared_bytes([](KernelMaker& m, Value x) { return softmax_with(m, x, square); }), of_x);
  EXPECT_EQ(shared_bytes([](KernelMaker& m, Value x) { return m.same(Op::add, softmax_with(m, x, square), x); }), of_x);
}

/// Rows whose extrema are zeros of either sign, NaNs with different bits, and plain numbers, by warps.
TEST(PtxRows, ExtremaAreTheBitsOfTheFirstZeroAndTheRightNaN) {
  constexpr uint64_t kZero = 0, kMinusZero = 0x80000000, kMinusOne = 0xbf800000, kNaNs[] = {0x7fc00001, 0xffc00123};
  KernelMaker maker(1, 1);
  const Value x = maker.read(DType::float32, true), most = maker.same(Op::reduce_max, x);
  maker.write(most);
  maker.write(maker.same(Op::sub, x, most), true);
  for (ir::Access& a : maker.kernel.accesses) {
    a.outer = a.in_row ? ir::StrideClass::any : ir::StrideClass::unit;
    a.row = a.in_row ? ir::StrideClass::unit : ir::StrideClass::zero;
  }
  const int64_t rows = 16, length = 1024;
  PlacedArray data = c_order(DType::float32, {rows, length});
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < length; ++i) {
      uint64_t bits = kMinusOne + static_cast<uint64_t>(i);
      if (row % 4 != 3 && (i * 7 + row * 13) % 97 == 0) bits = (i + row) % 3 == 0 ? kZero : kMinusZero;
      if (row % 4 == 2 && (i + row * 31) % 301 == 0) bits = kNaNs[i % 2];
      data.data.set(static_cast<size_t>(row * length + i), bits);
    }
  for (int sm : {75, 80, 90}) {
    SCOPED_TRACE(sm);
    PtxOptions options;
    options.sm = sm;
    expect_interpreted_bits(maker.kernel, {rows, length},
                            {data, per_row(DType::float32, rows), c_order(DType::float32, {rows, length})}, options);
  }
}

ir::Kernel column_kernel(DType t, bool walks_again) {
  ir::Kernel kernel = row_kernel(t, walks_again);
  kernel.schedule = ir::Schedule::column;
  for (ir::Access& a : kernel.accesses) {
    a.outer = ir::StrideClass::unit;
    a.row = a.in_row ? ir::StrideClass::any : ir::StrideClass::zero;
  }
  return kernel;
}

TEST(PtxColumns, EverySizeAndDType) {
  std::map<std::string, int> entries;
  for (DType t : kSumDTypes)
    for (int64_t length : {0, 1, 3, 4, 31, 33, 512, 513, 1100})
      for (int64_t columns : {1, 5, 32, 300}) {
        if (length * columns > 30000 && t != DType::float32) continue;
        SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(columns) + " columns of " +
                     std::to_string(length));
        const bool again = columns == 5 || columns == 32;
        std::vector<PlacedArray> arrays{c_order(t, {length, columns}), per_row(t, columns), per_row(t, columns)};
        if (again) arrays.push_back(c_order(t, {length, columns}));
        for (PlacedArray& a : arrays)
          if (a.strides[1] != 0) std::swap(a.strides[0], a.strides[1]);
        PtxOptions options;
        options.multiprocessors = columns == 300 ? 1 : 8;
        const auto counts = expect_interpreted_bits(column_kernel(t, again), {columns, length}, arrays, options);
        for (const auto& [name, n] : counts.by_entry) entries[name] += n;
      }
  EXPECT_GT(entries["columns"], 0);
  EXPECT_GT(entries["columns_wide"], 0);
}

TEST(PtxColumns, FewLongColumnsAreCutIntoChunks) {
  std::map<std::string, int> entries;
  for (DType t : {DType::float32, DType::float16})
    for (int64_t columns : {3, 16}) {
      const int64_t length = 9000;
      std::vector<PlacedArray> arrays{c_order(t, {length, columns}), per_row(t, columns), per_row(t, columns)};
      std::swap(arrays[0].strides[0], arrays[0].strides[1]);
      PtxOptions options;
      options.multiprocessors = 16;
      const auto counts = expect_interpreted_bits(column_kernel(t, false), {columns, length}, arrays, options);
      for (const auto& [name, n] : counts.by_entry) entries[name] += n;
    }
  EXPECT_GT(entries["finish_columns"], 0);
}

TEST(PtxScans, AlongAndAcross) {
  for (DType t : kSumDTypes)
    for (Op op : {Op::scan_sum, Op::scan_prod})
      for (int64_t length : {1, 31, 32, 100, 1030}) {
        KernelMaker maker(1, 1);
        maker.write(maker.same(op, maker.read(t, true)), true);
        for (ir::Schedule schedule : {ir::Schedule::row, ir::Schedule::column}) {
          maker.kernel.schedule = schedule;
          SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(length));
          expect_interpreted_bits(maker.kernel, {9, length}, {c_order(t, {9, length}), c_order(t, {9, length})}, {});
        }
      }
}

/// x[i] = v and x[i] += v at places that many points share.
ir::Kernel scatter_kernel(Op op, DType t) {
  KernelMaker maker;
  const Value v = maker.read(t), at = maker.read(DType::int64);
  maker.add(op, t, {v, at}, {maker.access(ir::Access::Kind::scatter, t, false)});
  return maker.kernel;
}

std::vector<PlacedArray> scatter_arrays(DType t, int64_t points, int64_t places) {
  std::vector<PlacedArray> arrays{c_order(t, {points}), c_order(DType::int64, {points}), c_order(t, {places}, 1)};
  arrays[2].strides = {0};
  for (int64_t i = 0; i < points; ++i)
    arrays[1].data.set(static_cast<size_t>(i), static_cast<uint64_t>(i * i * 7 % places));
  // Numbers smaller than a word are folded a word at a time, which is all memory of their own on a device.
  while (arrays[2].data.bytes.size() % 4) arrays[2].data.bytes.push_back(std::byte{0});
  return arrays;
}

TEST(PtxScatter, TheLastWriteWins) {
  for (DType t : {DType::float32, DType::float64, DType::int8, DType::float16, DType::bool_})
    for (int bits : {32, 64}) {
      PtxOptions options;
      options.index_bits = bits;
      for (int order = 0; order < 3; ++order) {
        options.order = static_cast<cudasim::WarpOrder>(order);
        const auto counts =
            expect_interpreted_bits(scatter_kernel(Op::store_at, t), {3000}, scatter_arrays(t, 3000, 97), options);
        EXPECT_EQ(counts.launches, 3);
      }
    }
}

TEST(PtxScatter, IntegersAreFoldedInAnyOrder) {
  for (DType t : {DType::int8, DType::uint16, DType::int32, DType::uint64, DType::bool_})
    for (Op op : {Op::add_at, Op::mul_at, Op::min_at, Op::max_at}) {
      SCOPED_TRACE(std::string(ir::info(op).name) + " " + std::string(ir::info(t).name));
      const auto counts = expect_interpreted_bits(scatter_kernel(op, t), {2000}, scatter_arrays(t, 2000, 31), {});
      EXPECT_EQ(counts.launches, 1);
    }
}

constexpr DType kRounded[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16};

TEST(PtxScatter, RoundedUpdatesComeInOrder) {
  for (DType t : kRounded)
    for (Op op : {Op::add_at, Op::mul_at, Op::min_at, Op::max_at})
      for (int64_t points : {1, 255, 256, 257, 3000})
        for (int order = 0; order < 3; ++order) {
          SCOPED_TRACE(std::string(ir::info(op).name) + " " + std::string(ir::info(t).name) + " " +
                       std::to_string(points));
          PtxOptions options;
          options.index_bits = points == 3000 ? 64 : 32;
          options.order = static_cast<cudasim::WarpOrder>(order);
          options.multiprocessors = points == 257 ? 1 : 8;
          for (int64_t places : {1, 31})
            expect_interpreted_bits(scatter_kernel(op, t), {points}, scatter_arrays(t, points, places), options);
        }
}

/// Rows of updates, as the gradient of a gather of rows has them.
TEST(PtxScatter, RoundedUpdatesOfRows) {
  const DType t = DType::float32;
  const int64_t rows = 57, columns = 19, places = 11;
  KernelMaker maker(2);
  const Value v = maker.read(t), at = maker.read(DType::int64);
  maker.add(Op::add_at, t, {v, at}, {maker.access(ir::Access::Kind::scatter, t, false)});
  PlacedArray index = c_order(DType::int64, {rows}), sums = c_order(t, {places, columns});
  index.strides = {1, 0};
  sums.strides = {0, 1};
  for (int64_t i = 0; i < rows; ++i)
    index.data.set(static_cast<size_t>(i), static_cast<uint64_t>(i * i % places * columns));
  const auto counts =
      expect_interpreted_bits(maker.kernel, {rows, columns}, {c_order(t, {rows, columns}), index, sums}, {});
  EXPECT_EQ(counts.by_entry.at("merge_runs"), 3);  // of runs of 256, 512 and 1024 of 1083 points
}

/// Both parts of complex numbers, and another store beside them.
TEST(PtxScatter, SeveralUpdatesInAKernel) {
  const DType t = DType::float64;
  KernelMaker maker;
  const Value v = maker.read(t), at = maker.read(DType::int64), w = maker.same(Op::mul, v, v);
  maker.add(Op::add_at, t, {v, at}, {maker.access(ir::Access::Kind::scatter, t, false)});
  maker.add(Op::add_at, t, {w, at}, {maker.access(ir::Access::Kind::scatter, t, false)});
  maker.add(Op::store_at, t, {w, at}, {maker.access(ir::Access::Kind::scatter, t, false)});
  std::vector<PlacedArray> arrays = scatter_arrays(t, 700, 13);
  for (uint64_t seed : {5, 6}) arrays.push_back({random_values(t, 15, seed), {0}, 1, 0});
  expect_interpreted_bits(maker.kernel, {700}, arrays, {});
}

/// Sorting is near-linear: a search of a dozen steps for each point in each of seven merges, and eight shorter ones.
TEST(PtxScatter, ManyRoundedUpdates) {
  const int64_t n = 1 << 15;
  const auto counts = expect_interpreted_bits(scatter_kernel(Op::add_at, DType::float32), {n},
                                              scatter_arrays(DType::float32, n, 997), {});
  EXPECT_LT(static_cast<double>(counts.thread_instructions) / n, 2500);
}

}  // namespace
}  // namespace tarry::test
