#pragma once
/// Running a plan at the place of its selection.

#include "plan_cache.h"
#include "selection.h"

namespace tarry::frontend {

/// The buffers of the outputs, each where its value lives.
std::vector<runtime::Buffer> run_plan(const Trace& trace, const Selection& s, const CachedPlan& cached);

}  // namespace tarry::frontend
