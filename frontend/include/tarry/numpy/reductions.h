#pragma once
/// Functions that fold axes away, and scans. Axes are one, several (`{0, 2}`) or all (the default);
/// negative ones count from the end. The order of additions is fixed (docs/ir.md), so the bits depend on
/// neither layout nor threads. Throw ValueError for axes out of bounds or given twice.

#include <tarry/array.h>

namespace tarry::numpy {

/// Sums of bools and of integers shorter than 64 bits are int64 or uint64, unless a dtype is given.
/// float16 and bfloat16 accumulate in float32 and round once. An empty sum is 0.
TARRY_API Array sum(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array sum(Arg x, const Axes& axes, DType dtype, KeepDims keep = KeepDims::no);
TARRY_API Array prod(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// NaN if any element is. ValueError for an empty range, which has none.
TARRY_API Array max(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array amax(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array min(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array amin(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Integers give float64; float16 and bfloat16 compute in float32. NaN for an empty range.
TARRY_API Array mean(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// The mean of |x - mean(x)|² with divisor n - ddof, in two passes as NumPy.
TARRY_API Array var(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0.0);
TARRY_API Array std(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0.0);
/// Whether any, or all, elements are true (nonzero; NaN is true). `np::all` is also the index token `:`.
TARRY_API Array any(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

/// The index, as int64, of the first largest (smallest) element, of the first NaN if there is one;
/// along one axis, or in the flattened array. ValueError for an empty range.
TARRY_API Array argmax(Arg x, KeepDims keep = KeepDims::no);
TARRY_API Array argmax(Arg x, Dim axis, KeepDims keep = KeepDims::no);
TARRY_API Array argmin(Arg x, KeepDims keep = KeepDims::no);
TARRY_API Array argmin(Arg x, Dim axis, KeepDims keep = KeepDims::no);

/// Sums up to each place, in order, along one axis or of the flattened array. Dtypes as sum.
TARRY_API Array cumsum(Arg x);
TARRY_API Array cumsum(Arg x, Dim axis);
TARRY_API Array cumprod(Arg x);
TARRY_API Array cumprod(Arg x, Dim axis);

}  // namespace tarry::numpy
