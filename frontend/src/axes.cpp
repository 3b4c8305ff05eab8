#include "axes.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace tarry::frontend {
namespace {

constinit thread_local bool many_allowed = false;

}  // namespace

void refuse_axes(size_t count) {
  throw ValueError("maximum supported dimension for an ndarray is currently " + std::to_string(kMostAxes) + ", found " +
                   std::to_string(count));
}

bool many_axes_allowed() { return many_allowed; }

void check_indexed_axes(size_t count) {
  if (count > kMostAxes && !many_allowed)
    throw IndexError("number of dimensions must be within [0, " + std::to_string(kMostAxes) +
                     "], indexing result would have " + std::to_string(count));
}

ManyAxes::ManyAxes() : before_(std::exchange(many_allowed, true)) {}
ManyAxes::~ManyAxes() { many_allowed = before_; }

ir::Ints all_axes(size_t ndim) {
  ir::Ints all(ndim, 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

int64_t normalize_axis(int64_t axis, int64_t ndim, std::string_view argument) {
  if (axis < -ndim || axis >= ndim)
    throw ValueError(std::string(argument) + (argument.empty() ? "axis " : ": axis ") + std::to_string(axis) +
                     " is out of bounds for array of dimension " + std::to_string(ndim));
  return axis < 0 ? axis + ndim : axis;
}

ir::Ints normalize_axes(const Axes& axes, int64_t ndim, const char* repeated) {
  if (axes.all()) return all_axes(static_cast<size_t>(ndim));
  const std::span<const int64_t> given = axes.list();
  if (given.size() == 1) return ir::Ints{normalize_axis(given[0], ndim)};
  ir::Ints list;
  for (int64_t axis : given) list.push_back(normalize_axis(axis, ndim));
  std::sort(list.begin(), list.end());
  if (std::adjacent_find(list.begin(), list.end()) != list.end()) throw ValueError(repeated);
  return list;
}

ir::Ints reduced_axes(const Axes& axes, int64_t ndim) {
  const bool one = !axes.all() && axes.list().size() == 1;
  if (ndim == 0 && one && (axes.list()[0] == 0 || axes.list()[0] == -1)) return {};
  return normalize_axes(axes, ndim);
}

}  // namespace tarry::frontend

namespace tarry::detail {

void refuse_position() { throw ValueError("Python int too large to convert to C long"); }
void refuse_extent() { throw ValueError("Maximum allowed dimension exceeded"); }

}  // namespace tarry::detail
