#pragma once
// Elements of reference files as numbers, and how far two of them are apart.

#include <tarry/ir/half.h>
#include <tarry/tarry.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "reference.h"

namespace reference {

inline tarry::DType dtype_named(const std::string& name) {
  for (int i = 0; i < tarry::ir::kNumDTypes; ++i)
    if (tarry::ir::kDTypes[i].name == name) return static_cast<tarry::DType>(i);
  throw std::runtime_error("no dtype " + name);
}

/// "-" for nothing.
inline std::vector<unsigned char> bytes_of(const std::string& hex) {
  std::vector<unsigned char> bytes;
  if (hex == "-") return bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<unsigned char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// The array of these elements; repeated, if they are fewer than the shape asks for.
inline tarry::Array array_of(const std::string& hex, tarry::DType dtype, const tarry::Shape& shape) {
  std::vector<unsigned char> pattern = bytes_of(hex);
  std::vector<unsigned char> bytes(tarry::ir::num_elements(shape) * tarry::ir::size_of(dtype));
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern[i % pattern.size()];
  return tarry::numpy::array_from_memory(bytes.data(), dtype, shape);
}

inline tarry::Array vector_of(const std::string& hex, tarry::DType dtype) {
  int64_t count = static_cast<int64_t>(bytes_of(hex).size() / tarry::ir::size_of(dtype));
  return array_of(hex, dtype, {count});
}

/// The elements one after the other, in the bits of their dtype; every NaN as one NaN.
inline std::vector<uint64_t> bits_of(const tarry::Array& array) {
  std::vector<uint64_t> bits;
  auto nan_or = [](auto value, uint64_t raw) { return value != value ? UINT64_MAX : raw; };
  switch (array.dtype()) {
    case tarry::DType::float64:
      for (double v : array.to_vector<double>()) bits.push_back(nan_or(v, std::bit_cast<uint64_t>(v)));
      break;
    case tarry::DType::float32:
      for (float v : array.to_vector<float>()) bits.push_back(nan_or(v, std::bit_cast<uint32_t>(v)));
      break;
    case tarry::DType::float16:
      for (float v : array.to_vector<float>()) bits.push_back(nan_or(v, tarry::ir::to_float16(v)));
      break;
    case tarry::DType::bfloat16:
      for (float v : array.to_vector<float>()) bits.push_back(nan_or(v, tarry::ir::to_bfloat16(v)));
      break;
    case tarry::DType::uint64: return array.to_vector<uint64_t>();
    default:
      for (int64_t v : array.to_vector<int64_t>()) bits.push_back(static_cast<uint64_t>(v));
  }
  return bits;
}

/// Places between two floats of one dtype as they stand on the number line; a NaN is far from all but a NaN.
inline uint64_t places_apart(uint64_t a, uint64_t b, tarry::DType dtype) {
  if (a == b) return 0;
  if (a == UINT64_MAX || b == UINT64_MAX) return UINT64_MAX;
  uint64_t sign = 1ull << (8 * tarry::ir::size_of(dtype) - 1);
  auto line = [sign](uint64_t v) { return v & sign ? -static_cast<int64_t>(v & ~sign) : static_cast<int64_t>(v); };
  int64_t distance = line(a) - line(b);
  // +0 and -0 are in the same place, but not the same.
  return distance == 0 ? 1 : static_cast<uint64_t>(std::abs(distance));
}

/// What differs from the expected elements by more than `places` in the last place, in words; empty if nothing.
inline std::string far_from(const tarry::Array& array, const tarry::Array& expected, uint64_t places) {
  std::ostringstream out;
  if (array.dtype() != expected.dtype()) {
    out << "dtype " << tarry::ir::info(array.dtype()).name << " instead of " << tarry::ir::info(expected.dtype()).name;
    return out.str();
  }
  if (!(array.shape() == expected.shape())) {
    out << "shape " << array.shape() << " instead of " << expected.shape();
    return out.str();
  }
  std::vector<uint64_t> found = bits_of(array), wanted = bits_of(expected);
  bool real = tarry::ir::is_float(array.dtype());
  for (size_t i = 0; i < found.size(); ++i) {
    uint64_t apart = real ? places_apart(found[i], wanted[i], array.dtype()) : (found[i] == wanted[i] ? 0 : UINT64_MAX);
    if (apart > places)
      out << " [" << i << "] " << std::hex << found[i] << " instead of " << wanted[i] << std::dec << ";";
  }
  return out.str();
}

}  // namespace reference
