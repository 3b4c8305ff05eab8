#include "transfer.h"

#include <tarry/runtime/cuda/device.h>

#include <cstring>

namespace tarry::frontend {

namespace cuda = runtime::cuda;

runtime::Buffer copy_to_place(const runtime::Buffer& from, size_t offset, size_t bytes, int place) {
  if (place != 0) {
    cuda::Session& session = cuda::session_of(place - 1);
    runtime::Buffer to = session.allocate(bytes);
    session.copy(to, 0, from, offset, bytes);
    return to;
  }
  runtime::Buffer to = runtime::Buffer::allocate(bytes);
  if (cuda::Session* session = cuda::session_of(from))
    session->download(to.data(), from, offset, bytes);
  else
    std::memcpy(to.data(), static_cast<const std::byte*>(from.data()) + offset, bytes);
  return to;
}

HostElements on_host(const runtime::Buffer& buffer, DType dtype, std::span<const int64_t> shape, int64_t offset,
                     std::span<const int64_t> strides) {
  const auto size = static_cast<int64_t>(ir::size_of(dtype));
  if (buffer.place() == 0) return {buffer, static_cast<const std::byte*>(buffer.data()) + offset * size};
  int64_t low = offset, high = ir::num_elements(shape) == 0 ? offset - 1 : offset;
  for (size_t i = 0; i < shape.size() && high >= low; ++i) {
    const int64_t reach = strides[i] * (shape[i] - 1);
    (reach < 0 ? low : high) += reach;
  }
  runtime::Buffer copy =
      copy_to_place(buffer, static_cast<size_t>(low * size), static_cast<size_t>((high - low + 1) * size), 0);
  const void* first = static_cast<const std::byte*>(copy.data()) + (offset - low) * size;
  return {std::move(copy), first};
}

}  // namespace tarry::frontend
