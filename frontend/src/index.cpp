#include "index.h"

#include "broadcast.h"
#include "masked.h"

#include <tarry/ir/error.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

/// The element or range that one entry takes from an axis.
void take_integer(Movement& m, size_t axis, int64_t i) {
  const int64_t extent = m.count[axis];
  if (i < -extent || i >= extent)
    throw IndexError("index " + std::to_string(i) + " is out of bounds for axis " + std::to_string(axis) +
                     " with size " + std::to_string(extent));
  m.start[axis] = i < 0 ? i + extent : i;
  m.count[axis] = 1;
}

/// Python's slice.indices.
void take_slice(Movement& m, size_t axis, const Slice& s) {
  const int64_t extent = m.count[axis], step = s.step.value_or(1);
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
  m.start[axis] = count ? start : 0;
  m.step[axis] = count > 1 ? step : 1;
  m.count[axis] = count;
}

size_t axes_taken(const Index& index) {
  size_t taken = 0;
  for (const Item& item : index.items())
    taken += item.kind() == Item::Kind::integer || item.kind() == Item::Kind::slice || item.kind() == Item::Kind::array;
  return taken;
}

/// The integer that a 0-d array of integers stands for.
int64_t integer_of(const Item& item, Here here) {
  const Array& a = item.array();
  if (a.ndim() == 0 && ir::is_int(a.dtype())) return a.item<int64_t>(here);
  throw IndexError(
      "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`), one boolean array by itself, and 0-d "
      "integer arrays are valid indices");
}

Movement movement_of(const ir::Shape& shape, const Index& index) {
  Movement m = Movement::whole(shape);
  m.axis.clear();
  const size_t taken = axes_taken(index);
  if (taken > shape.size())
    throw IndexError("too many indices for array: array is " + std::to_string(shape.size()) + "-dimensional, but " +
                     std::to_string(taken) + " were indexed");
  size_t axis = 0;
  bool seen_ellipsis = false;
  auto keep = [&] { m.axis.push_back(static_cast<int64_t>(axis++)); };
  for (const Item& item : index.items()) {
    switch (item.kind()) {
      case Item::Kind::integer: take_integer(m, axis++, item.integer()); break;
      case Item::Kind::array: take_integer(m, axis++, integer_of(item, index.here())); break;
      case Item::Kind::slice:
        take_slice(m, axis, item.slice());
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
  m.extent.clear();
  for (int64_t a : m.axis) m.extent.push_back(a < 0 ? 1 : m.count[a]);
  return m;
}

}  // namespace

Array index(const Array& source, const Index& index) {
  const std::vector<Item>& items = index.items();
  if (items.size() == 1 && items[0].kind() == Item::Kind::array && ir::is_bool(items[0].array().dtype()))
    return masked(source, items[0].array(), index.here());
  return view(Arg(source, index.here()), movement_of(source.shape(), index));
}

}  // namespace tarry::frontend
