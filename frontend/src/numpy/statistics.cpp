#include <tarry/numpy/statistics.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"

#include <tarry/numpy.h>

#include <cmath>
#include <limits>

namespace tarry::numpy {

using frontend::cell_of;

namespace {

/// The dtype that means have.
DType mean_dtype(DType t) { return ir::is_float(t) || ir::is_complex(t) ? t : DType::float64; }

Array inexact(const Array& x) { return x.astype(mean_dtype(x.dtype())); }

/// The axes at the end, as one.
struct Gathered {
  Array x;
  Shape kept;  // the shape with the axes of extent 1
};
Gathered axes_at_end(const Array& x, const Axes& list) {
  const ir::Ints axes = frontend::reduced_axes(list, x.ndim());
  Gathered g;
  ir::Ints order;
  Shape rest;
  for (int64_t a = 0; a < x.ndim(); ++a) {
    const bool folded = std::find(axes.begin(), axes.end(), a) != axes.end();
    g.kept.push_back(folded ? 1 : x.shape()[static_cast<size_t>(a)]);
    if (folded) continue;
    order.push_back(a);
    rest.push_back(x.shape()[static_cast<size_t>(a)]);
  }
  for (int64_t a : axes) order.push_back(a);
  Shape flat = rest;
  int64_t n = 1;
  for (int64_t a : axes) n *= x.shape()[static_cast<size_t>(a)];
  flat.push_back(n);
  g.x = transpose(x, Axes(std::vector<int64_t>(order.begin(), order.end()))).reshape(flat);
  return g;
}

Array shaped(const Array& result, const Shape& kept, KeepDims keep) {
  return keep == KeepDims::yes ? result.reshape(kept) : result;
}

Array last_of(const Array& x, int64_t i) { return x[{ellipsis, i}]; }

/// The element, or what lies between two, at a place of the sorted last axis. NaN if the last one is.
Array at_place(const Array& sorted, double place, DType t) {
  const int64_t n = sorted.shape()[static_cast<size_t>(sorted.ndim()) - 1];
  const auto below = static_cast<int64_t>(std::floor(place));
  const int64_t above = std::min(below + 1, n - 1);
  const Array weight = full({}, place - static_cast<double>(below), t);
  const Array low = take(sorted, below, -1).astype(t), high = take(sorted, above, -1).astype(t);
  const Array distance = high - low;
  const Array value =
      place - static_cast<double>(below) >= 0.5 ? high - distance * (1 - weight) : low + distance * weight;
  return where(isnan(last_of(sorted, -1)), std::numeric_limits<double>::quiet_NaN(), value);
}

}  // namespace

Array median(Arg x, const Axes& axes, KeepDims keep) {
  const DType t = mean_dtype(cell_of(x).dtype);
  const Gathered g = axes_at_end(x.array(), axes);
  const int64_t n = g.x.shape()[static_cast<size_t>(g.x.ndim()) - 1];
  if (n == 0) return shaped(mean(g.x, -1), g.kept, keep);
  const Array in_order = sort(g.x);
  const Array high = take(in_order, n / 2, -1).astype(t);
  Array middle = high;
  if (n % 2 == 0) {
    const DType wide = ir::is_half(t) ? DType::float32 : t;
    middle = ((take(in_order, n / 2 - 1, -1).astype(wide) + high.astype(wide)) / 2).astype(t);
  }
  const Array result = where(isnan(last_of(in_order, -1)), full({}, std::nan(""), t), middle);
  return shaped(result, g.kept, keep);
}

Array quantile(Arg x, double q, const Axes& axes, KeepDims keep) {
  if (!(q >= 0 && q <= 1)) throw ValueError("Quantiles must be in the range [0, 1]");
  const Gathered g = axes_at_end(x.array(), axes);
  const int64_t n = g.x.shape()[static_cast<size_t>(g.x.ndim()) - 1];
  if (n == 0) throw IndexError("index -1 is out of bounds for axis 0 with size 0");
  // A number takes the dtype of the array, so that the place is rounded as the array is.
  const DType t = mean_dtype(cell_of(x).dtype);
  double place = q * static_cast<double>(n - 1);
  if (t == DType::float32) place = static_cast<float>(q) * static_cast<float>(n - 1);
  return shaped(at_place(sort(g.x), place, t), g.kept, keep);
}

Array quantile(Arg x, const std::vector<double>& q, const Axes& axes, KeepDims keep) {
  std::vector<Array> all;
  const Array wide = x.array().astype(DType::float64);
  for (double one : q) all.push_back(quantile(wide, one, axes, keep));
  return stack(all, 0);
}

namespace {
double share(double percent) {
  if (!(percent >= 0 && percent <= 100)) throw ValueError("Percentiles must be in the range [0, 100]");
  return percent / 100;
}
}  // namespace

Array percentile(Arg x, double q, const Axes& axes, KeepDims keep) { return quantile(x, share(q), axes, keep); }
Array percentile(Arg x, const std::vector<double>& q, const Axes& axes, KeepDims keep) {
  std::vector<double> shares;
  for (double one : q) shares.push_back(share(one));
  return quantile(x, shares, axes, keep);
}

Array count_nonzero(Arg x, const Axes& axes, KeepDims keep) {
  return sum(x.array().astype(DType::bool_), axes, DType::int64, keep);
}

Array ptp(Arg x, const Axes& axes, KeepDims keep) { return max(x, axes, keep) - min(x, axes, keep); }

Array diff(Arg x, int64_t n, Dim axis) {
  if (n < 0) throw ValueError("order must be non-negative but got " + std::to_string(n));
  Array result = x.array();
  if (result.ndim() == 0) throw ValueError("diff requires input that is at least one dimensional");
  const int64_t along = frontend::normalize_axis(axis.value, result.ndim());
  for (; n > 0; --n) {
    std::vector<Item> before(static_cast<size_t>(along), All()), after = before;
    before.emplace_back(slice(none, -1));
    after.emplace_back(slice(1, none));
    const Array low = result[Index(before)], high = result[Index(after)];
    result = ir::is_bool(result.dtype()) ? high != low : high - low;
  }
  return result;
}

Array average(Arg x, const Axes& axes) { return mean(x, axes); }
Array average(Arg x, Dim axis, const Array& weights) {
  const Array data = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  Array w = weights;
  if (!(w.shape() == data.shape())) {
    if (w.ndim() != 1 || w.size() != data.shape()[static_cast<size_t>(along)])
      throw ValueError("Shape of weights must be consistent with shape of a along specified axis.");
    Shape wide(ir::Shape(data.shape().size(), 1));
    wide[static_cast<size_t>(along)] = w.size();
    w = broadcast_to(w.reshape(wide), data.shape());
  }
  return sum(data * w, along) / sum(w.astype(mean_dtype(data.dtype())), along);
}

// ---- without NaNs ------------------------------------------------------------------------------

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
  if (has_nans(x) && any(All()(isnan(x), axes)).item<bool>()) throw ValueError("All-NaN slice encountered");
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
Array nancumsum(Arg x) { return cumsum(without_nans(x, 0)); }
Array nancumsum(Arg x, Dim axis) { return cumsum(without_nans(x, 0), axis); }

Array nan_to_num(Arg x) {
  if (!has_nans(x)) return copy(x);
  const DType t = cell_of(x).dtype;
  if (ir::is_complex(t)) {
    Array result = empty_like(x);
    result.real()[ellipsis] = nan_to_num(real(x));
    result.imag()[ellipsis] = nan_to_num(imag(x));
    return result;
  }
  double most = std::numeric_limits<double>::max();
  if (t == DType::float32) most = std::numeric_limits<float>::max();
  if (t == DType::float16) most = 65504;
  if (t == DType::bfloat16) most = 0x1.fep127;
  const Array data = x.array();
  return where(isnan(data), 0, clip(data, -most, most));
}

Array nanmedian(Arg x, Dim axis) {
  if (!has_nans(x)) return median(x, axis.value);
  const DType t = cell_of(x).dtype;
  const Gathered g = axes_at_end(x.array(), axis.value);
  // Those that are no NaN come first.
  const Array in_order = sort(g.x), count = sum(!isnan(g.x), -1, DType::int64, keepdims);
  const Array high = take_along_axis(in_order, minimum(count / 2.0, count - 1).astype(DType::int64), -1);
  const Array low = take_along_axis(in_order, maximum((count - 1) / 2.0, 0).astype(DType::int64), -1);
  return squeeze((low + high) / 2, -1).astype(t);
}
Array nanmedian(Arg x) { return nanmedian(ravel(x), 0); }

// ---- several arrays ----------------------------------------------------------------------------

Array cov(Arg x, double ddof) {
  const bool complex = ir::is_complex(cell_of(x).dtype);
  const Array data = atleast_2d(x.array()).astype(complex ? DType::complex128 : DType::float64);
  const double n = static_cast<double>(data.shape()[1]) - ddof;
  const Array centered = data - mean(data, 1, keepdims);
  return squeeze(matmul(centered, conjugate(centered.T())) / (n > 0 ? n : 0.0));
}

Array corrcoef(Arg x) {
  const Array c = cov(x);
  if (c.ndim() == 0) return c / c;
  const Array deviation = sqrt(diagonal(c));
  return clip(c / expand_dims(deviation, 1) / expand_dims(deviation, 0), -1, 1);
}

Array interp(Arg x, Arg xp, Arg fp) {
  const Array at = x.array().astype(DType::float64), p = xp.array().astype(DType::float64),
              f = fp.array().astype(DType::float64);
  if (p.ndim() != 1 || f.ndim() != 1) throw ValueError("Data points must be 1-D sequences");
  if (p.size() == 0) throw ValueError("array of sample points is empty");
  if (p.size() != f.size()) throw ValueError("fp and xp are not of the same length.");
  const int64_t last = p.size() - 1;
  if (last == 0) return broadcast_to(f[0], at.shape()).copy();
  const Array below = clip(searchsorted(p, at, Side::right) - 1, 0, last - 1);
  const Array x0 = take(p, below), x1 = take(p, below + 1), f0 = take(f, below), f1 = take(f, below + 1);
  const Array between = (f1 - f0) / (x1 - x0) * (at - x0) + f0;
  const Array left = f[0], right = f[last];
  return where(at < Array(p[0]), left, where(at >= Array(p[last]), right, between));
}

Array trapezoid(Arg y, double dx, Dim axis) {
  const Array data = inexact(y.array());
  const Array moved = moveaxis(data, axis, -1);
  const Array before = moved[{ellipsis, slice(none, -1)}], after = moved[{ellipsis, slice(1, none)}];
  return sum(dx * (after + before) / 2.0, -1);
}

bool array_equal(Arg a, Arg b) {
  if (!(cell_of(a).shape == cell_of(b).shape)) return false;
  return All()(equal(a, b)).item<bool>();
}
bool allclose(Arg a, Arg b, double rtol, double atol, bool equal_nan) {
  return All()(isclose(a, b, rtol, atol, equal_nan)).item<bool>();
}

}  // namespace tarry::numpy
