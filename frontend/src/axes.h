#pragma once
/// Axes that the user gave.

#include <tarry/types.h>

namespace tarry::frontend {

/// Counted from the front. Throws ValueError in the words of NumPy's AxisError: "axis 2 is out of bounds
/// for array of dimension 2".
int64_t normalize_axis(int64_t axis, int64_t ndim);
/// Likewise for several, ascending; all of them for `none`. "duplicate value in 'axis'".
ir::Ints normalize_axes(const Axes& axes, int64_t ndim);
/// Likewise of a reduction, for which a 0-d array has an axis 0, as in NumPy.
ir::Ints reduced_axes(const Axes& axes, int64_t ndim);

}  // namespace tarry::frontend
