#include "plan_cache.h"

#include "flat_plan.h"
#include "row_plan.h"

#include <tarry/runtime/cache.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <optional>
#include <utility>

namespace tarry::frontend {
namespace {

/// Plans of long traces are large. In words: what a plan takes beside its structure goes by that.
struct WordsAndPlan {
  size_t operator()(const std::vector<uint64_t>& structure) const { return structure.size() + 256; }
};
constexpr size_t kMostWords = size_t{1} << 20;

template <class Plan>
using PlanCache = runtime::Cache<std::vector<uint64_t>, const Plan, WordsAndPlan>;

PlanCache<CachedPlan>& plans() {
  static constinit runtime::MadeOnce<PlanCache<CachedPlan>> plans;
  return plans.get([] { return new PlanCache<CachedPlan>(kMostWords); });
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
struct GeneralPlan {
  std::shared_ptr<const CachedPlan> plan;
  int64_t elements = 0;         // of one that is flat
  std::vector<PerRow> buffers;  // of one over rows
};
using GeneralPlans = PlanCache<GeneralPlan>;

GeneralPlans& flat_plans() {
  static constinit runtime::MadeOnce<GeneralPlans> plans;
  return plans.get([] { return new GeneralPlans(kMostWords); });
}

GeneralPlans& row_plans() {
  static constinit runtime::MadeOnce<GeneralPlans> plans;
  return plans.get([] { return new GeneralPlans(kMostWords); });
}

std::shared_ptr<const GeneralPlan> find(GeneralPlans& plans, const std::vector<uint64_t>& words) {
  return plans.find(hash_of(words), [&](const auto& known) { return known == words; });
}

void keep(GeneralPlans& plans, const std::vector<uint64_t>& words, GeneralPlan plan) {
  plans.find_or_make(
      hash_of(words), [&](const auto& known) { return known == words; }, [&] { return words; },
      [&] { return std::make_shared<const GeneralPlan>(std::move(plan)); });
}

std::shared_ptr<CachedPlan> copy_of(const GeneralPlan& known, const Selection& s, uint64_t hash, passes::Plan plan) {
  auto cached = new_plan(s, hash, std::move(plan));
  cached->kernels = known.plan->kernels;
  return cached;
}

/// From that of another shape, where such a plan is known; else made.
struct Maker {
  const Selection& s;
  const uint64_t hash;
  const std::function<passes::Plan()>& make;
  bool& made;

  std::shared_ptr<CachedPlan> anew() const {
    made = true;
    return make_new(s, hash, make);
  }

  std::shared_ptr<const CachedPlan> flat(const FlatStructure& flat) const {
    if (const auto known = find(flat_plans(), flat.words)) {
      auto cached = copy_of(*known, s, hash, flat_plan(known->plan->plan, known->elements, flat));
      cached->flat_elements = flat.elements;
      return cached;
    }
    auto cached = anew();
    if (!is_flat(cached->plan, flat)) return cached;
    cached->flat_elements = flat.elements;
    keep(flat_plans(), flat.words, {cached, flat.elements, {}});
    return cached;
  }

  std::shared_ptr<const CachedPlan> over_rows(const RowStructure& rows) const {
    if (const auto known = find(row_plans(), rows.words))
      return copy_of(*known, s, hash, row_plan(known->plan->plan, known->buffers, rows));
    auto cached = anew();
    if (auto buffers = row_buffers(cached->plan, rows)) keep(row_plans(), rows.words, {cached, 0, std::move(*buffers)});
    return cached;
  }
};

/// `made` becomes true where no plan of another shape was of use.
std::shared_ptr<const CachedPlan> make_or_copy(const Selection& s, uint64_t hash,
                                               const std::function<passes::Plan()>& make, bool& made) {
  const Maker maker{s, hash, make, made};
  // What is dumped is how a plan came about.
  if (!runtime::config().dump.empty()) return maker.anew();
  if (const std::optional<FlatStructure> flat = flat_structure(s)) return maker.flat(*flat);
  if (const std::optional<RowStructure> rows = row_structure(s)) return maker.over_rows(*rows);
  return maker.anew();
}

}  // namespace

std::shared_ptr<const CachedPlan> plan_for(RecentPlans& recent, const Selection& s,
                                           const std::function<passes::Plan()>& make) {
  const std::vector<uint64_t>& structure = s.words;
  const uint64_t hash = hash_of(structure);
  if (auto known = recent.take(hash, structure)) {
    runtime::count(&runtime::Counters::plans_hit);
    return known;
  }
  bool made = false;
  auto result = plans().find_or_make(
      hash, [&](const std::vector<uint64_t>& words) { return words == structure; }, [&] { return structure; },
      [&] { return make_or_copy(s, hash, make, made); });
  runtime::count(made ? &runtime::Counters::plans_made : &runtime::Counters::plans_hit);
  return result;
}

}  // namespace tarry::frontend
