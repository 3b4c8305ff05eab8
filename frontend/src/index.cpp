#include "index.h"

#include "axes.h"
#include "broadcast.h"
#include "index_errors.h"
#include "indexing.h"
#include "masked.h"
#include "selected.h"

#include <tarry/ir/error.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

/// The element or range that one entry takes from an axis.
void take_integer(Movement& m, size_t axis, int64_t i) {
  const int64_t extent = m.count[axis];
  if (i < -extent || i >= extent) throw IndexError(out_of_bounds_text(i, static_cast<int64_t>(axis), extent));
  m.start[axis] = i < 0 ? i + extent : i;
  m.count[axis] = 1;
}

void take_slice(Movement& m, size_t axis, const SliceRange& range) {
  m.start[axis] = range.start;
  m.step[axis] = range.step;
  m.count[axis] = range.count;
}

size_t axes_taken(const Index& index) {
  size_t taken = 0;
  for (const Item& item : index.items())
    taken += item.kind() == Item::Kind::integer || item.kind() == Item::Kind::slice || item.kind() == Item::Kind::array;
  return taken;
}

/// For an index without arrays, but for such that are as good as an integer.
void describe(Movement& m, const ir::Shape& shape, const Index& index) {
  m.begin_whole(shape);
  m.axis.clear();
  const size_t taken = axes_taken(index);
  if (taken > shape.size()) refuse_count(shape.size(), taken);
  size_t axis = 0;
  bool seen_ellipsis = false;
  auto keep = [&] { m.axis.push_back(static_cast<int64_t>(axis++)); };
  for (const Item& item : index.items()) {
    switch (item.kind()) {
      case Item::Kind::integer: take_integer(m, axis++, item.integer()); break;
      case Item::Kind::array: take_integer(m, axis++, item.array().item<int64_t>(index.here())); break;
      case Item::Kind::slice:
        take_slice(m, axis, range_of(item.slice(), m.count[axis]));
        keep();
        break;
      case Item::Kind::newaxis: m.axis.push_back(-1); break;
      case Item::Kind::ellipsis:
        if (seen_ellipsis) throw IndexError("an index can only have a single ellipsis ('...')");
        seen_ellipsis = true;
        for (size_t rest = shape.size() - taken; rest > 0; --rest) keep();
        break;
    }
  }
  while (axis < shape.size()) keep();
  check_indexed_axes(m.axis.size());
  m.extent.clear();
  for (int64_t a : m.axis) m.extent.push_back(a < 0 ? 1 : m.count[a]);
}

Array basic_view(const Array& source, const Index& index) {
  const Shape& shape = source.shape();
  return view(Arg(source, index.here()), [&](Movement& m) { describe(m, shape, index); });
}

}  // namespace

SliceRange range_of(const Slice& s, int64_t extent) {
  const int64_t step = s.step.value_or(1);
  if (step == 0) throw ValueError("slice step cannot be zero");
  const int64_t low = step < 0 ? -1 : 0, high = step < 0 ? extent - 1 : extent;
  auto bound = [&](std::optional<int64_t> b, int64_t absent) {
    if (!b) return absent;
    return std::clamp(*b < 0 ? *b + extent : *b, low, high);
  };
  const int64_t start = bound(s.start, step < 0 ? high : low), stop = bound(s.stop, step < 0 ? low : high);
  int64_t count = 0;
  if (step > 0 && start < stop) count = (stop - start - 1) / step + 1;
  if (step < 0 && stop < start) count = (start - stop - 1) / (step == INT64_MIN ? INT64_MAX : -step) + 1;
  return {count ? start : 0, count > 1 ? step : 1, count};
}

namespace {

bool is_lone_mask(const Index& index) {
  const std::vector<Item>& items = index.items();
  return items.size() == 1 && items[0].kind() == Item::Kind::array && ir::is_bool(items[0].array().dtype());
}

bool holds_arrays(const Index& index) {
  return std::ranges::any_of(index.items(), [](const Item& item) { return item.kind() == Item::Kind::array; });
}

void prepare_arrays(Recorder& r, const Index& index) {
  for (const Item& item : index.items())
    if (item.kind() == Item::Kind::array) r.prepare(item.array());
}

Array read_advanced(const Array& source, const Index& index) {
  Recorder r("getitem", index.here());
  prepare_arrays(r, index);
  const Term x = r.read(Arg(source, index.here()));
  return r.strong_result(AdvancedIndex(r, r.shape(x), index, IndexUse::read).read(x));
}

Term fit(Recorder& r, Term value, const ir::Shape& place) {
  const std::optional<Term> fitted = fit_value(r, value, place);
  if (!fitted)
    throw ValueError("could not broadcast input array from shape " + dense_text(r.shape(value)) + " into shape " +
                     dense_text(place));
  return *fitted;
}

}  // namespace

Array index(const Array& source, const Index& index) {
  if (!holds_arrays(index)) return basic_view(source, index);
  if (is_lone_mask(index)) return masked(source, index.items()[0].array(), index.here());
  const Array result = is_advanced(index) ? read_advanced(source, index) : basic_view(source, index).copy(index.here());
  remember_selection(raw_cell(result), source, index);
  return result;
}

void set_item(const Array& target, const Index& index, const Arg& value) {
  if (is_lone_mask(index)) return assign(masked(target, index.items()[0].array(), index.here()), value);
  if (!is_advanced(index)) return assign(basic_view(target, index), value);
  Recorder r("setitem", value.here());
  prepare_arrays(r, index);
  const Term x = r.read(Arg(target, value.here()));
  AdvancedIndex place(r, r.shape(x), index);
  const Term fresh = fit_selected(r, r.read(value, r.dtype(x)), place.shape());
  r.write(target, place.write(Op::scatter, x, fresh));
}

void assign(const Array& target, const Arg& value) {
  Cell& cell = raw_cell(target);
  raw_cell(value);
  if (is_masked(cell)) return write_masked(cell, value);
  if (cell.selected && write_selected(cell, value)) return;
  Recorder r("setitem", value.here());
  r.prepare(target);
  r.write(target, fit(r, r.read(value, cell.dtype), cell.shape));
}

}  // namespace tarry::frontend
