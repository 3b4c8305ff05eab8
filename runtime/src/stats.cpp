#include <tarry/runtime/fork.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <type_traits>

namespace tarry::runtime {
namespace {

// Static destructors of the user may still release arrays, so the counters must outlive them all.
static_assert(std::is_trivially_destructible_v<MemoryCounters> && std::is_trivially_destructible_v<Counters>);
constinit MemoryCounters live_memory;
/// What threads count that have none of their own: those that are about to end.
constinit Counters common{.shared = true};

void give_up_spare(Counters& of_thread) {
  const uint64_t spare = of_thread.spare_bytes.exchange(0, std::memory_order_relaxed);
  live_memory.bytes_live.fetch_sub(spare, std::memory_order_relaxed);
}

/// The counters of one thread, or of a thread that has ended and left them to the next one.
struct Block : Counters {
  Block* next = nullptr;  // of all
  bool taken = true;
};

struct Blocks {
  ForkMutex mutex;
  Block* first = nullptr;

  static Blocks& instance() {
    static constinit MadeOnce<Blocks> all;
    return all.get();
  }
  Block* take() {
    const std::lock_guard guard(mutex);
    for (Block* b = first; b; b = b->next)
      if (!b->taken) {
        b->taken = true;
        return b;
      }
    auto* b = new (std::nothrow) Block;
    if (!b) return nullptr;
    b->next = first;
    return first = b;
  }
  void give(Block* b) {
    const std::lock_guard guard(mutex);
    give_up_spare(*b);
    b->taken = false;
  }
  template <class Visit>
  void for_each(const Visit& visit) {
    const std::lock_guard guard(mutex);
    visit(common);
    for (Block* b = first; b; b = b->next) visit(*b);
  }
};

// A plain pointer, so that its use costs no guard and stays legal when the thread's destructors have run.
[[gnu::tls_model("initial-exec")]] constinit thread_local Counters* own = nullptr;

Counters& begin() {
  struct AtThreadEnd {
    Block* block = Blocks::instance().take();
    ~AtThreadEnd() {
      own = &common;
      if (block) Blocks::instance().give(block);
    }
  };
  static thread_local const AtThreadEnd mine;
  own = mine.block ? mine.block : &common;
  return *own;
}

/// What all threads counted when counters were last cleared: only a thread itself writes to its own.
constinit Stats at_last_reset;

Stats counted_ever() {
  Stats s;
  uint64_t spare = 0;
  Blocks::instance().for_each([&](const Counters& of_thread) {
    spare += of_thread.spare_bytes.load(std::memory_order_relaxed);
#define TARRY_ADD_COUNTER(name) s.name += of_thread.name.load(std::memory_order_relaxed);
    TARRY_EVENT_COUNTERS(TARRY_ADD_COUNTER)
#undef TARRY_ADD_COUNTER
  });
#define TARRY_READ_COUNTER(name) s.name = live_memory.name.load(std::memory_order_relaxed);
  TARRY_MEMORY_COUNTERS(TARRY_READ_COUNTER)
#undef TARRY_READ_COUNTER
  s.bytes_live -= std::min(spare, s.bytes_live);  // other threads go on meanwhile
  return s;
}

}  // namespace

Counters& counters() { return own ? *own : begin(); }
MemoryCounters& memory_counters() { return live_memory; }

uint64_t bytes_live() { return stats().bytes_live; }

void give_up_spare_bytes() { Blocks::instance().for_each(give_up_spare); }

Stats stats() {
  Stats s = counted_ever();
  const std::lock_guard guard(Blocks::instance().mutex);
#define TARRY_SUBTRACT_COUNTER(name) s.name -= std::min(at_last_reset.name, s.name);
  TARRY_EVENT_COUNTERS(TARRY_SUBTRACT_COUNTER)
#undef TARRY_SUBTRACT_COUNTER
  return s;
}

void reset_stats() {
  const Stats now = counted_ever();
  {
    const std::lock_guard guard(Blocks::instance().mutex);
    at_last_reset = now;
  }
  live_memory.bytes_peak.store(bytes_live(), std::memory_order_relaxed);
  live_memory.device_bytes_peak.store(live_memory.device_bytes_live.load(std::memory_order_relaxed),
                                      std::memory_order_relaxed);
}

}  // namespace tarry::runtime
