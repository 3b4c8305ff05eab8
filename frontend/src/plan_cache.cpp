#include "plan_cache.h"

#include "flat_plan.h"

#include <tarry/runtime/cache.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <optional>
#include <utility>

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

std::shared_ptr<CachedPlan> new_plan(const Selection& s, uint64_t hash, passes::Plan plan) {
  auto cached = std::make_shared<CachedPlan>();
  cached->structure = s.words;
  cached->starts.assign(s.starts.begin(), s.starts.end() - 1);
  cached->outputs = s.starts.back();
  cached->hash = hash;
  cached->plan = std::move(plan);
  return cached;
}

std::shared_ptr<CachedPlan> make_new(const Selection& s, uint64_t hash, const std::function<passes::Plan()>& make) {
  auto cached = new_plan(s, hash, make());
  for (const passes::Step& step : cached->plan.steps) {
    const passes::KernelStep* kernel = std::get_if<passes::KernelStep>(&step.work);
    cached->kernels.push_back(kernel ? cached_kernel(kernel->kernel) : nullptr);
  }
  return cached;
}

/// A plan that others for the same structure and another shape are copies of.
struct FlatPlan {
  std::shared_ptr<const CachedPlan> plan;
  int64_t elements = 0;
};
using FlatPlans = runtime::Cache<std::vector<uint64_t>, const FlatPlan>;

FlatPlans& flat_plans() {
  static constinit runtime::MadeOnce<FlatPlans> plans;
  return plans.get([] { return new FlatPlans(512); });
}

/// From that of another shape, where such a plan is known; else `made` becomes true.
std::shared_ptr<const CachedPlan> make_or_copy(const Selection& s, uint64_t hash,
                                               const std::function<passes::Plan()>& make, bool& made) {
  // What is dumped is how a plan came about.
  const std::optional<FlatStructure> flat = runtime::config().dump.empty() ? flat_structure(s) : std::nullopt;
  const uint64_t flat_hash = flat ? hash_of(flat->words) : 0;
  const auto same = [&](const std::vector<uint64_t>& words) { return words == flat->words; };
  if (flat)
    if (const auto known = flat_plans().find(flat_hash, same)) {
      auto cached = new_plan(s, hash, flat_plan(known->plan->plan, known->elements, *flat));
      cached->kernels = known->plan->kernels;
      cached->flat_elements = flat->elements;
      return cached;
    }
  made = true;
  auto cached = make_new(s, hash, make);
  if (!flat || !is_flat(cached->plan, *flat)) return cached;
  cached->flat_elements = flat->elements;
  flat_plans().find_or_make(
        flat_hash, same, [&] { return flat->words; },
        [&] {
          return std::make_shared<const FlatPlan>(FlatPlan{cached, flat->elements});
        });
  return cached;
}

}  // namespace

std::shared_ptr<const CachedPlan> plan_for(RecentPlans& recent, const Selection& s,
                                           const std::function<passes::Plan()>& make) {
  const std::vector<uint64_t>& structure = s.words;
  runtime::Counters& count = runtime::counters();
  const uint64_t hash = hash_of(structure);
  if (auto known = recent.take(hash, structure)) {
    count.plans_hit.fetch_add(1, std::memory_order_relaxed);
    return known;
  }
  bool made = false;
  auto result = plans(structure.size())
                    .find_or_make(
                        hash, [&](const std::vector<uint64_t>& words) { return words == structure; },
                        [&] { return structure; }, [&] { return make_or_copy(s, hash, make, made); });
  (made ? count.plans_made : count.plans_hit).fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace tarry::frontend
