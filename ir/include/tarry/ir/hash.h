#pragma once
/// Hashes of numbers.

#include <cstdint>

namespace tarry::ir {

/// 2^64 divided by the golden ratio: a product with it spreads numbers that are alike over all values, best in the high
/// bits.
inline constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ull;

/// A hash with one more number in it. Tables use the low bits, so the high ones are folded onto them.
constexpr uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * kGolden;
  return h ^ (h >> 32);
}

}  // namespace tarry::ir
