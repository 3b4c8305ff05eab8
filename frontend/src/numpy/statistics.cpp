#include <tarry/numpy/statistics.h>

#include "broadcast.h"
#include "cell.h"
#include "numpy/gathered.h"
#include "promote.h"
#include "record.h"

#include <tarry/numpy.h>

#include <cmath>
#include <limits>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Layout;
using frontend::Recorder;
using frontend::Term;
using gathered::axes_at_end;
using gathered::Gathered;
using gathered::mean_dtype;
using gathered::shaped;
using ir::Op;

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

/// What numpy.interp is made of: float64 places, and the points between which values are taken.
class Interpolation {
 public:
  Interpolation(Recorder& r, Term at, Term points) : r_(r), at_(at), points_(points), last_(r.shape(points)[0] - 1) {
    if (last_ == 0) return;
    const Term place = r.op(Op::sub, r.search(Op::search_right, points, at), number(1));
    below_ = r.op(Op::min, r.op(Op::max, place, number(0)), r.scalar_int(DType::int64, last_ - 1));
    r.note_range(below_, {0, last_ - 1});
    above_ = r.op(Op::add, below_, number(1));
    r.note_range(above_, {1, last_});
  }

  /// Of real values at the points; `left` and `right` stand for those beyond.
  Term of(Term values, std::optional<double> left, std::optional<double> right) {
    const Term before = left ? r_.scalar(DType::float64, *left) : element(values, 0);
    const Term beyond = right ? r_.scalar(DType::float64, *right) : element(values, last_);
    const Term first = element(points_, 0), end = element(points_, last_);
    const Term is_last = r_.op(Op::eq, at_, end);
    const Term inside =
        last_ == 0 ? element(values, 0) : r_.op(Op::select, is_last, element(values, last_), between(values));
    const Term behind = r_.op(Op::select, r_.op(Op::gt, at_, end), beyond, inside);
    const Term result = r_.op(Op::select, r_.op(Op::lt, at_, first), before, behind);
    return last_ == 0 ? result : unless_nan(result, at_);
  }
  /// `x`, and where a place is NaN `other`.
  Term unless_nan(Term x, Term other) { return r_.op(Op::select, r_.op(Op::isnan, at_), other, x); }

 private:
  Term number(int64_t value) { return r_.literal_int(DType::int64, value); }
  Term element(Term x, int64_t i) {
    return r_.reshape(r_.slice(x, ir::Ints{i}, ir::Ints{1}, ir::Ints{1}), ir::Shape{});
  }
  Term taken(Term x, Term place) {
    const int64_t axis = 0;
    return r_.gather(x, std::span(&place, 1), std::span(&axis, 1));
  }
  Term between(Term values) {
    const Term x0 = taken(points_, below_), x1 = taken(points_, above_);
    const Term f0 = taken(values, below_), f1 = taken(values, above_);
    const Term slope = r_.op(Op::div, r_.op(Op::sub, f1, f0), r_.op(Op::sub, x1, x0));
    const auto from = [&](Term x, Term f) { return r_.op(Op::add, r_.op(Op::mul, slope, r_.op(Op::sub, at_, x)), f); };
    // As NumPy, beside infinities: the point itself, else what the other side gives, else what both agree on.
    const Term left = from(x0, f0), right = from(x1, f1);
    const Term agreed = r_.op(Op::select, r_.op(Op::eq, f0, f1), f0, right);
    const Term other = r_.op(Op::select, r_.op(Op::isnan, right), agreed, right);
    const Term instead = r_.op(Op::select, r_.op(Op::eq, at_, x0), f0, other);
    return r_.op(Op::select, r_.op(Op::isnan, left), instead, left);
  }

  Recorder& r_;
  Term at_, points_;
  int64_t last_;
  Term below_, above_;  // the points on both sides
};

Array interpolated(const Arg& x, const Arg& xp, const Arg& fp, std::optional<double> left,
                   std::optional<double> right) {
  for (DType t : {cell_of(x).dtype, cell_of(xp).dtype}) frontend::check_safe_cast(t, DType::float64);
  const ir::Shape &points = cell_of(xp).shape, &values = cell_of(fp).shape;
  if (points.size() != 1 || values.size() != 1) throw ValueError("Data points must be 1-D sequences");
  if (points[0] == 0) throw ValueError("array of sample points is empty");
  if (points[0] != values[0]) throw ValueError("fp and xp are not of the same length.");
  Recorder r("interp", x.here());
  const Term at = r.read(x, DType::float64);
  Interpolation i(r, at, r.read(xp, DType::float64));
  if (!ir::is_complex(cell_of(fp).dtype))
    return r.strong_result(i.of(r.read(fp, DType::float64), left, right), Layout::c);
  const Term f = r.read(fp, DType::complex128);
  // A number given for what lies outside is real.
  const Term real = i.of(r.op(Op::real, f), left, right);
  if (left) left = 0;
  if (right) right = 0;
  const Term imag = i.unless_nan(i.of(r.op(Op::imag, f), left, right), r.scalar(DType::float64, 0));
  return r.strong_result(r.op(Op::complex, real, imag), Layout::c);
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
