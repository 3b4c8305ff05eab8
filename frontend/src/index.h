#pragma once
/// NumPy's indexing.

#include "view.h"

#include <tarry/index.h>

namespace tarry::frontend {

/// `source[index]`: a view; or, for an index by a boolean array, what it selects.
Array index(const Array& source, const Index& index);

}  // namespace tarry::frontend
