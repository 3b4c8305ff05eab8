#include <tarry/ir/literal.h>

#include <tarry/ir/half.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace tarry::ir {
namespace {

constexpr uint64_t low_bits(size_t bytes) { return bytes >= 8 ? ~0ull : (1ull << 8 * bytes) - 1; }

template <class T>
std::string shortest(T value) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end);
}

std::string hex_text(uint64_t bits) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, bits, 16);
  return "bits 0x" + std::string(buffer, end);
}

uint64_t canonical_nan(DType t) {
  switch (t) {
    case DType::float16: return 0x7e00;
    case DType::bfloat16: return 0x7fc0;
    case DType::float32: return 0x7fc00000;
    default: return 0x7ff8000000000000;
  }
}

double float_value(DType t, uint64_t bits) {
  switch (t) {
    case DType::float16: return from_float16(static_cast<uint16_t>(bits));
    case DType::bfloat16: return from_bfloat16(static_cast<uint16_t>(bits));
    case DType::float32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    default: return std::bit_cast<double>(bits);
  }
}

uint64_t float_bits(DType t, double value) {
  switch (t) {
    case DType::float16: return to_float16(value);
    case DType::bfloat16: return to_bfloat16(value);
    case DType::float32: return std::bit_cast<uint32_t>(static_cast<float>(value));
    default: return std::bit_cast<uint64_t>(value);
  }
}

/// Reads all of `text` as a T, decimal or hexadecimal; a float32 is rounded once from the text.
template <class T>
std::optional<T> read_float(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.empty() || text[0] == '-') return {};
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value,
                                      hex ? std::chars_format::hex : std::chars_format::general);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return negative ? -value : value;
}

std::optional<uint64_t> read_float_bits(DType t, std::string_view text) {
  if (text == "nan") return canonical_nan(t);
  const bool infinite = text == "inf" || text == "-inf";
  uint64_t bits;
  if (t == DType::float32) {
    auto value = read_float<float>(text);
    if (!value) return {};
    bits = std::bit_cast<uint32_t>(*value);
  } else {
    auto value = read_float<double>(text);
    if (!value) return {};
    bits = float_bits(t, *value);
  }
  if (!infinite && !std::isfinite(float_value(t, bits))) return {};
  return bits;
}

template <class T>
std::optional<T> read_int(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

int64_t sign_extended(uint64_t bits, size_t bytes) {
  const int shift = static_cast<int>(64 - 8 * bytes);
  return static_cast<int64_t>(bits << shift) >> shift;
}

}  // namespace

uint64_t bits_of(DType t, double value) {
  if (is_bool(t)) return value != 0;
  if (is_float(t)) return float_bits(t, value);
  if (t == DType::complex64) return float_bits(DType::float32, value);
  if (is_complex(t)) return 0;
  const bool fits_signed = value >= -0x1p63 && value < 0x1p63;
  const bool fits_unsigned = value >= 0x1p63 && value < 0x1p64;
  const uint64_t whole = fits_signed     ? static_cast<uint64_t>(static_cast<int64_t>(value))
                         : fits_unsigned ? static_cast<uint64_t>(value)
                                         : 1ull << 63;
  return whole & low_bits(size_of(t));
}

std::string literal_text(DType t, uint64_t bits) {
  const size_t bytes = size_of(t);
  if (bits & ~low_bits(bytes)) return hex_text(bits);
  if (is_bool(t)) return bits > 1 ? hex_text(bits) : bits ? "true" : "false";
  if (is_signed_int(t)) return std::to_string(sign_extended(bits, bytes));
  if (is_unsigned_int(t)) return std::to_string(bits);
  if (!is_float(t)) return hex_text(bits);
  const double value = float_value(t, bits);
  if (std::isnan(value)) return bits == canonical_nan(t) ? "nan" : hex_text(bits);
  return t == DType::float64 ? shortest(value) : shortest(static_cast<float>(value));
}

std::optional<uint64_t> literal_bits(DType t, std::string_view text) {
  if (is_bool(t)) {
    if (text == "true") return 1;
    if (text == "false") return 0;
    return {};
  }
  if (is_float(t)) return read_float_bits(t, text);
  const size_t bytes = size_of(t);
  if (is_signed_int(t)) {
    auto value = read_int<int64_t>(text);
    if (!value || sign_extended(static_cast<uint64_t>(*value), bytes) != *value) return {};
    return static_cast<uint64_t>(*value) & low_bits(bytes);
  }
  if (is_unsigned_int(t)) {
    auto value = read_int<uint64_t>(text);
    if (!value || (*value & ~low_bits(bytes))) return {};
    return value;
  }
  return {};
}

}  // namespace tarry::ir
