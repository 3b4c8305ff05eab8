#pragma once
/// Plans that were made before.

#include "kernel_cache.h"

#include <tarry/passes/plan.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace tarry::frontend {

struct CachedPlan {
  passes::Plan plan;
  std::vector<std::shared_ptr<CachedKernel>> kernels;  // by step; null for library calls
};

/// The plan for this structure; structures are compared, not only hashed. `make` is called when there is none.
std::shared_ptr<const CachedPlan> plan_for(const std::vector<uint64_t>& structure,
                                           const std::function<passes::Plan()>& make);

}  // namespace tarry::frontend
