#include "kernel_cache.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/cache.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <chrono>
#include <cstdio>

namespace tarry::frontend {
namespace {

/// Work after which a compilation (some milliseconds) pays: about as long a time in the interpreter.
constexpr uint64_t kWorthCompiling = 1u << 20;

using Kernels = runtime::Cache<std::shared_ptr<const ir::Kernel>, CachedKernel>;

Kernels& kernels() {
  static Kernels& k = *new Kernels(4096);
  return k;
}

}  // namespace

std::shared_ptr<CachedKernel> cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel) {
  return kernels().find_or_make(
      ir::hash(*kernel), [&](const auto& known) { return ir::equal(*known, *kernel); }, [&] { return kernel; },
      [&] { return std::make_shared<CachedKernel>(kernel); });
}

std::shared_ptr<const codegen::Executable> CachedKernel::choose(int64_t points) {
  const uint64_t now = static_cast<uint64_t>(points) * kernel_->body.size();
  const uint64_t work = work_.fetch_add(now, std::memory_order_relaxed) + now;
  const std::lock_guard guard(mutex_);
  const runtime::Tier tier = runtime::config().tier.load(std::memory_order_relaxed);
  if (tier != runtime::Tier::interpreter && !requested_) {
    requested_ = true;
    runtime::counters().kernels_compiled.fetch_add(1, std::memory_order_relaxed);
  }
  switch (tier) {
    case runtime::Tier::interpreter: return interpreted();
    case runtime::Tier::llvm: return compiled();
    case runtime::Tier::automatic: return work > kWorthCompiling ? compiled() : interpreted();
  }
  return interpreted();
}

std::shared_ptr<const codegen::Executable> CachedKernel::interpreted() {
  runtime::counters().kernels_interpreted.fetch_add(1, std::memory_order_relaxed);
  if (!interpreted_) interpreted_ = codegen::interpreter().compile(*kernel_);
  return interpreted_;
}

std::shared_ptr<const codegen::Executable> CachedKernel::compiled() {
  if (compiled_) return compiled_;
  if (refused_) return interpreted();
  runtime::Counters& count = runtime::counters();
  const auto start = std::chrono::steady_clock::now();
  try {
    compiled_ = codegen::llvm_cpu().compile(*kernel_);
  } catch (const Error& e) {
    refused_ = true;
    if (!runtime::config().log.empty()) std::fprintf(stderr, "tarry: a kernel stays interpreted: %s\n", e.what());
  }
  const auto spent = std::chrono::steady_clock::now() - start;
  count.compile_microseconds.fetch_add(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()),
      std::memory_order_relaxed);
  return refused_ ? interpreted() : compiled_;
}

}  // namespace tarry::frontend
