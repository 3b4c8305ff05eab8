#include "memory_check.h"

#include "axes.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <string>

namespace tarry::frontend {
namespace {

/// A number of bytes as NumPy's MemoryError writes it: three digits and a binary unit.
std::string size_text(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = bytes < 2 ? 0 : static_cast<size_t>(std::bit_width(bytes) - 1) / 10;
  double n = std::ldexp(static_cast<double>(bytes), -10 * static_cast<int>(unit));
  if (std::rint(n) == 1024 && unit + 1 < std::size(kUnits)) {
    ++unit;
    n /= 1024;
  }
  char text[48];
  const char* form = unit == 0 ? "%.0f %s" : std::rint(n) < 1000 ? "%#.3g %s" : "%#.0f %s";
  std::snprintf(text, sizeof text, form, n, kUnits[unit]);
  return text;
}

[[noreturn]] void refuse_memory(uint64_t bytes, DType dtype, std::span<const int64_t> shape) {
  throw MemoryError("Unable to allocate " + size_text(bytes) + " for an array with shape " + ir::tuple_text(shape) +
                    " and data type " + std::string(ir::info(dtype).name));
}

[[noreturn]] void refuse_size() {
  throw ValueError("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
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

void check_countable(DType dtype, std::span<const int64_t> shape) { countable_bytes(dtype, shape); }

void check_memory(DType dtype, std::span<const int64_t> shape) {
  const uint64_t bytes = countable_bytes(dtype, shape);
  if (bytes > runtime::memory_limit()) [[unlikely]]
    refuse_memory(bytes, dtype, shape);
}

}  // namespace tarry::frontend
