/// Which trace belongs to which thread, and how threads keep out of each other's way.

#include "flush.h"
#include "plan_cache.h"
#include "rehearsal.h"
#include "selection.h"
#include "trace.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/threads.h>

#include <sys/syscall.h>
#include <unistd.h>
#include <chrono>
#include <mutex>
#include <thread>

namespace tarry::frontend {

constinit thread_local Trace* own_trace = nullptr;

namespace {

runtime::ForkMutex& free_traces_mutex() {
  static constinit runtime::MadeOnce<runtime::ForkMutex> m;
  return m.get();
}
constinit Trace* free_traces = nullptr;
constinit std::mutex all_traces_mutex;
constinit Trace* all_traces = nullptr;

bool is_main_thread() { return syscall(SYS_gettid) == getpid(); }

}  // namespace

/// A fork waits until no thread is at work on a trace, so that in the child all of them are whole: that of the thread
/// that forked, which others may be reading, and those of threads that are gone.
struct TracesInForks {
  static void hold() {
    all_traces_mutex.lock();
    for (Trace* t = all_traces; t; t = t->next_of_all_)
      if (!held_by_forker(*t)) t->lock_.lock();
  }
  static void release() {
    for (Trace* t = all_traces; t; t = t->next_of_all_)
      if (!held_by_forker(*t)) t->lock_.unlock();
    all_traces_mutex.unlock();
  }

 private:
  /// A fork in the middle of a library's start-up code, say.
  static bool held_by_forker(const Trace& t) { return &t == own_trace && t.depth_ != 0; }
};

/// Ends a thread's trace. The main thread's lives on through static destructors.
struct ThreadEnd {
  ~ThreadEnd() {
    Trace* trace = own_trace;
    if (!trace || is_main_thread()) return;
    try {
      TraceLock lock(*trace);
      flush_all(*trace);
      for (uint32_t id = 0; id < trace->graph.size(); ++id)
        while (Cell* cell = trace->cells({id})) trace->unlink(*cell);
      trace->compact();
    } catch (const std::exception&) {
      own_trace = nullptr;  // whoever needs a value tries again; the trace is not used by a new thread
      return;
    }
    own_trace = nullptr;
    const std::lock_guard guard(free_traces_mutex());
    trace->next_free_ = free_traces;
    free_traces = trace;
  }
  static Trace& begin() {
    thread_local ThreadEnd end;
    (void)&end;
    {
      const std::lock_guard guard(free_traces_mutex());
      if (free_traces) {
        own_trace = free_traces;
        free_traces = own_trace->next_free_;
      }
    }
    if (!own_trace) own_trace = add();
    return *own_trace;
  }

 private:
  static Trace* add() {
    auto* trace = new Trace;
    const std::lock_guard guard(all_traces_mutex);
    if (!all_traces) runtime::hold_in_forks(TracesInForks::hold, TracesInForks::release);
    trace->next_of_all_ = all_traces;
    return all_traces = trace;
  }
};

void Lock::wait() {
  constexpr int kEagerTries = 100;
  constexpr std::chrono::microseconds kNap{50};
  for (int tries = 0; !try_lock(); ++tries) {
    if (tries < kEagerTries)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(kNap);
  }
}

Trace::Trace() = default;

Trace& begin_own_trace() {
  runtime::num_threads();  // looks into files of the system, which is not for the first computation to wait for
  Trace& trace = ThreadEnd::begin();
  rehearse(trace);
  return trace;
}

TraceUnlock::TraceUnlock(Trace& own) : trace_(own), depth_(own.depth_) {
  if (depth_ == 0) return;
  trace_.depth_ = 0;
  trace_.lock_.unlock();
}

TraceUnlock::~TraceUnlock() {
  if (depth_ == 0) return;
  trace_.lock_.lock();
  trace_.depth_ = depth_;
}

bool Trace::release_cell(Cell& cell) {
  if (this == own_trace) {
    if (!cell.linked()) return true;
    // It holds no memory, so it can wait until the lock is taken anyway.
    if (bury_later(cell)) return false;
    TraceLock lock(*this);
    unlink(cell);
    return true;
  }
  // Never waits: whoever holds that lock might be waiting for ours.
  if (lock_.try_lock()) {
    if (cell.linked()) unlink(cell);
    lock_.unlock();
    return true;
  }
  Cell* head = graveyard_.load(std::memory_order_relaxed);
  do {
    cell.bits = reinterpret_cast<uint64_t>(head);
  } while (!graveyard_.compare_exchange_weak(head, &cell, std::memory_order_release, std::memory_order_relaxed));
  return false;
}

void release_last(CellHead* head) noexcept {
  Cell& cell = *static_cast<Cell*>(head);
  // There may be another one at any moment.
  if (cell.watched && head->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Trace* home = cell.home.load(std::memory_order_relaxed);
  if (home == own_trace && home) {
    if (home->bury_later(cell)) return;
    if (!cell.linked()) return free_cell(cell);
  }
  destroy_cell(head);
}

void destroy_cell(CellHead* head) noexcept {
  Cell& cell = *static_cast<Cell*>(head);
  Trace* home = cell.home.load(std::memory_order_acquire);
  if (home && !home->release_cell(cell)) return;
  free_cell(cell);
}

}  // namespace tarry::frontend
