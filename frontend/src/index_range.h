#pragma once
/// What is known of the elements of an array of integers from how it is computed, without computing it.

#include "trace.h"

#include <optional>
#include <vector>

namespace tarry::frontend {

/// Bounds of the elements of `v`, found from those of what it is made of (interval arithmetic). Nothing where a sum
/// may be too large for its type, an op tells nothing, or too many nodes lie between. Stored arrays whose elements
/// nobody has looked at yet, and which kept it from being found, are added to `unseen`.
std::optional<IndexRange> range_of(const Trace& trace, ir::Value v, std::vector<ir::Value>* unseen = nullptr);

}  // namespace tarry::frontend
