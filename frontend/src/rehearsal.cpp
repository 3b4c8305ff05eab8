#include "rehearsal.h"

#include "place.h"
#include "plan_cache.h"
#include "trace.h"

#include <tarry/insight.h>
#include <tarry/numpy.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace tarry::frontend {
namespace {

/// What the thread counts in the scope does not count.
class Uncounted {
 public:
  Uncounted() : own_(runtime::counters()), peak_(runtime::memory_counters().bytes_peak.load()) {
    size_t i = 0;
#define TARRY_KEEP_COUNTER(name) before_[i++] = own_.name.load(std::memory_order_relaxed);
    TARRY_EVENT_COUNTERS(TARRY_KEEP_COUNTER)
#undef TARRY_KEEP_COUNTER
  }
  ~Uncounted() {
    size_t i = 0;
#define TARRY_RESTORE_COUNTER(name) own_.name.store(before_[i++], std::memory_order_relaxed);
    TARRY_EVENT_COUNTERS(TARRY_RESTORE_COUNTER)
#undef TARRY_RESTORE_COUNTER
    runtime::memory_counters().bytes_peak.store(std::max(peak_, runtime::bytes_live()));
  }
  Uncounted(const Uncounted&) = delete;

 private:
#define TARRY_COUNT_COUNTER(name) +1
  static constexpr size_t kCounters = 0 TARRY_EVENT_COUNTERS(TARRY_COUNT_COUNTER);
#undef TARRY_COUNT_COUNTER
  runtime::Counters& own_;
  const uint64_t peak_;
  std::array<uint64_t, kCounters> before_;
};

bool is_wanted() {
  const runtime::Config& config = runtime::config();
  // Who wants to see all that is planned, or compiles everything, shall not see this.
  return config.dump.empty() && config.tier.load() != runtime::Tier::llvm && current_place() == 0;
}

/// Ops element by element, and rows with folds along them; neither is a program that anybody would write.
void compute() {
  namespace np = numpy;
  const float numbers[] = {1, 2, 3, 4};
  const std::span<const float> four(numbers);
  const Array x = np::array(four, {2, 2}), y = np::array(four, {2, 2});
  Array z = np::copysign((x * y + 0.5) * x - np::maximum(x, y) / 2.0, y);
  evaluate({&z});
  const Array e = np::exp(np::copysign(z, x) - np::max(x, 1, keepdims));
  z = np::copysign(e / np::sum(e, 1, keepdims), y);
  evaluate({&z});
}

/// Fresh pages of the heap, as many as a few plans take.
void touch_heap() {
  constexpr size_t kBytes = 96 << 10;  // less than what glibc maps by itself, or gives back
  if (void* memory = std::malloc(kBytes)) {
    std::memset(memory, 1, kBytes);
    // The compiler knows malloc, and that nobody reads this.
    asm volatile("" : : "r"(memory) : "memory");
    std::free(memory);
  }
}

}  // namespace

void rehearse(Trace& own) noexcept {
  static constinit std::atomic<bool> done{false};
  if (done.load(std::memory_order_relaxed)) return;
  try {
    if (!is_wanted() || done.exchange(true)) return;
    const Uncounted scope;
    compute();
    own.ops_recorded = 0;
  } catch (const std::exception&) {
    // Whoever computes next meets what went wrong, if it is still there.
  }
  TraceLock lock(own);
  own.worth_storing.clear();
  own.compact();
  touch_heap();
}

}  // namespace tarry::frontend
