#pragma once
/// Element types.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tarry::ir {

/// The element types, in NumPy's names. The order is that of the text form and never of promotion.
enum class DType : uint8_t {
  bool_,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128,
};
inline constexpr int kNumDTypes = 15;

enum class DTypeKind : uint8_t { boolean, signed_int, unsigned_int, floating, complex };

struct DTypeInfo {
  std::string_view name;  // NumPy's: "float32"
  std::string_view text;  // in IR text: "f32"
  uint8_t size;           // bytes
  DTypeKind kind;
};

inline constexpr DTypeInfo kDTypes[kNumDTypes] = {
    {"bool", "bool", 1, DTypeKind::boolean},        {"int8", "i8", 1, DTypeKind::signed_int},
    {"int16", "i16", 2, DTypeKind::signed_int},     {"int32", "i32", 4, DTypeKind::signed_int},
    {"int64", "i64", 8, DTypeKind::signed_int},     {"uint8", "u8", 1, DTypeKind::unsigned_int},
    {"uint16", "u16", 2, DTypeKind::unsigned_int},  {"uint32", "u32", 4, DTypeKind::unsigned_int},
    {"uint64", "u64", 8, DTypeKind::unsigned_int},  {"float16", "f16", 2, DTypeKind::floating},
    {"bfloat16", "bf16", 2, DTypeKind::floating},   {"float32", "f32", 4, DTypeKind::floating},
    {"float64", "f64", 8, DTypeKind::floating},     {"complex64", "c64", 8, DTypeKind::complex},
    {"complex128", "c128", 16, DTypeKind::complex},
};

constexpr const DTypeInfo& info(DType t) { return kDTypes[static_cast<int>(t)]; }
constexpr size_t size_of(DType t) { return info(t).size; }
constexpr DTypeKind kind_of(DType t) { return info(t).kind; }
constexpr bool is_bool(DType t) { return t == DType::bool_; }
constexpr bool is_signed_int(DType t) { return kind_of(t) == DTypeKind::signed_int; }
constexpr bool is_unsigned_int(DType t) { return kind_of(t) == DTypeKind::unsigned_int; }
constexpr bool is_int(DType t) { return is_signed_int(t) || is_unsigned_int(t); }
constexpr bool is_float(DType t) { return kind_of(t) == DTypeKind::floating; }
constexpr bool is_complex(DType t) { return kind_of(t) == DTypeKind::complex; }
/// The float that a complex dtype is a pair of; of any other dtype that itself.
constexpr DType part_of(DType t) {
  return t == DType::complex64 ? DType::float32 : t == DType::complex128 ? DType::float64 : t;
}
/// The complex dtype with parts of this one, float32 or float64.
constexpr DType complex_of(DType part) { return part == DType::float32 ? DType::complex64 : DType::complex128; }
/// float16 and bfloat16: stored in 16 bits, computed in float32, rounded after every op.
constexpr bool is_half(DType t) { return t == DType::float16 || t == DType::bfloat16; }

/// The dtype with this name in IR text ("f32"), or with this NumPy name ("float32").
std::optional<DType> dtype_from_text(std::string_view text);
std::optional<DType> dtype_from_name(std::string_view name);

}  // namespace tarry::ir
