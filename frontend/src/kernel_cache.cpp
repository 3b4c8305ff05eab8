#include "kernel_cache.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <unordered_map>

namespace tarry::frontend {
namespace {

/// Work after which a compilation (some milliseconds) pays: about as long a time in the interpreter.
constexpr uint64_t kWorthCompiling = 1u << 20;

struct Kernels {
  std::mutex mutex;
  std::unordered_multimap<uint64_t, std::unique_ptr<CachedKernel>> by_hash;
};
Kernels& kernels() {
  static Kernels& k = *new Kernels;
  return k;
}

}  // namespace

CachedKernel& cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel) {
  const uint64_t hash = ir::hash(*kernel);
  Kernels& all = kernels();
  std::lock_guard guard(all.mutex);
  auto [first, last] = all.by_hash.equal_range(hash);
  for (auto i = first; i != last; ++i)
    if (ir::equal(i->second->kernel(), *kernel)) return *i->second;
  return *all.by_hash.emplace(hash, std::make_unique<CachedKernel>(kernel))->second;
}

std::shared_ptr<const codegen::Executable> CachedKernel::choose(int64_t points) {
  const uint64_t now = static_cast<uint64_t>(points) * kernel_->body.size();
  const uint64_t work = work_.fetch_add(now, std::memory_order_relaxed) + now;
  std::lock_guard guard(mutex_);
  switch (runtime::config().tier.load(std::memory_order_relaxed)) {
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
  if (!refused_) {
    try {
      compiled_ = codegen::llvm_cpu().compile(*kernel_);
      return compiled_;
    } catch (const Error&) {
      refused_ = true;
    }
  }
  return interpreted();
}

}  // namespace tarry::frontend
