/// Launches of kernels with rows.

#include <tarry/ir/reduction.h>

#include <algorithm>
#include <bit>

#include "nvptx/launch.h"

namespace tarry::codegen {
namespace {

using Kind = GpuObject::Kind;

/// Blocks for each multiprocessor where each needs scratch memory of its own.
constexpr int64_t kFarBlocks = 4;
/// Chunks that the threads of one column, or of a row's block, fold in the end.
constexpr int64_t kMostColumnChunks = 64;
constexpr int64_t kMostRowChunks = 1024;
constexpr int kWarpShift = 5, kBlockShift = 8;
/// Elements of a row beyond which several blocks share it where there are few.
constexpr int64_t kLongRow = 16 * 1024;
constexpr int kLeastColumnShift = 3;

int log2_up(int64_t n) { return std::bit_width(static_cast<uint64_t>(std::max<int64_t>(n, 1) - 1)); }

}  // namespace

/// Of the values kept for the rows of a block.
int64_t GpuPlanner::near_bytes(int shift) const {
  int64_t bytes = 0;
  for (const GpuObject& o : shape_.near)
    bytes += round_up((kBlockThreads >> shift) * round_up(row_length(), ir::kReduceLanes) * o.bytes, kAccessBytes);
  return bytes;
}

GpuPlanner::Teams GpuPlanner::choose_teams() {
  const int64_t n = row_length(), rows = points(0, shape_.kernel.outer_rank);
  Teams teams;
  const bool whole_lines = shape_.kernel.row_rank == 1 || extent(layout_.rank - 1) % shape_.lanes == 0;
  teams.wide = shape_.lanes > 1 && n >= 2 * shape_.lanes && whole_lines && is_aligned(true);
  auto settle = [&] {
    const int lanes = teams.wide ? shape_.lanes : 1;
    const int of_block = log2_up(ir::kReduceLanes / lanes);  // threads that share a block of elements
    if (shape_.scans) {
      teams.shift = kWarpShift;
    } else if (n <= ir::kReduceLanes) {
      teams.shift = log2_up(divide_up(n, lanes));
    } else {
      teams.shift = std::min(of_block + log2_up(row_blocks()), kBlockShift);
      // Where there are rows enough, the fewer threads meet the better.
      while (teams.shift > of_block && (rows << (teams.shift - 1)) >= most_blocks(kBusyThreads)) --teams.shift;
    }
    const auto room = arguments_.shared_bytes - kSharedBytes;
    while (!shape_.scans && teams.shift < kBlockShift && near_bytes(teams.shift) > room) ++teams.shift;
    teams.near_bytes = near_bytes(teams.shift);
    teams.far = teams.near_bytes > room;
    teams.runs_shift = std::max(teams.shift - of_block, 0);
  };
  settle();
  if (teams.far && teams.wide) {
    teams.wide = false;
    settle();
  }
  return teams;
}

/// Fewer than the device has multiprocessors.
bool GpuPlanner::few_long_rows() const {
  return row_length() > kLongRow && points(0, shape_.kernel.outer_rank) <= most_blocks(1);
}

/// Blocks of 512 elements go to thread blocks eight at a time; chunks are runs of these, as many as keep the device
/// busy.
void GpuPlanner::plan_parts() {
  const int64_t rows = points(0, shape_.kernel.outer_rank);
  const int64_t pitch = round_up(row_length(), ir::kReduceLanes);
  const int64_t batches = divide_up(row_blocks(), kBlockWarps);
  const int64_t most = std::min(std::max<int64_t>(most_blocks(kFarBlocks) / rows, 1), kMostRowChunks);
  const int run_shift = log2_up(divide_up(batches, most));
  const int64_t chunks = divide_up(batches, int64_t{1} << run_shift);
  for (size_t i = 0; i < shape_.objects.size(); ++i) {
    const GpuObject& o = shape_.objects[i];
    const int64_t of_row = o.kind == Kind::kept ? pitch : o.kind == Kind::lanes ? chunks * ir::kReduceLanes : 1;
    place(i, rows * of_row * o.bytes);
  }
  words_[layout_.team_shift()] = kBlockShift;
  words_[layout_.pitch()] = static_cast<uint64_t>(pitch);
  words_[layout_.chunks()] = static_cast<uint64_t>(chunks);
  for (const GpuFunctionOf& f : shape_.functions) {
    if (f.function == GpuFunction::walk_chunks) {
      words_[layout_.chunk()] = static_cast<uint64_t>(run_shift);
      add(f, std::min(rows * chunks, most_blocks(kMostBlocks)));
    } else if (f.function == GpuFunction::fold_chunks) {
      words_[layout_.chunk()] = uint64_t{1} << log2_up(divide_up(chunks, kBlockWarps));
      add(f, std::min(rows, most_blocks(kMostBlocks)));
    }
  }
}

GpuPlanner::RowCut GpuPlanner::cut_rows(const Teams& teams, int64_t rows) const {
  const int64_t batches = divide_up(row_blocks(), int64_t{1} << teams.runs_shift);
  const RowCut whole{log2_up(batches), 1};
  // Chunks belong to whole thread blocks.
  if (!shape_.chunks || teams.shift != kBlockShift || rows * 2 > most_blocks(4)) return whole;
  const int64_t most = std::min(std::max<int64_t>(most_blocks(4) / rows, 1), kMostRowChunks);
  const int shift = log2_up(divide_up(batches, most));
  const int64_t chunks = divide_up(batches, int64_t{1} << shift);
  return chunks > 2 ? RowCut{shift, chunks} : whole;
}

void GpuPlanner::plan_rows() {
  const Teams teams = choose_teams();
  if (shape_.parts && (teams.far || few_long_rows())) return plan_parts();
  const int64_t rows = points(0, shape_.kernel.outer_rank);
  const int64_t per_block = kBlockThreads >> teams.shift;
  const int64_t pitch = round_up(row_length(), ir::kReduceLanes);
  const auto [run_shift, chunks] = cut_rows(teams, rows);
  words_[layout_.team_shift()] = static_cast<uint64_t>(teams.shift);
  words_[layout_.pitch()] = static_cast<uint64_t>(pitch);
  words_[layout_.chunk()] = static_cast<uint64_t>(run_shift);
  words_[layout_.chunks()] = static_cast<uint64_t>(chunks);
  const int64_t blocks =
      std::min(divide_up(rows * chunks, per_block), most_blocks(teams.far ? kFarBlocks : kMostBlocks));
  if (chunks > 1) {
    for (size_t i = 0; i < shape_.objects.size(); ++i)
      place(i, rows * chunks * ir::kReduceLanes * shape_.objects[i].bytes);
  } else if (teams.far) {
    for (size_t i = 0; i < shape_.objects.size(); ++i) place(i, blocks * per_block * pitch * shape_.objects[i].bytes);
  }
  const GpuFunction walk = teams.far ? GpuFunction::rows_far : teams.wide ? GpuFunction::rows_wide : GpuFunction::rows;
  GpuLaunch& launch = add(walk, blocks);
  if (!teams.far && !shape_.near.empty()) {
    launch.shared_bytes = static_cast<uint32_t>(teams.near_bytes);
    uint64_t at = 0;
    for (size_t i = 0; i < shape_.near.size(); ++i) {
      launch.words[layout_.object(static_cast<int>(i))] = at;
      at += static_cast<uint64_t>(round_up(per_block * pitch * shape_.near[i].bytes, kAccessBytes));
    }
  }
  if (chunks == 1) return;
  words_[layout_.chunk()] = uint64_t{1} << log2_up(divide_up(chunks, kBlockWarps));
  add(GpuFunction::finish_rows, std::min(rows, most_blocks(kMostBlocks)));
}

GpuPlanner::Grid GpuPlanner::choose_grid() const {
  const int64_t n = row_length(), columns = points(0, shape_.kernel.outer_rank);
  Grid grid;
  grid.wide = shape_.lanes > 1 && extent(shape_.kernel.outer_rank - 1) % shape_.lanes == 0 && is_aligned(false);
  grid.groups = grid.wide ? columns / shape_.lanes : columns;
  grid.lane_shift = log2_up(std::min<int64_t>(n, ir::kReduceLanes));
  const int most = std::min(grid.lane_shift, kBlockShift - kLeastColumnShift);
  // Long columns are shared anyway: a thread with few lanes has few partial results.
  grid.rank_shift = n > ir::kReduceLanes ? 3 : 0;
  while (grid.rank_shift < most && (grid.groups << grid.rank_shift) < most_blocks(kBusyThreads)) ++grid.rank_shift;
  const int64_t tiles = divide_up(grid.groups, int64_t{1} << (kBlockShift - grid.rank_shift));
  grid.chunk = int64_t{1} << log2_up(row_blocks());
  if (!shape_.chunks || tiles * 2 > most_blocks(4)) return grid;
  const int64_t most_chunks = std::min(most_blocks(4) / tiles, kMostColumnChunks);
  int64_t chunk = 1;
  while (divide_up(row_blocks(), chunk) > most_chunks) chunk *= 2;
  if (divide_up(row_blocks(), chunk) <= 2) return grid;
  grid.chunk = chunk;
  grid.chunks = divide_up(row_blocks(), chunk);
  return grid;
}

void GpuPlanner::plan_columns() {
  const Grid grid = choose_grid();
  const int64_t columns = points(0, shape_.kernel.outer_rank);
  const int64_t tiles = divide_up(grid.groups, int64_t{1} << (kBlockShift - grid.rank_shift));
  words_[layout_.column_shift()] = static_cast<uint64_t>(kBlockShift - grid.rank_shift);
  words_[layout_.lane_shift()] = static_cast<uint64_t>(grid.lane_shift);
  words_[layout_.pitch()] = static_cast<uint64_t>(columns);
  words_[layout_.chunk()] = static_cast<uint64_t>(grid.chunk);
  words_[layout_.chunks()] = static_cast<uint64_t>(grid.chunks);
  for (size_t i = 0; i < shape_.objects.size(); ++i) {
    const GpuObject& o = shape_.objects[i];
    if (o.kind == Kind::kept) place(i, row_length() * columns * o.bytes);
    if (o.kind == Kind::lanes && grid.chunks > 1) place(i, grid.chunks * ir::kReduceLanes * columns * o.bytes);
  }
  add(grid.wide ? GpuFunction::columns_wide : GpuFunction::columns,
      std::min(tiles * grid.chunks, most_blocks(kMostBlocks)));
  if (grid.chunks == 1) return;
  // Not in groups: there is little to read, and more threads read it.
  const int64_t all = divide_up(columns, int64_t{1} << (kBlockShift - grid.rank_shift));
  add(GpuFunction::finish_columns, std::min(all, most_blocks(kMostBlocks)));
}

}  // namespace tarry::codegen
