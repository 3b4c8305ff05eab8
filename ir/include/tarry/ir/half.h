#pragma once
/// float16 and bfloat16 as bit patterns.

#include <bit>
#include <cstdint>

namespace tarry::ir {

namespace detail {

/// The 16-bit float with `mantissa` explicit bits and this exponent bias nearest to `x`, ties to even.
/// A NaN stays a NaN, and quiet.
constexpr uint16_t narrow_to_16(double x, int mantissa, int bias) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const uint64_t magnitude = bits & ~(1ull << 63);
  const uint16_t sign = static_cast<uint16_t>(bits >> 63 << 15);
  const uint16_t infinity = static_cast<uint16_t>((2 * bias + 1) << mantissa);
  if (magnitude > 0x7ffull << 52)
    return sign | infinity | static_cast<uint16_t>(1u << (mantissa - 1)) |
           static_cast<uint16_t>((magnitude & ((1ull << 52) - 1)) >> (52 - mantissa));
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  if (exponent > bias) return sign | infinity;
  const int below = exponent < 1 - bias ? 1 - bias - exponent : 0;  // denormal places lost
  const int shift = 52 - mantissa + below;
  if (shift > 54) return sign;
  const uint64_t significand = (magnitude & ((1ull << 52) - 1)) | 1ull << 52;
  const uint64_t rest = significand & ((1ull << shift) - 1);
  const uint64_t tie = 1ull << (shift - 1);
  uint64_t rounded = significand >> shift;
  rounded += rest > tie || (rest == tie && (rounded & 1));
  // The implicit bit of `rounded` adds one to the exponent field, and so does a carry out of it.
  if (!below) rounded += static_cast<uint64_t>(exponent + bias - 1) << mantissa;
  return sign | static_cast<uint16_t>(rounded);
}

}  // namespace detail

/// To float16, rounded once to nearest even.
constexpr uint16_t to_float16(double x) { return detail::narrow_to_16(x, 10, 15); }
/// To bfloat16, rounded once to nearest even.
constexpr uint16_t to_bfloat16(double x) { return detail::narrow_to_16(x, 7, 127); }

/// The value of a float16, exactly; NaN payloads keep their place.
constexpr float from_float16(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
  const uint32_t exponent = h >> 10 & 31;
  const uint32_t fraction = h & 0x3ff;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}
/// The value of a bfloat16, exactly.
constexpr float from_bfloat16(uint16_t h) { return std::bit_cast<float>(static_cast<uint32_t>(h) << 16); }

}  // namespace tarry::ir
