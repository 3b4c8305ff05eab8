#include <tarry/numpy/sorting.h>

#include "cell.h"
#include "index_check.h"
#include "numpy/gathered.h"
#include "observe.h"
#include "place.h"
#include "promote.h"
#include "record.h"

#include <tarry/insight.h>
#include <tarry/numpy.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

namespace {

int64_t last_axis(const Arg& x) {
  if (cell_of(x).shape.empty()) throw ValueError("axis -1 is out of bounds for array of dimension 0");
  return static_cast<int64_t>(cell_of(x).shape.size()) - 1;
}

Term flat(Recorder& r, Term x) { return r.reshape(x, ir::Shape{ir::num_elements(r.shape(x))}); }

Term sorted(Recorder& r, Term x, int64_t axis) {
  const ir::Shape shape = r.shape(x);
  std::vector<Term> places;
  ir::Ints axes;
  for (size_t a = 0; a < shape.size(); ++a) {
    const auto number = static_cast<int64_t>(a);
    axes.push_back(number);
    places.push_back(number == axis ? r.argsort(x, axis) : r.iota(shape, number));
    r.note_range(places.back(), {0, shape[a] - 1});
  }
  return r.gather(x, places, axes);
}

void check_kth(const Arg& x, int64_t kth, int64_t axis) {
  const ir::Shape shape = cell_of(x).shape.empty() ? ir::Shape{1} : ir::Shape(cell_of(x).shape);
  const int64_t n = shape[static_cast<size_t>(frontend::normalize_axis(axis, static_cast<int64_t>(shape.size())))];
  if (ir::num_elements(shape) != 0 && (kth < -n || kth >= n))
    throw ValueError("kth(=" + std::to_string(kth) + ") out of bounds (" + std::to_string(n) + ")");
}

}  // namespace

Array sort(Arg x) { return sort(x, last_axis(x)); }
Array sort(Arg a, Dim axis) {
  Recorder r("sort", a.here());
  const Term x = r.read(a);
  return r.strong_result(sorted(r, x, frontend::normalize_axis(axis.value, r.ndim(x))), frontend::Layout::like);
}
Array sort(Arg a, None) {
  Recorder r("sort", a.here());
  return r.strong_result(sorted(r, flat(r, r.read(a)), 0));
}

Array argsort(Arg x) { return cell_of(x).shape.empty() ? argsort(x, none) : argsort(x, last_axis(x)); }
Array argsort(Arg a, Dim axis) {
  if (cell_of(a).shape.empty()) {
    frontend::normalize_axis(axis.value, 1);
    return argsort(a, none);
  }
  Recorder r("argsort", a.here());
  const Term x = r.read(a);
  return r.strong_result(r.argsort(x, frontend::normalize_axis(axis.value, r.ndim(x))));
}
Array argsort(Arg a, None) {
  Recorder r("argsort", a.here());
  return r.strong_result(r.argsort(flat(r, r.read(a)), 0));
}

Array partition(Arg x, int64_t kth, Dim axis) {
  check_kth(x, kth, axis.value);
  return sort(x, axis);
}
Array argpartition(Arg x, int64_t kth, Dim axis) {
  check_kth(x, kth, axis.value);
  return argsort(x, axis);
}

Array lexsort(const std::vector<Array>& keys, Here here) {
  if (keys.empty()) throw TypeError("need sequence of keys with len > 0 in lexsort");
  for (const Array& key : keys)
    if (!(key.shape() == keys[0].shape())) throw ValueError("all keys need to be the same shape");
  if (keys[0].ndim() == 0) return zeros({}, DType::int64, here);
  Array order = argsort(Arg(keys[0], here));
  for (size_t i = 1; i < keys.size(); ++i) {
    const Array next = take_along_axis(Arg(keys[i], here), Arg(order, here), -1);
    order = take_along_axis(Arg(order, here), argsort(Arg(next, here)), -1);
  }
  return order;
}

// ---- searching ---------------------------------------------------------------------------------

namespace {
void check_vector(const Array& x) {
  if (x.ndim() == 0) throw ValueError("object of too small depth for desired array");
  if (x.ndim() > 1) throw ValueError("object too deep for desired array");
}
}  // namespace

Array searchsorted(Arg a, Arg v, Side side) {
  check_vector(a.array());
  // A number is compared as what it is, be it beyond all that the array's type holds.
  const Array exact = cell_of(v).weak ? v.array().astype(cell_of(v).dtype, v.here()) : v.array();
  Recorder r("searchsorted", a.here());
  auto [sorted, values] = r.operands(frontend::Typing::same, a, Arg(exact, v.here()));
  return r.strong_result(r.search(side == Side::left ? Op::search_left : Op::search_right, sorted, values));
}

Array digitize(Arg x, Arg bins, bool right) {
  const Array edges = bins.array();
  if (ir::is_complex(cell_of(x).dtype)) throw TypeError("x may not be complex");
  check_vector(edges);
  frontend::check_safe_cast(edges.dtype(), DType::float64);
  bool rises = true, falls = true;
  if (edges.size() > 1) {
    // As NumPy, which looks for steps the wrong way: to or from a NaN is none.
    const Array before = edges[slice(none, -1)], after = edges[slice(1, none)];
    const Array up = any(before < after), down = any(before > after), level = All()(before == after);
    tarry::eval(up, down, level);
    falls = !up.item<bool>();
    rises = !down.item<bool>() && (!falls || level.item<bool>());
  }
  if (!rises && !falls) throw ValueError("bins must be monotonically increasing or decreasing");
  const Side side = right ? Side::left : Side::right;
  return rises ? searchsorted(bins, x, side) : edges.size() - searchsorted(flip(edges), x, side);
}

// ---- counting ----------------------------------------------------------------------------------

namespace {

/// The least and the largest of the elements, of which there are some; computed together.
std::pair<Array, Array> ends(const Array& x) {
  const Array least = x.min(), most = x.max();
  tarry::eval(least, most);
  return {least, most};
}

frontend::IndexRange bounds(const Array& integers) {
  if (const std::optional<frontend::IndexRange> range = frontend::range_of_elements(integers)) return *range;
  const auto [least, most] = ends(integers);
  return {least.item<int64_t>(), most.item<int64_t>()};
}

/// Checks what bincount gets, and makes its integers int64.
Array counted_integers(const Array& given, int64_t minlength) {
  if (given.dtype() != DType::uint64) frontend::check_safe_cast(given.dtype(), DType::int64);
  check_vector(given);
  if (minlength < 0) throw ValueError("'minlength' must not be negative");
  return given.dtype() == DType::int64 ? given : given.astype(DType::int64);
}

/// Zeros, one for each integer that occurs and at least `minlength`.
Array bins_for(const Array& x, int64_t minlength, DType dtype) {
  const frontend::Near near(x);
  int64_t n = 0;
  if (x.size() > 0) {
    const frontend::IndexRange range = bounds(x);
    if (range.low < 0) throw ValueError("'list' argument must have no negative elements");
    n = range.high + (range.high < std::numeric_limits<int64_t>::max() ? 1 : 0);
  }
  return zeros({std::max(n, minlength)}, dtype);
}

/// How many of x are in the bins: `bin_of(x)` says in which, where it is in one.
template <class BinOf>
std::pair<Array, Array> count_between(const Array& x, const Array& edges, const BinOf& bin_of) {
  const frontend::Near near(x);
  const int64_t bins = edges.size() - 1;
  const Array first = edges[0], last = edges[bins], flattened = ravel(x);
  // What lies outside is counted in one more bin, which nobody sees.
  const Array bin = where((flattened >= first) & (flattened <= last), bin_of(flattened), bins);
  Array counts = zeros({bins + 1}, DType::int64);
  add_at(counts, bin, 1);
  return {counts[slice(none, bins)].copy(), edges};
}

std::pair<Array, Array> count_between(const Array& x, const Array& edges) {
  const int64_t bins = edges.size() - 1;
  return count_between(x, edges, [&](const Array& flattened) {
    const Array bin = searchsorted(edges, flattened, Side::right) - 1;
    return where(flattened == Array(edges[bins]), bins - 1, bin);
  });
}

/// Edges at equal distances, in the data's type where that is a float; between its own ends computed in it too.
Array even_edges(const Array& data, double first, double last, int64_t bins, bool own_ends) {
  const DType t = gathered::mean_dtype(data.dtype());
  if (t == DType::float64 || !own_ends) return linspace(first, last, bins + 1, true, t);
  const Array low = full({}, first, t), high = full({}, last, t);
  Array edges = arange(bins + 1).astype(t) * ((high - low) / bins) + low;
  edges[bins] = high;
  return edges;
}

/// Whether even bins are so wide that their edges have been rounded by less than one.
bool are_wide(DType t, double first, double last, int64_t bins) {
  const finfo type(t);
  const double largest = std::max(std::abs(first), std::abs(last));
  return (last - first) / static_cast<double>(bins) > 8 * (type.eps * largest + type.smallest_subnormal);
}

/// Wide even bins need no search: as numpy.histogram, computes a bin and compares with its edges, which may have been
/// rounded the other way.
std::pair<Array, Array> count_evenly(const Array& x, const Array& edges, double first, double last, int64_t bins) {
  return count_between(x, edges, [&](const Array& flattened) {
    const Array wide = flattened.astype(DType::float64);
    const Array bin = clip(((wide - first) / (last - first) * bins).astype(DType::int64), 0, bins - 1);
    const Array before = wide < take(edges, bin), beyond = (wide >= take(edges, bin + 1)) & (bin != bins - 1);
    return bin - before.astype(DType::int64) + beyond.astype(DType::int64);
  });
}

}  // namespace

Array bincount(Arg x, int64_t minlength) {
  const Array places = counted_integers(x.array(), minlength);
  Array counts = bins_for(places, minlength, DType::int64);
  if (places.size() > 0) add_at(counts, places, 1);
  return counts;
}

Array bincount(Arg x, Arg weights, int64_t minlength) {
  frontend::check_safe_cast(cell_of(weights).dtype, DType::float64);
  const Array places = counted_integers(x.array(), minlength);
  Array sums = bins_for(places, minlength, DType::float64);
  if (!(cell_of(weights).shape == cell_of(x).shape))
    throw ValueError("The weights and list don't have the same length.");
  if (places.size() > 0) add_at(sums, places, weights.array().astype(DType::float64));
  return sums;
}

namespace {
void check_real(DType t) {
  if (ir::is_complex(t)) throw TypeError("histogram counts real numbers");
}
}  // namespace

std::pair<Array, Array> histogram(Arg x, int64_t bins, std::optional<std::pair<double, double>> range) {
  const frontend::Near near(x);
  check_real(cell_of(x).dtype);
  if (bins < 1) throw ValueError("`bins` must be positive, when an integer");
  const Array data = x.array();
  double first = 0, last = 1;
  if (range) {
    std::tie(first, last) = *range;
    if (first > last) throw ValueError("max must be larger than min in range parameter.");
  } else if (data.size() > 0) {
    const auto [least, most] = ends(data);
    first = least.item<double>();
    last = most.item<double>();
  }
  if (!(first - first == 0) || !(last - last == 0))
    throw ValueError(std::string(range ? "supplied" : "autodetected") + " range of [" + to_string(Array(first)) + ", " +
                     to_string(Array(last)) + "] is not finite");
  if (first == last) {
    first -= 0.5;
    last += 0.5;
  }
  const Array edges = even_edges(data, first, last, bins, !range && data.size() > 0);
  const bool wide = are_wide(edges.dtype(), first, last, bins);
  const bool finite = last - first <= finfo(edges.dtype()).max;
  if (!finite || (!wide && any(edges[slice(none, -1)] >= edges[slice(1, none)]).item<bool>()))
    throw ValueError("Too many bins for data range. Cannot create " + std::to_string(bins) + " finite-sized bins.");
  return wide ? count_evenly(data, edges, first, last, bins) : count_between(data, edges);
}

std::pair<Array, Array> histogram(Arg x, const Array& edges) {
  check_real(cell_of(x).dtype);
  check_real(edges.dtype());
  if (edges.ndim() != 1) throw ValueError("`bins` must be 1d, when an array");
  if (any(edges[slice(none, -1)] > edges[slice(1, none)]).item<bool>())
    throw ValueError("`bins` must increase monotonically, when an array");
  return count_between(x.array(), edges);
}

}  // namespace tarry::numpy
