#pragma once
/// Whether indices lie inside, where only the data can tell.
///
/// Before a program runs, the index arrays of its gathers and scatters are computed by themselves, and
/// their least and largest elements looked at, where they lie: so nothing is written before all is known to be right. A
/// node with an index outside *fails*, and so does whatever needs it; all else is computed.
///
/// On a GPU kernels that gather see for themselves whether an index lies outside. Where they see all that is to be
/// looked at, the program runs at once, without writing to what it reads; only if they saw one is it looked which it
/// was.

#include "selection.h"

#include <optional>
#include <string>

namespace tarry::frontend {

/// Whether a selection holds a gather or scatter of which it is not known that all indices lie inside, or something
/// that failed.
bool needs_index_checks(Trace& trace, const Selection& s);

/// Whether it is known of all indices of a gather or scatter, without looking at them, that they lie inside.
bool all_known_inside(Trace& trace, ir::Value v);

/// Whether the kernels of a selection see every index that is to be looked at: it runs on a GPU, writes to no array
/// that was there before, and computes all elements of what it gathers.
bool kernels_see_all_indices(const Trace& trace, const Selection& s);
/// That none of them lay outside.
void note_all_inside(Trace& trace, const Selection& s);

struct CheckedRoots {
  std::vector<ir::Value> sound;        // those that can be computed
  std::optional<std::string> message;  // of the first that cannot
};
/// Looks at the indices of everything below the roots, for which `s` was selected. The others fail.
CheckedRoots check_indices(Trace& trace, const Selection& s, std::span<const ir::Value> roots);

/// Whether the elements of a stored array of integers are indices along an axis of this size; finds their range where
/// what is known does not tell. Of a large array on a GPU two numbers are copied to the host.
bool lies_inside(Trace& trace, ir::Value stored, int64_t size);
/// Whether finding that out takes kernels, and a wait for them.
bool is_known_to_device_alone(const Trace& trace, ir::Value stored, int64_t size);

/// The least and the largest element of an array of integers, which is computed. Nothing while a transform records, or
/// where arrays may live on a GPU.
std::optional<IndexRange> range_of_elements(const Array& integers);

/// NumPy's words for the first element of a stored index array that lies outside.
std::string out_of_bounds_text(const Trace& trace, ir::Value v, int64_t axis, int64_t size);

inline bool lies_inside(IndexRange range, int64_t size) { return range.low >= -size && range.high < size; }

}  // namespace tarry::frontend
