#pragma once
/// A flush that comes again with the same nodes: a loop over the same arrays records the same expression, and recording
/// finds the nodes of the last turn, or of one that goes on from its own results. What they are need not be compared
/// then, only what became of them since.

#include "plan_cache.h"
#include "selection.h"

#include <memory>
#include <span>

namespace tarry::frontend {

/// Whether computing what this run computed would now be this run again: its selection and its plan are those that
/// select() and plan_for() would find. Where it is not, `seen` is of no more use.
bool comes_again(Trace& trace, SeenRun& seen);

/// What comes_again needs; or null, where it would take much memory. `s` was selected for roots of which none has been
/// computed yet. `seen`: an earlier one, if there is one, whose memory is of use.
std::unique_ptr<SeenRun> see_run(const Trace& trace, const Selection& s, std::shared_ptr<const CachedPlan> plan,
                                 std::unique_ptr<SeenRun> seen);

}  // namespace tarry::frontend
