#include "kernel_cache.h"

#include "compile_queue.h"

#include <tarry/device.h>
#include <tarry/runtime/cache.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

namespace tarry::frontend {
namespace {

/// Work after which a compilation pays, in points times nodes. A node takes some 0.03 ns for each point more in the
/// interpreter than compiled, so this is two milliseconds, and a compilation takes four and more: of a core that may be
/// idle. Where none is, a program of many kernels that run a few times each would take up to twice as long if these
/// were compiled.
constexpr uint64_t kWorthCompiling = 1u << 26;
/// What a run takes more in the interpreter than compiled however few points it has, 100 to 300 ns, as so much work.
constexpr uint64_t kWorkOfRun = 8192;
/// Work of a run, a third of a second and more, beside which a compilation hardly takes a processor from it.
constexpr uint64_t kLongRun = uint64_t{1} << 32;

/// Compiled kernels take rows one after the other, the interpreter short ones side by side: softmax and layer
/// normalisation of rows of 3 take it a fourth of the time, of 10 as long. A few rows are over before that counts.
constexpr int64_t kRowsSideBySide = 10, kPointsSideBySide = 512;

bool favours_interpreter(const LaunchSize& size) {
  return size.row < kRowsSideBySide && size.points >= kPointsSideBySide;
}

/// In nodes, each some 400 bytes with its instructions and its code.
struct NodesAndKernel {
  size_t operator()(const std::shared_ptr<const ir::Kernel>& kernel) const { return kernel->body.size() + 32; }
};
using Kernels = runtime::Cache<std::shared_ptr<const ir::Kernel>, CachedKernel, NodesAndKernel>;

Kernels& kernels() {
  static constinit runtime::MadeOnce<Kernels> k;
  return k.get([] { return new Kernels(size_t{1} << 18); });
}

}  // namespace

std::shared_ptr<CachedKernel> cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel) {
  return kernels().find_or_make(
      ir::hash(*kernel), [&](const auto& known) { return ir::equal(*known, *kernel); }, [&] { return kernel; },
      [&] { return std::make_shared<CachedKernel>(kernel); });
}

namespace {

std::shared_ptr<CachedKernel> known_kernel(const ir::Kernel& kernel) {
  return kernels().find(ir::hash(kernel), [&](const auto& k) { return ir::equal(*k, kernel); });
}

}  // namespace

LaunchSize launch_size(const ir::Kernel& kernel, std::span<const int64_t> extents, const codegen::Recount& recount) {
  const int64_t points = recount(ir::num_elements(extents));
  if (kernel.schedule != ir::Schedule::row) return {points, points};
  return {points, recount(ir::num_elements(extents.subspan(static_cast<size_t>(kernel.outer_rank))))};
}

std::string executor_text(const passes::KernelStep& step) {
  auto known = known_kernel(*step.kernel);
  if (!known) known = std::make_shared<CachedKernel>(std::make_shared<const ir::Kernel>(*step.kernel));
  return known->executor_text(launch_size(*step.kernel, step.extents));
}

std::string device_executor_text(const passes::Step& step, int device) {
  const Policy policy = current_policy();
  if (policy == Policy::host_only) return "runs on the host, copied there and back, as the policy host_only says";
  const std::string there = to_string(gpu(device));
  if (const std::string why = codegen::why_not_on_device(step); !why.empty())
    return (policy == Policy::device_only ? "refused, as the policy device_only says; " + there + " has no kernel: "
                                          : "runs on the host, copied there and back: ") +
           why;
  const auto* k = std::get_if<passes::KernelStep>(&step.work);
  if (!k) return "runs on " + there + (codegen::has_routine(step) ? "" : ", in cuBLAS");
  const auto known = known_kernel(*k->kernel);
  return (known && known->is_on_device(device) ? "runs on " : "will be compiled before it runs on ") + there;
}

std::string CachedKernel::executor_text(const LaunchSize& size) {
  const runtime::Tier tier = runtime::config().tier.load(std::memory_order_relaxed);
  if (tier == runtime::Tier::interpreter) return "runs in the interpreter, as TARRY_TIER says";
  if (tier != runtime::Tier::llvm && favours_interpreter(size))
    return "runs in the interpreter, which takes rows as short as these side by side";
  const std::lock_guard guard(mutex_);
  switch (state()) {
    case State::compiled: return "runs compiled";
    case State::refused: return "runs in the interpreter: it could not be compiled";
    case State::waiting:
    case State::compiling: return "runs in the interpreter until the compiler is done with it";
    case State::idle: break;
  }
  if (tier == runtime::Tier::llvm) return "will be compiled before it runs";
  const uint64_t percent = std::min<uint64_t>(100 * work_.load(std::memory_order_relaxed) / kWorthCompiling, 100);
  return "runs in the interpreter; has done " + std::to_string(percent) + " % of the work that is worth a compilation";
}

std::shared_ptr<const codegen::Executable> CachedKernel::choose(const LaunchSize& size) {
  const runtime::Tier tier = runtime::config().tier.load(std::memory_order_relaxed);
  if (tier == runtime::Tier::interpreter) return interpreted();
  if (!requested_.load(std::memory_order_relaxed) && !requested_.exchange(true))
    runtime::count(&runtime::Counters::kernels_compiled);
  if (tier != runtime::Tier::llvm && favours_interpreter(size)) return interpreted();
  if (auto executable = compiled()) return executable;
  if (tier == runtime::Tier::llvm)
    compile();
  else if (worth_compiling(size.points))
    want(size.points);
  if (auto executable = compiled()) return executable;
  return interpreted();
}

bool CachedKernel::worth_compiling(int64_t points) {
  const uint64_t now = static_cast<uint64_t>(points) * kernel_->body.size() + kWorkOfRun;
  return work_.fetch_add(now, std::memory_order_relaxed) + now > kWorthCompiling;
}

void CachedKernel::want(int64_t points) {
  if (static_cast<uint64_t>(points) * kernel_->body.size() > kLongRun) return request();
  wanted_.store(true, std::memory_order_relaxed);
}

std::shared_ptr<const codegen::Executable> CachedKernel::interpreted() {
  runtime::count(&runtime::Counters::kernels_interpreted);
  if (!ready_interpreted_.load(std::memory_order_acquire)) {
    const std::lock_guard guard(mutex_);
    if (!interpreted_) interpreted_ = codegen::interpreter().compile(*kernel_);
    ready_interpreted_.store(interpreted_.get(), std::memory_order_release);
  }
  return unowned(ready_interpreted_);
}

std::shared_ptr<codegen::DeviceKernel> CachedKernel::on_device() {
  const std::lock_guard guard(mutex_);
  if (!on_device_) on_device_ = std::make_shared<codegen::DeviceKernel>(kernel_);
  return on_device_;
}

bool CachedKernel::is_on_device(int device) {
  const std::lock_guard guard(mutex_);
  return on_device_ && on_device_->is_loaded(device);
}

void CachedKernel::request() {
  wanted_.store(false, std::memory_order_relaxed);
  {
    const std::lock_guard guard(mutex_);
    if (state() != State::idle) return;
    state_ = State::waiting;
    generation_ = runtime::fork_generation();
  }
  if (compile_later(shared_from_this())) return;
  const std::lock_guard guard(mutex_);
  state_ = State::idle;  // the system gave no thread or no memory; perhaps it does next time
}

bool CachedKernel::begin() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return state() != State::compiling; });
  if (state() == State::compiled || state() == State::refused) return false;
  state_ = State::compiling;
  generation_ = runtime::fork_generation();
  return true;
}

void CachedKernel::end(std::shared_ptr<const codegen::Executable> result) {
  const std::lock_guard guard(mutex_);
  state_ = result ? State::compiled : State::refused;
  compiled_ = std::move(result);
  ready_.store(compiled_.get(), std::memory_order_release);
  changed_.notify_all();
}

void CachedKernel::compile() {
  if (!begin()) return;
  const auto start = std::chrono::steady_clock::now();
  std::shared_ptr<const codegen::Executable> result;
  try {
    result = codegen::llvm_cpu().compile(*kernel_);
  } catch (const std::exception& e) {
    if (runtime::config().logs("compile")) std::fprintf(stderr, "tarry: a kernel stays interpreted: %s\n", e.what());
  } catch (...) {  // of a compiler that is not ours
  }
  end(std::move(result));
  const auto spent = std::chrono::steady_clock::now() - start;
  runtime::count(&runtime::Counters::compile_microseconds,
                 static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()));
}

}  // namespace tarry::frontend
