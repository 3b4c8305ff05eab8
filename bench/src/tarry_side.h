#pragma once
/// What the harness asks of tarry itself.

#include <functional>

namespace bench {

/// Runs the work until none of its kernels is interpreted any more, so that what is measured is compiled code.
/// Throws std::runtime_error when that does not happen.
void settle(const std::function<void()>& run);

/// Kernels that one more run launches.
int kernels_launched_by(const std::function<void()>& run);

/// Lets tarry use so many threads for a scope; 0: all.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
};

}  // namespace bench
