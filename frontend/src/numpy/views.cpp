// The functions of manipulation.h that give views.

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "memory_check.h"
#include "record.h"
#include "view.h"

#include <tarry/numpy/manipulation.h>

#include <algorithm>

namespace tarry::numpy {

using frontend::Movement;

namespace {

const Shape& shape_of(const Arg& x) { return frontend::cell_of(x).shape; }
int64_t ndim_of(const Arg& x) { return static_cast<int64_t>(shape_of(x).size()); }

/// The axes of the source in a new order.
Array permuted(const Arg& x, const ir::Ints& order) {
  Movement m = Movement::whole(shape_of(x));
  for (size_t i = 0; i < order.size(); ++i) {
    m.axis[i] = order[i];
    m.extent[i] = shape_of(x)[order[i]];
  }
  return frontend::view(x, m);
}

}  // namespace

Array reshape(Arg x, const Shape& shape) { return frontend::reshape(x, shape); }
Array ravel(Arg x) { return frontend::reshape(x, ir::Ints{-1}); }

Array transpose(Arg x) {
  ir::Ints order = frontend::all_axes(static_cast<size_t>(ndim_of(x)));
  std::reverse(order.begin(), order.end());
  return permuted(x, order);
}

Array transpose(Arg x, const Axes& axes) {
  if (axes.all()) return transpose(x);
  const int64_t n = ndim_of(x);
  if (static_cast<int64_t>(axes.list().size()) != n) throw ValueError("axes don't match array");
  ir::Ints order;
  for (int64_t axis : axes.list()) {
    const int64_t a = frontend::normalize_axis(axis, n);
    if (std::find(order.begin(), order.end(), a) != order.end()) throw ValueError("repeated axis in transpose");
    order.push_back(a);
  }
  return permuted(x, order);
}

Array permute_dims(Arg x, const Axes& axes) { return transpose(x, axes); }
Array matrix_transpose(Arg x) {
  if (ndim_of(x) < 2)
    throw ValueError("Input array must be at least 2-dimensional, but it is " + std::to_string(ndim_of(x)));
  return swapaxes(x, -1, -2);
}

Array swapaxes(Arg x, Dim first, Dim second) {
  const int64_t n = ndim_of(x);
  ir::Ints order = frontend::all_axes(static_cast<size_t>(n));
  std::swap(order[static_cast<size_t>(frontend::normalize_axis(first.value, n, "axis1"))],
            order[static_cast<size_t>(frontend::normalize_axis(second.value, n, "axis2"))]);
  return permuted(x, order);
}

Array moveaxis(Arg x, Dim source, Dim destination) {
  const int64_t n = ndim_of(x);
  const int64_t from = frontend::normalize_axis(source.value, n, "source"),
                to = frontend::normalize_axis(destination.value, n, "destination");
  ir::Ints order = frontend::all_axes(static_cast<size_t>(n));
  order.erase(static_cast<size_t>(from));
  order.insert(static_cast<size_t>(to), from);
  return permuted(x, order);
}

Array rollaxis(Arg x, Dim axis, int64_t start) {
  const int64_t n = x.array().ndim(), along = frontend::normalize_axis(axis.value, n);
  if (start < 0) start += n;
  if (start < 0 || start > n)
    throw ValueError("'start' arg requires " + std::to_string(-n) + " <= start < " + std::to_string(n + 1) + ", but " +
                     std::to_string(start) + " was passed in");
  return moveaxis(x, along, along < start ? start - 1 : start);
}

Array broadcast_to(Arg x, const Shape& shape) {
  frontend::check_extents(shape);
  frontend::check_countable(frontend::cell_of(x).dtype, shape);
  if (!frontend::broadcasts_to(shape_of(x), shape))
    throw ValueError("operands could not be broadcast together with remapped shapes [original->remapped]: " +
                     frontend::dense_text(shape_of(x)) + "  and requested shape " + frontend::dense_text(shape));
  Movement m = Movement::whole(shape_of(x));
  const size_t lead = shape.size() - shape_of(x).size();
  m.extent = shape;
  m.axis.clear();
  for (size_t i = 0; i < shape.size(); ++i) m.axis.push_back(i < lead ? -1 : static_cast<int64_t>(i - lead));
  const Array wide = frontend::view(x, m);
  frontend::Cell& cell = frontend::cell_of(wide);
  cell.read_only = cell.frozen = true;
  return wide;
}

Array expand_dims(Arg x, const Axes& list) {
  if (list.all()) throw TypeError("expand_dims() needs the axes that are new");
  const int64_t n = ndim_of(x) + static_cast<int64_t>(list.list().size());
  ir::Ints fresh;
  for (int64_t axis : list.list()) fresh.push_back(frontend::normalize_axis(axis, n));
  std::sort(fresh.begin(), fresh.end());
  if (std::adjacent_find(fresh.begin(), fresh.end()) != fresh.end()) throw ValueError("repeated axis");
  Movement m = Movement::whole(shape_of(x));
  for (int64_t a : fresh) {
    m.axis.insert(static_cast<size_t>(a), -1);
    m.extent.insert(static_cast<size_t>(a), 1);
  }
  return frontend::view(x, m);
}

Array squeeze(Arg x, const Axes& list) {
  const Shape& shape = shape_of(x);
  ir::Ints dropped;
  if (list.all()) {
    for (size_t i = 0; i < shape.size(); ++i)
      if (shape[i] == 1) dropped.push_back(static_cast<int64_t>(i));
  } else {
    dropped = frontend::normalize_axes(list, ndim_of(x));
    for (int64_t a : dropped)
      if (shape[static_cast<size_t>(a)] != 1)
        throw ValueError("cannot select an axis to squeeze out which has size not equal to one");
  }
  Movement m = Movement::whole(shape);
  for (size_t i = dropped.size(); i-- > 0;) {
    m.axis.erase(static_cast<size_t>(dropped[i]));
    m.extent.erase(static_cast<size_t>(dropped[i]));
  }
  return frontend::view(x, m);
}

Array flip(Arg x, const Axes& list) {
  const Shape& shape = shape_of(x);
  Movement m = Movement::whole(shape);
  for (int64_t a : frontend::normalize_axes(list, ndim_of(x), "repeated axis")) {
    const size_t i = static_cast<size_t>(a);
    m.start[i] = std::max<int64_t>(shape[i] - 1, 0);
    m.step[i] = -1;
  }
  return frontend::view(x, m);
}

Array fliplr(Arg x) {
  if (ndim_of(x) < 2) throw ValueError("Input must be >= 2-d.");
  return flip(x, 1);
}
Array flipud(Arg x) {
  if (ndim_of(x) < 1) throw ValueError("Input must be >= 1-d.");
  return flip(x, 0);
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

Array atleast_1d(Arg x) { return ndim_of(x) ? x.array() : frontend::reshape(x, ir::Ints{1}); }
Array atleast_2d(Arg x) {
  if (ndim_of(x) >= 2) return x.array();
  return ndim_of(x) == 1 ? expand_dims(x, 0) : frontend::reshape(x, ir::Ints{1, 1});
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

}  // namespace tarry::numpy
