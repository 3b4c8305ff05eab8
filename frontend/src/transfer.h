#pragma once
/// Copies between places.

#include <tarry/types.h>

#include <tarry/runtime/buffer.h>

namespace tarry::frontend {

/// Part of a buffer in a new buffer at a place.
runtime::Buffer copy_to_place(const runtime::Buffer& from, size_t offset, size_t bytes, int place);

/// Elements where the host can read them: where they lie, or in a copy. `buffer` keeps them.
struct HostElements {
  runtime::Buffer buffer;
  const void* first = nullptr;  // element
};
HostElements on_host(const runtime::Buffer& buffer, DType dtype, std::span<const int64_t> shape, int64_t offset,
                     std::span<const int64_t> strides);

}  // namespace tarry::frontend
