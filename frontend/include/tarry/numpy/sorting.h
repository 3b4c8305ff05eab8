#pragma once
/// Sorting, searching and counting. NaNs come last and count as equal; equal elements keep their order.

#include <tarry/array.h>

#include <optional>
#include <utility>
#include <vector>

namespace tarry::numpy {

/// Along an axis, the last one by default; with `none` of the flattened array.
TARRY_API Array sort(Arg x);
TARRY_API Array sort(Arg x, Dim axis);
TARRY_API Array sort(Arg x, None);
/// The indices that sort: `take_along_axis(x, argsort(x, axis), axis)`.
TARRY_API Array argsort(Arg x);
TARRY_API Array argsort(Arg x, Dim axis);
TARRY_API Array argsort(Arg x, None);
/// Element `kth` where it belongs, smaller ones before it: here all is sorted. ValueError when it is outside.
TARRY_API Array partition(Arg x, int64_t kth, Dim axis = -1);
TARRY_API Array argpartition(Arg x, int64_t kth, Dim axis = -1);
/// The indices that sort by the last key, ties by those before.
TARRY_API Array lexsort(const std::vector<Array>& keys, Here here = {});

enum class Side : uint8_t { left, right };
/// Where each value would be inserted into a sorted 1-d array: before (left) or behind (right) equal elements.
TARRY_API Array searchsorted(Arg sorted, Arg values, Side side = Side::left);
/// The bin of each value: `right` says which end of a bin belongs to it. ValueError for bins that are not monotonic.
TARRY_API Array digitize(Arg x, Arg bins, bool right = false);

/// What numpy.unique returns, when asked for all of it.
struct Unique {
  Array values;   // sorted, each once
  Array index;    // where each stands first in the flattened array, or along the axis
  Array inverse;  // in the shape of the array: values[inverse] is the array; along an axis a vector
  Array counts;
};
/// Whether NaNs count as one value, as for numpy.unique, or each as its own, as for numpy.unique_all and its kin.
enum class NaNs : uint8_t { distinct, equal };
/// How many there are only the data tells, so this looks at it. Along an axis: its different parts, in the order of
/// their elements; NaNs are distinct then.
TARRY_API Array unique(Arg x);
TARRY_API Array unique(Arg x, Dim axis);
TARRY_API Unique unique_all(Arg x, NaNs nans = NaNs::distinct);
TARRY_API Unique unique_all(Arg x, Dim axis);
TARRY_API Array unique_values(Arg x);
/// (values, counts) and (values, inverse).
TARRY_API std::pair<Array, Array> unique_counts(Arg x);
TARRY_API std::pair<Array, Array> unique_inverse(Arg x);
/// Whether each element of x is among the others.
TARRY_API Array isin(Arg x, Arg among, bool invert = false);
TARRY_API Array intersect1d(Arg a, Arg b);
TARRY_API Array union1d(Arg a, Arg b);
TARRY_API Array setdiff1d(Arg a, Arg b);
/// What is in one of the two and not in the other.
TARRY_API Array setxor1d(Arg a, Arg b);
/// Differences of neighbours in the flattened array.
TARRY_API Array ediff1d(Arg x);

/// How often each integer from 0 to the largest, which is looked at, occurs; or the sums of their weights.
TARRY_API Array bincount(Arg x, int64_t minlength = 0);
TARRY_API Array bincount(Arg x, Arg weights, int64_t minlength = 0);
/// (counts, edges) of bins of equal width from the smallest element, which is looked at, to the largest, or over a
/// range.
TARRY_API std::pair<Array, Array> histogram(Arg x, int64_t bins = 10,
                                            std::optional<std::pair<double, double>> range = {});
/// Of bins between edges, which rise; each has its left edge in it, the last one its right edge too.
TARRY_API std::pair<Array, Array> histogram(Arg x, const Array& edges);

}  // namespace tarry::numpy
