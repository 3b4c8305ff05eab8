#include <tarry/ir/half.h>
#include <tarry/ir/literal.h>
#include <tarry/ir/text.h>

#include <cmath>
#include <cstring>

#include "tarry_opt/run.h"

namespace tarry::tools {
namespace {

/// Number i; a complex element is two.
uint64_t number(const Result& r, size_t i) {
  const size_t size = ir::size_of(ir::part_of(r.dtype));
  uint64_t bits = 0;
  std::memcpy(&bits, r.bytes.data() + i * size, size);
  return bits;
}

size_t count_numbers(const Result& r) { return r.bytes.size() / ir::size_of(ir::part_of(r.dtype)); }

bool is_nan(ir::DType t, uint64_t bits) {
  switch (ir::part_of(t)) {
    case ir::DType::float16: return std::isnan(ir::from_float16(static_cast<uint16_t>(bits)));
    case ir::DType::bfloat16: return std::isnan(ir::from_bfloat16(static_cast<uint16_t>(bits)));
    case ir::DType::float32: return std::isnan(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case ir::DType::float64: return std::isnan(std::bit_cast<double>(bits));
    default: return false;
  }
}

/// Elements with their brackets: each axis that begins or ends at element i opens or closes one.
std::string nested(const Result& r, size_t count) {
  std::string text;
  auto brackets = [&](size_t i, char c) {
    size_t inner = 1;
    for (size_t axis = r.shape.size(); axis-- > 0;) {
      inner *= static_cast<size_t>(r.shape[axis]);
      if (i % inner == 0) text += c;
    }
  };
  for (size_t i = 0; i < count; ++i) {
    if (i) text += ", ";
    brackets(i, '[');
    const auto written = [&](size_t n) {
      const uint64_t bits = number(r, n);
      return is_nan(r.dtype, bits) ? "nan" : ir::literal_text(ir::part_of(r.dtype), bits);
    };
    text += ir::is_complex(r.dtype) ? "(" + written(2 * i) + ", " + written(2 * i + 1) + ")" : written(i);
    brackets(i + 1, ']');
  }
  return text;
}

std::string hash_text(const Result& r) {
  uint64_t h = 0xcbf29ce484222325;
  for (size_t i = 0; i < count_numbers(r); ++i) {
    const uint64_t bits = number(r, i);
    h = (h ^ (is_nan(r.dtype, bits) ? 0x7ff8000000000000 : bits)) * 0x100000001b3;
    h ^= h >> 32;
  }
  return "hash " + std::to_string(h);
}

}  // namespace

bool same_bits(const Result& a, const Result& b) {
  if (a.dtype != b.dtype || !(a.shape == b.shape)) return false;
  for (size_t i = 0; i < count_numbers(a); ++i) {
    const uint64_t x = number(a, i), y = number(b, i);
    if (x != y && !(is_nan(a.dtype, x) && is_nan(b.dtype, y))) return false;
  }
  return true;
}

std::string result_text(const Result& r) {
  const size_t count = r.bytes.size() / ir::size_of(r.dtype);
  const std::string type = ir::type_text(r.dtype, r.shape) + " = ";
  if (count == 0) return type + "[]";
  return type + (count > 4096 ? hash_text(r) : nested(r, count));
}

}  // namespace tarry::tools
