#pragma once
/// Views: arrays that show elements of another array, and write through to it.

#include "cell.h"

#include <tarry/array.h>
#include <tarry/runtime/function_ref.h>

#include <span>

namespace tarry::frontend {

/// A rearrangement without copying: first a slice of every source axis, then a choice of axes.
struct Movement {
  ir::Ints start, step, count;  // for each axis of the source
  ir::Ints axis;                // result axis i is source axis axis[i], or -1: new. Axes left out have count 1
  ir::Ints extent;              // of the result; where it differs from the count, that axis is repeated

  // Not the compiler's, which would fill the lists' places with zeros first.
  Movement() {}
  /// The whole of an array of this shape.
  static Movement whole(std::span<const int64_t> shape);
  void begin_whole(std::span<const int64_t> shape);
  bool operator==(const Movement&) const = default;
};

/// A view of `source`. Repeated axes make it read-only.
Array view(const Arg& source, const Movement& movement);
/// The same, of a movement that `describe` makes of a blank one, where it stays.
Array view(const Arg& source, runtime::FunctionRef<void(Movement&)> describe);
/// The real (0) or imaginary (1) parts of a complex array.
Array view_of_part(const Arg& source, int part);
/// numpy.reshape in C order: a view where strides allow it, else a copy. One extent may be -1. Throws ValueError.
Array reshape(const Arg& source, std::span<const int64_t> shape);

}  // namespace tarry::frontend
