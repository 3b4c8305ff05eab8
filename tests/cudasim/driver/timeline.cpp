#include "driver/timeline.h"

namespace cudasim {

bool Point::is_done() const { return !timeline || timeline->done() >= number; }

Point Timeline::push(std::function<void()> work, std::vector<Point> after) {
  std::erase_if(after, [](const Point& p) { return p.is_done(); });
  tasks_.push_back({std::move(work), std::move(after)});
  return {shared_from_this(), ++queued_};
}

void Timeline::drop() {
  tasks_.clear();
  done_ = queued_;
}

bool step_towards(const Point& goal) {
  if (goal.is_done()) return false;
  // Down to a task that waits for nothing. Points only ever lead to earlier ones, so that this ends.
  Point at = goal;
  for (;;) {
    const Point* earlier = nullptr;
    for (const Point& p : at.timeline->tasks_.front().after)
      if (!p.is_done()) earlier = &p;
    if (!earlier) break;
    at = Point(*earlier);
  }
  auto& tasks = at.timeline->tasks_;
  const std::function<void()> work = std::move(tasks.front().work);
  tasks.pop_front();
  ++at.timeline->done_;
  work();
  return true;
}

void run_until(const Point& goal) {
  while (step_towards(goal)) continue;
}

}  // namespace cudasim
