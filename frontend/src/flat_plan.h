#pragma once
/// Plans of programs that do the same to every element of arrays of one shape, all in C order. Such a plan depends on
/// the shape in nothing but counts of elements: that of another shape is a copy with another count.

#include "plan_cache.h"
#include "selection.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tarry::frontend {

/// The structure of such a program without its shape.
struct FlatStructure {
  std::vector<uint64_t> words;
  ir::Shape shape;
  int64_t elements = 0;     // at least 1
  bool has_points = false;  // an array of no dimensions is read or computed
};

/// Nothing where the selection, whose structure is written down, is another kind of program.
std::optional<FlatStructure> flat_structure(const Selection& s);

/// Whether nothing in a plan but counts of elements depends on the shape.
bool is_flat(const passes::Plan& plan, const FlatStructure& of);

/// The plan for `to`, from that for an equal structure of another shape with `elements` elements.
passes::Plan flat_plan(const passes::Plan& plan, int64_t elements, const FlatStructure& to);

}  // namespace tarry::frontend
