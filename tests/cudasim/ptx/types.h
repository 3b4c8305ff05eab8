#pragma once
/// PTX's types and state spaces.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cudasim {

inline constexpr int kLanes = 32;

enum class Type : uint8_t {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8,
  u16,
  u32,
  u64,
  s8,
  s16,
  s32,
  s64,
  f16,
  bf16,
  f16x2,
  bf16x2,
  f32,
  f64
};

enum class Space : uint8_t { generic, global, shared, local, constant, param };

/// Type::none where `name` (without its dot) is no type.
Type type_of(std::string_view name);
std::string_view name_of(Type t);

constexpr int size_of(Type t) {
  switch (t) {
    case Type::none: return 0;
    case Type::pred: return 4;  // a mask of 32 lanes
    case Type::b8:
    case Type::u8:
    case Type::s8: return 1;
    case Type::b16:
    case Type::u16:
    case Type::s16:
    case Type::f16:
    case Type::bf16: return 2;
    case Type::b32:
    case Type::u32:
    case Type::s32:
    case Type::f16x2:
    case Type::bf16x2:
    case Type::f32: return 4;
    case Type::b64:
    case Type::u64:
    case Type::s64:
    case Type::f64: return 8;
    case Type::b128: return 16;
  }
  return 0;
}

constexpr bool is_signed(Type t) { return t == Type::s8 || t == Type::s16 || t == Type::s32 || t == Type::s64; }
constexpr bool is_float(Type t) { return t >= Type::f16; }
constexpr bool is_integer(Type t) { return t >= Type::b8 && t <= Type::s64; }

}  // namespace cudasim
