#pragma once
/// What keeps the library usable in the child of a fork, where only the thread that forked lives on.

#include <atomic>
#include <cstdint>
#include <mutex>

namespace tarry::runtime {

/// A mutex that a fork waits for, so that in the child it is free and what it guards is whole. For mutexes under which
/// no other one is taken; otherwise the fork and a thread could wait for each other.
class ForkMutex {
 public:
  ForkMutex();
  ~ForkMutex();
  ForkMutex(const ForkMutex&) = delete;
  ForkMutex& operator=(const ForkMutex&) = delete;
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  friend struct ForkRegistry;
  std::mutex mutex_;
  ForkMutex *before_ = nullptr, *after_ = nullptr;
};

/// A condition variable for a ForkMutex. Those of the system remember who waits, and in the child of a fork would wait for
/// threads that are not there.
class ForkCondition {
 public:
  /// Waits until `ready`, which is called under the lock.
  template <class Ready>
  void wait(std::unique_lock<ForkMutex>& lock, const Ready& ready) {
    while (!ready()) {
      const uint32_t seen = changes_.load(std::memory_order_relaxed);
      lock.unlock();
      changes_.wait(seen, std::memory_order_relaxed);
      lock.lock();
    }
  }
  /// To be called under the lock.
  void notify_all() {
    changes_.fetch_add(1, std::memory_order_relaxed);
    changes_.notify_all();
  }

 private:
  std::atomic<uint32_t> changes_{0};
};

/// How many forks lie between the first process and this one. Work that a thread had begun under another number will
/// not be finished by it.
uint64_t fork_generation();

}  // namespace tarry::runtime
