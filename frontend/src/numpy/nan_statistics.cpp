// Reductions and order statistics that leave NaNs out.

#include "cell.h"
#include "numpy/gathered.h"

#include <tarry/numpy.h>

#include <cmath>
#include <limits>

namespace tarry::numpy {

using frontend::cell_of;
using gathered::axes_at_end;
using gathered::Gathered;
using gathered::shaped;

namespace {

bool has_nans(const Arg& x) { return ir::is_float(cell_of(x).dtype) || ir::is_complex(cell_of(x).dtype); }

/// The array with another value where it is NaN.
Array without_nans(const Arg& x, double value) { return has_nans(x) ? where(isnan(x), value, x) : x.array(); }

Array extreme(const Arg& x, const Axes& axes, KeepDims keep, bool largest) {
  if (!has_nans(x)) return largest ? max(x, axes, keep) : min(x, axes, keep);
  const double beyond = largest ? -INFINITY : INFINITY;
  const Array rest = without_nans(x, beyond);
  const Array found = largest ? max(rest, axes, keep) : min(rest, axes, keep);
  return where(All()(isnan(x), axes, keep), std::nan(""), found);
}

Array arg_extreme(const Arg& x, const Axes& axes, bool largest) {
  if (has_nans(x) && x.array().size() != 0 && any(All()(isnan(x), axes)).item<bool>())
    throw ValueError("All-NaN slice encountered");
  const Array rest = without_nans(x, largest ? -INFINITY : INFINITY);
  if (axes.all()) return largest ? argmax(rest) : argmin(rest);
  return largest ? argmax(rest, axes.list()[0]) : argmin(rest, axes.list()[0]);
}

}  // namespace

Array nansum(Arg x, const Axes& axes, KeepDims keep) { return sum(without_nans(x, 0), axes, keep); }
Array nanprod(Arg x, const Axes& axes, KeepDims keep) { return prod(without_nans(x, 1), axes, keep); }
Array nanmax(Arg x, const Axes& axes, KeepDims keep) { return extreme(x, axes, keep, true); }
Array nanmin(Arg x, const Axes& axes, KeepDims keep) { return extreme(x, axes, keep, false); }

Array nanmean(Arg x, const Axes& axes, KeepDims keep) {
  if (!has_nans(x)) return mean(x, axes, keep);
  const DType t = cell_of(x).dtype, wide = ir::is_half(t) ? DType::float32 : t;
  const Array count = sum(!isnan(x), axes, DType::int64, keep);
  return (sum(without_nans(x, 0).astype(wide), axes, keep) / count.astype(wide)).astype(t);
}

Array nanvar(Arg x, const Axes& axes, KeepDims keep, double ddof) {
  if (!has_nans(x)) return var(x, axes, keep, ddof);
  const DType t = cell_of(x).dtype, wide = ir::is_half(t) ? DType::float32 : t;
  const Array data = x.array().astype(wide), missing = isnan(data);
  const Array count = sum(!missing, axes, DType::int64, keepdims).astype(wide);
  const Array center = sum(where(missing, 0, data), axes, keepdims) / count;
  const Array distance = where(missing, 0, data - center);
  const Array n = sum(!missing, axes, DType::int64, keep).astype(ir::part_of(wide)) - ddof;
  const Array squares = ir::is_complex(t) ? square(distance.real()) + square(distance.imag()) : distance * distance;
  return where(n <= 0, std::nan(""), sum(squares, axes, keep) / n).astype(ir::part_of(t));
}
Array nanstd(Arg x, const Axes& axes, KeepDims keep, double ddof) { return sqrt(nanvar(x, axes, keep, ddof)); }

Array nanargmax(Arg x) { return arg_extreme(x, {}, true); }
Array nanargmax(Arg x, Dim axis) { return arg_extreme(x, axis.value, true); }
Array nanargmin(Arg x) { return arg_extreme(x, {}, false); }
Array nanargmin(Arg x, Dim axis) { return arg_extreme(x, axis.value, false); }
namespace {
/// The same in memory of its own, in whose order the sums then lie.
Array filled(const Arg& x, double value) {
  if (!has_nans(x)) return x.array();
  Array result = copy(x);
  result[ellipsis] = without_nans(x, value);
  return result;
}
}  // namespace

Array nancumsum(Arg x) { return cumsum(without_nans(x, 0)); }
Array nancumsum(Arg x, Dim axis) { return cumsum(filled(x, 0), axis); }

Array nancumprod(Arg x) { return cumprod(without_nans(x, 1)); }
Array nancumprod(Arg x, Dim axis) { return cumprod(filled(x, 1), axis); }

Array nan_to_num(Arg x) { return nan_to_num(x, 0.0); }
Array nan_to_num(Arg x, double nan, std::optional<double> posinf, std::optional<double> neginf) {
  if (!has_nans(x)) return copy(x);
  const DType t = cell_of(x).dtype;
  Array result = copy(x);
  if (ir::is_complex(t)) {
    result.real()[ellipsis] = nan_to_num(real(x), nan, posinf, neginf);
    result.imag()[ellipsis] = nan_to_num(imag(x), nan, posinf, neginf);
    return result;
  }
  const double most = finfo(t).max;
  const Array data = x.array();
  const Array finite =
      where(isposinf(data), posinf.value_or(most), where(isneginf(data), neginf.value_or(-most), data));
  result[ellipsis] = where(isnan(data), nan, finite);
  return result;
}

Array nanmedian(Arg x, Dim axis) {
  if (!has_nans(x)) return median(x, axis.value);
  const DType t = cell_of(x).dtype;
  const Gathered g = axes_at_end(x.array(), axis.value);
  if (g.x.size() == 0) return mean(g.x, -1);
  // Those that are no NaN come first.
  const Array in_order = sort(g.x), count = sum(!isnan(g.x), -1, DType::int64, keepdims);
  const Array high = take_along_axis(in_order, minimum(count / 2.0, count - 1).astype(DType::int64), -1);
  const Array low = take_along_axis(in_order, maximum((count - 1) / 2.0, 0).astype(DType::int64), -1);
  return squeeze((low + high) / 2, -1).astype(t);
}
Array nanmedian(Arg x) { return nanmedian(ravel(x), 0); }

Array nanquantile(Arg x, double q, const Axes& axes, KeepDims keep) {
  if (!(q >= 0 && q <= 1)) throw ValueError("Quantiles must be in the range [0, 1]");
  if (x.array().size() == 0) return mean(x, axes, keep);
  if (!has_nans(x)) return quantile(x, q, axes, keep);
  const DType t = cell_of(x).dtype;
  const Gathered g = axes_at_end(x.array(), axes);
  const Array in_order = sort(g.x), last = maximum(sum(!isnan(g.x), -1, DType::int64, keepdims) - 1, 0);
  // A number takes the dtype of the array, so that the place is rounded as the array is.
  const Array place = full({}, q, t) * last.astype(t), below = floor(place);
  const Array at = below.astype(DType::int64), weight = place - below;
  const Array low = take_along_axis(in_order, at, -1), high = take_along_axis(in_order, minimum(at + 1, last), -1);
  const Array distance = high - low;
  const Array value = where(weight >= 0.5, high - distance * (1 - weight), low + distance * weight);
  return shaped(squeeze(value, -1), g.kept, keep);
}

Array nanpercentile(Arg x, double q, const Axes& axes, KeepDims keep) {
  if (!(q >= 0 && q <= 100)) throw ValueError("Percentiles must be in the range [0, 100]");
  return nanquantile(x, q / 100, axes, keep);
}

}  // namespace tarry::numpy
