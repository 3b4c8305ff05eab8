#pragma once
/// NumPy's words for an index that does not fit its array.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tarry::frontend {

std::string out_of_bounds_text(int64_t index, int64_t axis, int64_t size);

/// Of an array with `ndim` axes an index takes more.
[[noreturn]] void refuse_count(size_t ndim, size_t taken);
/// Throws IndexError unless the extents of a mask are those of the source's axes from `first` on, as many as it has.
void check_mask(std::span<const int64_t> mask, std::span<const int64_t> source, size_t first);

}  // namespace tarry::frontend
