#include "compile_queue.h"

#include "kernel_cache.h"

#include <tarry/codegen/backend.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/signals.h>

#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace tarry::frontend {
namespace {

/// Never destroyed, as its thread may outlive every other object.
class CompileQueue {
 public:
  static CompileQueue& instance() {
    static constinit runtime::MadeOnce<CompileQueue> queue;
    return queue.get();
  }

  void add(std::shared_ptr<CachedKernel> kernel) {
    codegen::stop_compiler_at_exit();
    const std::lock_guard guard(mutex_);
    forget_parent();
    if (!running_) start();
    waiting_.push_back(std::move(kernel));
    changed_.notify_all();
  }

  void finish() {
    std::unique_lock lock(mutex_);
    forget_parent();
    changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
  }

 private:
  /// In the child of a fork: the thread stayed behind, and what it was asked for is asked for again.
  void forget_parent() {
    if (std::exchange(generation_, runtime::fork_generation()) == runtime::fork_generation()) return;
    running_ = busy_ = false;
    waiting_.clear();
  }

  void start() {
    if (!codegen::is_room_for_compiler()) throw DeviceError("there is no memory for a thread that compiles");
    const runtime::SignalsBlocked blocked;
    std::thread([this] { work(); }).detach();
    running_ = true;
  }

  [[noreturn]] void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return !waiting_.empty(); });
      std::shared_ptr<CachedKernel> next = std::move(waiting_.front());
      waiting_.pop_front();
      busy_ = true;
      lock.unlock();
      next->compile();
      next.reset();
      lock.lock();
      busy_ = false;
      changed_.notify_all();
    }
  }

  runtime::ForkMutex mutex_;
  runtime::ForkCondition changed_;
  std::deque<std::shared_ptr<CachedKernel>> waiting_;
  uint64_t generation_ = runtime::fork_generation();
  bool running_ = false;
  bool busy_ = false;
};

}  // namespace

bool compile_later(std::shared_ptr<CachedKernel> kernel) try {
  CompileQueue::instance().add(std::move(kernel));
  return true;
} catch (const std::exception&) {
  return false;
}
void empty_compile_queue() { CompileQueue::instance().finish(); }

}  // namespace tarry::frontend
