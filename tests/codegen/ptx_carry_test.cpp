/// Kernels that read overlapping views: what a thread keeps from step to step is what it would have read, at whatever
/// views the text was made for others, and less is read.

#include "ptx_assembler.h"
#include "ptx_runner.h"

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

using Extents = std::vector<int64_t>;

/// A part of an array.
struct View {
  int64_t base;
  Extents strides;
};

Extents c_strides(const Extents& extents) {
  Extents strides(extents.size(), 1);
  for (size_t i = extents.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * extents[i + 1];
  return strides;
}

int64_t product(const Extents& extents) {
  int64_t n = 1;
  for (int64_t e : extents) n *= e;
  return n;
}

/// Stores each of so many reads, so that no two can take each other's place.
ir::Kernel copies(int rank, DType t, int reads) {
  KernelMaker maker(rank);
  std::vector<Value> read;
  for (int i = 0; i < reads; ++i) read.push_back(maker.read(t));
  for (Value v : read) maker.write(v);
  for (ir::Access& a : maker.kernel.accesses)
    if (a.kind == ir::Access::Kind::write) a.outer = ir::StrideClass::unit;
  return maker.kernel;
}

/// 0.25 * (up + down + left + right) - here.
ir::Kernel five_points() {
  KernelMaker m(2);
  const Value up = m.read(DType::float32), down = m.read(DType::float32), left = m.read(DType::float32),
              right = m.read(DType::float32), here = m.read(DType::float32);
  const Value sum = m.same(Op::add, m.same(Op::add, m.same(Op::add, up, down), left), right);
  m.write(m.same(Op::sub, m.same(Op::mul, m.f32(0.25f), sum), here));
  for (ir::Access& a : m.kernel.accesses) a.outer = ir::StrideClass::unit;
  return m.kernel;
}

/// The views of the interior of an array with so many columns, in the order in which five_points reads them.
std::vector<View> neighbours(int64_t columns) {
  const Extents strides{columns, 1};
  return {{1, strides}, {2 * columns + 1, strides}, {columns, strides}, {columns + 2, strides}, {columns + 1, strides}};
}

/// One kernel, of which the reads lie in one array, the results behind each other in another one.
class Overlapping {
 public:
  /// Made for views that lie to each other like `first`.
  Overlapping(ir::Kernel kernel, const Extents& extents, const std::vector<View>& first, PtxOptions options = {})
      : kernel_(std::move(kernel)), options_(options), interpreted_(codegen::interpreter().compile(kernel_)) {
    for (const ir::Access& a : kernel_.accesses) reads_ += a.kind == ir::Access::Kind::read;
    Memory memory(*this, extents, first);
    const std::vector<int> sharing = codegen::sharing_of(kernel_, memory.buffers);
    carry_ = codegen::find_carry(kernel_, memory.launch(), sharing);
    compiled_ = codegen::compile_ptx(kernel_, options_.sm, options_.index_bits, codegen::GpuRoutine::run, carry_);
    expect_strict(compiled_.ptx);
  }

  const codegen::Carry& carry() const { return carry_; }
  const std::string& text() const { return compiled_.ptx; }
  PtxOptions& options() { return options_; }

  /// Fails where the results are not what the interpreter has.
  PtxCounts run(const Extents& extents, const std::vector<View>& views) const {
    Memory expected(*this, extents, views), got(*this, extents, views);
    interpreted_->run(expected.launch());
    PtxCounts counts;
    try {
      counts = run_ptx(compiled_, got.launch(), got.spans(), options_);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what() << "\n" << compiled_.ptx;
    }
    EXPECT_EQ(got.results.bytes, expected.results.bytes);
    return counts;
  }
  bool carries(const Extents& extents, const std::vector<View>& views) const {
    return run(extents, views).by_entry.contains("carried");
  }

  /// The function that would be launched with the read of each access where `data` says.
  std::string planned(const Extents& extents, const std::vector<View>& views, std::vector<std::byte*> data) const {
    Memory memory(*this, extents, views);
    for (size_t a = 0; a < data.size(); ++a)
      if (data[a]) memory.operands[a].data = data[a];
    const codegen::LaunchArguments arguments{memory.launch(), {}, options_.multiprocessors};
    const codegen::LaunchPlan plan = codegen::plan_launch(compiled_, arguments);
    return compiled_.entries.at(static_cast<size_t>(plan.launches.at(0).entry)).name;
  }

 private:
  struct Memory {
    Memory(const Overlapping& of, const Extents& e, const std::vector<View>& views)
        : extents(e), source(of.kernel_.accesses[0].dtype), results(of.kernel_.accesses.back().dtype) {
      int64_t end = 1;
      for (const View& v : views) {
        int64_t last = v.base;
        for (size_t i = 0; i < extents.size(); ++i) last += std::max<int64_t>(v.strides[i], 0) * (extents[i] - 1);
        end = std::max(end, last + 1);
      }
      source = random_values(source.dtype, static_cast<size_t>(end), 3);
      const auto writes = static_cast<int64_t>(of.kernel_.accesses.size()) - of.reads_;
      results = Data(results.dtype, static_cast<size_t>(writes * product(extents)));
      strides.reserve(of.kernel_.accesses.size());
      for (int a = 0; a < of.reads_; ++a) place(source, views[static_cast<size_t>(a)].base, views[a].strides, 1);
      for (int64_t w = 0; w < writes; ++w) place(results, w * product(extents), c_strides(extents), 2);
    }
    void place(Data& data, int64_t base, const Extents& by, uint64_t buffer) {
      strides.push_back(by);
      codegen::Launch::Operand o;
      o.data = data.as<std::byte>() + base * static_cast<int64_t>(ir::size_of(data.dtype));
      o.strides = strides.back().data();
      operands.push_back(o);
      buffers.push_back(buffer);
    }
    codegen::Launch launch() const { return {extents, operands, {}}; }
    DeviceArrays spans() {
      return {{source.as<std::byte>(), source.bytes.size()}, {results.as<std::byte>(), results.bytes.size()}};
    }
    Extents extents;
    Data source, results;
    std::vector<Extents> strides;
    std::vector<codegen::Launch::Operand> operands;
    std::vector<uint64_t> buffers;
  };

  ir::Kernel kernel_;
  PtxOptions options_;
  int reads_ = 0;
  std::shared_ptr<const codegen::Executable> interpreted_;
  codegen::Carry carry_;
  codegen::GpuKernel compiled_;
};

/// One multiprocessor, so that little work is enough for it.
PtxOptions small(int index_bits = 32, cudasim::WarpOrder order = cudasim::WarpOrder::ahead) {
  PtxOptions options;
  options.multiprocessors = 1;
  options.index_bits = index_bits;
  options.order = order;
  return options;
}

/// Strips that end within the array, at its end, and in the middle of a turn.
TEST(PtxCarry, EveryDTypeAndExtent) {
  constexpr cudasim::WarpOrder kOrders[] = {cudasim::WarpOrder::ahead, cudasim::WarpOrder::lockstep,
                                            cudasim::WarpOrder::reversed};
  int turn = 0;
  for (DType t : kRealDTypes) {
    Overlapping stencil(copies(2, t, 3), {20, 50}, {{0, {50, 1}}, {50, {50, 1}}, {100, {50, 1}}}, small());
    EXPECT_EQ(stencil.carry().from, (std::vector<int>{1, 2, -1, -1, -1, -1}));
    for (const Extents& e : {Extents{300, 131}, Extents{17, 2051}, Extents{83, 513}, Extents{1025, 33}}) {
      SCOPED_TRACE(std::string(ir::info(t).name) + " " + std::to_string(e[0]) + " by " + std::to_string(e[1]));
      stencil.options().order = kOrders[turn++ % 3];
      const int64_t columns = e[1] + 1;
      EXPECT_TRUE(stencil.carries(e, {{0, {columns, 1}}, {columns, {columns, 1}}, {2 * columns, {columns, 1}}}));
    }
  }
}

TEST(PtxCarry, OneTextForEveryBoundAndLayout) {
  for (int bits : {32, 64}) {
    const Overlapping stencil(copies(2, DType::float32, 2), {20, 50}, {{0, {50, 1}}, {50, {50, 1}}}, small(bits));
    const Extents e{600, 131};
    const int64_t c = 140;
    auto carries = [&](int64_t first, int64_t second, int64_t by_row, int64_t by_column) {
      return stencil.carries(e, {{first, {by_row, by_column}}, {second, {by_row, by_column}}});
    };
    EXPECT_TRUE(carries(3, c + 3, c, 1));
    EXPECT_TRUE(carries(0, 2 * c, c, 1)) << "two rows apart";
    EXPECT_TRUE(carries(0, 7 * c, c, 1)) << "seven rows apart, from some of which there is a step less";
    EXPECT_TRUE(carries(c, 0, c, 1)) << "the other way round";
    EXPECT_TRUE(carries(3 * c + 5, 5, c, 1)) << "the other way round, three rows apart";
    EXPECT_TRUE(carries(601 * c, 600 * c, -c, 1)) << "rows from the last to the first";
    EXPECT_TRUE(carries(599 * c, 601 * c, -c, 1)) << "from the last to the first, the other way round, two apart";
    EXPECT_TRUE(carries(c, 3 * c, 2 * c, 1)) << "every second row";
    EXPECT_TRUE(carries(130, c + 130, c, -1)) << "columns from the last to the first";
    EXPECT_TRUE(carries(0, 1, 1, 610)) << "transposed";
    EXPECT_TRUE(carries(0, 1, 1, 0)) << "a column beside itself";
    EXPECT_TRUE(stencil.carries(e, {{0, {c, 1}}, {c, {c, 1}}}));
    // Not these, which lie otherwise.
    EXPECT_FALSE(carries(0, 1, c, 1));
    EXPECT_FALSE(carries(5, 5, c, 1)) << "the same view";
    EXPECT_FALSE(carries(0, c + 1, c, 1));
    EXPECT_FALSE(carries(0, c, 0, 1)) << "one row again and again";
    EXPECT_FALSE(carries(0, 500 * c, c, 1)) << "hardly any of them overlap";
    EXPECT_FALSE(stencil.carries(e, {{0, {c, 1}}, {2 * c, {2 * c, 1}}}));
    EXPECT_FALSE(stencil.carries({8, 131}, {{0, {c, 1}}, {c, {c, 1}}})) << "few rows";
    EXPECT_FALSE(stencil.carries({3000, 15}, {{0, {c, 1}}, {c, {c, 1}}})) << "few columns";
  }
}

/// Differences along one axis and along another one are one kernel: whichever comes first.
TEST(PtxCarry, AnyOuterAxisAndAFlatOne) {
  const Extents cube{40, 36, 41}, strides = c_strides({45, 40, 43});
  auto along = [&](int64_t by) { return std::vector<View>{{0, strides}, {by * 2, strides}, {by, strides}}; };
  for (int64_t first : {strides[0], strides[1], strides[2]}) {
    const Overlapping stencil(copies(3, DType::float64, 3), cube, along(first), small());
    ASSERT_FALSE(stencil.carry().empty());
    const bool in_order = first == strides[2];  // a guess, which the order of these views is not
    for (int64_t by : {strides[0], strides[1]}) {
      EXPECT_EQ(stencil.carries(cube, along(by)), !in_order);
      EXPECT_TRUE(stencil.carries(
          cube, in_order ? std::vector<View>{{0, strides}, {by, strides}, {2 * by, strides}} : along(by)));
    }
    EXPECT_FALSE(stencil.carries(cube, along(strides[2])));
  }
  const Overlapping flat(copies(1, DType::float32, 2), {1000}, {{0, {1}}, {100, {1}}}, small());
  EXPECT_FALSE(flat.carry().empty());
  EXPECT_TRUE(flat.carries({33 * 1031}, {{0, {1}}, {1031, {1}}}));
  EXPECT_FALSE(flat.carries({33 * 1031}, {{1031, {1}}, {0, {1}}}));
  EXPECT_FALSE(flat.carries({33 * 1031}, {{0, {1}}, {1, {1}}}));
}

/// Only what is read at every point can be handed on.
TEST(PtxCarry, WhatIsReadSomewhereAloneIsReadAgain) {
  KernelMaker m(2);
  const Value here = m.read(DType::float32), up = m.read_where(m.same(Op::isnan, here), DType::float32);
  m.write(m.same(Op::add, here, up));
  const Extents e{300, 131};
  const std::vector<View> views{{131, {131, 1}}, {0, {131, 1}}};
  const Overlapping masked(m.kernel, e, views, small());
  EXPECT_TRUE(masked.carry().empty());
  EXPECT_FALSE(masked.carries(e, views));
}

TEST(PtxCarry, WhatIsReadTwiceIsNotHandedOn) {
  KernelMaker m(2);
  const Value here = m.read(DType::float32), below = m.read(DType::float32);
  const Value again = m.add(Op::load, DType::float32, {m.add(Op::lt, DType::bool_, {here, below})}, {0});
  m.write(m.same(Op::add, m.same(Op::sub, below, here), again));
  const Extents e{300, 131};
  const std::vector<View> views{{0, {131, 1}}, {131, {131, 1}}};
  const Overlapping twice(m.kernel, e, views, small());
  EXPECT_TRUE(twice.carry().empty());
  EXPECT_FALSE(twice.carries(e, views));
}

TEST(PtxCarry, NothingIsKeptThatIsWrittenOrLiesElsewhere) {
  const Extents e{300, 131};
  const int64_t c = 133;
  const auto views = neighbours(c);
  const Overlapping stencil(five_points(), e, views, small());
  EXPECT_EQ(stencil.carry().from, (std::vector<int>{4, -1, -1, -1, 1, -1}));
  EXPECT_EQ(stencil.planned(e, views, {}), "carried");
  Data other = random_values(DType::float32, 302 * 133, 4);
  auto* at = other.as<std::byte>();
  for (size_t elsewhere : {0, 1, 4}) {
    std::vector<std::byte*> data(6, nullptr);
    data[elsewhere] = at;
    EXPECT_EQ(stencil.planned(e, views, data), "points") << "read " << elsewhere << " lies elsewhere";
  }
  // All of them lie in `other`, and the result at its beginning, in its middle, and just before and behind it.
  std::vector<std::byte*> data;
  for (const View& v : views) data.push_back(at + 4 * v.base);
  data.push_back(nullptr);
  const int64_t bytes = 4 * 302 * c, result = 4 * 300 * 131;
  for (int64_t start : {int64_t{4}, bytes / 2, bytes - 8, 8 - result}) {
    data[5] = at + start;
    EXPECT_EQ(stencil.planned(e, views, data), "points") << "the result " << start << " bytes behind the array";
  }
  // The corners are read by nobody.
  for (int64_t start : {int64_t{4} - result, bytes - 4}) {
    data[5] = at + start;
    EXPECT_EQ(stencil.planned(e, views, data), "carried") << "the result " << start << " bytes behind the array";
  }
}

/// Reads at random distances, then farther apart along the first axis, the other way round, and in no relation to
/// these.
TEST(PtxCarry, RandomViews) {
  std::mt19937_64 random(7);
  auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  constexpr int kCases = 24, kReads = 4, kFarthest = 2;
  int carried = 0, all = 0;
  for (int turn = 0; turn < kCases; ++turn) {
    SCOPED_TRACE(turn);
    const int rank = 2 + static_cast<int>(below(2));
    const DType t = kRealDTypes[below(std::size(kRealDTypes))];
    Extents extents(static_cast<size_t>(rank)), whole = extents;
    for (size_t i = 0; i < extents.size(); ++i) {
      const int64_t least = i + 1 == extents.size() ? 33 : 40;
      extents[i] = least + below(rank == 2 ? 300 : 20);
      whole[i] = extents[i] + 3 * kFarthest;
    }
    const Extents strides = c_strides(whole);
    auto at_random = [&] {
      std::vector<Extents> distances(kReads, Extents(extents.size()));
      for (Extents& d : distances)
        for (size_t i = 0; i < d.size(); ++i) d[i] = below(i == 0 ? kFarthest + 1 : 2);
      return distances;
    };
    auto views = [&](const std::vector<Extents>& distances, int64_t times) {
      std::vector<View> some;
      for (const Extents& d : distances) {
        int64_t base = strides[0] * (times < 0 ? kFarthest + times * d[0] : times * d[0]);
        for (size_t i = 1; i < d.size(); ++i) base += strides[i] * d[i];
        some.push_back({base, strides});
      }
      return some;
    };
    const std::vector<Extents> distances = at_random();
    const Overlapping stencil(copies(rank, t, kReads), extents, views(distances, 1), small(below(2) ? 32 : 64));
    std::vector<std::vector<View>> runs{views(at_random(), 1)};
    for (int64_t times : {1, 2, 3, -1}) runs.push_back(views(distances, times));
    for (const std::vector<View>& run : runs) {
      carried += stencil.carries(extents, run);
      ++all;
    }
  }
  EXPECT_GT(carried, all / 4);
  EXPECT_LT(carried, all);
}

TEST(PtxCarry, TextsAreKeptByWhatTheyCarry) {
  const ir::Kernel kernel = five_points();
  const Overlapping stencil(kernel, {20, 50}, neighbours(52), small());
  auto key = [&](const codegen::Carry& c) { return codegen::ptx_key(kernel, 75, 32, codegen::GpuRoutine::run, c); };
  EXPECT_NE(key(stencil.carry()), key({}));
  const codegen::GpuKernel kept =
      codegen::with_ptx(kernel, 75, 32, stencil.text(), codegen::GpuRoutine::run, stencil.carry());
  ASSERT_EQ(kept.entries.size(), 2u);
  for (const codegen::GpuEntry& e : kept.entries)
    EXPECT_NE(stencil.text().find(".entry " + e.name + "("), std::string::npos);
}

/// Beside what nvcc makes of a thread that goes down a column: the bars of tools/gpu-counts.
TEST(PtxCarry, AStencilExecutesLittleMoreThanByHand) {
  const int64_t n = 1022;
  PtxOptions options;
  options.sm = 90;
  options.multiprocessors = 4;
  const Overlapping stencil(five_points(), {n, n}, neighbours(n + 2), options);
  const PtxCounts counts = stencil.run({n, n}, neighbours(n + 2));
  const auto points = static_cast<double>(n * n);
  EXPECT_LE(static_cast<double>(counts.global_read + counts.global_written) / points, 16.13);
  EXPECT_LT(static_cast<double>(counts.thread_instructions) / points, 1.2 * 13.22);
  const std::string assembler = find_assembler();
  if (assembler.empty()) GTEST_SKIP() << "SKIPPED: there is no ptxas on this machine, so no registers were counted";
  const Assembled assembled = assemble(assembler, stencil.text(), 90);
  ASSERT_FALSE(assembled.functions.empty()) << assembled.said;
  for (const Assembled::Function& f : assembled.functions) EXPECT_LE(f.registers, 1.25 * 32) << f.name;
}

TEST(PtxCarry, IsAssembled) {
  const std::string assembler = find_assembler();
  if (assembler.empty()) GTEST_SKIP() << "SKIPPED: there is no ptxas on this machine, so nothing here was assembled";
  auto expect_assembled = [&](const ir::Kernel& kernel, const Extents& extents, const std::vector<View>& views) {
    for (int sm : {75, 80, 90})
      for (int bits : {32, 64}) {
        PtxOptions options;
        options.sm = sm;
        options.index_bits = bits;
        const Overlapping stencil(kernel, extents, views, options);
        EXPECT_NE(stencil.text().find(".entry carried("), std::string::npos);
        const Assembled assembled = assemble(assembler, stencil.text(), sm);
        EXPECT_TRUE(assembled.accepted && !assembled.warned) << assembled.said;
        EXPECT_TRUE(spilled(assembler, assembled, stencil.text(), sm).empty()) << assembled.said;
      }
  };
  expect_assembled(five_points(), {20, 50}, neighbours(52));
  for (DType t : kRealDTypes) expect_assembled(copies(2, t, 2), {20, 50}, {{0, {50, 1}}, {50, {50, 1}}});
  std::vector<View> box;
  for (int64_t i : {0, 100, 200})
    for (int64_t j : {0, 10, 20})
      for (int64_t l : {0, 1, 2}) box.push_back({i + j + l, {100, 10, 1}});
  KernelMaker sum(3);
  Value all = sum.read(DType::float64);
  for (size_t i = 1; i < box.size(); ++i) all = sum.same(Op::add, all, sum.read(DType::float64));
  sum.write(all);
  expect_assembled(sum.kernel, {8, 8, 8}, box);
}

}  // namespace
}  // namespace tarry::test
