#pragma once
/// What GPUs do besides running kernels.

#include <cstdint>

namespace tarry::codegen {

/// What a text does. Of a routine's kernel, whose body is empty, only the space and the accesses count.
enum class GpuRoutine : uint8_t {
  run,           // what the kernel says
  product,       // of integers, c[b, i, j] = Σ a[b, i, l]·x[b, l, j]: axes (b, i, j), in a row l; accesses a, x, c
  argsort,       // the places that sort along the last axis: accesses x, the result
  search_left,   // of a query at each point in a sorted row: accesses the row, the queries, the result
  search_right,  // likewise, behind equal elements
  sort,          // along the last axis: accesses x, the result
};

}  // namespace tarry::codegen
