#pragma once
/// Plans of programs over the rows of arrays: ops element by element on arrays of one shape in C order, folds along the
/// last axis, and what is computed of these once per row. Such a plan depends on the shape in nothing but how many rows
/// there are and how long they are: that for others is a copy with other numbers.

#include "plan_cache.h"
#include "selection.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tarry::frontend {

/// What an array has an element for.
enum class PerRow : uint8_t {
  element,  // each element of each row: the shape of all, (…, columns)
  row,      // each row: (…) or (…, 1)
  column,   // each place of a row, for all rows the same: (columns,)
  once,     // ()
};

struct RowNumbers {
  int64_t rows = 0, columns = 0;
};

/// The structure of such a program without its extents.
struct RowStructure {
  std::vector<uint64_t> words;
  RowNumbers numbers;
  uint32_t folds = 0;
  std::vector<PerRow> inputs;  // by number of the program's buffers
  std::vector<PerRow> outputs;
  std::vector<ir::Shape> output_shapes;
};

/// Nothing where the selection, whose structure is written down, is another kind of program.
std::optional<RowStructure> row_structure(const Selection& s);

/// What the buffers of a plan have an element for; nothing where something in it depends on the shape in another way.
std::optional<std::vector<PerRow>> row_buffers(const passes::Plan& plan, const RowStructure& of);

/// The plan for `to`, from that for an equal structure of other numbers, whose buffers are `buffers`.
passes::Plan row_plan(const passes::Plan& plan, const std::vector<PerRow>& buffers, const RowStructure& to);

}  // namespace tarry::frontend
