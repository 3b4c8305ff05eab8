#pragma once
/// The value type of expansions built ahead of time as vectors: `count` elements in 32-byte registers.
///
/// It has the face of Lane<T> (lane.h) as far as float32 and float64 functions use it outside cold
/// regions. Needs AVX2 and FMA; elsewhere loops run lane by lane.

#if defined(__AVX2__) && defined(__FMA__)
#define TARRY_PACKS 1

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace tarry::passes::math {

/// Vectors of 8 (around float32) or 4 (float64 alone) elements.
template <int count>
struct Packs {
  /// A truth value is an integer of 32 / count bytes, all ones or 0.
  using Truth = std::conditional_t<count == 8, int32_t, int64_t>;

  template <class T>
  struct V;

  /// Truth values from what comparing each part of V<T> gives, which is as wide as T.
  template <class T, class F>
  static V<bool> truth_of(F part);
  /// Part i of a condition, as wide as T.
  template <class T>
  static auto condition_part(const V<bool>& c, int i);

  /// As HotModel, with a flag for each lane.
  struct Model {
    V<bool> rare = false;
    template <class T, class Slow>
    V<T> cold(V<bool> predicate, V<T> fast, Slow) {
      rare = rare | predicate;
      return fast;
    }
  };
};

template <int count>
template <class T>
struct Packs<count>::V {
  using Element = std::conditional_t<std::is_same_v<T, bool>, Truth, T>;
  typedef Element Native __attribute__((vector_size(32)));
  static constexpr int lanes = 32 / sizeof(Element), parts = count / lanes;
  Native part[parts];

  V() = default;
  V(T x) {
    const auto element = static_cast<Element>(std::is_same_v<T, bool> ? -static_cast<int>(x) : x);
    for (int i = 0; i < count; ++i) part[i / lanes][i % lanes] = element;
  }
  static V load(const T* from) {
    V v;
    std::memcpy(v.part, from, sizeof v.part);
    return v;
  }
  void store(T* to) const {
    if constexpr (std::is_same_v<T, bool>) {
      for (int i = 0; i < count; ++i) to[i] = part[0][i] != 0;
    } else {
      std::memcpy(to, part, sizeof part);
    }
  }
  bool any() const requires std::is_same_v<T, bool> {
    return !_mm256_testz_si256(reinterpret_cast<__m256i>(part[0]), reinterpret_cast<__m256i>(part[0]));
  }

#define TARRY_PACK_BINARY(op)                                           \
  friend V operator op(V a, V b) {                                      \
    for (int i = 0; i < parts; ++i) a.part[i] = a.part[i] op b.part[i]; \
    return a;                                                           \
  }
  TARRY_PACK_BINARY(+)
  TARRY_PACK_BINARY(-)
  TARRY_PACK_BINARY(*)
  TARRY_PACK_BINARY(/)
  TARRY_PACK_BINARY(&)
  TARRY_PACK_BINARY(|)
  TARRY_PACK_BINARY(^)
  // Counts stay below the width.
  TARRY_PACK_BINARY(<<)
  TARRY_PACK_BINARY(>>)
#undef TARRY_PACK_BINARY

#define TARRY_PACK_COMPARISON(op)                                      \
  friend V<bool> operator op(V a, V b) {                               \
    return truth_of<T>([&](int i) { return a.part[i] op b.part[i]; }); \
  }
  TARRY_PACK_COMPARISON(==)
  TARRY_PACK_COMPARISON(!=)
  TARRY_PACK_COMPARISON(<)
  TARRY_PACK_COMPARISON(<=)
  TARRY_PACK_COMPARISON(>)
  TARRY_PACK_COMPARISON(>=)
#undef TARRY_PACK_COMPARISON

#define TARRY_PACK_UNARY(name, single, wide)  \
  friend V name(V a) {                        \
    for (Native & p : a.part) {               \
      if constexpr (std::is_same_v<T, float>) \
        p = reinterpret_cast<Native>(single); \
      else                                    \
        p = reinterpret_cast<Native>(wide);   \
    }                                         \
    return a;                                 \
  }
  TARRY_PACK_UNARY(sqrt, _mm256_sqrt_ps(__m256(p)), _mm256_sqrt_pd(__m256d(p)))
  TARRY_PACK_UNARY(floor, _mm256_floor_ps(__m256(p)), _mm256_floor_pd(__m256d(p)))
  TARRY_PACK_UNARY(ceil, _mm256_ceil_ps(__m256(p)), _mm256_ceil_pd(__m256d(p)))
  TARRY_PACK_UNARY(trunc, _mm256_round_ps(__m256(p), _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC),
                   _mm256_round_pd(__m256d(p), _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC))
  TARRY_PACK_UNARY(rint, _mm256_round_ps(__m256(p), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
                   _mm256_round_pd(__m256d(p), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
  TARRY_PACK_UNARY(abs, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), __m256(p)),
                   _mm256_andnot_pd(_mm256_set1_pd(-0.0), __m256d(p)))
#undef TARRY_PACK_UNARY

  friend V operator-(V a) {
    for (Native& p : a.part) p = -p;
    return a;
  }
  friend V operator~(V a) {
    for (Native& p : a.part) p = ~p;
    return a;
  }
  friend V fma(V a, V b, V c) {
    for (int i = 0; i < parts; ++i) {
      if constexpr (std::is_same_v<T, float>)
        a.part[i] = Native(_mm256_fmadd_ps(a.part[i], b.part[i], c.part[i]));
      else
        a.part[i] = Native(_mm256_fmadd_pd(a.part[i], b.part[i], c.part[i]));
    }
    return a;
  }
  friend V select(V<bool> c, V a, V b) {
    for (int i = 0; i < parts; ++i) a.part[i] = condition_part<Element>(c, i) ? a.part[i] : b.part[i];
    return a;
  }
  template <class U>
  friend V<U> bits(V a) {
    V<U> r;
    static_assert(sizeof r == sizeof a);
    for (int i = 0; i < parts; ++i) r.part[i] = reinterpret_cast<typename V<U>::Native>(a.part[i]);
    return r;
  }
  template <class U>
  friend V<U> convert(V a) {
    V<U> r;
    if constexpr (std::is_same_v<T, float> && std::is_same_v<U, double>) {
      r.part[0] = typename V<U>::Native(_mm256_cvtps_pd(_mm256_castps256_ps128(a.part[0])));
      r.part[1] = typename V<U>::Native(_mm256_cvtps_pd(_mm256_extractf128_ps(a.part[0], 1)));
    } else if constexpr (std::is_same_v<T, double> && std::is_same_v<U, float>) {
      r.part[0] = typename V<U>::Native(_mm256_set_m128(_mm256_cvtpd_ps(a.part[1]), _mm256_cvtpd_ps(a.part[0])));
    } else if constexpr (sizeof(T) == sizeof(U)) {
      r.part[0] = __builtin_convertvector(a.part[0], typename V<U>::Native);
    } else {
      // Only cold regions ask for others, and they run lane by lane.
      for (int i = 0; i < count; ++i)
        r.part[i / V<U>::lanes][i % V<U>::lanes] = static_cast<U>(a.part[i / lanes][i % lanes]);
    }
    return r;
  }
};

template <int count>
template <class T, class F>
typename Packs<count>::template V<bool> Packs<count>::truth_of(F part) {
  V<bool> result;
  using Native = typename V<bool>::Native;
  if constexpr (sizeof(typename V<T>::Element) == sizeof(Truth)) {
    result.part[0] = reinterpret_cast<Native>(part(0));
  } else {
    // Twice as wide: the even halves of both parts, put back in order.
    const auto low = reinterpret_cast<__m256>(part(0)), high = reinterpret_cast<__m256>(part(1));
    const __m256d even = _mm256_castps_pd(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
    result.part[0] = reinterpret_cast<Native>(_mm256_permute4x64_pd(even, _MM_SHUFFLE(3, 1, 2, 0)));
  }
  return result;
}

template <int count>
template <class T>
auto Packs<count>::condition_part(const V<bool>& c, int i) {
  if constexpr (sizeof(T) == sizeof(Truth)) {
    return c.part[0];
  } else {
    typedef int64_t Wide __attribute__((vector_size(32)));
    const auto all = reinterpret_cast<__m256i>(c.part[0]);
    const __m128i half = i == 0 ? _mm256_castsi256_si128(all) : _mm256_extracti128_si256(all, 1);
    return reinterpret_cast<Wide>(_mm256_cvtepi32_epi64(half));
  }
}

}  // namespace tarry::passes::math

#endif
