#include "plan_cache.h"

#include <tarry/runtime/cache.h>
#include <tarry/runtime/stats.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tarry::frontend {
namespace {

using Plans = runtime::Cache<std::vector<uint64_t>, const CachedPlan>;

/// Plans of long traces are large, so few of them are kept: those of loops that are cut now and then.
Plans& plans(size_t words) {
  static constinit runtime::MadeOnce<Plans> small, large;
  if (words <= kShortStructure) return small.get([] { return new Plans(512); });
  return large.get([] { return new Plans(8); });
}

uint64_t hash_of(const std::vector<uint64_t>& words) {
  return XXH3_64bits(words.data(), words.size() * sizeof(uint64_t));
}

}  // namespace

std::shared_ptr<const CachedPlan> plan_for(RecentPlans& recent, const std::vector<uint64_t>& structure,
                                           const std::function<passes::Plan()>& make) {
  runtime::Counters& count = runtime::counters();
  const uint64_t hash = hash_of(structure);
  if (auto known = recent.take(hash, structure)) {
    count.plans_hit.fetch_add(1, std::memory_order_relaxed);
    return known;
  }
  bool made = false;
  auto result = plans(structure.size()).find_or_make(
      hash, [&](const std::vector<uint64_t>& words) { return words == structure; }, [&] { return structure; },
      [&]() -> std::shared_ptr<const CachedPlan> {
        made = true;
        auto cached = std::make_shared<CachedPlan>();
        cached->structure = structure;
        cached->hash = hash;
        cached->plan = make();
        for (const passes::Step& step : cached->plan.steps) {
          const passes::KernelStep* kernel = std::get_if<passes::KernelStep>(&step.work);
          cached->kernels.push_back(kernel ? cached_kernel(kernel->kernel) : nullptr);
        }
        return cached;
      });
  (made ? count.plans_made : count.plans_hit).fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace tarry::frontend
