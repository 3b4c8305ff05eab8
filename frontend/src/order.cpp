#include "order.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace tarry::frontend {

ir::Ints sort_axes(size_t ndim, std::span<const int64_t> strides) {
  ir::Ints axes(ndim, 0);
  for (size_t i = 0; i < ndim; ++i) axes[i] = static_cast<int64_t>(ndim - 1 - i);
  const size_t operands = ndim ? strides.size() / ndim : 0;
  // Insertion from the inside out. An axis moves inwards past those whose strides are larger in the
  // operands that can tell; where operands disagree, C order wins.
  for (size_t i = 1; i < ndim; ++i) {
    size_t to = i;
    for (size_t j = i; j-- > 0;) {
      bool ambiguous = true, swap = false;
      for (size_t k = 0; k < operands; ++k) {
        const int64_t moving = std::abs(strides[k * ndim + axes[i]]), other = std::abs(strides[k * ndim + axes[j]]);
        if (moving == 0 || other == 0) continue;
        if (other <= moving)
          swap = false;
        else if (ambiguous)
          swap = true;
        ambiguous = false;
      }
      if (ambiguous) continue;
      if (!swap) break;
      to = j;
    }
    std::rotate(axes.begin() + to, axes.begin() + i, axes.begin() + i + 1);
  }
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
  ir::Ints axes;
  for (size_t i = 0; i < shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  std::stable_sort(axes.begin(), axes.end(), [&](int64_t a, int64_t b) { return std::abs(own[a]) > std::abs(own[b]); });
  std::reverse(axes.begin(), axes.end());
  ir::Strides result = compact_strides(shape, axes);
  if (is_c_order(shape, result)) return {};
  return result;
}

ir::Strides fortran_strides(std::span<const int64_t> shape) {
  ir::Ints axes;
  for (size_t i = 0; i < shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  ir::Strides strides = compact_strides(shape, axes);
  if (is_c_order(shape, strides)) return {};
  return strides;
}

ir::Ints join_axes(std::span<const Array> arrays, size_t ndim, int64_t added) {
  // The slowest first: an axis moves outwards past those whose strides are smaller in all arrays.
  std::vector<int64_t> order;
  std::vector<ir::Strides> strides;
  for (size_t i = 0; i < ndim; ++i) order.push_back(static_cast<int64_t>(i));
  for (const Array& a : arrays) {
    const Cell& cell = cell_of(a);
    ir::Strides own = cell.numpy_strides();
    // Extents of 1 do not count.
    for (size_t i = 0; i < own.size(); ++i) own[i] = cell.shape[i] == 1 ? -1 : std::abs(own[i]);
    if (added >= 0) own.insert(static_cast<size_t>(added), -1);
    strides.push_back(std::move(own));
  }
  for (size_t i = 1; i < ndim; ++i) {
    size_t to = i;
    for (size_t j = i; j-- > 0;) {
      bool ambiguous = true, swap = false;
      for (const ir::Strides& own : strides) {
        const int64_t moving = own[static_cast<size_t>(order[i])], other = own[static_cast<size_t>(order[j])];
        if (moving < 0 || other < 0) continue;
        if (moving <= other)
          swap = false;
        else if (ambiguous)
          swap = true;
        ambiguous = false;
      }
      if (ambiguous) continue;
      if (!swap) break;
      to = j;
    }
    std::rotate(order.begin() + static_cast<ptrdiff_t>(to), order.begin() + static_cast<ptrdiff_t>(i),
                order.begin() + static_cast<ptrdiff_t>(i) + 1);
  }
  ir::Ints fastest_first;
  for (size_t i = ndim; i-- > 0;) fastest_first.push_back(order[i]);
  return fastest_first;
}

ir::Ints output_order(const Cell& cell) {
  if (cell.c_order || cell.shape.size() < 2) return {};
  ir::Ints order;
  for (size_t i = 0; i < cell.shape.size(); ++i) order.push_back(static_cast<int64_t>(i));
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return std::abs(cell.strides[a]) > std::abs(cell.strides[b]); });
  return std::is_sorted(order.begin(), order.end()) ? ir::Ints{} : order;
}

bool is_c_order(std::span<const int64_t> shape, std::span<const int64_t> strides) {
  return same_places(shape, strides, ir::c_strides(shape));
}

bool is_f_order(std::span<const int64_t> shape, std::span<const int64_t> strides) {
  ir::Ints axes;
  for (size_t i = 0; i < shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  return same_places(shape, strides, compact_strides(shape, axes));
}

bool same_places(std::span<const int64_t> shape, std::span<const int64_t> a, std::span<const int64_t> b) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace tarry::frontend
