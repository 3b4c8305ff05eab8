#include "order.h"

#include "axes.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace tarry::frontend {

namespace {

/// Sorts axes by insertion, as NumPy does. `passes(operand, moving, other)` says whether an axis moves in front of
/// another in this operand, nothing where that one cannot tell. It does where all that can tell agree.
template <class Passes>
void insert_axes(ir::Ints& axes, size_t operands, const Passes& passes) {
  for (size_t i = 1; i < axes.size(); ++i) {
    size_t to = i;
    for (size_t j = i; j-- > 0;) {
      bool told = false, swap = true;
      for (size_t k = 0; k < operands; ++k) {
        const std::optional<bool> passed = passes(k, axes[i], axes[j]);
        told |= passed.has_value();
        swap &= passed.value_or(true);
      }
      if (!told) continue;
      if (!swap) break;
      to = j;
    }
    std::rotate(axes.begin() + to, axes.begin() + i, axes.begin() + i + 1);
  }
}

}  // namespace

ir::Ints sort_axes(size_t ndim, std::span<const int64_t> strides) {
  ir::Ints axes = all_axes(ndim);
  std::reverse(axes.begin(), axes.end());
  // From the inside out: an axis moves inwards past those whose strides are larger.
  insert_axes(axes, ndim ? strides.size() / ndim : 0, [&](size_t k, int64_t a, int64_t b) -> std::optional<bool> {
    const int64_t moving = std::abs(strides[k * ndim + a]), other = std::abs(strides[k * ndim + b]);
    if (moving == 0 || other == 0) return {};
    return moving < other;
  });
  return axes;
}

ir::Strides compact_strides(std::span<const int64_t> shape, std::span<const int64_t> axes) {
  ir::Strides strides(shape.size(), 1);
  int64_t step = 1;
  for (int64_t axis : axes) {
    strides[axis] = step;
    step *= std::max<int64_t>(shape[axis], 1);
  }
  return strides;
}

ir::Strides keep_order(std::span<const int64_t> shape, std::span<const CellPointer> cells) {
  bool all_c = true;
  for (const CellPointer& cell : cells) all_c &= cell->c_order || cell->shape.size() < 2;
  if (all_c || shape.size() < 2) return {};
  ir::Strides strides;
  for (const CellPointer& cell : cells) {
    if (cell->shape.size() > shape.size()) continue;
    const ir::Strides own = cell->numpy_strides();
    const size_t missing = shape.size() - own.size();
    for (size_t i = 0; i < shape.size(); ++i)
      strides.push_back(i < missing || cell->shape[i - missing] == 1 ? 0 : own[i - missing]);
  }
  ir::Strides result = compact_strides(shape, sort_axes(shape.size(), strides));
  if (is_c_order(shape, result)) return {};
  return result;
}

ir::Strides order_like(std::span<const int64_t> shape, const Cell& cell) {
  const ir::Strides own = cell.numpy_strides();
  if (cell.c_order || is_c_order(cell.shape, own)) return {};
  if (is_f_order(cell.shape, own)) return fortran_strides(shape);
  ir::Ints axes = all_axes(shape.size());
  std::stable_sort(axes.begin(), axes.end(), [&](int64_t a, int64_t b) { return std::abs(own[a]) > std::abs(own[b]); });
  std::reverse(axes.begin(), axes.end());
  ir::Strides result = compact_strides(shape, axes);
  if (is_c_order(shape, result)) return {};
  return result;
}

ir::Strides fortran_strides(std::span<const int64_t> shape) {
  ir::Strides strides = compact_strides(shape, all_axes(shape.size()));
  if (is_c_order(shape, strides)) return {};
  return strides;
}

ir::Ints join_axes(std::span<const Array> arrays, size_t ndim, int64_t added) {
  // The slowest first: an axis moves outwards past those whose strides are smaller in all arrays.
  std::vector<ir::Strides> strides;
  for (const Array& a : arrays) {
    const Cell& cell = cell_of(a);
    ir::Strides own = cell.numpy_strides();
    // Extents of 1 do not count.
    for (size_t i = 0; i < own.size(); ++i) own[i] = cell.shape[i] == 1 ? -1 : std::abs(own[i]);
    if (added >= 0) own.insert(static_cast<size_t>(added), -1);
    strides.push_back(std::move(own));
  }
  ir::Ints axes = all_axes(ndim);
  insert_axes(axes, strides.size(), [&](size_t k, int64_t a, int64_t b) -> std::optional<bool> {
    const int64_t moving = strides[k][static_cast<size_t>(a)], other = strides[k][static_cast<size_t>(b)];
    if (moving < 0 || other < 0) return {};
    return moving > other;
  });
  std::reverse(axes.begin(), axes.end());
  return axes;
}

ir::Ints output_order(const Cell& cell) {
  if (cell.c_order || cell.shape.size() < 2) return {};
  ir::Ints order = all_axes(cell.shape.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return std::abs(cell.strides[a]) > std::abs(cell.strides[b]); });
  return std::is_sorted(order.begin(), order.end()) ? ir::Ints{} : order;
}

bool is_c_order(std::span<const int64_t> shape, std::span<const int64_t> strides) {
  bool same = true;
  int64_t step = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    // Where there are no elements, it is no matter where those behind lie.
    same = shape[i] == 0 || (same && (shape[i] == 1 || strides[i] == step));
    step *= std::max<int64_t>(shape[i], 1);
  }
  return same;
}

bool gives_c_order(const Cell& cell) {
  if (cell.c_order) return true;
  int64_t inner = 0;
  for (size_t i = cell.shape.size(); i-- > 0;) {
    const int64_t stride = std::abs(cell.strides[i]);
    if (cell.shape[i] == 1 || stride == 0) continue;
    if (stride < inner) return false;
    inner = stride;
  }
  return true;
}

bool is_f_order(std::span<const int64_t> shape, std::span<const int64_t> strides) {
  return same_places(shape, strides, compact_strides(shape, all_axes(shape.size())));
}

bool same_places(std::span<const int64_t> shape, std::span<const int64_t> a, std::span<const int64_t> b) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace tarry::frontend
