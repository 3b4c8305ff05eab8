#pragma once
/// Counters.

#include <atomic>
#include <cstdint>

namespace tarry::runtime {

#define TARRY_EVENT_COUNTERS(X)                                                      \
  X(ops_recorded)         /* ops appended to traces */                               \
  X(flushes)              /* times a trace was executed */                           \
  X(plans_made)           /* plans of flushes, or of pieces, made by the passes */   \
  X(plans_hit)            /* plans that were known */                                \
  X(kernels_launched)     /* kernels run, on any executor */                         \
  X(kernels_interpreted)  /* of these, by the interpreter */                         \
  X(kernels_compiled)     /* distinct kernels requested from LLVM, at the request */ \
  X(compile_microseconds) /* wall time inside LLVM */                                \
  X(library_calls)        /* BLAS and the like */                                    \
  X(disk_hits)            /* kernels found in the disk cache */                      \
  X(fallbacks)            /* ops run on the host for want of a device kernel */
#define TARRY_MEMORY_COUNTERS(X)                                     \
  X(bytes_live)        /* bytes of the host's buffers in use */      \
  X(bytes_peak)        /* highest bytes_live since the last reset */ \
  X(device_bytes_live) /* bytes of GPU memory in use */              \
  X(device_bytes_peak) /* highest device_bytes_live since the last reset */
#define TARRY_COUNTERS(X) TARRY_EVENT_COUNTERS(X) TARRY_MEMORY_COUNTERS(X)

/// A snapshot of the counters.
struct Stats {
#define TARRY_COUNTER_FIELD(name) uint64_t name = 0;
  TARRY_COUNTERS(TARRY_COUNTER_FIELD)
#undef TARRY_COUNTER_FIELD
};

/// What one thread has done. It alone writes to the counters.
struct alignas(64) Counters {
#define TARRY_COUNTER_ATOMIC(name) std::atomic<uint64_t> name{0};
  TARRY_EVENT_COUNTERS(TARRY_COUNTER_ATOMIC)
#undef TARRY_COUNTER_ATOMIC
  /// Bytes that the memory counters hold as live and no buffer has: released by this thread, which mostly wants as much
  /// again at once and then need not touch what all threads count in.
  std::atomic<uint64_t> spare_bytes{0};
  bool shared = false;  // by threads that have none of their own
};
/// The calling thread's: threads that do the same at once do not wait for each other's cache line.
Counters& counters();
/// Counts events of the calling thread.
inline void count(std::atomic<uint64_t> Counters::*events, uint64_t n = 1) {
  Counters& own = counters();
  std::atomic<uint64_t>& counter = own.*events;
  if (own.shared) [[unlikely]]
    counter.fetch_add(n, std::memory_order_relaxed);
  else
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

/// Of all threads, each on a cache line of its own. `bytes_live` has the spare bytes of all threads in it.
struct MemoryCounters {
#define TARRY_COUNTER_ATOMIC(name) alignas(64) std::atomic<uint64_t> name{0};
  TARRY_MEMORY_COUNTERS(TARRY_COUNTER_ATOMIC)
#undef TARRY_COUNTER_ATOMIC
};
MemoryCounters& memory_counters();
/// Bytes of the host's buffers in use.
uint64_t bytes_live();
/// Takes what threads hold spare out of the memory counters.
void give_up_spare_bytes();

Stats stats();
/// Zeroes all but what is live; peaks become what is live.
void reset_stats();

}  // namespace tarry::runtime
