#include <tarry/numpy/editing.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "index.h"
#include "index_errors.h"
#include "place.h"
#include "promote.h"

#include <tarry/ir/error.h>
#include <tarry/numpy.h>

#include <algorithm>
#include <optional>

namespace tarry::numpy {

using frontend::cell_of;

namespace {

/// Along one axis this item, along the others all.
Index along(int64_t axis, const Item& item) {
  std::vector<Item> items(static_cast<size_t>(axis), Item(All()));
  items.push_back(item);
  return Index(std::move(items));
}

int64_t extent(const Array& x, int64_t axis) { return x.shape()[static_cast<size_t>(axis)]; }

void check_place(int64_t place, int64_t axis, int64_t size, int64_t beyond) {
  if (place < -size || place >= size + beyond) throw IndexError(frontend::out_of_bounds_text(place, axis, size));
}

/// The single integer that an item is, if it is one.
std::optional<int64_t> single(const Item& item) {
  if (item.kind() == Item::Kind::integer) return item.integer();
  if (item.kind() == Item::Kind::array && item.array().size() == 1 && ir::is_int(item.array().dtype()))
    return item.array().item<int64_t>();
  return {};
}

Array range_array(const Slice& s, int64_t n) {
  const frontend::SliceRange range = frontend::range_of(s, n);
  return range.start + range.step * arange(range.count);
}

/// In C order, with all its axes.
Array ascontiguous(const Array& x, Here here) { return x.flags().c_contiguous ? x : x.copy(here); }

/// A new array in Fortran order where x lies so, else in C order.
Array empty_beside(const Array& x, const Shape& shape) {
  if (!isfortran(x)) return empty(shape, x.dtype());
  Shape turned = shape;
  std::reverse(turned.begin(), turned.end());
  return transpose(empty(turned, x.dtype()));
}

Array without(const Array& x, const Item& what, int64_t axis) {
  const frontend::Near near(x);
  const int64_t n = extent(x, axis);
  if (const std::optional<int64_t> place = single(what)) {
    check_place(*place, axis, n, 0);
    const int64_t at = *place < 0 ? *place + n : *place;
    Shape shape = x.shape();
    --shape[static_cast<size_t>(axis)];
    Array result = empty_beside(x, shape);
    result[along(axis, slice(none, at))] = x[along(axis, slice(none, at))];
    result[along(axis, slice(at, none))] = x[along(axis, slice(at + 1, none))];
    return result;
  }
  Array keep = ones({n}, DType::bool_);
  if (what.kind() == Item::Kind::array && ir::is_bool(what.array().dtype())) {
    if (!(what.array().shape() == Shape{n}))
      throw ValueError("boolean array argument obj to delete must be one dimensional and match the axis length of " +
                       std::to_string(n));
    keep = !what.array();
  } else {
    frontend::set_item(keep, Index({what}), false);
  }
  return compress(keep, x, axis);
}

/// Values with as many axes as x has, new ones in front.
Array with_axes(const Array& values, int64_t ndim) {
  Shape shape = values.shape();
  while (static_cast<int64_t>(shape.size()) < ndim) shape.insert(0, 1);
  return values.reshape(shape);
}

Array with_one_place(const Array& x, int64_t place, bool scalar, const Array& given, int64_t axis) {
  const int64_t n = extent(x, axis);
  check_place(place, axis, n, 1);
  const int64_t at = place < 0 ? place + n : place;
  Array values = with_axes(given.astype(x.dtype()), x.ndim());
  if (scalar) values = moveaxis(values, 0, axis);
  const int64_t count = extent(values, axis);
  Shape shape = x.shape();
  shape[static_cast<size_t>(axis)] += count;
  Array result = empty_beside(x, shape);
  result[along(axis, slice(none, at))] = x[along(axis, slice(none, at))];
  result[along(axis, slice(at, at + count))] = values;
  result[along(axis, slice(at + count, none))] = x[along(axis, slice(at, none))];
  return result;
}

Array with_inserted(const Array& x, const Item& where, const Array& values, int64_t axis) {
  const frontend::Near near(x);
  if (where.kind() == Item::Kind::integer) return with_one_place(x, where.integer(), true, values, axis);
  const int64_t n = extent(x, axis);
  Array places = where.kind() == Item::Kind::slice ? range_array(where.slice(), n) : where.array();
  const bool mask = ir::is_bool(places.dtype());
  if (places.ndim() > 1 || (mask && places.ndim() != 1))
    throw ValueError(mask ? "boolean array argument obj to insert must be one dimensional"
                          : "index array argument obj to insert must be one dimensional or scalar");
  if (mask) places = flatnonzero(places);
  if (!ir::is_int(places.dtype()) && places.size() == 1)
    throw TypeError("slice indices must be integers or None or have an __index__ method");
  if (!ir::is_int(places.dtype())) throw IndexError("arrays used as indices must be of integer (or boolean) type");
  if (places.size() == 1) return with_one_place(x, places.item<int64_t>(), places.ndim() == 0, values, axis);
  places = tarry::numpy::where(places < 0, places + n, places).astype(DType::int64);
  const int64_t count = places.size();
  const Array order = argsort(places);
  places[order] += arange(count);
  Shape shape = x.shape();
  shape[static_cast<size_t>(axis)] += count;
  Array old = ones({n + count}, DType::bool_), result = empty_beside(x, shape);
  old[places] = false;
  // Where the mask does not hold, such a write keeps what was there: nothing is read of an array still empty.
  result[along(axis, old)] = x;
  result[along(axis, places)] = values;
  return result;
}

/// `count` values, of which there may be fewer or more, over and over.
Array repeated(const Array& values, int64_t count) {
  const frontend::Near near(values);
  const Array flat = ravel(values);
  if (flat.size() == 0) return zeros({count}, values.dtype());
  return take(flat, arange(count), IndexMode::wrap);
}

}  // namespace

Array delete_(Arg x, const Item& what) { return without(ravel(x), what, 0); }
Array delete_(Arg x, const Item& what, Dim axis) {
  return without(x.array(), what, frontend::normalize_axis(axis.value, x.array().ndim()));
}
Array insert(Arg x, const Item& where, Arg values) { return with_inserted(ravel(x), where, values.array(), 0); }
Array insert(Arg x, const Item& where, Arg values, Dim axis) {
  return with_inserted(x.array(), where, values.array(), frontend::normalize_axis(axis.value, x.array().ndim()));
}

Array resize(Arg x, const Shape& shape) {
  for (int64_t n : shape)
    if (n < 0) throw ValueError("all elements of `new_shape` must be non-negative");
  frontend::check_extents(shape);
  return repeated(x.array(), ir::num_elements(shape)).reshape(shape);
}

Array trim_zeros(Arg x, std::string_view trim) {
  const Array a = x.array();
  if (a.ndim() != 1) throw ValueError("trim_zeros() trims vectors");
  const bool front = trim.find_first_of("fF") != trim.npos, back = trim.find_first_of("bB") != trim.npos;
  if (trim.empty() || trim.size() != size_t{front} + size_t{back})
    throw ValueError("unexpected character(s) in `trim`: '" + std::string(trim) + "'");
  const Array places = flatnonzero(a);
  if (places.size() == 0) return a[slice(0, 0)];
  return a[slice(front ? places[0].item<int64_t>() : 0, back ? places[-1].item<int64_t>() + 1 : a.size())];
}

// ---- masks ---------------------------------------------------------------------------------------

Array select(const std::vector<Array>& conditions, const std::vector<Array>& choices, const Array& otherwise,
             Here here) {
  if (conditions.size() != choices.size()) throw ValueError("list of cases must be same length as list of conditions");
  if (conditions.empty()) throw ValueError("select with an empty condition list is not possible");
  for (size_t i = 0; i < conditions.size(); ++i)
    if (!ir::is_bool(conditions[i].dtype()))
      throw TypeError("invalid entry " + std::to_string(i) + " in condlist: should be boolean ndarray");
  std::vector<frontend::DTypeClass> classes{{otherwise.dtype(), cell_of(otherwise).weak}};
  for (const Array& c : choices) classes.push_back({c.dtype(), cell_of(c).weak});
  const DType t = frontend::result_type(classes);
  const auto typed = [&](const Array& x) { return cell_of(x).weak || x.dtype() == t ? x : x.astype(t, here); };
  Array result = typed(otherwise);
  for (size_t i = conditions.size(); i-- > 0;)
    result = where(Arg(conditions[i], here), Arg(typed(choices[i]), here), Arg(result, here));
  return ascontiguous(result, here);
}

namespace {
/// ValueError for a read-only array, TypeError for values that only a cast could make its elements. A C++ number is
/// converted as Python's are.
void check_replaceable(std::string_view name, const Array& x, const Arg& values) {
  if (cell_of(x).read_only) throw ValueError(std::string(name) + ": output array is read-only");
  const frontend::Cell& from = cell_of(values);
  if (!from.weak || (ir::is_complex(from.dtype) && !ir::is_complex(x.dtype())))
    frontend::check_safe_cast(from.dtype, x.dtype(), from.shape.empty());
}
}  // namespace

void place(const Array& x, Arg mask, Arg values) {
  check_replaceable("place", x, values);
  if (cell_of(mask).shape.empty() ? x.size() != 1 : mask.array().size() != x.size())
    throw ValueError("place: mask and data must be the same size");
  const Array places = flatnonzero(mask);
  if (places.size() == 0) return;
  if (values.array().size() == 0) throw ValueError("Cannot insert from an empty array!");
  put(x, places, values);
}

void putmask(const Array& x, Arg mask, Arg values) {
  check_replaceable("putmask", x, values);
  if (mask.array().size() != x.size()) throw ValueError("putmask: mask and data must be the same size");
  const Array places = flatnonzero(mask);
  const int64_t given = values.array().size();
  if (places.size() == 0 || given == 0) return;
  put(x, places, given == 1 ? values : take(ravel(values), places, IndexMode::wrap));
}

void copyto(const Array& target, Arg source, Arg where) {
  const frontend::Cell& from = cell_of(source);
  if (!frontend::can_cast_same_kind(from.dtype, target.dtype()))
    throw TypeError("Cannot cast " + std::string(from.shape.empty() ? "scalar" : "array data") + " from dtype('" +
                    std::string(ir::info(from.dtype).name) + "') to dtype('" +
                    std::string(ir::info(target.dtype()).name) + "') according to the rule 'same_kind'");
  if (cell_of(where).shape.empty() && cell_of(where).weak) {
    if (where.array().item<bool>()) frontend::set_item(target, Index(ellipsis), source);
    return;
  }
  const Array given = source.array().astype(target.dtype());
  frontend::set_item(target, Index(ellipsis), tarry::numpy::where(where, given, target));
}

void fill_diagonal(const Array& x, Arg values, bool wrap) {
  const frontend::Near near(x);
  if (cell_of(x).read_only) throw ValueError("underlying array is read-only");
  if (x.ndim() < 2) throw ValueError("array must be at least 2-d");
  int64_t step = 1, end = x.size();
  if (x.ndim() == 2) {
    step = x.shape()[1] + 1;
    if (!wrap) end = std::min(end, x.shape()[1] * x.shape()[1]);
  } else {
    int64_t product = 1;
    for (int64_t axis = 0; axis < x.ndim(); ++axis) {
      if (x.shape()[static_cast<size_t>(axis)] != x.shape()[0])
        throw ValueError("All dimensions of input must be of equal length");
      if (axis + 1 < x.ndim()) step += product *= x.shape()[static_cast<size_t>(axis)];
    }
  }
  put(x, arange(0, end, step), values);
}

// ---- broadcasting --------------------------------------------------------------------------------

Shape broadcast_shapes(const std::vector<Shape>& shapes) {
  ir::Shape all;
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (frontend::broadcast_into(all, shapes[i])) continue;
    for (size_t k = 0; k < i; ++k) {
      ir::Shape two = shapes[k];
      if (frontend::broadcast_into(two, shapes[i])) continue;
      throw ValueError("shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg " +
                       std::to_string(k) + " with shape " + ir::tuple_text(shapes[k]) + " and arg " +
                       std::to_string(i) + " with shape " + ir::tuple_text(shapes[i]) + ".");
    }
  }
  return all;
}

std::vector<Array> broadcast_arrays(const std::vector<Array>& arrays, Here here) {
  std::vector<Shape> shapes;
  for (const Array& a : arrays) shapes.push_back(a.shape());
  const Shape shape = broadcast_shapes(shapes);
  std::vector<Array> all;
  for (const Array& a : arrays) all.push_back(broadcast_to(Arg(a, here), shape));
  return all;
}

std::vector<Array> unstack(Arg x, Dim axis) {
  if (cell_of(x).shape.empty()) throw ValueError("Input array must be at least 1-d.");
  const Array a = moveaxis(x, axis, 0);
  std::vector<Array> parts;
  for (int64_t i = 0; i < a.len(); ++i) parts.push_back(a[i]);
  return parts;
}

// ---- indices -------------------------------------------------------------------------------------

Array ravel_multi_index(const std::vector<Array>& indices, const Shape& shape, Here here) {
  if (indices.size() != shape.size())
    throw ValueError("parameter multi_index must be a sequence of length " + std::to_string(shape.size()));
  Array flat;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const Array& at = indices[axis];
    if (!ir::is_int(at.dtype())) throw TypeError("only int indices permitted");
    if (at.size() > 0 && ((at < 0) | (at >= shape[axis])).any().item<bool>())
      throw ValueError("invalid entry in coordinates array");
    const Array wide = at.astype(DType::int64, here);
    flat = axis == 0 ? wide : add(flat * shape[axis], Arg(wide, here));
  }
  return flat;
}

std::vector<Array> unravel_index(Arg indices, const Shape& shape) {
  frontend::check_extents(shape);
  const int64_t size = ir::num_elements(shape);
  Array rest = indices.array();
  if (!ir::is_int(rest.dtype())) throw TypeError("only int indices permitted");
  rest = rest.astype(DType::int64, indices.here());
  if (rest.size() > 0) {
    const Array outside = (rest < 0) | (rest >= size);
    if (outside.any().item<bool>())
      throw ValueError("index " + std::to_string(ravel(rest)[argmax(ravel(outside)).item<int64_t>()].item<int64_t>()) +
                       " is out of bounds for array with size " + std::to_string(size));
  }
  std::vector<Array> all(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    all[axis] = rest % shape[axis];
    rest = floor_divide(rest, shape[axis]);
  }
  return all;
}

std::vector<Array> diag_indices(int64_t n, int64_t ndim, Here here) {
  const Array one = arange(n, {}, here);
  return std::vector<Array>(static_cast<size_t>(std::max<int64_t>(ndim, 0)), one);
}

std::vector<Array> tril_indices(int64_t n, int64_t k, int64_t m, Here here) {
  return nonzero(tri(n, m, k, DType::bool_, here));
}
std::vector<Array> triu_indices(int64_t n, int64_t k, int64_t m, Here here) {
  return nonzero(!tri(n, m, k - 1, DType::bool_, here));
}

// ---- bits ----------------------------------------------------------------------------------------

namespace {
/// 128, 64, … 1.
Array bit_values() { return left_shift(Arg(full({}, 1, DType::uint8)), arange(7, -1, -1).astype(DType::uint8)); }
}  // namespace

Array unpackbits(Arg x) {
  if (cell_of(x).dtype != DType::uint8) throw TypeError("Expected an input array of unsigned byte data type");
  const Array bytes = ravel(x).reshape({-1, 1});
  return ravel(((bytes & bit_values()) != 0).astype(DType::uint8));
}

Array packbits(Arg x) {
  const Array given = x.array();
  if (!ir::is_int(given.dtype()) && !ir::is_bool(given.dtype()))
    throw TypeError("Expected an input array of integer or boolean data type");
  const Array set = ravel(given) != 0;
  const int64_t whole = (set.size() + 7) / 8;
  const Array padded = pad(set.astype(DType::uint8), PadWidth{{0, whole * 8 - set.size()}});
  return sum(padded.reshape({whole, 8}) * bit_values(), 1, DType::uint8);
}

}  // namespace tarry::numpy
