#pragma once
/// Plans that were made before.

#include "kernel_cache.h"
#include "selection.h"

#include <tarry/ir/hash.h>
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
  std::vector<uint32_t> starts;  // by node: where it begins in the structure
  uint32_t outputs = 0;          // where they begin
  uint64_t hash = 0;
  int64_t flat_elements = 0;  // the one count in a plan that is the same for all shapes (flat_plan.h); else 0
  passes::Plan plan;
  std::vector<std::shared_ptr<CachedKernel>> kernels;  // by step; null for library calls
};

/// A plan as it was run, for the time when it runs again over the same nodes (seen_flush.h).
struct SeenRun {
  std::shared_ptr<const CachedPlan> plan;
  Selection selection;
  std::vector<uint64_t> standings;  // by node of the selection, as Trace::standing gives them
  uint64_t epoch = 0;               // of the trace
  size_t worth_storing = 0;         // how many places of the user's code were known to be worth storing
};

/// What computed some roots: one plan, or those of a loop's pieces, one after the other.
struct SeenFlush {
  std::vector<ir::Value> roots;
  std::vector<std::unique_ptr<SeenRun>> runs;
  bool forgotten = false;  // only its memory is of use
};

/// The plans that a trace ran lately: found without a lock, and without touching what other threads count references
/// in.
class RecentPlans {
 public:
  /// Takes the plan out.
  std::shared_ptr<const CachedPlan> take(uint64_t hash, const std::vector<uint64_t>& structure) {
    std::shared_ptr<const CachedPlan>& kept = plans_[hash % kCount];
    if (!kept || kept->hash != hash || kept->structure != structure) return nullptr;
    return std::move(kept);
  }
  void keep(std::shared_ptr<const CachedPlan> plan) { plans_[plan->hash % kCount] = std::move(plan); }

  /// What ran last for roots of some places in the user's code.
  struct Place {
    uint64_t key = 0;
    uint64_t hash = 0;            // of the plan's structure
    std::vector<uint32_t> roots;  // numbers of its nodes; none where there is no plan
    ir::Value root;               // the first one of the last time,
    uint64_t epoch = 0;           // and that of the trace then: whether the same come again
    SeenFlush seen;
  };
  /// That of a key; one of another key is forgotten.
  Place& place(uint64_t key) {
    // Roots of one loop have keys that are alike.
    Place& p = places_[key * ir::kGolden >> (64 - kCountBits)];
    if (p.key != key) {
      p = {};
      p.key = key;
    }
    return p;
  }
  /// Null where it was forgotten.
  const CachedPlan* plan_at(const Place& place) const {
    const CachedPlan* kept = plans_[place.hash % kCount].get();
    return kept && kept->hash == place.hash ? kept : nullptr;
  }
  std::shared_ptr<const CachedPlan> take(const Place& place) { return std::move(plans_[place.hash % kCount]); }

 private:
  static constexpr int kCountBits = 6;
  static constexpr size_t kCount = size_t{1} << kCountBits;
  std::array<Place, kCount> places_;
  std::array<std::shared_ptr<const CachedPlan>, kCount> plans_;
};

/// Up to this many words a structure is one of many; longer ones belong to long traces that are cut now and then.
inline constexpr size_t kShortStructure = 8192;

/// The plan for the structure of a selection, among the recent ones or those of the process; structures are compared,
/// not only hashed. `make` is called when there is none.
std::shared_ptr<const CachedPlan> plan_for(RecentPlans& recent, const Selection& s,
                                           const std::function<passes::Plan()>& make);

}  // namespace tarry::frontend
