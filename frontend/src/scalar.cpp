#include "scalar.h"

#include <tarry/ir/error.h>
#include <tarry/ir/half.h>
#include <tarry/ir/literal.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>

namespace tarry::frontend {
namespace {

int64_t sign_extend(DType t, uint64_t bits) {
  const int unused = 64 - 8 * static_cast<int>(ir::size_of(t));
  return static_cast<int64_t>(bits << unused) >> unused;
}

uint64_t truncate(DType t, uint64_t bits) {
  const size_t size = ir::size_of(t);
  return size >= 8 ? bits : bits & ((1ull << (8 * size)) - 1);
}

/// The minimum where the value does not fit, as x86-64 does: narrow types take the low bits of an int32.
uint64_t double_to_int(double value, DType to) {
  if (to == DType::uint64 && value >= 0x1p63 && value < 0x1p64) return static_cast<uint64_t>(value);
  const bool wide = ir::size_of(to) == 8 || to == DType::uint32;
  if (wide) return value >= -0x1p63 && value < 0x1p63 ? static_cast<uint64_t>(static_cast<int64_t>(value)) : 1ull << 63;
  const double whole = std::trunc(value);
  return whole >= -0x1p31 && whole < 0x1p31 ? static_cast<uint64_t>(static_cast<int64_t>(whole)) : 1ull << 31;
}

uint64_t int_to_float(bool is_signed, uint64_t bits, DType to) {
  if (to == DType::float64)
    return std::bit_cast<uint64_t>(is_signed ? static_cast<double>(static_cast<int64_t>(bits))
                                             : static_cast<double>(bits));
  const float f = is_signed ? static_cast<float>(static_cast<int64_t>(bits)) : static_cast<float>(bits);
  if (to == DType::float32) return std::bit_cast<uint32_t>(f);
  return ir::bits_of(to, f);
}

}  // namespace

double as_double(DType t, uint64_t bits) {
  switch (t) {
    case DType::float16: return ir::from_float16(static_cast<uint16_t>(bits));
    case DType::bfloat16: return ir::from_bfloat16(static_cast<uint16_t>(bits));
    case DType::float32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case DType::float64: return std::bit_cast<double>(bits);
    default: return ir::is_signed_int(t) ? static_cast<double>(sign_extend(t, bits)) : static_cast<double>(bits);
  }
}

bool is_nonzero(DType t, uint64_t bits) { return ir::is_float(t) ? as_double(t, bits) != 0 : bits != 0; }

uint64_t convert_element(DType from, uint64_t bits, DType to) {
  if (from == to) return bits;
  if (ir::is_bool(to)) return is_nonzero(from, bits);
  if (ir::is_float(from)) {
    const double value = as_double(from, bits);
    if (ir::is_float(to)) return ir::bits_of(to, value);
    return truncate(to, double_to_int(value, to));
  }
  const uint64_t wide = ir::is_signed_int(from) ? static_cast<uint64_t>(sign_extend(from, bits)) : bits;
  if (ir::is_float(to)) return int_to_float(ir::is_signed_int(from), wide, to);
  return truncate(to, wide);
}

bool fits(DType from, uint64_t bits, DType to) {
  if (!ir::is_int(from) || !ir::is_int(to)) return true;
  const int width = 8 * static_cast<int>(ir::size_of(to));
  const bool negative = ir::is_signed_int(from) && static_cast<int64_t>(bits) < 0;
  if (ir::is_unsigned_int(to)) return !negative && (width == 64 || bits >> width == 0);
  if (negative) return static_cast<int64_t>(bits) >= std::numeric_limits<int64_t>::min() >> (64 - width);
  return bits >> (width - 1) == 0;
}

namespace {
/// A C++ float on its way into an integer array, as an integer that NumPy would make of it first.
void refuse_unless_integer(double value, DType to) {
  if (std::isnan(value)) throw ValueError("cannot convert float NaN to integer");
  if (std::isinf(value)) throw ValueError("cannot convert float infinity to integer");
  const double whole = std::trunc(value);
  const int width = 8 * static_cast<int>(ir::size_of(to));
  const bool is_signed = ir::is_signed_int(to);
  const double least = is_signed ? -std::ldexp(1.0, width - 1) : 0,
               above = std::ldexp(1.0, is_signed ? width - 1 : width);
  if (whole >= least && whole < above) return;
  char text[400];
  std::snprintf(text, sizeof text, "%.0f", whole);
  throw ValueError("Python integer " + std::string(text) + " out of bounds for " + std::string(ir::info(to).name));
}
}  // namespace

uint64_t convert_weak(DType from, uint64_t bits, DType to) {
  if (ir::is_float(from) && ir::is_int(to)) refuse_unless_integer(as_double(from, bits), to);
  if (!fits(from, bits, to)) {
    const std::string value =
        ir::is_signed_int(from) ? std::to_string(static_cast<int64_t>(bits)) : std::to_string(bits);
    throw ValueError("Python integer " + value + " out of bounds for " + std::string(ir::info(to).name));
  }
  return convert_element(from, bits, to);
}

HostNumber convert_number(DType from, HostNumber value, DType to) {
  const DType part = ir::part_of(from);
  if (ir::is_bool(to)) return {is_nonzero(part, value.bits) || is_nonzero(part, value.imag_bits)};
  HostNumber result{convert_element(part, value.bits, ir::part_of(to))};
  if (ir::is_complex(to) && ir::is_complex(from))
    result.imag_bits = convert_element(part, value.imag_bits, ir::part_of(to));
  return result;
}

HostNumber convert_weak_number(DType from, HostNumber value, DType to) {
  if (ir::is_int(to) && !ir::is_complex(from)) return {convert_weak(from, value.bits, to)};
  return convert_number(from, value, to);
}

HostNumber load_number(DType t, const void* data) {
  const DType part = ir::part_of(t);
  HostNumber value{load_element(part, data)};
  if (ir::is_complex(t)) value.imag_bits = load_element(part, static_cast<const char*>(data) + ir::size_of(part));
  return value;
}

void store_number(DType t, HostNumber value, void* data) {
  const DType part = ir::part_of(t);
  store_element(part, value.bits, data);
  if (ir::is_complex(t)) store_element(part, value.imag_bits, static_cast<char*>(data) + ir::size_of(part));
}

uint64_t load_element(DType t, const void* data) {
  uint64_t bits = 0;
  std::memcpy(&bits, data, std::min<size_t>(ir::size_of(t), sizeof bits));
  return bits;
}

void store_element(DType t, uint64_t bits, void* data) {
  std::memcpy(data, &bits, std::min<size_t>(ir::size_of(t), sizeof bits));
}

}  // namespace tarry::frontend
