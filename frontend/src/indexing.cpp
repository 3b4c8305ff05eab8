#include "indexing.h"

#include "axes.h"
#include "broadcast.h"
#include "index.h"
#include "index_errors.h"
#include "observe.h"
#include "place.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <numeric>

namespace tarry::frontend {
namespace {

bool is_mask(const Item& item) { return item.kind() == Item::Kind::array && ir::is_bool(item.array().dtype()); }

/// Whether a 0-d array of integers is as good as an integer: its value is there.
bool is_known_integer(const Array& a) {
  return a.ndim() == 0 && ir::is_int(a.dtype()) &&
         raw_cell(a).state.load(std::memory_order_acquire) != CellState::pending;
}

size_t axes_of(const Item& item) {
  switch (item.kind()) {
    case Item::Kind::integer:
    case Item::Kind::slice: return 1;
    case Item::Kind::array: return is_mask(item) ? static_cast<size_t>(item.array().ndim()) : 1;
    case Item::Kind::newaxis:
    case Item::Kind::ellipsis: return 0;
  }
  return 0;
}

}  // namespace

bool is_advanced(const Index& index) {
  return std::ranges::any_of(index.items(), [](const Item& item) {
    return item.kind() == Item::Kind::array && !is_known_integer(item.array());
  });
}

std::optional<Term> fit_value(Recorder& r, Term value, const ir::Shape& place) {
  ir::Shape shape = r.shape(value);
  while (shape.size() > place.size() && shape[0] == 1) shape.erase(0);
  if (!broadcasts_to(shape, place)) return {};
  return r.broadcast(r.reshape(value, shape), place);
}

Term fit_selected(Recorder& r, Term value, const ir::Shape& place) {
  const std::optional<Term> fitted = fit_value(r, value, place);
  if (!fitted)
    throw ValueError("shape mismatch: value array of shape " + dense_text(r.shape(value)) +
                     " could not be broadcast to indexing result of shape " + dense_text(place));
  return *fitted;
}

// ---- understanding -----------------------------------------------------------------------------

AdvancedIndex::AdvancedIndex(Recorder& recorder, ir::Shape source, const Index& index, IndexUse use)
    : r_(recorder),
      extent_(source),
      start_(source.size(), 0),
      step_(source.size(), 1),
      count_(source),
      dropped_(source.size(), false) {
  size_t taken = 0;
  for (const Item& item : index.items()) taken += axes_of(item);
  if (taken > source.size()) refuse_count(source.size(), taken);
  bool seen_ellipsis = false;
  for (const Item& item : index.items()) {
    if (item.kind() == Item::Kind::ellipsis) {
      if (seen_ellipsis) throw IndexError("an index can only have a single ellipsis ('...')");
      seen_ellipsis = true;
      for (size_t rest = source.size() - taken; rest > 0; --rest) keep(static_cast<int64_t>(axis_++));
    }
    take(item, index.here());
  }
  while (axis_ < source.size()) keep(static_cast<int64_t>(axis_++));
  if (apart_) place_ = 0;
  bind(index.here(), use);
}

/// All shapes are seen to fit before the first index is looked at.
void AdvancedIndex::bind(Here here, IndexUse use) {
  for (const ir::Shape& shape : shapes_)
    if (!broadcast_into(broadcast_, shape)) refuse_shapes();
  check_indexed_axes(shown_.size() + broadcast_.size());
  for (size_t i = 0; i < arrays_.size(); ++i) {
    const Term index = r_.index(Arg(arrays_[i], here), axes_[i], extent_[static_cast<size_t>(axes_[i])], use);
    indices_.push_back(r_.spread_index(index, broadcast_));
  }
}

void AdvancedIndex::take(const Item& item, Here here) {
  const bool is_array = item.kind() == Item::Kind::array || item.kind() == Item::Kind::integer;
  if (is_array) note_array();
  last_was_array_ = is_array;
  switch (item.kind()) {
    case Item::Kind::integer: {
      const int64_t size = extent_[axis_], i = item.integer();
      if (i < -size || i >= size) throw IndexError(out_of_bounds_text(i, static_cast<int64_t>(axis_), size));
      start_[axis_] = i < 0 ? i + size : i;
      count_[axis_] = 1;
      dropped_[axis_++] = true;
      return;
    }
    case Item::Kind::slice: {
      const SliceRange range = range_of(item.slice(), extent_[axis_]);
      start_[axis_] = range.start;
      step_[axis_] = range.step;
      count_[axis_] = range.count;
      return keep(static_cast<int64_t>(axis_++));
    }
    case Item::Kind::newaxis: return keep(-1);
    case Item::Kind::ellipsis: return;
    case Item::Kind::array: return is_mask(item) ? take_mask(item.array(), here) : add_index(item.array());
  }
}

void AdvancedIndex::note_array() {
  if (!seen_array_)
    place_ = shown_.size();
  else if (!last_was_array_)
    apart_ = true;
  seen_array_ = true;
}

void AdvancedIndex::refuse_shapes() const {
  std::string text = "shape mismatch: indexing arrays could not be broadcast together with shapes";
  for (const ir::Shape& shape : shapes_) text += " " + dense_text(shape);
  throw IndexError(text);
}

void AdvancedIndex::add_index(const Array& array) {
  shapes_.push_back(array.shape());
  arrays_.push_back(array);
  axes_.push_back(static_cast<int64_t>(axis_++));
}

void AdvancedIndex::take_mask(const Array& mask, Here here) {
  check_mask(mask.shape(), extent_, axis_);
  if (mask.ndim() == 0) shapes_.push_back(ir::Shape{mask.item<bool>(here) ? 1 : 0});
  if (mask.ndim() == 0) return;
  for (const Array& places : nonzero_places(mask, here)) add_index(places);
}

bool AdvancedIndex::is_indexed(size_t axis) const {
  return std::ranges::find(axes_, static_cast<int64_t>(axis)) != axes_.end();
}

bool AdvancedIndex::shows_nothing() const { return std::ranges::find(broadcast_, 0) != broadcast_.end(); }

ir::Shape AdvancedIndex::shape() const {
  ir::Shape shape;
  for (size_t i = 0; i <= shown_.size(); ++i) {
    if (i == place_)
      for (int64_t extent : broadcast_) shape.push_back(extent);
    if (i < shown_.size()) shape.push_back(shown_[i] < 0 ? 1 : count_[static_cast<size_t>(shown_[i])]);
  }
  return shape;
}

ir::Ints AdvancedIndex::rest_in_shown_order() const {
  ir::Ints rest;
  for (int64_t axis : shown_)
    if (axis >= 0) rest.push_back(axis);
  for (size_t axis = 0; axis < dropped_.size(); ++axis)
    if (dropped_[axis]) rest.push_back(static_cast<int64_t>(axis));
  return rest;
}

// ---- reading and writing -----------------------------------------------------------------------

namespace {

/// Axes of (arrays, rest…) in the order in which the result shows them: `rest` are positions among the rest, of
/// which the first `before` stand before the arrays' axes.
ir::Ints shown_order(size_t arrays, const ir::Ints& rest, size_t before) {
  ir::Ints order;
  for (size_t i = 0; i <= rest.size(); ++i) {
    if (i == before)
      for (size_t b = 0; b < arrays; ++b) order.push_back(static_cast<int64_t>(b));
    if (i < rest.size()) order.push_back(static_cast<int64_t>(arrays) + rest[i]);
  }
  return order;
}

/// Where each of these values stands in ascending order.
ir::Ints ranks(const ir::Ints& values) {
  ir::Ints result;
  for (int64_t v : values) result.push_back(std::ranges::count_if(values, [&](int64_t other) { return other < v; }));
  return result;
}

}  // namespace

Term AdvancedIndex::read(Term source) {
  bool whole = true;
  for (size_t axis = 0; axis < extent_.size(); ++axis) whole &= is_whole(axis);
  Term x = whole ? source : r_.slice(source, start_, step_, count_);
  if (axes_.empty()) {
    // Single truth values alone: all of it, or nothing.
    ir::Shape shape = count_;
    shape.insert(0, broadcast_[0]);
    x = broadcast_[0] ? r_.reshape(x, shape) : r_.empty(r_.dtype(x), shape);
  } else {
    x = r_.gather(x, indices_, axes_);
  }
  const ir::Ints rest = rest_in_shown_order();
  const auto before = static_cast<size_t>(
      std::count_if(shown_.begin(), shown_.begin() + place_, [](int64_t axis) { return axis >= 0; }));
  return r_.reshape(r_.transpose(x, shown_order(broadcast_.size(), ranks(rest), before)), shape());
}

/// Axes that are sliced, or taken by an integer, are indexed by their positions, so that all is one scatter.
Term AdvancedIndex::write(Op op, Term source, Term value) {
  if (shows_nothing() || ir::num_elements(r_.shape(value)) == 0) return source;
  const ir::Ints rest = rest_in_shown_order();
  const auto before = static_cast<size_t>(
      std::count_if(shown_.begin(), shown_.begin() + place_, [](int64_t axis) { return axis >= 0; }));
  // Without new axes, with those that integers took at the end.
  ir::Shape shown;
  for (size_t i = 0; i <= rest.size(); ++i) {
    if (i == before)
      for (int64_t extent : broadcast_) shown.push_back(extent);
    if (i < rest.size()) shown.push_back(count_[static_cast<size_t>(rest[i])]);
  }
  // The order of a scatter: the arrays' axes, those indexed by position, then whole ones.
  const size_t arrays = broadcast_.size();
  ir::Ints by_position, whole, axes = axes_;
  for (size_t axis = 0; axis < extent_.size(); ++axis)
    if (!is_indexed(axis))
      (is_whole(axis) && !axes_.empty() ? whole : by_position).push_back(static_cast<int64_t>(axis));
  ir::Ints perm;
  for (size_t b = 0; b < arrays; ++b) perm.push_back(static_cast<int64_t>(before + b));
  for (const ir::Ints* list : {&by_position, &whole})
    for (int64_t axis : *list) {
      const auto at = static_cast<size_t>(std::ranges::find(rest, axis) - rest.begin());
      perm.push_back(static_cast<int64_t>(at < before ? at : at + arrays));
    }
  const Term ordered = r_.transpose(r_.reshape(value, shown), perm);

  ir::Shape all = broadcast_, narrow = broadcast_;
  for (int64_t axis : by_position) {
    all.push_back(count_[static_cast<size_t>(axis)]);
    narrow.push_back(1);
  }
  std::vector<std::pair<int64_t, Term>> indices;
  for (size_t i = 0; i < axes_.size(); ++i)
    indices.emplace_back(axes_[i], r_.spread_index(reshaped(indices_[i], narrow), all));
  for (size_t i = 0; i < by_position.size(); ++i) {
    const auto axis = static_cast<size_t>(by_position[i]);
    indices.emplace_back(by_position[i], positions(all, static_cast<int64_t>(arrays + i), axis));
  }
  std::ranges::sort(indices, {}, [](const auto& i) { return i.first; });
  std::vector<Term> terms;
  axes.clear();
  for (const auto& [axis, term] : indices) {
    axes.push_back(axis);
    terms.push_back(term);
  }
  return r_.scatter(op, source, ordered, terms, axes);
}

Term AdvancedIndex::reshaped(Term index, const ir::Shape& shape) {
  const Term result = r_.reshape(index, shape);
  r_.copy_range(index, result);
  return result;
}

/// start + i*step along axis `along` of a shape.
Term AdvancedIndex::positions(const ir::Shape& shape, int64_t along, size_t axis) {
  Term x = r_.iota(shape, along);
  if (step_[axis] != 1) x = r_.op(Op::mul, x, r_.scalar_int(DType::int64, step_[axis]));
  if (start_[axis] != 0) x = r_.op(Op::add, x, r_.scalar_int(DType::int64, start_[axis]));
  const int64_t last = start_[axis] + (count_[axis] - 1) * step_[axis];
  r_.note_range(x, {std::min(start_[axis], last), std::max(start_[axis], last)});
  return x;
}

}  // namespace tarry::frontend
