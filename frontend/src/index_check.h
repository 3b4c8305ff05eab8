#pragma once
/// Whether indices lie inside, where only the data can tell.
///
/// Before a program runs, the index arrays of its gathers and scatters are computed by themselves, and
/// their least and largest elements looked at, where they lie: so nothing is written before all is known to be right. A
/// node with an index outside *fails*, and so does whatever needs it; all else is computed.

#include "selection.h"

#include <optional>
#include <string>

namespace tarry::frontend {

/// Whether a selection holds a gather or scatter that was not looked at yet, or something that failed.
bool needs_index_checks(const Trace& trace, const Selection& s);

struct CheckedRoots {
  std::vector<ir::Value> sound;        // those that can be computed
  std::optional<std::string> message;  // of the first that cannot
};
/// Looks at the indices of everything below the roots, for which `s` was selected. The others fail.
CheckedRoots check_indices(Trace& trace, const Selection& s, std::span<const ir::Value> roots);

/// The range of a stored array of integers. Of a large one on a GPU two numbers are copied to the host.
IndexRange range_of_stored(Trace& trace, ir::Value v);

/// NumPy's words for the first element of a stored index array that lies outside.
std::string out_of_bounds_text(const Trace& trace, ir::Value v, int64_t axis, int64_t size);
std::string out_of_bounds_text(int64_t index, int64_t axis, int64_t size);

inline bool lies_inside(IndexRange range, int64_t size) { return range.low >= -size && range.high < size; }

}  // namespace tarry::frontend
