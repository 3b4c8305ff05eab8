#pragma once
/// Plans that were made before.

#include "kernel_cache.h"

#include <tarry/passes/plan.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace tarry::frontend {

struct CachedPlan {
  std::vector<uint64_t> words;  // the structure it was made for
  passes::Plan plan;
  std::vector<CachedKernel*> kernels;  // by step; null for library calls
};

/// The plan for this structure, or null. Structures are compared, not only hashed.
std::shared_ptr<const CachedPlan> find_plan(const std::vector<uint64_t>& words);

/// Adds a plan; the least recently used ones leave when the cache is full.
std::shared_ptr<const CachedPlan> add_plan(std::vector<uint64_t> words, passes::Plan plan);

}  // namespace tarry::frontend
