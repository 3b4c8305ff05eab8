#include "memory_check.h"

#include "axes.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/size_text.h>

#include <string>

namespace tarry::frontend {
namespace {

[[noreturn]] void refuse_memory(uint64_t bytes, DType dtype, std::span<const int64_t> shape) {
  throw MemoryError("Unable to allocate " + runtime::size_text(bytes) + " for an array with shape " +
                    ir::tuple_text(shape) + " and data type " + std::string(ir::info(dtype).name));
}

/// As in NumPy, an extent of 0 does not excuse the others.
uint64_t countable_bytes(DType dtype, std::span<const int64_t> shape) {
  check_axes(shape.size());
  int64_t bytes = static_cast<int64_t>(ir::size_of(dtype));
  bool none = false, overflow = false;
  for (int64_t extent : shape) {
    if (extent == 0)
      none = true;
    else
      overflow |= __builtin_mul_overflow(bytes, extent, &bytes);
  }
  if (overflow) [[unlikely]]
    refuse_size();
  return none ? 0 : static_cast<uint64_t>(bytes);
}

}  // namespace

void refuse_size() {
  throw ValueError("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
}

void check_countable(DType dtype, std::span<const int64_t> shape) { countable_bytes(dtype, shape); }

void check_memory(DType dtype, std::span<const int64_t> shape) {
  const uint64_t bytes = countable_bytes(dtype, shape);
  if (bytes > runtime::memory_limit()) [[unlikely]]
    refuse_memory(bytes, dtype, shape);
}

}  // namespace tarry::frontend
