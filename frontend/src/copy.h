#pragma once
/// Copies between layouts, on the host and at once.

#include <tarry/types.h>

#include <span>

namespace tarry::frontend {

/// Elements of one array of this shape to the places of another; offsets and strides in elements.
void copy_strided(DType dtype, std::span<const int64_t> shape, const void* source, int64_t source_offset,
                  std::span<const int64_t> source_strides, void* target, int64_t target_offset,
                  std::span<const int64_t> target_strides);

}  // namespace tarry::frontend
