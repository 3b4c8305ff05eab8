/// The exported functions. The first hands requests to a thread that has room for LLVM's recursion. Where LLVM
/// gives up, that thread sleeps for ever, its request fails, and the next one gets a fresh thread. When
/// the process ends, a compile under way stops before LLVM's next pass: nobody waits for its end.

#include <tarry/ir/error.h>
#include <tarry/runtime/signals.h>

#include <llvm/Support/ErrorHandling.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "llvm/compiler.h"

namespace tarry::codegen {
namespace {

constexpr size_t kStackBytes = size_t{64} << 20;

struct Job {
  const CompileRequest* request;
  std::string result;
  char error[500] = "";  // in place: there may be no memory for it
  bool failed = false;
  bool about_machine = false;
  bool done = false;

  void fail(const char* why, const char* more = "") {
    std::snprintf(error, sizeof error, "%s%s", why, more);
    failed = true;
  }
};

/// Set when memory ran out inside of LLVM, which then is left as it was and may hold its own locks: it is not called
/// again.
std::atomic<bool> out_of_memory{false};
constexpr char kOutOfMemory[] = "LLVM ran out of memory";

/// Set when the process ends: whatever a worker was about to begin, it does not.
std::atomic<bool> stopping{false};

/// A thread that compiles one job after the other.
class Worker {
 public:
  /// False when the system gives no thread.
  bool start() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    const runtime::SignalsBlocked blocked;
    const int failed = pthread_create(
        &thread, &attributes, [](void* self) -> void* { static_cast<Worker*>(self)->loop(); }, this);
    pthread_attr_destroy(&attributes);
    return failed == 0;
  }

  /// Runs a job to its end. One caller at a time. At the end of the process it does not return.
  void run(Job& job) {
    std::unique_lock lock(mutex_);
    job_ = &job;
    changed_.notify_all();
    changed_.wait(lock, [&] { return job.done; });
  }

  /// Called on the worker's own thread, between two passes.
  void stop_if_asked() {
    if (!stopping.load()) return;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    for (;;) pause();
  }

  /// Once `stopping` is set: returns when no job is running any more; none will begin.
  void wait_until_stopped() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !job_ || stopped_; });
  }

  /// Whether its thread is there and takes jobs. A fork leaves the child none.
  bool works() const { return !parked_ && is_of_this_process(); }
  bool is_of_this_process() const { return process_ == getpid(); }

  /// Called on the worker's own thread where LLVM cannot go on.
  [[noreturn]] void park(const char* why) {
    {
      std::unique_lock lock(mutex_);
      parked_ = true;
      job_->fail("LLVM gave up: ", why);
      finish(*job_);
    }
    for (;;) pause();
  }

 private:
  [[noreturn]] void loop();

  void finish(Job& job) {
    job.done = true;
    job_ = nullptr;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Job* job_ = nullptr;
  bool parked_ = false;
  bool stopped_ = false;
  const pid_t process_ = getpid();
};

thread_local Worker* current = nullptr;

void on_fatal_error(void*, const char* why, bool) {
  if (current) current->park(why);
}

void on_bad_alloc(void*, const char*, bool) {
  out_of_memory = true;
  if (current) current->park(kOutOfMemory);
}

void compile(Compiler& compiler, Job& job) {
  try {
    job.result = compiler.run(*job.request);
  } catch (const DeviceError& e) {
    job.fail(e.what());
    job.about_machine = true;
  } catch (const std::bad_alloc&) {
    out_of_memory = true;
    job.fail(kOutOfMemory);
  } catch (const std::exception& e) {
    job.fail(e.what());
  } catch (...) {
    job.fail("unknown exception");
  }
}

void Worker::loop() {
  current = this;
  Compiler compiler([] { current->stop_if_asked(); });
  for (;;) {
    Job* job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return job_ != nullptr; });
      job = job_;
    }
    stop_if_asked();
    compile(compiler, *job);
    std::unique_lock lock(mutex_);
    finish(*job);
  }
}

/// Workers are never destroyed: their threads may outlive every other object.
struct Workers {
  std::mutex mutex;
  std::atomic<Worker*> worker{nullptr};
  bool has_handlers = false;

  void run(Job& job) {
    std::unique_lock lock(mutex);
    if (out_of_memory) return job.fail(kOutOfMemory, " before");
    Worker* at_work = worker;
    if (!at_work || !at_work->works()) at_work = start_another();
    if (at_work) return at_work->run(job);
    job.fail("no thread for the compiler");
    job.about_machine = true;
  }

 private:
  /// Null when the system gives no thread.
  Worker* start_another() {
    worker = nullptr;
    if (!std::exchange(has_handlers, true)) {
      llvm::install_fatal_error_handler(on_fatal_error);
      llvm::install_bad_alloc_error_handler(on_bad_alloc);
    }
    auto another = std::make_unique<Worker>();
    if (another->start()) worker = another.release();
    return worker;
  }
};

/// No fork happens during a compile (see cpu/compiler_library.cpp), so that a child finds the mutex free.
Workers& workers() {
  static Workers* const all = new Workers;
  return *all;
}

}  // namespace
}  // namespace tarry::codegen

extern "C" __attribute__((visibility("default"))) void tarry_llvm_compile(const tarry::codegen::CompileRequest* request,
                                                                          const tarry::codegen::CompileSink* sink) {
  tarry::codegen::Job job;
  job.request = request;
  try {
    tarry::codegen::workers().run(job);
  } catch (const std::exception& e) {
    job.fail(e.what());
  }
  if (job.failed) {
    sink->failed(sink->self, job.error, job.about_machine);
  } else {
    sink->result(sink->self, job.result.data(), job.result.size());
  }
}

extern "C" __attribute__((visibility("default"))) void tarry_llvm_stop() {
  tarry::codegen::stopping = true;
  tarry::codegen::Worker* const worker = tarry::codegen::workers().worker;
  if (worker && worker->is_of_this_process()) worker->wait_until_stopped();
}
