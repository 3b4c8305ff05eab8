#include <tarry/numpy/grids.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "memory_check.h"
#include "place.h"
#include "promote.h"
#include "record.h"

#include <tarry/numpy.h>

#include <cmath>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

Array full_like(Arg x, Arg value, DType dtype) { return full_like(Arg(empty_like(x, dtype), x.here()), value); }

namespace {

/// Where column <= row + k.
Array lower(int64_t n, int64_t m, int64_t k, Here here) {
  const ir::Shape shape{n, m};
  frontend::check_extents(shape);
  Recorder r("tri", here);
  const Term edge = r.op(Op::add, r.iota(shape, 0), r.scalar_int(DType::int64, k));
  return r.strong_result(r.op(Op::le, r.iota(shape, 1), edge));
}

Array triangle(const Arg& x, int64_t k, bool is_lower) {
  const frontend::Near near(x);
  Array data = x.array();
  if (data.ndim() == 0) throw ValueError("tril and triu need at least one axis");
  if (data.ndim() == 1) data = broadcast_to(data, {data.size(), data.size()});
  const Shape& shape = data.shape();
  const int64_t n = shape[shape.size() - 2], m = shape[shape.size() - 1];
  const Array zero = zeros({}, data.dtype());
  return is_lower ? where(lower(n, m, k, x.here()), data, zero) : where(lower(n, m, k - 1, x.here()), zero, data);
}

}  // namespace

Array tri(int64_t n, int64_t m, int64_t k, DType dtype, Here here) {
  return lower(n, m < 0 ? n : m, k, here).astype(dtype);
}
Array tril(Arg x, int64_t k) { return triangle(x, k, true); }
Array triu(Arg x, int64_t k) { return triangle(x, k, false); }

namespace {

/// first, first + 1, …: `count` positions along an axis.
Term positions(Recorder& r, int64_t count, int64_t first) {
  Term x = r.iota(ir::Shape{count}, 0);
  if (first != 0) x = r.op(Op::add, x, r.scalar_int(DType::int64, first));
  r.note_range(x, {first, first + count - 1});
  return x;
}

}  // namespace

Array diag(Arg x, int64_t k) {
  const ir::Shape& shape = cell_of(x).shape;
  if (shape.size() == 2) return diagonal(x, k);
  if (shape.size() != 1) throw ValueError("Input must be 1- or 2-d.");
  Recorder r("diag", x.here());
  const Term v = r.read(x);
  const int64_t n = shape[0], side = n + std::abs(k);
  const Term zero = r.broadcast(r.literal_int(r.dtype(v), 0), ir::Shape{side, side});
  const Term places[] = {positions(r, n, std::max<int64_t>(-k, 0)), positions(r, n, std::max<int64_t>(k, 0))};
  return r.strong_result(n == 0 ? zero : r.scatter(Op::scatter, zero, v, places, ir::Ints{0, 1}));
}
Array diagflat(Arg x, int64_t k) { return diag(ravel(x), k); }

Array diagonal(Arg x, int64_t offset, Dim axis1, Dim axis2) {
  Recorder r("diagonal", x.here());
  const Term data = r.read(x);
  const ir::Shape shape = r.shape(data);
  if (shape.size() < 2) throw ValueError("diag requires an array of at least two dimensions");
  const int64_t a = frontend::normalize_axis(axis1.value, r.ndim(data), "axis1"),
                b = frontend::normalize_axis(axis2.value, r.ndim(data), "axis2");
  if (a == b) throw ValueError("axis1 and axis2 cannot be the same");
  const int64_t down = std::max<int64_t>(-offset, 0), along = std::max<int64_t>(offset, 0);
  const int64_t n =
      std::max<int64_t>(std::min(shape[static_cast<size_t>(a)] - down, shape[static_cast<size_t>(b)] - along), 0);
  const Term at[] = {positions(r, n, a < b ? down : along), positions(r, n, a < b ? along : down)};
  const Term taken = r.gather(data, at, ir::Ints{std::min(a, b), std::max(a, b)});
  ir::Ints order;
  for (int64_t i = 1; i < r.ndim(taken); ++i) order.push_back(i);
  order.push_back(0);
  return r.strong_result(r.transpose(taken, order));
}

Array trace(Arg x, int64_t offset, Dim axis1, Dim axis2) { return sum(diagonal(x, offset, axis1, axis2), -1); }

Array vander(Arg x, int64_t n, bool increasing) {
  const frontend::Near near(x);
  const Array data = x.array();
  if (data.ndim() != 1) throw ValueError("x must be a one-dimensional array or sequence.");
  const int64_t columns = n < 0 ? data.size() : n;
  Array powers = ones({data.size(), columns}, frontend::promote(data.dtype(), DType::int64));
  // By repeated products, as NumPy accumulates them.
  for (int64_t j = 1; j < columns; ++j) {
    const int64_t at = increasing ? j : columns - 1 - j, from = increasing ? j - 1 : columns - j;
    powers[{all, at}] = powers[{all, from}] * data;
  }
  return powers;
}

Array logspace(double start, double stop, int64_t num, bool endpoint, double base, Here here) {
  return power(full({}, base), linspace(start, stop, num, endpoint, DType::float64, here));
}

Array geomspace(double start, double stop, int64_t num, bool endpoint, Here here) {
  if (start == 0 || stop == 0) throw ValueError("Geometric sequence cannot include zero");
  const double sign = start < 0 ? -1 : 1;
  Array result = sign * logspace(std::log10(sign * start), std::log10(sign * stop), num, endpoint, 10.0, here);
  // The ends are exact.
  if (num > 0) result[0] = start;
  if (num > 1 && endpoint) result[num - 1] = stop;
  return result;
}

Array indices(const Shape& shape, DType dtype, Here here) {
  frontend::check_extents(shape);
  std::vector<Array> axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    Recorder r("indices", here);
    axes.push_back(r.strong_result(r.cast(r.iota(shape, static_cast<int64_t>(i)), dtype)));
  }
  return axes.empty() ? zeros({0}, dtype, here) : stack(axes, 0, here);
}

std::vector<Array> meshgrid(const std::vector<Array>& vectors, Indexing indexing, Here here) {
  const size_t n = vectors.size();
  Shape shape;
  for (const Array& v : vectors) shape.push_back(v.size());
  const bool swap = indexing == Indexing::xy && n > 1;
  if (swap) std::swap(shape[0], shape[1]);
  std::vector<Array> grids;
  for (size_t i = 0; i < n; ++i) {
    Shape own(ir::Shape(n, 1));
    own[swap && i < 2 ? 1 - i : i] = vectors[i].size();
    grids.push_back(broadcast_to(Arg(vectors[i].reshape(own), here), shape).copy());
  }
  return grids;
}

// ---- taking apart and repeating ----------------------------------------------------------------

namespace {

Array part_of(const Array& x, int64_t axis, int64_t begin, int64_t end) {
  std::vector<Item> items(static_cast<size_t>(axis), All());
  items.emplace_back(slice(begin, end));
  return x[Index(std::move(items))];
}

}  // namespace

std::vector<Array> array_split(Arg x, int64_t parts, Dim axis) {
  if (parts <= 0) throw ValueError("number sections must be larger than 0.");
  const Array data = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  const int64_t n = data.shape()[static_cast<size_t>(along)];
  std::vector<Array> result;
  for (int64_t i = 0, begin = 0; i < parts; ++i) {
    const int64_t end = begin + n / parts + (i < n % parts);
    result.push_back(part_of(data, along, begin, end));
    begin = end;
  }
  return result;
}

std::vector<Array> split(Arg x, int64_t parts, Dim axis) {
  const Array data = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  if (parts > 0 && data.shape()[static_cast<size_t>(along)] % parts != 0)
    throw ValueError("array split does not result in an equal division");
  return array_split(x, parts, axis);
}

std::vector<Array> split(Arg x, const std::vector<int64_t>& places, Dim axis) {
  const Array data = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  std::vector<Array> result;
  int64_t begin = 0;
  for (int64_t place : places) {
    result.push_back(part_of(data, along, begin, place));
    begin = place;
  }
  std::vector<Item> items(static_cast<size_t>(along), All());
  items.emplace_back(slice(begin, none));
  result.push_back(data[Index(std::move(items))]);
  return result;
}

std::vector<Array> hsplit(Arg x, int64_t parts) {
  const int64_t n = x.array().ndim();
  if (n == 0) throw ValueError("hsplit only works on arrays of 1 or more dimensions");
  return split(x, parts, n == 1 ? 0 : 1);
}
std::vector<Array> vsplit(Arg x, int64_t parts) {
  if (x.array().ndim() < 2) throw ValueError("vsplit only works on arrays of 2 or more dimensions");
  return split(x, parts, 0);
}

Array tile(Arg x, const Shape& counts) {
  frontend::check_extents(counts);
  const Array data = x.array();
  const size_t n = std::max(counts.size(), data.shape().size());
  Shape narrow, wide, result;
  for (size_t i = 0; i < n; ++i) {
    const int64_t extent = i + data.shape().size() < n ? 1 : data.shape()[i + data.shape().size() - n];
    const int64_t count = i + counts.size() < n ? 1 : counts[i + counts.size() - n];
    for (int64_t e : {int64_t{1}, extent}) narrow.push_back(e);
    for (int64_t e : {count, extent}) wide.push_back(e);
  }
  const frontend::ManyAxes pairs;
  frontend::check_extents(wide);
  for (size_t i = 0; i < n; ++i) result.push_back(wide[2 * i] * wide[2 * i + 1]);
  return broadcast_to(data.reshape(narrow), wide).reshape(result).copy();
}

Array repeat(Arg x, int64_t count) { return repeat(ravel(x), count, 0); }
Array repeat(Arg x, int64_t count, Dim axis) {
  const Array data = atleast_1d(x);
  const auto along = static_cast<size_t>(frontend::normalize_axis(axis.value, data.ndim()));
  Shape wide = data.shape(), result = data.shape();
  wide.insert(along + 1, count);
  const frontend::ManyAxes one_more;
  frontend::check_extents(wide);
  result[along] *= count;
  return broadcast_to(expand_dims(data, static_cast<int64_t>(along) + 1), wide).reshape(result).copy();
}

namespace {

/// For each element along the repeated axis of the result, the place that it is taken from. `shape` is that of the
/// source, and what the result needs is checked before any of it is made.
std::vector<int64_t> places_of_repeats(const std::vector<int64_t>& counts, Shape shape, size_t along, DType dtype) {
  int64_t total = 0;
  bool overflow = false;
  for (int64_t count : counts) {
    if (count < 0) throw ValueError("repeats may not contain negative values.");
    overflow |= __builtin_add_overflow(total, count, &total);
  }
  if (overflow) frontend::refuse_size();
  shape[along] = total;
  frontend::check_memory(dtype, shape);
  frontend::check_memory(DType::int64, ir::Shape{shape[along]});
  std::vector<int64_t> places;
  places.reserve(static_cast<size_t>(total));
  for (size_t i = 0; i < counts.size(); ++i)
    places.insert(places.end(), static_cast<size_t>(counts[i]), static_cast<int64_t>(i));
  return places;
}

}  // namespace

Array repeat(Arg x, const std::vector<int64_t>& counts, Dim axis) {
  const frontend::Near near(x);
  const Array data = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, data.ndim());
  if (counts.size() == 1) return repeat(x, counts[0], along);
  if (static_cast<int64_t>(counts.size()) != data.shape()[static_cast<size_t>(along)])
    throw ValueError("operands could not be broadcast together with shape (" +
                     std::to_string(data.shape()[static_cast<size_t>(along)]) + ",) (" + std::to_string(counts.size()) +
                     ",)");
  return take(x, array(places_of_repeats(counts, data.shape(), static_cast<size_t>(along), data.dtype())), along);
}

Array append(Arg x, Arg values) { return concatenate({ravel(x), ravel(values)}, 0, x.here()); }
Array append(Arg x, Arg values, Dim axis) { return concatenate({x.array(), values.array()}, axis, x.here()); }

Array column_stack(const std::vector<Array>& arrays, Here here) {
  std::vector<Array> columns;
  for (const Array& a : arrays) columns.push_back(a.ndim() < 2 ? a.reshape({a.size(), 1}) : a);
  return concatenate(columns, 1, here);
}
Array dstack(const std::vector<Array>& arrays, Here here) {
  std::vector<Array> deep;
  for (const Array& a : arrays) deep.push_back(atleast_3d(a));
  return concatenate(deep, 2, here);
}

Array atleast_3d(Arg x) {
  const Array data = x.array();
  switch (data.ndim()) {
    case 0: return data.reshape({1, 1, 1});
    case 1: return expand_dims(data, {0, 2});
    case 2: return expand_dims(data, 2);
    default: return data;
  }
}

Array rot90(Arg x, int64_t turns, Dim axis1, Dim axis2) {
  const Array data = x.array();
  if (data.ndim() < 2)
    throw ValueError("Axes=(0, 1) out of range for array of ndim=" + std::to_string(data.ndim()) + ".");
  const int64_t a = frontend::normalize_axis(axis1.value, data.ndim()),
                b = frontend::normalize_axis(axis2.value, data.ndim());
  if (a == b) throw ValueError("Axes must be different.");
  switch (((turns % 4) + 4) % 4) {
    case 0: return data[ellipsis];
    case 1: return swapaxes(flip(data, b), a, b);
    case 2: return flip(data, {a, b});
    default: return flip(swapaxes(data, a, b), b);
  }
}

Array rollaxis(Arg x, Dim axis, int64_t start) {
  const int64_t n = x.array().ndim(), along = frontend::normalize_axis(axis.value, n);
  if (start < 0) start += n;
  if (start < 0 || start > n)
    throw ValueError("'start' arg requires " + std::to_string(-n) + " <= start < " + std::to_string(n + 1) + ", but " +
                     std::to_string(start) + " was passed in");
  return moveaxis(x, along, along < start ? start - 1 : start);
}

}  // namespace tarry::numpy
