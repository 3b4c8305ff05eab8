#include <tarry/ir/half.h>
#include <tarry/ir/literal.h>
#include <tarry/ir/text.h>

#include <cmath>
#include <cstring>

#include "tarry_opt/run.h"

namespace tarry::tools {
namespace {

uint64_t element(const Result& r, size_t i) {
  const size_t size = ir::size_of(r.dtype);
  uint64_t bits = 0;
  std::memcpy(&bits, r.bytes.data() + i * size, std::min<size_t>(size, sizeof bits));
  return bits;
}

bool is_nan(ir::DType t, uint64_t bits) {
  switch (t) {
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
    const uint64_t bits = element(r, i);
    text += is_nan(r.dtype, bits) ? "nan" : ir::literal_text(r.dtype, bits);
    brackets(i + 1, ']');
  }
  return text;
}

std::string hash_text(const Result& r, size_t count) {
  uint64_t h = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = element(r, i);
    h = (h ^ (is_nan(r.dtype, bits) ? 0x7ff8000000000000 : bits)) * 0x100000001b3;
    h ^= h >> 32;
  }
  return "hash " + std::to_string(h);
}

}  // namespace

bool same_bits(const Result& a, const Result& b) {
  if (a.dtype != b.dtype || !(a.shape == b.shape)) return false;
  for (size_t i = 0; i < a.bytes.size() / ir::size_of(a.dtype); ++i) {
    const uint64_t x = element(a, i), y = element(b, i);
    if (x != y && !(is_nan(a.dtype, x) && is_nan(b.dtype, y))) return false;
  }
  return true;
}

std::string result_text(const Result& r) {
  const size_t count = r.bytes.size() / ir::size_of(r.dtype);
  const std::string type = ir::type_text(r.dtype, r.shape) + " = ";
  if (count == 0) return type + "[]";
  return type + (count > 4096 ? hash_text(r, count) : nested(r, count));
}

}  // namespace tarry::tools
