#pragma once
/// A lock that costs little when nobody else wants it: one exchange to take, one store to give. It is held for the time
/// of a call, or of a flush, and rarely wanted by two threads; so those who wait look now and then whether it is free,
/// and nobody has to tell them.

#include <atomic>

namespace tarry::frontend {

class Lock {
 public:
  void lock() {
    if (!try_lock()) wait();
  }
  bool try_lock() { return !held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire); }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  void wait();  // in thread.cpp
  std::atomic<bool> held_{false};
};

}  // namespace tarry::frontend
