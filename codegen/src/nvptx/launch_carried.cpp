/// Launches of points that carry what they read from step to step.

#include <algorithm>

#include "nvptx/launch.h"

namespace tarry::codegen {
namespace {

/// Threads that keep a multiprocessor busy.
constexpr int64_t kBusyThreads = 2048;
/// Steps of a thread: with fewer than these, finding its place costs more than it saves; more save next to nothing.
constexpr int64_t kLeastSteps = 16, kMostSteps = 64;

int64_t divide_up(int64_t n, int64_t by) { return (n + by - 1) / by; }

}  // namespace

/// How many places along its axis a step is, backwards where that is below 0; 0 where the views do not lie to each other
/// as the kernel assumes.
int64_t GpuPlanner::step_of_carry() const {
  const Carry& c = shape_.carry;
  auto word = [&](int i) { return static_cast<int64_t>(words_[i]); };
  int64_t step = 0;
  for (int a = 0; a < layout_.accesses; ++a) {
    const int b = c.from[a];
    if (b < 0) continue;
    for (int axis = 0; axis < layout_.rank; ++axis)
      if (word(layout_.stride(a, axis)) != word(layout_.stride(b, axis)) && (axis == c.axis || extent(axis) > 1))
        return 0;
    const int64_t stride = word(layout_.stride(a, c.axis));
    const auto distance = static_cast<int64_t>(words_[layout_.base(b)] - words_[layout_.base(a)]);
    if (stride == 0 || distance == 0 || distance % stride != 0) return 0;
    if (step != 0 && distance / stride != step) return 0;
    step = distance / stride;
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

/// The axis the other way round: points are computed in any order.
void GpuPlanner::reverse(int axis) {
  for (int i = 0; i < layout_.accesses; ++i) {
    uint64_t& stride = words_[layout_.stride(i, axis)];
    words_[layout_.base(i)] += stride * static_cast<uint64_t>(extent(axis) - 1);
    stride = 0 - stride;
  }
}

bool GpuPlanner::plan_carried() {
  const Carry& c = shape_.carry;
  if (c.empty()) return false;
  const int64_t step = step_of_carry(), distance = step < 0 ? -step : step;
  const int last = shape_.kernel.outer_rank - 1;
  if (step == 0 || (c.axis == last ? distance : extent(last)) < kWarpThreads) return false;
  for (int a = 0; a < layout_.accesses; ++a)
    if (c.apart[a] && is_written_meanwhile(a)) return false;
  const int64_t all_steps = divide_up(extent(c.axis), distance);
  const int64_t ways = points(0, shape_.kernel.outer_rank) / extent(c.axis) * std::min(distance, extent(c.axis));
  const int64_t busy = divide_up(most_blocks(kBusyThreads), ways);
  const int64_t steps = std::min(all_steps / busy, kMostSteps);
  if (steps < kLeastSteps) return false;
  const int64_t strips = divide_up(all_steps, steps), length = divide_up(all_steps, strips);
  const int64_t threads = points(0, shape_.kernel.outer_rank) / extent(c.axis) * distance * strips;
  const int64_t reach = extent(c.axis) + (length + kCarriedSteps) * distance;
  if (kernel_.index_bits == 32 && std::max(threads, reach) > kMostNarrow) return false;
  if (step < 0) reverse(c.axis);
  words_[layout_.step()] = static_cast<uint64_t>(distance);
  words_[layout_.steps()] = static_cast<uint64_t>(length);
  words_[layout_.strips()] = static_cast<uint64_t>(strips);
  add(GpuFunction::carried, std::min(divide_up(threads, kBlockThreads), most_blocks(kMostBlocks)));
  return true;
}

}  // namespace tarry::codegen
