#pragma once
/// Running what a trace holds.

#include "trace.h"

#include <tarry/ir/program.h>

#include <initializer_list>
#include <span>
#include <vector>

namespace tarry::frontend {

/// Computes these values, which are alive, and stores them; the trace's lock is held. On an
/// exception nothing has changed.
void flush(Trace& trace, std::span<const ir::Value> roots);
inline void flush(Trace& trace, std::initializer_list<ir::Value> roots) {
  flush(trace, std::span(roots.begin(), roots.size()));
}

/// Computes everything that handles refer to: what keeps a trace short that nobody looks at.
void cut(Trace& trace);

/// Tells a cell, linked to a stored node, where its elements are.
void show_stored(Trace& trace, Cell& cell);

}  // namespace tarry::frontend
