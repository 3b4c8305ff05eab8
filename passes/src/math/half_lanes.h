#pragma once
/// Conversions of the half types from and to float32, rounding to nearest even, without branches and
/// lookups so that compilers turn loops of them into vectors.

#include <bit>
#include <cstdint>

namespace tarry::passes::math {

struct Float16 {
  uint16_t bits;
  static constexpr uint16_t nan = 0x7e00;
};
struct BFloat16 {
  uint16_t bits;
  static constexpr uint16_t nan = 0x7fc0;
};

inline float widen(BFloat16 h) { return std::bit_cast<float>(static_cast<uint32_t>(h.bits) << 16); }

inline float widen(Float16 h) {
  // The exponent moves by a multiplication, which takes care of subnormals.
  const float magnitude = std::bit_cast<float>((h.bits & 0x7fffu) << 13) * 0x1p112f;
  const uint32_t special = (h.bits & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | special | (h.bits & 0x8000u) << 16);
}

inline BFloat16 narrow_to(BFloat16, float x) {
  const uint32_t b = std::bit_cast<uint32_t>(x);
  const uint16_t rounded = static_cast<uint16_t>((b + 0x7fffu + ((b >> 16) & 1u)) >> 16);
  return {x == x ? rounded : BFloat16::nan};
}

inline Float16 narrow_to(Float16, float x) {
  const uint32_t b = std::bit_cast<uint32_t>(x);
  const uint32_t sign = (b >> 16) & 0x8000u, magnitude = b & 0x7fffffffu;
  // Normal results: rebias and round to even; a carry runs into the exponent, and beyond it into infinity.
  const uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  // Subnormal results: an addition lines the last bit up with that of 0.5 and rounds.
  const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
  const uint32_t subnormal = std::bit_cast<uint32_t>(aligned) - std::bit_cast<uint32_t>(0.5f);
  uint32_t result = magnitude < (113u << 23) ? subnormal : normal;
  result = magnitude >= (143u << 23) ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? Float16::nan : result;
  return {static_cast<uint16_t>(sign | result)};
}

}  // namespace tarry::passes::math
