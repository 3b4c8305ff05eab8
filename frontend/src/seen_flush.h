#pragma once
/// A flush that comes again with the same nodes: a loop over the same arrays records the same expression, and recording
/// finds the nodes of the last turn, or of one that goes on from its own results. What they are need not be compared then,
/// only what became of them since.

#include "plan_cache.h"
#include "selection.h"

#include <memory>
#include <span>

namespace tarry::frontend {

/// Whether flushing `roots` now is that flush again: its selection and its plan are then those that select() and
/// plan_for() would find. Where it is not, `seen` is of no more use.
bool comes_again(Trace& trace, SeenFlush& seen, std::span<const ir::Value> roots);

/// What comes_again needs; or null, where it would take much memory. `s` was selected for `roots`, none of which has
/// been computed yet. `seen`: an earlier one, if there is one, whose memory is of use.
std::unique_ptr<SeenFlush> see_flush(const Trace& trace, std::span<const ir::Value> roots, const Selection& s,
                                     std::shared_ptr<const CachedPlan> plan, std::unique_ptr<SeenFlush> seen);

}  // namespace tarry::frontend
