#include "plan_cache.h"

#include <list>
#include <mutex>
#include <unordered_map>

namespace tarry::frontend {
namespace {

/// Bound of the cache, in words of structure: some tens of megabytes together with the plans.
constexpr size_t kMaxWords = 1u << 20;

struct Plans {
  std::mutex mutex;
  std::list<std::shared_ptr<const CachedPlan>> by_use;  // the latest first
  std::unordered_multimap<uint64_t, std::list<std::shared_ptr<const CachedPlan>>::iterator> by_hash;
  size_t words = 0;
};
Plans& plans() {
  static Plans& p = *new Plans;
  return p;
}

uint64_t hash_of(const std::vector<uint64_t>& words) {
  uint64_t h = words.size();
  for (uint64_t w : words) {
    h = (h ^ w) * 0x9e3779b97f4a7c15ull;
    h ^= h >> 32;
  }
  return h;
}

void forget_oldest(Plans& all) {
  const auto oldest = std::prev(all.by_use.end());
  auto [first, last] = all.by_hash.equal_range(hash_of((*oldest)->words));
  for (auto i = first; i != last; ++i) {
    if (i->second != oldest) continue;
    all.by_hash.erase(i);
    break;
  }
  all.words -= (*oldest)->words.size();
  all.by_use.erase(oldest);
}

}  // namespace

std::shared_ptr<const CachedPlan> find_plan(const std::vector<uint64_t>& words) {
  const uint64_t hash = hash_of(words);
  Plans& all = plans();
  std::lock_guard guard(all.mutex);
  auto [first, last] = all.by_hash.equal_range(hash);
  for (auto i = first; i != last; ++i) {
    if ((*i->second)->words != words) continue;
    all.by_use.splice(all.by_use.begin(), all.by_use, i->second);
    return *i->second;
  }
  return nullptr;
}

std::shared_ptr<const CachedPlan> add_plan(std::vector<uint64_t> words, passes::Plan plan) {
  auto cached = std::make_shared<CachedPlan>();
  for (const passes::Step& step : plan.steps) {
    const passes::KernelStep* kernel = std::get_if<passes::KernelStep>(&step.work);
    cached->kernels.push_back(kernel ? &cached_kernel(kernel->kernel) : nullptr);
  }
  cached->words = std::move(words);
  cached->plan = std::move(plan);
  Plans& all = plans();
  std::lock_guard guard(all.mutex);
  all.by_use.push_front(cached);
  all.by_hash.emplace(hash_of(cached->words), all.by_use.begin());
  all.words += cached->words.size();
  while (all.words > kMaxWords && all.by_use.size() > 1) forget_oldest(all);
  return cached;
}

}  // namespace tarry::frontend
