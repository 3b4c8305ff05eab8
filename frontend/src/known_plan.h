#pragma once
/// From roots to their plan without selecting, hashing and searching: the plan that ran last for roots of the same
/// places in the user's code is compared with the trace, node by node from the roots down. Where all is equal that is
/// the plan, and what the walk met is the selection; at the first difference the long way is taken, and nothing has
/// changed.

#include "plan_cache.h"
#include "selection.h"

#include <memory>
#include <span>

namespace tarry::frontend {

/// The places in the user's code that these roots have.
uint64_t place_key(const Trace& trace, std::span<const ir::Value> roots);

/// The plan, which is taken out of `recent`, and its selection in `s`, which is empty; or null, and `s` is of no use.
std::shared_ptr<const CachedPlan> known_plan(Trace& trace, RecentPlans& recent, RecentPlans::Place& place,
                                             std::span<const ir::Value> roots, Selection& s);

/// Whether the inputs of a selection, whose nodes are those of the plan, lie as the plan says: strides, parts of
/// buffers, which buffers they share, and which are given away.
bool same_inputs(const Trace& trace, const CachedPlan& plan, const Selection& s);

/// Lets known_plan find a plan for these roots, which `s` was selected for.
void remember_plan(Trace& trace, RecentPlans& recent, std::span<const ir::Value> roots, const Selection& s,
                   std::shared_ptr<const CachedPlan> plan);

}  // namespace tarry::frontend
