#include "index_errors.h"

#include <tarry/ir/error.h>

namespace tarry::frontend {

std::string out_of_bounds_text(int64_t index, int64_t axis, int64_t size) {
  return "index " + std::to_string(index) + " is out of bounds for axis " + std::to_string(axis) + " with size " +
         std::to_string(size);
}

void refuse_count(size_t ndim, size_t taken) {
  throw IndexError("too many indices for array: array is " + std::to_string(ndim) + "-dimensional, but " +
                   std::to_string(taken) + " were indexed");
}

void check_mask(std::span<const int64_t> mask, std::span<const int64_t> source, size_t first) {
  for (size_t i = 0; i < mask.size(); ++i)
    if (mask[i] != source[first + i])
      throw IndexError("boolean index did not match indexed array along axis " + std::to_string(first + i) +
                       "; size of axis is " + std::to_string(source[first + i]) +
                       " but size of corresponding boolean axis is " + std::to_string(mask[i]));
}

}  // namespace tarry::frontend
