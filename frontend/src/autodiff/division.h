#pragma once
/// How the calls with derivatives of their own divide what a transform goes through.

#include "autodiff/region.h"

#include <span>
#include <vector>

namespace tarry::frontend {

/// A value that calls end at or lead to: where to go on from it.
using CallsByResult = std::unordered_map<uint32_t, size_t>;

/// By call: whether the roots depend on it. `ends` by call: what it reads.
std::vector<bool> needed_calls(Trace& trace, ir::Value first, const CallsByResult& calls,
                               std::span<const std::vector<ir::Value>> ends, std::span<const ir::Value> roots);

/// What later stretches read of one.
struct HandedOn {
  std::vector<ir::Value> targets;    // a derivative flows through these
  std::vector<ir::Value> constants;  // not through these
};

/// Divides the nodes between the targets and the ends, so that no two stretches share one and a transform goes through
/// each node once: a node belongs to the first stretch whose ends need it. `ends` by stretch, in the order of the
/// program; `integers`: a transform follows them too.
std::vector<HandedOn> divide(Trace& trace, const Targets& targets, std::span<const std::vector<ir::Value>> ends,
                             bool integers);

}  // namespace tarry::frontend
