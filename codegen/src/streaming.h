#pragma once
/// When results go around the cache.

#include <tarry/runtime/cpu_cache.h>

#include <cstdint>

namespace tarry::codegen {

/// What would not be found in the cache again: `outputs` arrays of so many bytes together, of a launch that reads and
/// writes `footprint()` bytes in all.
template <class Footprint>
bool goes_around_cache(int64_t bytes, int outputs, Footprint footprint) {
  // Outputs below this many bytes are worth a place in the cache, whatever its size.
  constexpr int64_t kLeastBytes = int64_t{16} << 20;
  // With more outputs the lines that wait to be written push each other out half filled: ordinary stores are faster.
  constexpr int kMostOutputs = 2;
  return bytes >= kLeastBytes && outputs <= kMostOutputs && runtime::exceeds_cache(footprint());
}

}  // namespace tarry::codegen
