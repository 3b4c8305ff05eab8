#pragma once
/// Floats of any format, rounded once from exact values, by integer arithmetic alone.

#include <bit>
#include <cstdint>

namespace cudasim {

enum class Rounding : uint8_t { nearest, zero, down, up };

struct Format {
  int precision;  // with the leading bit
  int max_exponent;
  constexpr int min_exponent() const { return 1 - max_exponent; }
  constexpr uint64_t infinity() const { return (uint64_t{2} * max_exponent + 1) << (precision - 1); }
};

inline constexpr Format kHalf{11, 15}, kBrain{8, 127}, kSingle{24, 127}, kDouble{53, 1023};

/// m × 2^exponent, where `more` says that a little is missing from m. The bits have no sign; m is not 0.
constexpr uint64_t round_magnitude(Format f, uint64_t m, int exponent, bool more, bool negative, Rounding mode) {
  const int top = exponent + 63 - std::countl_zero(m);
  int lowest = (top < f.min_exponent() ? f.min_exponent() : top) - (f.precision - 1);
  const int shift = lowest - exponent;
  uint64_t kept = 0;
  bool half = false;
  if (shift <= 0) {
    kept = m << -shift;
  } else if (shift <= 64) {
    kept = shift == 64 ? 0 : m >> shift;
    half = (m >> (shift - 1)) & 1;
    more |= (m & ((uint64_t{1} << (shift - 1)) - 1)) != 0;
  } else {
    more = true;
  }
  bool up = false;
  switch (mode) {
    case Rounding::nearest: up = half && (more || (kept & 1)); break;
    case Rounding::zero: break;
    case Rounding::down: up = negative && (half || more); break;
    case Rounding::up: up = !negative && (half || more); break;
  }
  kept += up;
  if (kept >> f.precision) {
    kept >>= 1;
    ++lowest;
  }
  const uint64_t hidden = uint64_t{1} << (f.precision - 1);
  if (kept < hidden) return kept;
  const int e = lowest + f.precision - 1;
  if (e > f.max_exponent) {
    const bool to_infinity =
        mode == Rounding::nearest || (mode == Rounding::down && negative) || (mode == Rounding::up && !negative);
    return f.infinity() - (to_infinity ? 0 : 1);
  }
  return (static_cast<uint64_t>(e + f.max_exponent) << (f.precision - 1)) | (kept & (hidden - 1));
}

/// A double in a narrower format. A NaN becomes the positive one with all bits set, as PTX has it.
constexpr uint64_t round_double(Format f, double x, Rounding mode, int sign_bit) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const bool negative = bits >> 63;
  const uint64_t sign = static_cast<uint64_t>(negative) << sign_bit;
  const int biased = static_cast<int>(bits >> 52) & 0x7ff;
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  if (biased == 0x7ff) return fraction ? (uint64_t{1} << sign_bit) - 1 : sign | f.infinity();
  if (biased == 0 && fraction == 0) return sign;
  const uint64_t m = biased == 0 ? fraction : fraction | (uint64_t{1} << 52);
  return sign | round_magnitude(f, m, (biased == 0 ? 1 : biased) - 1075, false, negative, mode);
}

inline uint16_t to_half(double x, Rounding mode = Rounding::nearest) {
  return static_cast<uint16_t>(round_double(kHalf, x, mode, 15));
}
inline uint16_t to_brain(double x, Rounding mode = Rounding::nearest) {
  return static_cast<uint16_t>(round_double(kBrain, x, mode, 15));
}
inline float to_single(double x, Rounding mode) {
  return std::bit_cast<float>(static_cast<uint32_t>(round_double(kSingle, x, mode, 31)));
}

inline float from_half(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
  const uint32_t magnitude = h & 0x7fff;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ff) << 13);
  // The exponents are 112 apart; this is exact, and makes denormals normal.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(scaled));
}
inline float from_brain(uint16_t b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

/// a + b rounded to odd: rounding that again to at most 50 bits is as good as rounding a + b.
inline double add_to_odd(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  const double rest = (a - (sum - b_part)) + (b - b_part);
  const uint64_t bits = std::bit_cast<uint64_t>(sum);
  if (!(rest < 0 || rest > 0) || (bits & 1) || sum - sum != 0) return sum;
  const bool away = (rest > 0) == (sum > 0);
  return std::bit_cast<double>(away ? bits + 1 : bits - 1);
}

}  // namespace cudasim
