/// Launches of points that carry what they read from step to step.

#include <algorithm>
#include <utility>

#include "nvptx/launch.h"

namespace tarry::codegen {
namespace {

/// Steps of a thread: with fewer than these, finding its place costs more than it saves; more save next to nothing.
constexpr int64_t kLeastSteps = 16, kMostSteps = 64;

}  // namespace

/// How many places along the axis a step is, backwards where that is below 0; 0 where the views do not lie to each
/// other as the kernel assumes.
int64_t GpuPlanner::step_along(int axis) const {
  int64_t step = 0;
  for (int a = 0; a < layout_.accesses; ++a) {
    const int b = shape_.carry.from[a];
    if (b < 0) continue;
    for (int i = 0; i < layout_.rank; ++i)
      if (words_[layout_.stride(a, i)] != words_[layout_.stride(b, i)] && (i == axis || extent(i) > 1)) return 0;
    const auto stride = static_cast<int64_t>(words_[layout_.stride(a, axis)]);
    const auto distance = static_cast<int64_t>(words_[layout_.base(b)] - words_[layout_.base(a)]);
    if (stride == 0 || distance % stride != 0 || (step != 0 && distance / stride != step)) return 0;
    step = distance / stride;
    if (step == 0) return 0;
  }
  return step;
}

/// The bytes from the first to the last that an access touches.
GpuPlanner::Touched GpuPlanner::touched_by(int access) const {
  uint64_t first = words_[layout_.base(access)], end = first + ir::size_of(shape_.kernel.accesses[access].dtype);
  for (int axis = 0; axis < layout_.rank; ++axis) {
    const auto stride = static_cast<int64_t>(words_[layout_.stride(access, axis)]);
    (stride < 0 ? first : end) += static_cast<uint64_t>(stride * (extent(axis) - 1));
  }
  return {first, end};
}

bool GpuPlanner::is_written_meanwhile(int read) const {
  const Touched r = touched_by(read);
  for (int i = 0; i < layout_.accesses; ++i) {
    if (shape_.kernel.accesses[i].kind != ir::Access::Kind::write) continue;
    const Touched w = touched_by(i);
    if (r.first < w.end && w.first < r.end) return true;
  }
  return false;
}

/// Points are computed in any order: an axis is gone along the other way round, or ahead of others.
void GpuPlanner::reverse(int axis) {
  for (int i = 0; i < layout_.accesses; ++i) {
    uint64_t& stride = words_[layout_.stride(i, axis)];
    words_[layout_.base(i)] += stride * static_cast<uint64_t>(extent(axis) - 1);
    stride = 0 - stride;
  }
}

void GpuPlanner::bring_first(int axis) {
  std::swap(words_[layout_.extent(0)], words_[layout_.extent(axis)]);
  for (int i = 0; i < layout_.accesses; ++i) std::swap(words_[layout_.stride(i, 0)], words_[layout_.stride(i, axis)]);
}

bool GpuPlanner::plan_carried() {
  if (shape_.carry.empty() || points(0, layout_.rank) == 0) return false;
  const int last = layout_.rank - 1;
  int axis = 0;
  int64_t signed_step = step_along(axis);
  while (signed_step == 0 && axis + 1 < last) signed_step = step_along(++axis);
  const int64_t step = signed_step < 0 ? -signed_step : signed_step;
  if (step == 0 || step > extent(axis) || (axis == last ? step : extent(last)) < kWarpThreads) return false;
  if (axis == last && signed_step < 0) return false;  // kernels know strides of the last axis
  for (int a = 0; a < layout_.accesses; ++a)
    if (shape_.carry.apart[a] && is_written_meanwhile(a)) return false;
  const int64_t all_steps = divide_up(extent(axis), step), starts = points(0, layout_.rank) / extent(axis) * step;
  const int64_t steps = std::min(all_steps / divide_up(most_blocks(kBusyThreads), starts), kMostSteps);
  if (steps < kLeastSteps) return false;
  const int64_t strips = divide_up(all_steps, steps), length = divide_up(all_steps, strips);
  const int64_t reach = extent(axis) + (length + shape_.steps) * step;
  if (kernel_.index_bits == 32 && std::max(starts * strips, reach) > kMostNarrow) return false;
  if (signed_step < 0) reverse(axis);
  bring_first(axis);
  words_[layout_.step()] = static_cast<uint64_t>(step);
  words_[layout_.steps()] = static_cast<uint64_t>(length);
  words_[layout_.strips()] = static_cast<uint64_t>(strips);
  add(GpuFunction::carried, std::min(divide_up(starts * strips, kBlockThreads), most_blocks(kMostBlocks)));
  return true;
}

}  // namespace tarry::codegen
