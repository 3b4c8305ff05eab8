#pragma once
/// Kernels that were asked for before, and which executor runs them.

#include <tarry/codegen/backend.h>
#include <tarry/codegen/device.h>
#include <tarry/codegen/execute.h>
#include <tarry/ir/kernel.h>
#include <tarry/passes/plan.h>
#include <tarry/runtime/fork.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace tarry::frontend {

/// How many points a launch goes over, and how many of them are a row, where the kernel takes a row at a time: else
/// all.
struct LaunchSize {
  int64_t points, row;
};
LaunchSize launch_size(const ir::Kernel& kernel, std::span<const int64_t> extents,
                       const codegen::Recount& recount = codegen::kAsPlanned);

/// One kernel and its executables.
class CachedKernel : public std::enable_shared_from_this<CachedKernel> {
 public:
  explicit CachedKernel(std::shared_ptr<const ir::Kernel> kernel) : kernel_(std::move(kernel)) {}
  const ir::Kernel& kernel() const { return *kernel_; }

  /// The executable for a launch. By TARRY_TIER: the interpreter; LLVM; or both: the kernel is requested from LLVM at
  /// its first launch, the request is served in the background once its launches together are worth a compilation, and
  /// until then, and where LLVM is not to be had or fails on this kernel, the interpreter runs; and where rows are so
  /// short that it is faster.
  std::shared_ptr<const codegen::Executable> choose(const LaunchSize& size);
  /// To be called after a run: requests what choose() found worth it. The compiler's thread does not take a core from
  /// the run that waits for an answer.
  void request_if_wanted() {
    if (wanted_.load(std::memory_order_relaxed)) [[unlikely]]
      request();
  }

  /// For GPUs.
  std::shared_ptr<codegen::DeviceKernel> on_device();

  /// Who would run a launch of it on the host now, and what it waits for, in words.
  std::string executor_text(const LaunchSize& size);
  /// Whether GPU `device` has it.
  bool is_on_device(int device);
  /// Compiles it, unless that was done; another thread that does so already is waited for.
  void compile();

 private:
  enum class State : uint8_t { idle, waiting, compiling, compiled, refused };
  bool worth_compiling(int64_t points);
  void want(int64_t points);
  std::shared_ptr<const codegen::Executable> compiled() const { return unowned(ready_); }
  std::shared_ptr<const codegen::Executable> interpreted();
  /// Executables live as long as their kernel: those who run them need not count references, which threads that run the
  /// same kernel at once would do in one place.
  using Ready = std::atomic<const codegen::Executable*>;
  static std::shared_ptr<const codegen::Executable> unowned(const Ready& ready) {
    return {std::shared_ptr<void>(), ready.load(std::memory_order_acquire)};
  }
  void request();
  /// Whether the calling thread is to compile it.
  bool begin();
  void end(std::shared_ptr<const codegen::Executable> result);
  /// What a thread of the process before a fork was asked for, or was at, nobody will finish.
  State state() const { return generation_ == runtime::fork_generation() ? state_ : settled(); }
  State settled() const { return state_ == State::waiting || state_ == State::compiling ? State::idle : state_; }

  std::shared_ptr<const ir::Kernel> kernel_;
  std::atomic<uint64_t> work_{0};       // points times ops, of all launches
  std::atomic<bool> requested_{false};  // from LLVM, and counted
  std::atomic<bool> wanted_{false};     // to be compiled, once the run is over
  runtime::ForkMutex mutex_;            // never held while anything is compiled
  runtime::ForkCondition changed_;
  std::shared_ptr<const codegen::Executable> interpreted_, compiled_;
  std::shared_ptr<codegen::DeviceKernel> on_device_;
  Ready ready_interpreted_{nullptr}, ready_{nullptr};  // the same, when they are there
  State state_ = State::idle;
  uint64_t generation_ = 0;  // of processes, when it was set
};

/// That of the process for kernels equal to this one.
std::shared_ptr<CachedKernel> cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel);
/// Who would run a step's kernel on the host now, in words; a kernel that never ran is not kept.
std::string executor_text(const passes::KernelStep& step);
/// Who would run a step on GPU `device`, under the policy of the calling thread.
std::string device_executor_text(const passes::Step& step, int device);

}  // namespace tarry::frontend
