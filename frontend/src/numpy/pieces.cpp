#include <tarry/numpy/pieces.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "memory_check.h"
#include "place.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <string>

namespace tarry::numpy {

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

}  // namespace tarry::numpy
