#pragma once
/// Running a plan at the place of its selection.

#include "plan_cache.h"
#include "selection.h"

#include <tarry/codegen/execute.h>

#include <memory_resource>
#include <optional>

namespace tarry::frontend {

/// The buffers of the outputs, each where its value lives; listed in `room`.
codegen::Outputs run_plan(const Trace& trace, const Selection& s, const CachedPlan& cached,
                          std::pmr::memory_resource* room);

/// The same on a GPU, and waits; nothing where an index lay outside its axis, or nobody would have seen it.
std::optional<codegen::Outputs> run_plan_watching(const Trace& trace, const Selection& s, const CachedPlan& cached);

}  // namespace tarry::frontend
