#pragma once
/// NumPy's indexing.

#include "view.h"

#include <tarry/index.h>

namespace tarry::frontend {

/// The elements that a slice takes from an axis: Python's slice.indices.
struct SliceRange {
  int64_t start, step, count;
};
SliceRange range_of(const Slice& slice, int64_t extent);

/// `source[index]`: a view; or, for an index with arrays in it, a copy of what it selects.
Array index(const Array& source, const Index& index);

/// `target[index] = value`.
void set_item(const Array& target, const Index& index, const Arg& value);

/// Writes to an array, a view or what an index showed: `target[...] = value`.
void assign(const Array& target, const Arg& value);

}  // namespace tarry::frontend
