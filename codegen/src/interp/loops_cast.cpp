#include "interp/lanewise.h"

#include <tarry/ir/half.h>

#include <limits>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

using ir::DType;

/// bool in memory: a type of its own, so that casts from and to it are told apart from uint8.
enum class Bool : uint8_t {};

/// Truncates; out of range and NaN give the minimum of I, which is int32_t or int64_t.
template <class I, class F>
I truncate(F x) {
  constexpr F kBound = static_cast<F>(sizeof(I) == 4 ? 0x1p31 : 0x1p63);
  // What exceeds -kBound by less than 1 still truncates to it.
  const bool above = sizeof(F) > sizeof(I) ? x > -kBound - 1 : x >= -kBound;
  const bool fits = above & (x < kBound);
  const I converted = static_cast<I>(fits ? x : F{0});
  return fits ? converted : std::numeric_limits<I>::min();
}

/// As x86-64 code does it: through int64, and what is at least 2^63 less 2^63.
template <class F>
uint64_t truncate_unsigned(F x) {
  constexpr F kBound = static_cast<F>(0x1p63);
  const bool high = x >= kBound;
  const auto low_part = static_cast<uint64_t>(truncate<int64_t>(high ? x - kBound : x));
  return high ? low_part ^ (1ull << 63) : low_part;
}

template <class To>
struct CastTo {
  template <class From>
  static To of(From x) {
    if constexpr (std::is_same_v<To, Bool>)
      return static_cast<Bool>(x != From{0});
    else if constexpr (std::is_integral_v<From> || std::is_floating_point_v<To>)
      return static_cast<To>(x);
    else if constexpr (std::is_same_v<To, uint64_t>)
      return truncate_unsigned(x);
    else if constexpr (std::is_same_v<To, int64_t> || std::is_same_v<To, uint32_t>)
      return static_cast<To>(truncate<int64_t>(x));
    else
      return static_cast<To>(truncate<int32_t>(x));
  }
  static To of(Bool x) {
    if constexpr (std::is_same_v<To, Bool>)
      return x;
    else
      return static_cast<To>(static_cast<uint8_t>(x));
  }
};

template <class Visit>
Loop for_any(DType t, Visit visit) {
  return ir::is_bool(t) ? visit(Bool{}) : for_number(t, visit);
}

void float16_to_float32(std::byte* out, const Lanes* in, int64_t n) {
  float* r = reinterpret_cast<float*>(out);
  const uint16_t* a = lanes_of<uint16_t>(in[0]);
  int64_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(r + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i))));
#endif
  for (; i < n; ++i) r[i] = ir::from_float16(a[i]);
}

void float32_to_float16(std::byte* out, const Lanes* in, int64_t n) {
  uint16_t* r = reinterpret_cast<uint16_t*>(out);
  const float* a = lanes_of<float>(in[0]);
  int64_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(r + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(a + i), _MM_FROUND_TO_NEAREST_INT));
#endif
  for (; i < n; ++i) r[i] = ir::to_float16(a[i]);
}

void bfloat16_to_float32(std::byte* out, const Lanes* in, int64_t n) {
  uint32_t* r = reinterpret_cast<uint32_t*>(out);
  const uint16_t* a = lanes_of<uint16_t>(in[0]);
  TARRY_LANEWISE
  for (int64_t i = 0; i < n; ++i) r[i] = static_cast<uint32_t>(a[i]) << 16;
}

void float32_to_bfloat16(std::byte* out, const Lanes* in, int64_t n) {
  uint16_t* r = reinterpret_cast<uint16_t*>(out);
  const uint32_t* a = lanes_of<uint32_t>(in[0]);
  TARRY_LANEWISE
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = a[i];
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    const uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);
    r[i] = static_cast<uint16_t>((nan ? bits | 0x400000 : nearest) >> 16);
  }
}

}  // namespace

Loop cast_loop(DType from, DType to) {
  if (from == to) return copy_loop(from);
  if (from == DType::float16) return to == DType::float32 ? float16_to_float32 : nullptr;
  if (from == DType::bfloat16) return to == DType::float32 ? bfloat16_to_float32 : nullptr;
  if (to == DType::float16) return from == DType::float32 ? float32_to_float16 : nullptr;
  if (to == DType::bfloat16) return from == DType::float32 ? float32_to_bfloat16 : nullptr;
  return for_any(from, [to](auto source) -> Loop {
    return for_any(to, [](auto target) -> Loop { return unary<CastTo<decltype(target)>, decltype(source)>; });
  });
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
