#include <tarry/numpy/indexing.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "index.h"
#include "indexing.h"
#include "observe.h"
#include "place.h"
#include "promote.h"
#include "record.h"

#include <tarry/numpy/creation.h>
#include <tarry/numpy/elementwise.h>
#include <tarry/numpy/manipulation.h>

#include <algorithm>

namespace tarry {

Array frontend::index_list(std::vector<int64_t> elements) { return numpy::array(elements); }

namespace numpy {

using frontend::cell_of;
using frontend::IndexUse;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

namespace {

/// Indices along an axis of this size, as the mode says; bools count as 0 and 1.
Term index_of(Recorder& r, const Arg& indices, int64_t axis, int64_t size, IndexMode mode, IndexUse use) {
  if (ir::is_bool(cell_of(indices).dtype)) {
    const Array numbers = indices.array().astype(DType::int64, indices.here());
    return index_of(r, Arg(numbers, indices.here()), axis, size, mode, use);
  }
  if (mode == IndexMode::raise) return r.index(indices, axis, size, use);
  const Term x = r.read(indices, DType::int64);
  if (size == 0 && ir::num_elements(r.shape(x)) != 0)
    throw IndexError("cannot do a non-empty take from an empty axes.");
  const Term last = r.scalar_int(DType::int64, size - 1);
  const Term inside = mode == IndexMode::wrap ? r.op(Op::mod, x, r.scalar_int(DType::int64, std::max<int64_t>(size, 1)))
                                              : r.op(Op::min, r.op(Op::max, x, r.scalar_int(DType::int64, 0)), last);
  r.note_range(inside, {0, size - 1});
  return inside;
}

Term flatten(Recorder& r, Term x) { return r.reshape(x, ir::Shape{ir::num_elements(r.shape(x))}); }

Term take_from(Recorder& r, Term x, Term index, int64_t axis) {
  const Term taken = r.gather(x, std::span(&index, 1), std::span(&axis, 1));
  // The indices' axes come first.
  const int64_t wide = r.ndim(index);
  ir::Ints order;
  for (int64_t a = 0; a < axis; ++a) order.push_back(wide + a);
  for (int64_t a = 0; a < wide; ++a) order.push_back(a);
  for (int64_t a = axis; a + 1 < r.ndim(x); ++a) order.push_back(wide + a);
  return r.transpose(taken, order);
}

/// Index arrays for all axes of x: `indices` along one, places along the others.
std::vector<Term> along_axis(Recorder& r, const ir::Shape& x, const Arg& indices, int64_t axis, IndexUse use) {
  const DType t = cell_of(indices).dtype;
  if (!ir::is_int(t)) throw IndexError("`indices` must be an integer array");
  if (cell_of(indices).shape.size() != x.size())
    throw ValueError("`indices` and `arr` must have the same number of dimensions");
  ir::Shape shape = cell_of(indices).shape;
  ir::Shape others = x;
  others[static_cast<size_t>(axis)] = 1;
  if (!frontend::broadcast_into(shape, others))
    throw IndexError("shape mismatch: indexing arrays could not be broadcast together with shapes " +
                     frontend::dense_text(cell_of(indices).shape) + " " + frontend::dense_text(others));
  std::vector<Term> all;
  for (size_t a = 0; a < x.size(); ++a) {
    if (static_cast<int64_t>(a) == axis) {
      all.push_back(r.spread_index(r.index(indices, axis, x[a], use), shape));
      continue;
    }
    const Term places =
        x[a] == 1 ? r.broadcast(r.literal_int(DType::int64, 0), shape) : r.iota(shape, static_cast<int64_t>(a));
    r.note_range(places, {0, x[a] - 1});
    all.push_back(places);
  }
  return all;
}

}  // namespace

Array take(Arg a, Arg indices, IndexMode mode) {
  Recorder r("take", a.here());
  const Term x = flatten(r, r.read(a));
  return r.strong_result(take_from(r, x, index_of(r, indices, 0, r.shape(x)[0], mode, IndexUse::read), 0),
                         frontend::Layout::c);
}

Array take(Arg a, Arg indices, Dim axis, IndexMode mode) {
  if (cell_of(a).shape.empty()) {
    frontend::normalize_axis(axis.value, 1);
    return take(a, indices, mode);
  }
  Recorder r("take", a.here());
  const Term x = r.read(a);
  const int64_t along = frontend::normalize_axis(axis.value, r.ndim(x));
  const Term index = index_of(r, indices, along, r.shape(x)[static_cast<size_t>(along)], mode, IndexUse::read);
  return r.strong_result(take_from(r, x, index, along), frontend::Layout::c);
}

void put(const Array& x, Arg indices, Arg values, IndexMode mode) {
  Recorder r("put", indices.here());
  const Term whole = r.read(Arg(x, indices.here()));
  const Term flat = flatten(r, whole);
  const int64_t axis = 0;
  const Term index = flatten(r, index_of(r, indices, axis, r.shape(flat)[0], mode, IndexUse::write));
  const int64_t count = r.shape(index)[0];
  Term v = flatten(r, r.read(values, r.dtype(whole)));
  const int64_t given = r.shape(v)[0];
  if (given == 0 || count == 0) return;
  if (given == 1) {
    v = r.broadcast(v, ir::Shape{count});
  } else if (given > count) {
    v = r.slice(v, ir::Ints{0}, ir::Ints{1}, ir::Shape{count});
  } else if (given < count) {
    const Term turn = r.op(Op::mod, r.iota(ir::Shape{count}, 0), r.scalar_int(DType::int64, given));
    r.note_range(turn, {0, given - 1});
    v = r.gather(v, std::span(&turn, 1), std::span(&axis, 1));
  }
  const Term written = r.scatter(Op::scatter, flat, v, std::span(&index, 1), std::span(&axis, 1));
  r.write(x, r.reshape(written, r.shape(whole)), "put: output array is read-only");
}

Array take_along_axis(Arg a, Arg indices, Dim axis) {
  Recorder r("take_along_axis", a.here());
  const Term x = r.read(a);
  const ir::Shape shape = r.shape(x);
  const int64_t along = frontend::normalize_axis(axis.value, r.ndim(x));
  const std::vector<Term> places = along_axis(r, shape, indices, along, IndexUse::read);
  return r.strong_result(r.gather(x, places, frontend::all_axes(shape.size())), frontend::Layout::c);
}

Array take_along_axis(Arg x, Arg indices, None) {
  if (cell_of(indices).shape.size() != 1) throw ValueError("when axis=None, `indices` must have a single dimension.");
  return take(x, indices);
}

void put_along_axis(const Array& target, Arg indices, Arg values, Dim axis) {
  Recorder r("put_along_axis", indices.here());
  const Term x = r.read(Arg(target, indices.here()));
  const ir::Shape shape = r.shape(x);
  const int64_t along = frontend::normalize_axis(axis.value, r.ndim(x));
  const std::vector<Term> places = along_axis(r, shape, indices, along, IndexUse::write);
  const Term v = frontend::fit_selected(r, r.read(values, r.dtype(x)), r.shape(places[0]));
  r.write(target, r.scatter(Op::scatter, x, v, places, frontend::all_axes(shape.size())));
}

Array choose(Arg which, const std::vector<Array>& choices, IndexMode mode) {
  if (choices.empty()) throw ValueError("invalid number of choices");
  const auto n = static_cast<int64_t>(choices.size());
  frontend::check_safe_cast(cell_of(which).dtype, DType::int64);
  if (mode == IndexMode::raise && which.array().size() > 0) {
    const Array outside = (which.array() < 0) | (which.array() >= n);
    if (outside.any().item<bool>()) throw ValueError("invalid entry in choice array");
  }
  Recorder r("choose", which.here());
  std::vector<frontend::DTypeClass> classes;
  for (const Array& c : choices) classes.push_back({cell_of(c).dtype, cell_of(c).weak});
  const DType dtype = frontend::result_type(classes);
  Term index = r.read(which, DType::int64);
  if (mode == IndexMode::wrap) index = r.op(Op::mod, index, r.scalar_int(DType::int64, n));
  Term chosen = r.read(Arg(choices.back(), which.here()), dtype);
  // Below the first choice is clipped to it, beyond the last to the last.
  for (int64_t i = n - 1; i-- > 0;) {
    const Term here = r.op(Op::le, index, r.literal_int(DType::int64, i));
    chosen = r.op(Op::select, here, r.read(Arg(choices[static_cast<size_t>(i)], which.here()), dtype), chosen);
  }
  ir::Shape shape = r.shape(index);
  if (!frontend::broadcast_into(shape, r.shape(chosen)))
    throw ValueError("shape mismatch: objects cannot be broadcast to a single shape");
  return r.strong_result(r.broadcast(chosen, shape));
}

// ---- conditions --------------------------------------------------------------------------------

namespace {

Array places_of_condition(const Arg& condition) {
  if (cell_of(condition).shape.size() != 1) throw ValueError("condition must be a 1-d array");
  return flatnonzero(condition);
}

}  // namespace

Array compress(Arg condition, Arg x) { return take(x, places_of_condition(condition)); }
Array compress(Arg condition, Arg x, Dim axis) { return take(x, places_of_condition(condition), axis); }
Array extract(Arg condition, Arg x) { return take(x, flatnonzero(condition)); }

std::vector<Array> nonzero(Arg x) {
  if (cell_of(x).shape.empty())
    throw ValueError("Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.");
  return frontend::nonzero_places(x.array(), x.here());
}

std::vector<Array> where(Arg condition) { return nonzero(condition); }

Array argwhere(Arg x) {
  const frontend::Near near(x);
  if (cell_of(x).shape.empty()) {
    const bool holds = x.array().astype(DType::bool_, x.here()).item<bool>();
    return zeros({holds ? 1 : 0, 0}, DType::int64, x.here());
  }
  return stack(nonzero(x), 1, x.here());
}

Array flatnonzero(Arg x) {
  const Array flat = ravel(x);
  return nonzero(Arg(flat, x.here()))[0];
}

Index ix_(const std::vector<Array>& axes) {
  std::vector<Item> items;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].ndim() != 1) throw ValueError("Cross index must be 1 dimensional");
    Array one = ir::is_bool(axes[i].dtype()) ? flatnonzero(axes[i]) : axes[i];
    Shape shape(ir::Shape(axes.size(), 1));
    shape[i] = one.size();
    items.emplace_back(one.reshape(shape));
  }
  return Index(std::move(items));
}

}  // namespace numpy
}  // namespace tarry
