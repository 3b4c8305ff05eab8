/// Launches that sort pairs, and those that need them sorted.

#include <algorithm>
#include <bit>
#include <utility>

#include "nvptx/launch.h"

namespace tarry::codegen {
namespace {

constexpr int64_t kSortBlocks = 32;  // for each multiprocessor

}  // namespace

void GpuPlanner::place_pairs(int64_t n) {
  for (size_t i = 0; i < shape_.objects.size(); ++i)
    if (shape_.objects[i].kind == GpuObject::Kind::pairs) place(i, n * kPairBytes);
}

void GpuPlanner::plan_routine() {
  const int64_t n = points(0, shape_.kernel.outer_rank);
  const int64_t blocks = std::min(divide_up(n, kBlockThreads), most_blocks(kSortBlocks));
  switch (shape_.routine) {
    case GpuRoutine::run: break;
    case GpuRoutine::search_left:
    case GpuRoutine::search_right: add(GpuFunction::search, blocks); break;
    case GpuRoutine::product: {
      const int64_t tiles = extent(0) * divide_up(extent(1), kProductTile) * divide_up(extent(2), kProductTile);
      add(GpuFunction::product_tiles, std::min(tiles, most_blocks(kSortBlocks)));
      break;
    }
    case GpuRoutine::argsort:
    case GpuRoutine::sort: {
      const int64_t length = extent(shape_.kernel.outer_rank - 1);
      place_pairs(n);
      add(GpuFunction::keys, blocks);
      plan_sort(n / length, length);
      add(shape_.routine == GpuRoutine::sort ? GpuFunction::elements : GpuFunction::positions, blocks);
    }
  }
}

void GpuPlanner::plan_folds(int64_t blocks) {
  const int64_t n = points(0, shape_.kernel.outer_rank);
  place_pairs(n);
  for (int f = 0; f < static_cast<int>(shape_.ordered.size()); ++f) {
    add({GpuFunction::pairs, f}, blocks);
    plan_sort(1, n);
    add({GpuFunction::fold_points, f}, blocks);
  }
}

void GpuPlanner::plan_sort(int64_t rows, int64_t length) {
  std::vector<int> pairs;
  for (size_t i = 0; i < shape_.objects.size(); ++i)
    if (shape_.objects[i].kind == GpuObject::Kind::pairs) pairs.push_back(layout_.object(static_cast<int>(i)));
  words_[layout_.sort_rows()] = static_cast<uint64_t>(rows);
  words_[layout_.sort_length()] = static_cast<uint64_t>(length);
  const int64_t most = most_blocks(kSortBlocks);
  add(GpuFunction::sort_runs, std::min(rows * divide_up(length, kBlockThreads), most));
  for (int shift = std::countr_zero(static_cast<unsigned>(kBlockThreads)); (int64_t{1} << shift) < length; ++shift) {
    words_[layout_.run_shift()] = static_cast<uint64_t>(shift);
    add(GpuFunction::merge_runs, std::min(divide_up(rows * length, kBlockThreads), most));
    std::swap(words_[pairs[0]], words_[pairs[1]]);
  }
}

}  // namespace tarry::codegen
