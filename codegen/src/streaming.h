#pragma once
/// When results go around the cache.

#include <tarry/runtime/cpu_cache.h>

#include <cstdint>

namespace tarry::codegen {

/// Outputs below this many bytes are worth a place in the cache, whatever its size.
inline constexpr int64_t kLeastStreamed = int64_t{16} << 20;
/// Measured up to here: three outputs take a fifth less time. Lines that wait to be written have few places.
inline constexpr int kMostStreamed = 3;

/// Whether outputs of so many elements each may go around the cache: asked first, since small launches are many.
constexpr bool may_go_around_cache(int64_t elements) {
  constexpr int64_t kLargestElement = 16;
  return elements >= kLeastStreamed / (kMostStreamed * kLargestElement);
}

/// What would not be found in the cache again: `outputs` arrays of so many bytes together, of a launch that reads and
/// writes `footprint()` bytes in all.
template <class Footprint>
bool goes_around_cache(int64_t bytes, int outputs, Footprint footprint) {
  return bytes >= kLeastStreamed && outputs <= kMostStreamed && runtime::exceeds_cache(footprint());
}

}  // namespace tarry::codegen
