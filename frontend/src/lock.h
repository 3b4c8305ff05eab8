#pragma once
/// A lock that costs little when nobody else wants it: one exchange to take, one to give.

#include <atomic>
#include <cstdint>

namespace tarry::frontend {

class Lock {
 public:
  void lock() {
    uint32_t expected = kFree;
    if (state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire)) return;
    while (state_.exchange(kWaitedFor, std::memory_order_acquire) != kFree)
      state_.wait(kWaitedFor, std::memory_order_relaxed);
  }
  bool try_lock() {
    uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire);
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kWaitedFor) state_.notify_one();
  }

 private:
  enum : uint32_t { kFree, kHeld, kWaitedFor };
  std::atomic<uint32_t> state_{kFree};
};

}  // namespace tarry::frontend
