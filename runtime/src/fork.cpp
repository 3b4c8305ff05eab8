#include <pthread.h>
#include <tarry/runtime/fork.h>
#include <time.h>

#include <atomic>

namespace tarry::runtime {

/// All participants there are. Ready before any constructor runs, and never destroyed.
struct ForkRegistry {
  std::mutex mutex;   // guards the list
  std::mutex making;  // see ForkMaking
  ForkParticipant* first = nullptr;
  std::atomic<uint64_t> generation{0};
  struct Outermost {
    void (*hold)();
    void (*release)();
  };
  std::atomic<const Outermost*> outermost{nullptr};
  const Outermost* held_outermost = nullptr;  // by the fork under way
  bool made_by_forker = false;                // the same

  /// Holds the mutexes and all participants, or nothing.
  bool try_hold();
  void before_fork();
  void after_fork(bool in_child);
};

namespace {

constinit ForkRegistry registry;
constinit thread_local int making_depth = 0;

[[maybe_unused]] const bool registered =
    pthread_atfork([] { registry.before_fork(); }, [] { registry.after_fork(false); },
                   [] { registry.after_fork(true); }) == 0;

}  // namespace

bool ForkRegistry::try_hold() {
  // A fork inside of the making of something, by a library's start-up code say, holds that lock already.
  made_by_forker = making_depth > 0;
  if (!made_by_forker && !making.try_lock()) return false;
  ForkParticipant* refused = nullptr;
  const bool listed = mutex.try_lock();
  if (listed) {
    refused = first;
    while (refused && refused->hold()) refused = refused->after_;
    if (!refused) return true;
    for (ForkParticipant* p = first; p != refused; p = p->after_) p->release();
    mutex.unlock();
  }
  if (!made_by_forker) making.unlock();
  return false;
}

void ForkRegistry::before_fork() {
  const Outermost* first_held = outermost.load();
  if (first_held) first_held->hold();
  constexpr timespec kPause{0, 50'000};
  while (!try_hold()) nanosleep(&kPause, nullptr);
  held_outermost = first_held;
}

void ForkRegistry::after_fork(bool in_child) {
  if (in_child) generation.fetch_add(1, std::memory_order_relaxed);
  for (ForkParticipant* p = first; p; p = p->after_) in_child ? p->release_in_child() : p->release();
  const Outermost* const last_released = held_outermost;
  mutex.unlock();
  if (!made_by_forker) making.unlock();
  if (last_released) last_released->release();
}

void ForkParticipant::join() {
  const std::lock_guard lock(registry.mutex);
  after_ = registry.first;
  if (after_) after_->before_ = this;
  registry.first = this;
}

void ForkParticipant::leave() {
  const std::lock_guard lock(registry.mutex);
  (before_ ? before_->after_ : registry.first) = after_;
  if (after_) after_->before_ = before_;
}

ForkMaking::ForkMaking() {
  if (making_depth == 0) registry.making.lock();
  ++making_depth;
}
ForkMaking::~ForkMaking() {
  if (--making_depth == 0) registry.making.unlock();
}

void hold_in_forks(void (*hold)(), void (*release)()) {
  registry.outermost = new ForkRegistry::Outermost{hold, release};
}

uint64_t fork_generation() { return registry.generation.load(std::memory_order_relaxed); }

}  // namespace tarry::runtime
