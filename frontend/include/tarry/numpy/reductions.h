#pragma once
/// Functions that fold axes away.

#include <tarry/array.h>

namespace tarry::numpy {

/// Sums of bools and of integers shorter than 64 bits are int64 or uint64. float16 and bfloat16 accumulate in float32.
TARRY_API Array sum(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

}  // namespace tarry::numpy
