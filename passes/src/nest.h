#pragma once
// How the loops of a kernel nest, and which schedule walks them.

#include "lower.h"

namespace tarry::passes {

/// How far apart what a loop visits lies. Axes of extent 1 count as longer ones would: `step` elements, times the
/// extents that `inside` such axes would have.
struct Stride {
  int64_t step = 0;
  int inside = 0;
};

struct Loop {
  int64_t extent;
  int ones;                     // axes of extent 1 in it that count as longer ones
  std::vector<Stride> strides;  // by access
};

/// The loops of a group over its points, and along its rows if it has any; outermost first, one for all that are one
/// walk through memory.
struct Nest {
  std::vector<Loop> outer, row;
  ir::Schedule schedule = ir::Schedule::map;
};
/// With rows, axes of extent 1 nest as longer ones would, so that they need no kernel of their own, as long as that is
/// as fast as without them.
Nest nest_of(const Group& group, const std::vector<AccessForm>& accesses);

ir::StrideClass stride_class(Stride stride);
/// Of an access along a loop; nothing where the loop is there for want of any.
inline Stride stride_along(const Loop& loop, size_t access) {
  return access < loop.strides.size() ? loop.strides[access] : Stride{};
}

}  // namespace tarry::passes
