#include "nvptx/launch.h"

#include <tarry/ir/reduction.h>

#include <algorithm>
#include <bit>

namespace tarry::codegen {
namespace {

using Kind = GpuObject::Kind;

constexpr int64_t kScratchUnit = 256;

}  // namespace

int index_bits(const ir::Kernel& kernel, const Launch& launch) {
  int64_t outer = 1, all = 1;
  for (size_t a = 0; a < launch.extents.size(); ++a) {
    const int64_t extent = launch.extents[a];
    if (extent > kMostNarrow) return 64;
    if (static_cast<int>(a) < kernel.outer_rank) outer *= std::max<int64_t>(extent, 1);
    all *= std::max<int64_t>(extent, 1);
    if (outer > kMostNarrow || all > kMostNarrow) return 64;
  }
  for (size_t i = 0; i < kernel.accesses.size(); ++i) {
    const ir::Access& access = kernel.accesses[i];
    const int64_t unit = access.kind == ir::Access::Kind::index ? 1 : static_cast<int64_t>(ir::size_of(access.dtype));
    for (size_t a = 0; a < launch.extents.size(); ++a) {
      const int64_t stride = launch.operands[i].strides[a];
      if (launch.extents[a] > 1 && (stride > INT32_MAX / unit || stride < -(INT32_MAX / unit))) return 64;
    }
  }
  return 32;
}

LaunchPlan plan_launch(const GpuKernel& kernel, const LaunchArguments& arguments) {
  return GpuPlanner(kernel, arguments).plan();
}

void LaunchPlan::place_scratch(uint64_t address) {
  for (GpuLaunch& launch : launches)
    for (int word : launch.scratch_words) launch.words[word] += address;
}

GpuPlanner::GpuPlanner(const GpuKernel& kernel, const LaunchArguments& arguments)
    : kernel_(kernel),
      arguments_(arguments),
      shape_(*kernel.shape),
      layout_(shape_),
      extents_(arguments.launch.extents),
      words_(static_cast<size_t>(layout_.words()), 0) {
  for (int a = 0; a < layout_.rank; ++a) words_[layout_.extent(a)] = static_cast<uint64_t>(extent(a));
  for (int i = 0; i < layout_.accesses; ++i) {
    const ir::Access& access = shape_.kernel.accesses[i];
    const bool index = access.kind == ir::Access::Kind::index;
    const int64_t unit = index ? 1 : static_cast<int64_t>(ir::size_of(access.dtype));
    const Launch::Operand& operand = arguments.launch.operands[i];
    words_[layout_.base(i)] = index ? static_cast<uint64_t>(operand.offset) : reinterpret_cast<uint64_t>(operand.data);
    for (int a = 0; a < layout_.rank; ++a)
      words_[layout_.stride(i, a)] = static_cast<uint64_t>(operand.strides[a] * unit);
  }
  if (layout_.looks_at_indices) words_[layout_.outside()] = arguments.outside;
  for (int i = 0; i < layout_.scalars; ++i) words_[layout_.scalar(i)] = arguments.launch.scalars[i];
}

LaunchPlan GpuPlanner::plan() {
  if (points(0, shape_.kernel.outer_rank) == 0) return {};
  if (shape_.routine != GpuRoutine::run) {
    plan_routine();
    return std::move(plan_);
  }
  switch (shape_.kernel.schedule) {
    case ir::Schedule::map: plan_points(); break;
    case ir::Schedule::row:
    case ir::Schedule::split: plan_rows(); break;
    case ir::Schedule::column:
      if (shape_.scans)
        plan_scans();
      else
        plan_columns();
      break;
  }
  return std::move(plan_);
}

int64_t GpuPlanner::points(int first_axis, int end_axis) const {
  int64_t n = 1;
  for (int a = first_axis; a < end_axis; ++a) n *= extent(a);
  return n;
}

int64_t GpuPlanner::row_blocks() const { return divide_up(row_length(), ir::kReduceBlock); }

int64_t GpuPlanner::most_blocks(int64_t per_processor) const {
  return std::max(arguments_.multiprocessors, 1) * per_processor;
}

bool GpuPlanner::has(GpuFunctionOf function) const {
  return std::find(shape_.functions.begin(), shape_.functions.end(), function) != shape_.functions.end();
}

GpuLaunch& GpuPlanner::add(GpuFunctionOf function, int64_t blocks) {
  const auto entry = std::find(shape_.functions.begin(), shape_.functions.end(), function);
  if (entry == shape_.functions.end()) throw InternalError("a kernel without the function that its launch needs");
  GpuLaunch launch;
  launch.entry = static_cast<int>(entry - shape_.functions.begin());
  launch.blocks = static_cast<uint32_t>(std::max<int64_t>(blocks, 1));
  launch.threads = kBlockThreads;
  launch.words = words_;
  launch.scratch_words = scratch_words_;
  return plan_.launches.emplace_back(std::move(launch));
}

void GpuPlanner::place(size_t i, int64_t bytes) {
  const int word = layout_.object(static_cast<int>(i));
  words_[word] = static_cast<uint64_t>(plan_.scratch_bytes);
  scratch_words_.push_back(word);
  plan_.scratch_bytes += round_up(bytes, kScratchUnit);
}

bool GpuPlanner::is_aligned(bool along_row) const {
  const ir::Kernel& k = shape_.kernel;
  const int lane_axis = along_row ? layout_.rank - 1 : k.outer_rank - 1;
  for (int i = 0; i < layout_.accesses; ++i) {
    const ir::Access& a = k.accesses[i];
    if (a.kind != ir::Access::Kind::read && a.kind != ir::Access::Kind::write) continue;
    if ((along_row ? a.row : a.outer) != ir::StrideClass::unit || (along_row && !a.in_row)) continue;
    const auto unit = static_cast<uint64_t>(
        std::min<int64_t>(kAccessBytes, shape_.lanes * static_cast<int64_t>(ir::size_of(a.dtype))));
    if (words_[layout_.base(i)] % unit != 0) return false;
    for (int axis = 0; axis < layout_.rank; ++axis)
      if (axis != lane_axis && extent(axis) > 1 && words_[layout_.stride(i, axis)] % unit != 0) return false;
  }
  return true;
}

void GpuPlanner::plan_points() {
  const int last = shape_.kernel.outer_rank - 1;
  const int64_t lines = points(0, last), inner = extent(last);
  const int64_t groups = shape_.lanes > 1 && is_aligned(false) ? inner / shape_.lanes : 0;
  if (groups == 0 && plan_carried()) return;
  constexpr int64_t kTile = int64_t{kTileLanes} * kWarpThreads;
  // Small tiles of work keep a large device busier than long turns.
  const bool many = lines * inner >= most_blocks(2 * kTileLanes * kBlockThreads);
  const int64_t tiles = shape_.tiles && groups == 0 && many ? inner / kTile : 0;
  const int64_t single = inner - groups * shape_.lanes - tiles * kTile;
  const int64_t turns = lines * std::max({groups, tiles * kWarpThreads, single});
  const int64_t blocks = std::min(divide_up(turns, kBlockThreads), most_blocks(kMostBlocks));
  words_[layout_.groups()] = static_cast<uint64_t>(groups);
  words_[layout_.tiles()] = static_cast<uint64_t>(tiles);
  place_tables();
  // Ahead of all that writes what a point may read.
  if (!shape_.ordered.empty()) plan_folds(blocks);
  for (GpuFunction f : {GpuFunction::clear, GpuFunction::claim, GpuFunction::points})
    if (has(f)) add(f, blocks);
}

void GpuPlanner::place_tables() {
  for (size_t i = 0; i < shape_.objects.size(); ++i) {
    if (shape_.objects[i].kind != Kind::table) continue;
    if (arguments_.memory.size() != shape_.kernel.accesses.size())
      throw InternalError("the launch of a scatter does not say where its memory ends");
    const int access = shape_.objects[i].access;
    const auto size = static_cast<uint64_t>(ir::size_of(shape_.kernel.accesses[access].dtype));
    const DeviceRange& range = arguments_.memory[access];
    // Places differ by whole elements; the first one in the range need not be at its start.
    const uint64_t begin = range.address - (range.address - words_[layout_.base(access)]) % size;
    words_[layout_.table_begin(static_cast<int>(i))] = begin;
    const auto places = static_cast<int64_t>((range.address + range.bytes - begin) / size + 1);
    place(i, places * kernel_.index_bits / 8);
  }
}

void GpuPlanner::plan_scans() {
  const int64_t n = row_length();
  const int64_t lanes = std::clamp<int64_t>(n, 1, ir::kReduceLanes);
  const int64_t levels = std::bit_width(static_cast<uint64_t>(row_blocks()));
  const int64_t columns = points(0, shape_.kernel.outer_rank);
  const int64_t blocks = std::min(divide_up(columns, kBlockThreads), most_blocks(kMostBlocks / 4));
  for (size_t i = 0; i < shape_.objects.size(); ++i) {
    const GpuObject& o = shape_.objects[i];
    const int64_t rows = o.kind == Kind::kept ? n : o.kind == Kind::lanes ? lanes : levels * lanes;
    place(i, rows * blocks * kBlockThreads * o.bytes);
  }
  add(GpuFunction::scans, blocks);
}

}  // namespace tarry::codegen
