#pragma once
/// What keeps the library usable in the child of a fork, where only the thread that forked lives on: a fork waits until
/// no other thread is in the middle of a change to what all share.

#include <atomic>
#include <cstdint>
#include <mutex>

namespace tarry::runtime {

/// What a fork holds while it happens. Each is taken without waiting, and all are given back when one cannot be had, so
/// that threads may take several in any order.
class ForkParticipant {
 public:
  ForkParticipant() = default;
  ForkParticipant(const ForkParticipant&) = delete;
  ForkParticipant& operator=(const ForkParticipant&) = delete;

 protected:
  ~ForkParticipant() = default;
  /// To be called when the object is whole, and before it is taken apart.
  void join();
  void leave();

 private:
  friend struct ForkRegistry;
  virtual bool hold() = 0;
  virtual void release() = 0;
  virtual void release_in_child() { release(); }
  ForkParticipant *before_ = nullptr, *after_ = nullptr;
};

/// A mutex that a fork waits for, so that in the child it is free and what it guards is whole.
class ForkMutex final : ForkParticipant {
 public:
  ForkMutex() { join(); }
  ~ForkMutex() { leave(); }
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  bool hold() override { return mutex_.try_lock(); }
  void release() override { mutex_.unlock(); }
  std::mutex mutex_;
};

/// A condition variable for a ForkMutex. Those of the system remember who waits, and in the child of a fork would wait
/// for threads that are not there.
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

/// Held by a thread that makes an object of MadeOnce. The thread may hold it already.
class ForkMaking {
 public:
  ForkMaking();
  ~ForkMaking();
  ForkMaking(const ForkMaking&) = delete;
  ForkMaking& operator=(const ForkMaking&) = delete;
};

/// An object of the process that is made when it is first asked for and never destroyed, since arrays may outlive
/// static objects. In the place of a local static, whose child of a fork waits forever for a thread that was making it.
/// To be declared `static constinit`. When making throws, the next who asks tries again.
template <class T>
class MadeOnce {
 public:
  constexpr MadeOnce() = default;
  T& get() {
    return get([] { return new T; });
  }
  /// `make` returns a pointer to what it has allocated.
  template <class Make>
  T& get(const Make& make) {
    if (T* made = made_.load(std::memory_order_acquire)) [[likely]]
      return *made;
    const ForkMaking making;
    if (!made_.load(std::memory_order_relaxed)) made_.store(make(), std::memory_order_release);
    return *made_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<T*> made_{nullptr};
};

/// What is taken before all participants and may be waited for: locks under which threads work for long. A thread that
/// holds one of them waits for none of its kind; it may take participants. One pair of functions in the process.
void hold_in_forks(void (*hold)(), void (*release)());

/// How many forks lie between the first process and this one. Work that a thread had begun under another number will
/// not be finished by it.
uint64_t fork_generation();

}  // namespace tarry::runtime
