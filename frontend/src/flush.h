#pragma once
/// Running what a trace holds.

#include "trace.h"

#include <tarry/ir/program.h>

#include <initializer_list>
#include <span>
#include <vector>

namespace tarry::frontend {

/// Computes these values, which are alive, and stores them; the trace's lock is held. Throws IndexError
/// when one of them needs an index that lies outside, after the others are computed. On another
/// exception nothing has changed. `seen`: the line that looks, for errors.
void flush(Trace& trace, std::span<const ir::Value> roots, ir::Location seen = {});
inline void flush(Trace& trace, std::initializer_list<ir::Value> roots, ir::Location seen = {}) {
  flush(trace, std::span(roots.begin(), roots.size()), seen);
}

/// As flush, for values that it is known nothing lies outside of: without looking at indices.
void run_program(Trace& trace, std::span<const ir::Value> roots);

/// Computes everything that handles refer to: what keeps a trace short that nobody looks at.
void cut(Trace& trace);

/// Computes what handles of other threads still wait for, when a thread ends.
void flush_all(Trace& trace);

}  // namespace tarry::frontend
