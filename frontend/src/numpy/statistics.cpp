#include <tarry/numpy/statistics.h>

#include "broadcast.h"
#include "cell.h"
#include "numpy/gathered.h"
#include "promote.h"

#include <tarry/numpy.h>

#include <cmath>
#include <limits>

namespace tarry::numpy {

using frontend::cell_of;
using gathered::axes_at_end;
using gathered::Gathered;
using gathered::mean_dtype;
using gathered::shaped;

namespace {

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

Arg with_one_axis(Arg x) {
  if (cell_of(x).shape.size() > 1)
    throw ValueError("For arrays which have more than one dimension ``axis`` argument is required.");
  return x;
}

Array with_initial(const Array& sums, Dim axis, bool include, int64_t initial) {
  if (!include) return sums;
  Shape shape = sums.shape();
  shape[static_cast<size_t>(frontend::normalize_axis(axis.value, sums.ndim()))] = 1;
  return concatenate({full(shape, initial, sums.dtype()), sums}, axis);
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

namespace {
void check_ordered(DType t) {
  if (ir::is_complex(t)) throw TypeError("a must be an array of real numbers");
  if (ir::is_bool(t))
    throw TypeError(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
        "logical_xor function instead.");
}
}  // namespace

Array quantile(Arg x, double q, const Axes& axes, KeepDims keep) {
  check_ordered(cell_of(x).dtype);
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
  check_ordered(cell_of(x).dtype);
  std::vector<Array> all;
  const Array wide = x.array().astype(DType::float64);
  if (q.empty()) {
    Shape shape = quantile(wide, 0.5, axes, keep).shape();
    shape.insert(0, 0);
    return zeros(shape);
  }
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

Array ptp(Arg x, const Axes& axes, KeepDims keep) {
  const Array largest = max(x, axes, keep);
  return largest - min(x, axes, keep);
}

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

Array cumulative_sum(Arg x) { return cumsum(with_one_axis(x)); }
Array cumulative_sum(Arg x, Dim axis, bool include_initial) {
  return with_initial(cumsum(x, axis), axis, include_initial, 0);
}
Array cumulative_prod(Arg x) { return cumprod(with_one_axis(x)); }
Array cumulative_prod(Arg x, Dim axis, bool include_initial) {
  return with_initial(cumprod(x, axis), axis, include_initial, 1);
}

Array average(Arg x, const Axes& axes) { return mean(x, axes); }
Array average(Arg x, Dim axis, const Array& weights) {
  Array data = x.array(), w = weights;
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  if (!(w.shape() == data.shape())) {
    if (w.ndim() != 1 || w.size() != data.shape()[static_cast<size_t>(along)])
      throw ValueError("Shape of weights must be consistent with shape of a along specified axis.");
    Shape wide(ir::Shape(data.shape().size(), 1));
    wide[static_cast<size_t>(along)] = w.size();
    w = broadcast_to(w.reshape(wide), data.shape());
  }
  const DType t = frontend::promote(mean_dtype(data.dtype()), w.dtype());
  data = data.astype(t);
  w = w.astype(t);
  return sum(data * w, along) / sum(w, along);
}

// ---- several arrays ----------------------------------------------------------------------------

Array cov(Arg x, double ddof) {
  if (cell_of(x).shape.size() > 2) throw ValueError("m has more than 2 dimensions");
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

namespace {
/// Of real values at float64 places.
Array between_points(const Array& at, const Array& p, const Array& given, std::optional<double> left,
                     std::optional<double> right) {
  const Array f = given.astype(DType::float64);
  if (p.ndim() != 1 || f.ndim() != 1) throw ValueError("Data points must be 1-D sequences");
  if (p.size() == 0) throw ValueError("array of sample points is empty");
  if (p.size() != f.size()) throw ValueError("fp and xp are not of the same length.");
  const int64_t last = p.size() - 1;
  if (last == 0) {
    const Array before = left ? Array(*left) : Array(f[0]), beyond = right ? Array(*right) : Array(f[0]);
    return where(at < Array(p[0]), before, where(at > Array(p[0]), beyond, where(isnan(at), at, Array(f[0]))));
  }
  const Array below = clip(searchsorted(p, at, Side::right) - 1, 0, last - 1);
  const Array x0 = take(p, below), x1 = take(p, below + 1), f0 = take(f, below), f1 = take(f, below + 1);
  const Array between = (f1 - f0) / (x1 - x0) * (at - x0) + f0;
  const Array before = left ? Array(*left) : Array(f[0]), beyond = right ? Array(*right) : Array(f[last]);
  // The last point itself has its own value.
  const Array behind = where(at > Array(p[last]), beyond, where(at == Array(p[last]), Array(f[last]), between));
  return where(isnan(at), at, where(at < Array(p[0]), before, behind));
}

Array interpolated(const Arg& x, const Arg& xp, const Arg& fp, std::optional<double> left,
                   std::optional<double> right) {
  for (DType t : {cell_of(x).dtype, cell_of(xp).dtype}) frontend::check_safe_cast(t, DType::float64);
  const Array at = x.array().astype(DType::float64), p = xp.array().astype(DType::float64), f = fp.array();
  if (!ir::is_complex(f.dtype())) return between_points(at, p, f, left, right);
  Array result = empty(at.shape(), DType::complex128);
  result.real()[ellipsis] = between_points(at, p, f.real(), left, right);
  // A number given for what lies outside is real.
  if (left) left = 0;
  if (right) right = 0;
  result.imag()[ellipsis] = where(isnan(at), 0, between_points(at, p, f.imag(), left, right));
  return result;
}
}  // namespace

Array interp(Arg x, Arg xp, Arg fp) { return interpolated(x, xp, fp, {}, {}); }
Array interp(Arg x, Arg xp, Arg fp, double left, double right) { return interpolated(x, xp, fp, left, right); }

Array trapezoid(Arg y, double dx, Dim axis) {
  const Array data = y.array();
  const Array moved = moveaxis(data, axis, -1);
  const Array before = moved[{ellipsis, slice(none, -1)}], after = moved[{ellipsis, slice(1, none)}];
  return sum(dx * (after + before) / 2.0, -1);
}

bool array_equal(Arg a, Arg b) {
  if (!(cell_of(a).shape == cell_of(b).shape)) return false;
  return All()(equal(a, b)).item<bool>();
}
bool array_equiv(Arg a, Arg b) {
  ir::Shape shape = cell_of(a).shape;
  return frontend::broadcast_into(shape, cell_of(b).shape) && All()(equal(a, b)).item<bool>();
}
bool allclose(Arg a, Arg b, double rtol, double atol, bool equal_nan) {
  return All()(isclose(a, b, rtol, atol, equal_nan)).item<bool>();
}

}  // namespace tarry::numpy
