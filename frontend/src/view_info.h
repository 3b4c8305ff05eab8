#pragma once
/// How a view follows from its base.

#include "cell.h"
#include "view.h"

#include <optional>
#include <variant>
#include <vector>

namespace tarry::frontend {

/// The real parts (0) or the imaginary parts (1) of complex elements.
struct Part {
  int number;
  bool operator==(const Part&) const = default;
};

/// A movement, a reshape that needs no copy, or a part of each element.
using ViewStep = std::variant<Movement, ir::Shape, Part>;

/// A case for each kind of step, for std::visit, which does not compile where one is missing.
template <class... Cases>
struct StepCases : Cases... {
  using Cases::operator()...;
};

struct ViewInfo {
  CellPointer base;             // never a view itself
  std::vector<ViewStep> chain;  // from the base's shape to the view's; no two movements in a row
  uint64_t epoch = 0;           // of the home trace when `value` was derived
  uint32_t base_version = 0;    // of the base then
  ir::Value base_value;         // the base's node then, where it is at home in that trace
  uint64_t input_version = 0;   // of `value`, where it is an input: it may have become one of other elements
  ViewInfo* next_free = nullptr;
};

/// Blank, but that its chain may have room.
ViewPointer new_view_info();

/// Where elements lie.
struct Placement {
  int64_t offset = 0;
  ir::Strides strides;
};

/// `second` after `first`.
Movement compose(const Movement& first, const Movement& second);
/// Whether an axis repeats elements.
bool repeats(const Movement& m);
/// Of the first element that is shown, behind the source's first, whose strides are these.
int64_t first_place(const Movement& m, std::span<const int64_t> strides);
/// Of axis `i` of the result, where the source's are `strides`.
int64_t stride_of(const Movement& m, size_t i, std::span<const int64_t> strides);
Placement place(const Placement& source, const Movement& m);
/// In elements of the part's dtype.
Placement place(const Placement& source, Part part);
/// NumPy's rule for reshaping without a copy: the new strides, or nothing.
std::optional<ir::Strides> reshape_strides(std::span<const int64_t> shape, std::span<const int64_t> strides,
                                           std::span<const int64_t> new_shape);
/// A whole chain; nothing where a reshape would need a copy.
std::optional<Placement> place(Placement source, const ir::Shape& source_shape, const std::vector<ViewStep>& chain);

}  // namespace tarry::frontend
