/// The pool is our own rather than a library's for three properties that have to hold together: a child process can
/// rebuild it after a fork, a thread that waits never runs foreign work, and a call that has one piece costs nothing.

#include <pthread.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/signals.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>

#include "machine.h"

namespace tarry::runtime {
namespace {

constexpr int kMaxLanes = 64;
constexpr int kMaxWorkers = 4096;
/// How long an idle worker watches before it sleeps. Waking a sleeping thread costs tens of microseconds, and kernels
/// tend to follow one another closely. After a moment, as long as a caller watches that waits for the last piece, it
/// lets other threads go first that have something to do.
constexpr auto kWatch = std::chrono::microseconds(300), kWatchAlone = std::chrono::microseconds(30);

void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Stores around the cache are not ordered by the release with which a thread leaves a job.
void order_streaming_stores() {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

/// How long a thread that is done leaves the others' pieces to them at most: what they work on mostly lies in their
/// caches, from which it comes more slowly than they need for it.
constexpr auto kPatience = std::chrono::microseconds(20);

/// Waits for `ready` for a short while without sleeping; says whether it came true.
template <class Ready>
bool watch(const Ready& ready, std::chrono::steady_clock::duration how_long) {
  const auto start = std::chrono::steady_clock::now();
  for (auto watched = how_long.zero(); watched < how_long;) {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      pause_processor();
    }
    watched = std::chrono::steady_clock::now() - start;
    if (watched > kWatchAlone) std::this_thread::yield();
  }
  return false;
}

/// One call of parallel_for, on the stack of its caller. Its pieces are dealt out to lanes as contiguous ranges, at
/// least two; a thread empties its own lane first and, after a moment, helps with the others. Every second job empties
/// its lanes from behind, and so begins where the one before it ended: that is in the caches yet, of arrays larger than
/// those.
class Job {
 public:
  Job(int64_t n, int64_t grain, int64_t pieces, int threads, FunctionRef<void(int64_t, int64_t)> body, Pieces how,
      FunctionRef<void()> prepare)
      : n_(n), grain_(grain), pieces_(pieces), body_(body), prepare_(prepare), in_runs_(how == Pieces::in_runs) {
    lanes_used_ = static_cast<int>(std::min<int64_t>({pieces, threads, kMaxLanes}));
    most_helpers_ = static_cast<int>(std::min<int64_t>(pieces, threads)) - 1;
    for (int i = 0; i < lanes_used_; ++i) {
      lanes_[i].begin = first_piece(i);
      lanes_[i].end = first_piece(i + 1);
    }
  }

  void empty_from_behind(bool from_behind) { from_behind_ = from_behind; }

  /// A worker that helps, at a lane that is not the caller's; false where it does not get what it needs.
  bool help(int worker) noexcept {
    try {
      prepare_();
    } catch (...) {
      return false;
    }
    work(1 + worker % (lanes_used_ - 1));
    trim_thread_scratch();
    return true;
  }

  /// Runs pieces until none is left to begin.
  void work(int lane) noexcept {
    const FloatEnvironment environment;
    const auto start = std::chrono::steady_clock::now();
    empty_lane(lanes_[lane]);
    if (in_runs_) {
      const std::chrono::steady_clock::duration worked = std::chrono::steady_clock::now() - start;
      watch([this] { return all_taken(); }, std::min<std::chrono::steady_clock::duration>(worked / 2, kPatience));
    }
    for (int i = 1; i < lanes_used_; ++i) empty_lane(lanes_[(lane + i) % lanes_used_]);
    order_streaming_stores();
  }

  bool wants_help() const { return helpers_ < most_helpers_ && !all_taken(); }

  int most_helpers() const { return most_helpers_; }
  std::exception_ptr exception() const { return exception_; }

  // Guarded by the pool's mutex, except that the caller watches `helping_`.
  Job* older_ = nullptr;
  int helpers_ = 0;              // threads that ever joined
  std::atomic<int> helping_{0};  // threads at work, the caller aside; a helper's last touch of the job

 private:
  struct alignas(64) Lane {
    std::atomic<int64_t> taken{0};
    int64_t begin = 0, end = 0;
    int64_t size() const { return end - begin; }
  };

  bool all_taken() const {
    for (int i = 0; i < lanes_used_; ++i)
      if (lanes_[i].taken.load(std::memory_order_relaxed) < lanes_[i].size()) return false;
    return true;
  }

  int64_t first_piece(int lane) const {
    return lane * (pieces_ / lanes_used_) + lane * (pieces_ % lanes_used_) / lanes_used_;
  }

  /// Takes a quarter of what is left, again and again: a thread that is done early takes no more from another one than
  /// that one is behind, since what it takes lies in the other's caches.
  void empty_lane(Lane& lane) noexcept {
    int64_t taken = lane.taken.load(std::memory_order_relaxed);
    while (taken < lane.size()) {
      const int64_t count = std::max<int64_t>(1, (lane.size() - taken) / 4);
      if (!lane.taken.compare_exchange_weak(taken, taken + count, std::memory_order_relaxed)) continue;
      const int64_t first = from_behind_ ? lane.end - taken - count : lane.begin + taken;
      run_pieces(first, first + count);
      taken = lane.taken.load(std::memory_order_relaxed);
    }
  }

  void run_pieces(int64_t first, int64_t last) noexcept {
    if (in_runs_) return run(first, last);
    for (int64_t i = 0; i < last - first; ++i) {
      const int64_t piece = from_behind_ ? last - 1 - i : first + i;
      run(piece, piece + 1);
    }
  }

  /// Pieces [first, last).
  void run(int64_t first, int64_t last) noexcept {
    if (failed_.load(std::memory_order_relaxed)) return;
    try {
      body_(first * grain_, last == pieces_ ? n_ : last * grain_);
    } catch (...) {
      const std::lock_guard lock(exception_mutex_);
      if (!exception_ || first < exception_piece_) {
        exception_ = std::current_exception();
        exception_piece_ = first;
      }
      failed_.store(true, std::memory_order_relaxed);
    }
  }

  const int64_t n_, grain_, pieces_;
  const FunctionRef<void(int64_t, int64_t)> body_;
  const FunctionRef<void()> prepare_;
  const bool in_runs_;
  bool from_behind_ = false;
  int lanes_used_ = 0, most_helpers_ = 0;
  std::atomic<bool> failed_{false};
  std::mutex exception_mutex_;
  std::exception_ptr exception_;
  int64_t exception_piece_ = 0;
  std::array<Lane, kMaxLanes> lanes_;
};

class Pool {
 public:
  void run(Job& job) {
    publish(job);
    job.work(0);
    withdraw(job);
    const auto alone = [&] { return job.helping_.load(std::memory_order_acquire) == 0; };
    if (alone() || watch(alone, kWatchAlone)) return;
    std::unique_lock lock(mutex_);
    helper_left_.wait(lock, alone);
  }

  /// Whether there are threads, or, with so many more pieces, there ever was enough for them to do.
  bool worth_spreading(int64_t pieces) {
    constexpr int64_t kEnough = 16;
    if (asked_.load(std::memory_order_relaxed) > kEnough) [[likely]]
      return true;
    return asked_.fetch_add(std::min(pieces, 2 * kEnough), std::memory_order_relaxed) + pieces > kEnough;
  }

  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  void publish(Job& job) {
    int sleepers = 0;
    {
      const std::lock_guard lock(mutex_);
      while (workers_ < job.most_helpers() && workers_ < kMaxWorkers && start_worker(workers_)) ++workers_;
      job.older_ = newest_;
      newest_ = &job;
      const uint64_t earlier = published_.fetch_add(1, std::memory_order_release);
      job.empty_from_behind(earlier % 2 == 1);
      sleepers = std::min(sleeping_, job.most_helpers());
    }
    if (sleepers == 1) job_came_.notify_one();
    if (sleepers > 1) job_came_.notify_all();
  }

  void withdraw(Job& job) {
    const std::lock_guard lock(mutex_);
    Job** link = &newest_;
    while (*link != &job) link = &(*link)->older_;
    *link = job.older_;
  }

  /// False when the system gives no thread; work then goes on with those there are.
  bool start_worker(int id) {
    const SignalsBlocked blocked;
    try {
      std::thread([this, id] { serve(id); }).detach();
      return true;
    } catch (const std::exception&) {  // a system_error, or no memory for what the thread starts with
      return false;
    }
  }

  Job* find_job() {
    // The newest first: it is the innermost, which others wait for.
    Job* job = newest_;
    while (job && !job->wants_help()) job = job->older_;
    return job;
  }

  void serve(int id) {
    pthread_setname_np(pthread_self(), "tarry worker");
    std::unique_lock lock(mutex_);
    uint64_t refused = 0;  // what was published when it got no memory: it waits for something else
    for (;;) {
      const uint64_t seen = published_.load(std::memory_order_relaxed);
      if (Job* job = seen == refused ? nullptr : find_job()) {
        ++job->helpers_;
        job->helping_.fetch_add(1, std::memory_order_relaxed);
        lock.unlock();
        const bool helped = job->help(id);
        lock.lock();
        if (!helped) {
          refused = seen;
          --job->helpers_;
        }
        if (job->helping_.fetch_sub(1, std::memory_order_release) == 1) helper_left_.notify_all();
        continue;
      }
      const auto news = [&] { return published_.load(std::memory_order_acquire) != seen; };
      lock.unlock();
      const bool came = watch(news, kWatch);
      lock.lock();
      if (came) continue;
      ++sleeping_;
      job_came_.wait(lock, news);
      --sleeping_;
    }
  }

  std::mutex mutex_;
  std::condition_variable job_came_, helper_left_;
  Job* newest_ = nullptr;
  std::atomic<uint64_t> published_{0};
  std::atomic<int64_t> asked_{0};  // pieces of jobs, until threads were started
  int workers_ = 0, sleeping_ = 0;
};

/// A fork waits until no thread is in the middle of a change to the pool; the child, where no worker survived, makes it
/// anew in place.
class SharedPool final : ForkParticipant {
 public:
  SharedPool() { join(); }
  ~SharedPool() { leave(); }
  Pool& pool() { return pool_; }

 private:
  bool hold() override { return pool_.try_lock(); }
  void release() override { pool_.unlock(); }
  void release_in_child() override { new (&pool_) Pool; }
  Pool pool_;
};

Pool& pool() {
  static constinit MadeOnce<SharedPool> shared;
  return shared.get().pool();
}

std::atomic<int> threads_wanted{0};  // 0: not known yet

void run_in_order(int64_t n, int64_t grain, int64_t pieces, FunctionRef<void(int64_t, int64_t)> body) {
  const FloatEnvironment environment;
  for (int64_t piece = 0; piece < pieces; ++piece) body(piece * grain, piece + 1 == pieces ? n : (piece + 1) * grain);
}

}  // namespace

int num_threads() {
  int n = threads_wanted.load(std::memory_order_relaxed);
  if (n == 0) [[unlikely]] {
    n = config().num_threads ? config().num_threads : usable_cores();
    threads_wanted.store(n, std::memory_order_relaxed);
  }
  return n;
}

void set_num_threads(int n) { threads_wanted.store(std::clamp(n, 1, kMaxWorkers), std::memory_order_relaxed); }

bool worth_spreading(int64_t pieces) { return pool().worth_spreading(pieces); }

void make_thread_pool() {
  pool();
  num_threads();
}

void parallel_for(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body, Pieces how) {
  parallel_for(n, grain, body, how, [] {});
}

void parallel_for(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body, Pieces how,
                  FunctionRef<void()> prepare) {
  if (n <= 0) return;
  prepare();
  grain = std::max<int64_t>(grain, 1);
  if (n - grain < grain) {
    const FloatEnvironment environment;
    body(0, n);
    return;
  }
  const int64_t pieces = n / grain;
  const int threads = num_threads();
  if (threads == 1) return run_in_order(n, grain, pieces, body);
  Job job(n, grain, pieces, threads, body, how, prepare);
  pool().run(job);
  if (job.exception()) std::rethrow_exception(job.exception());
}

}  // namespace tarry::runtime
