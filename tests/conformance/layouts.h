#pragma once
/// The layouts in which every op is tried.

#include <tarry/ir/shape.h>

#include <string>
#include <vector>

namespace tarry::test {

/// Shape and strides of the operands of one elementwise op.
struct Layout {
  std::string name;
  ir::Shape shape;
  std::vector<ir::Strides> strides;  // of operand i: strides[i % size]
  /// Along the first axis operand 0 varies alone, along the second all others: those are broadcast.
  bool grid = false;
};

/// Layouts for `n` elements, at least some; the grid is for lists of `rows` and `columns` elements.
std::vector<Layout> elementwise_layouts(int64_t n, int64_t rows, int64_t columns);

/// Strides of an array of this shape in several layouts, for what works along axes.
struct Laid {
  std::string name;
  ir::Strides strides;
};
std::vector<Laid> layouts_of(const ir::Shape& shape);

}  // namespace tarry::test
