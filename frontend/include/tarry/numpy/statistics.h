#pragma once
/// Order statistics, counts and averages, and reductions that leave NaNs out.

#include <tarry/array.h>

#include <initializer_list>
#include <optional>
#include <vector>

namespace tarry::numpy {

/// The middle of the sorted elements, or the mean of the middle two. NaN if any element is.
TARRY_API Array median(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// The value below which a share q (0 to 1) of the elements lies, between two elements linearly. For several q the
/// first axis of the result counts them. ValueError for a q outside.
TARRY_API Array quantile(Arg x, double q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array quantile(Arg x, const std::vector<double>& q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// A list of one is a list.
inline Array quantile(Arg x, std::initializer_list<double> q, const Axes& axes = {}, KeepDims keep = KeepDims::no) {
  return quantile(x, std::vector<double>(q), axes, keep);
}
/// Likewise with q in percent.
TARRY_API Array percentile(Arg x, double q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array percentile(Arg x, const std::vector<double>& q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
inline Array percentile(Arg x, std::initializer_list<double> q, const Axes& axes = {}, KeepDims keep = KeepDims::no) {
  return percentile(x, std::vector<double>(q), axes, keep);
}

TARRY_API Array count_nonzero(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// The largest less the smallest.
TARRY_API Array ptp(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Differences of neighbours, n times over.
TARRY_API Array diff(Arg x, int64_t n = 1, Dim axis = -1);
/// The weighted mean over all elements, or along an axis by weights of the array's shape or of that axis.
TARRY_API Array average(Arg x, const Axes& axes = {});
TARRY_API Array average(Arg x, Dim axis, const Array& weights);

TARRY_API Array nansum(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array nanprod(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// NaN where all elements are.
TARRY_API Array nanmax(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array nanmin(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array nanmean(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array nanvar(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0.0);
TARRY_API Array nanstd(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0.0);
/// Of the flattened array or along an axis; looked at for a slice of nothing but NaNs, which is a ValueError.
TARRY_API Array nanargmax(Arg x);
TARRY_API Array nanargmax(Arg x, Dim axis);
TARRY_API Array nanargmin(Arg x);
TARRY_API Array nanargmin(Arg x, Dim axis);
TARRY_API Array nancumsum(Arg x);
TARRY_API Array nancumsum(Arg x, Dim axis);
TARRY_API Array nancumprod(Arg x);
TARRY_API Array nancumprod(Arg x, Dim axis);
/// cumsum and cumprod along the only axis or the one given; `include_initial`: with what they begin with in front.
/// ValueError where there are several axes and none is given.
TARRY_API Array cumulative_sum(Arg x);
TARRY_API Array cumulative_sum(Arg x, Dim axis, bool include_initial = false);
TARRY_API Array cumulative_prod(Arg x);
TARRY_API Array cumulative_prod(Arg x, Dim axis, bool include_initial = false);
/// Quantiles of what is not NaN; NaN where there is nothing else.
TARRY_API Array nanquantile(Arg x, double q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
TARRY_API Array nanpercentile(Arg x, double q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// NaNs become 0, or `nan`; infinities the largest and smallest number, or those given.
TARRY_API Array nan_to_num(Arg x);
TARRY_API Array nan_to_num(Arg x, double nan, std::optional<double> posinf = {}, std::optional<double> neginf = {});
TARRY_API Array nanmedian(Arg x, Dim axis);
TARRY_API Array nanmedian(Arg x);

/// Covariances of the rows of x, which are variables.
TARRY_API Array cov(Arg x, double ddof = 1.0);
TARRY_API Array corrcoef(Arg x);
/// Values of a piecewise linear function through points with rising abscissas.
TARRY_API Array interp(Arg x, Arg xp, Arg fp);
/// Likewise with these values before the first and beyond the last point.
TARRY_API Array interp(Arg x, Arg xp, Arg fp, double left, double right);
/// The integral by the trapezoidal rule, of samples `dx` apart along an axis.
TARRY_API Array trapezoid(Arg y, double dx = 1.0, Dim axis = -1);

/// Whether two arrays have one shape and equal elements; whether they are close, elementwise as isclose.
TARRY_API bool array_equal(Arg a, Arg b);
/// As array_equal, of arrays that broadcast.
TARRY_API bool array_equiv(Arg a, Arg b);
TARRY_API bool allclose(Arg a, Arg b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);

}  // namespace tarry::numpy
