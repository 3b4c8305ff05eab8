#pragma once
/// Streams as queues: what was asked for, in order, and what each has to wait for.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace cudasim {

class Timeline;

/// Everything of a timeline up to and including a task.
struct Point {
  std::shared_ptr<Timeline> timeline;
  uint64_t number = 0;
  bool is_done() const;
};

class Timeline : public std::enable_shared_from_this<Timeline> {
 public:
  /// Behind what is there, and not before `after`.
  Point push(std::function<void()> work, std::vector<Point> after);
  Point last() { return {shared_from_this(), queued_}; }
  uint64_t done() const { return done_; }
  bool is_idle() const { return done_ == queued_; }
  /// Forgets what has not run.
  void drop();

 private:
  friend bool step_towards(const Point& goal);
  struct Task {
    std::function<void()> work;
    std::vector<Point> after;
  };
  std::deque<Task> tasks_;
  uint64_t queued_ = 0, done_ = 0;
};

/// Runs what the goal needs and nothing else.
void run_until(const Point& goal);
/// Runs one task that the goal needs; false where it is reached already.
bool step_towards(const Point& goal);

}  // namespace cudasim
