#include <pthread.h>
#include <tarry/runtime/fork.h>

#include <atomic>

namespace tarry::runtime {

/// All mutexes there are. Never destroyed.
struct ForkRegistry {
  std::mutex mutex;
  ForkMutex* first = nullptr;
  std::atomic<uint64_t> generation{0};

  static ForkRegistry& instance() {
    static ForkRegistry* const made = [] {
      auto* registry = new ForkRegistry;
      pthread_atfork([] { instance().before_fork(); }, [] { instance().after_fork(); },
                     [] {
                       instance().generation.fetch_add(1, std::memory_order_relaxed);
                       instance().after_fork();
                     });
      return registry;
    }();
    return *made;
  }

  void before_fork() {
    mutex.lock();
    for (ForkMutex* m = first; m; m = m->after_) m->lock();
  }
  void after_fork() {
    for (ForkMutex* m = first; m; m = m->after_) m->unlock();
    mutex.unlock();
  }

  void add(ForkMutex& m) {
    const std::lock_guard lock(mutex);
    m.after_ = first;
    if (first) first->before_ = &m;
    first = &m;
  }
  void remove(ForkMutex& m) {
    const std::lock_guard lock(mutex);
    (m.before_ ? m.before_->after_ : first) = m.after_;
    if (m.after_) m.after_->before_ = m.before_;
  }
};

ForkMutex::ForkMutex() { ForkRegistry::instance().add(*this); }
ForkMutex::~ForkMutex() { ForkRegistry::instance().remove(*this); }

uint64_t fork_generation() { return ForkRegistry::instance().generation.load(std::memory_order_relaxed); }

}  // namespace tarry::runtime
