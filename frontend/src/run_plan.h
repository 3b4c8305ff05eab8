#pragma once
/// Running a plan at the place of its selection.

#include "plan_cache.h"
#include "selection.h"

#include <optional>

namespace tarry::frontend {

/// The buffers of the outputs, each where its value lives.
std::vector<runtime::Buffer> run_plan(const Trace& trace, const Selection& s, const CachedPlan& cached);

/// The same on a GPU, and waits; nothing where an index lay outside its axis, or nobody would have seen it.
std::optional<std::vector<runtime::Buffer>> run_plan_watching(const Trace& trace, const Selection& s,
                                                              const CachedPlan& cached);

}  // namespace tarry::frontend
