#include <tarry/runtime/stats.h>

#include <type_traits>

namespace tarry::runtime {
namespace {

// Static destructors of the user may still release arrays, so the counters must outlive them all.
static_assert(std::is_trivially_destructible_v<Counters>);
constinit Counters live_counters;

}  // namespace

Counters& counters() { return live_counters; }

Stats stats() {
  Stats s;
#define TARRY_READ_COUNTER(name) s.name = live_counters.name.load(std::memory_order_relaxed);
  TARRY_COUNTERS(TARRY_READ_COUNTER)
#undef TARRY_READ_COUNTER
  return s;
}

void reset_stats() {
  const uint64_t live = live_counters.bytes_live.load(std::memory_order_relaxed);
#define TARRY_CLEAR_COUNTER(name) \
  if (&live_counters.name != &live_counters.bytes_live) live_counters.name.store(0, std::memory_order_relaxed);
  TARRY_COUNTERS(TARRY_CLEAR_COUNTER)
#undef TARRY_CLEAR_COUNTER
  live_counters.bytes_peak.store(live, std::memory_order_relaxed);
}

}  // namespace tarry::runtime
