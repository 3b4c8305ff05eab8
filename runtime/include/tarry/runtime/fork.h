#pragma once
/// What keeps the library usable in the child of a fork, where only the thread that forked lives on.

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
  /// For a condition variable.
  std::mutex& inner() { return mutex_; }

 private:
  friend struct ForkRegistry;
  std::mutex mutex_;
  ForkMutex *before_ = nullptr, *after_ = nullptr;
};

/// How many forks lie between the first process and this one. Work that a thread had begun under another number will
/// not be finished by it.
uint64_t fork_generation();

}  // namespace tarry::runtime
