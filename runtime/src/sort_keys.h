#pragma once
/// Unsigned numbers in the order of elements: NaNs come last and are equal, as are the two zeros.
/// `of` is the key of an element, `bits` those of the element, of one of the elements where several have the key.

#include <tarry/ir/dtype.h>
#include <tarry/ir/error.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace tarry::runtime {

/// The bits of floats, and of their infinity.
template <class Bits, Bits kInfinity>
struct FloatBits {
  Bits bits;
};
using Float16Bits = FloatBits<uint16_t, 0x7c00>;
using BFloat16Bits = FloatBits<uint16_t, 0x7f80>;
using Float32Bits = FloatBits<uint32_t, 0x7f80'0000>;
using Float64Bits = FloatBits<uint64_t, 0x7ff0'0000'0000'0000>;

template <class T>
struct SortKey {
  using Key = std::make_unsigned_t<T>;
  static Key of(const std::byte* element) {
    Key bits;
    std::memcpy(&bits, element, sizeof bits);
    return SortKey::bits(bits);
  }
  /// Its own inverse.
  static Key bits(Key key) {
    return std::is_signed_v<T> ? static_cast<Key>(key ^ Key{1} << (8 * sizeof(Key) - 1)) : key;
  }
};

template <>
struct SortKey<bool> {
  using Key = uint8_t;
  static Key of(const std::byte* element) { return *element != std::byte{0}; }
  static Key bits(Key key) { return key; }
};

template <class Bits, Bits kInfinity>
struct SortKey<FloatBits<Bits, kInfinity>> {
  using Key = Bits;
  static constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  /// The keys of several elements.
  static constexpr Key kZero = kSign, kNaN = std::numeric_limits<Bits>::max();
  static Key of(const std::byte* element) {
    Bits bits;
    std::memcpy(&bits, element, sizeof bits);
    const auto magnitude = static_cast<Bits>(bits & ~kSign);
    const auto key = static_cast<Key>((bits ^ (is_set(bits) | kSign)) + (bits == kSign));
    // All ones for a NaN, without a choice between two: so loops over keys are vectors.
    return static_cast<Key>(key | -static_cast<Key>(magnitude > kInfinity));
  }
  static Bits bits(Key key) { return static_cast<Bits>(key ^ (~is_set(key) | kSign)); }

 private:
  /// All ones where the sign is; signs come in no order that branches could follow.
  static Bits is_set(Bits bits) {
    using Signed = std::make_signed_t<Bits>;
    return static_cast<Bits>(static_cast<Signed>(bits) >> (8 * sizeof(Bits) - 1));
  }
};

/// body(T{}) for the type whose SortKey knows these elements. Throws TypeError for complex numbers.
template <class Body>
void with_sorted_type(ir::DType t, const Body& body) {
  using ir::DType;
  switch (t) {
    case DType::bool_: return body(bool{});
    case DType::int8: return body(int8_t{});
    case DType::int16: return body(int16_t{});
    case DType::int32: return body(int32_t{});
    case DType::int64: return body(int64_t{});
    case DType::uint8: return body(uint8_t{});
    case DType::uint16: return body(uint16_t{});
    case DType::uint32: return body(uint32_t{});
    case DType::uint64: return body(uint64_t{});
    case DType::float16: return body(Float16Bits{});
    case DType::bfloat16: return body(BFloat16Bits{});
    case DType::float32: return body(Float32Bits{});
    case DType::float64: return body(Float64Bits{});
    case DType::complex64:
    case DType::complex128: break;
  }
  throw TypeError("complex numbers have no order here");
}

}  // namespace tarry::runtime
