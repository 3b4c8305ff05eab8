#pragma once
/// Plans that were made before.

#include "kernel_cache.h"

#include <tarry/passes/plan.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace tarry::frontend {

struct CachedPlan {
  std::vector<uint64_t> structure;
  uint64_t hash = 0;
  passes::Plan plan;
  std::vector<std::shared_ptr<CachedKernel>> kernels;  // by step; null for library calls
};

/// The plans that a trace ran lately: found without a lock, and without touching what other threads count references in.
class RecentPlans {
 public:
  /// Takes the plan out.
  std::shared_ptr<const CachedPlan> take(uint64_t hash, const std::vector<uint64_t>& structure) {
    std::shared_ptr<const CachedPlan>& kept = plans_[hash % kCount];
    if (!kept || kept->hash != hash || kept->structure != structure) return nullptr;
    return std::move(kept);
  }
  void keep(std::shared_ptr<const CachedPlan> plan) { plans_[plan->hash % kCount] = std::move(plan); }

 private:
  static constexpr size_t kCount = 64;
  std::array<std::shared_ptr<const CachedPlan>, kCount> plans_;
};

/// Up to this many words a structure is one of many; longer ones belong to long traces that are cut now and then.
inline constexpr size_t kShortStructure = 8192;

/// The plan for this structure, among the recent ones or those of the process; structures are compared, not only hashed.
/// `make` is called when there is none.
std::shared_ptr<const CachedPlan> plan_for(RecentPlans& recent, const std::vector<uint64_t>& structure,
                                           const std::function<passes::Plan()>& make);

}  // namespace tarry::frontend
