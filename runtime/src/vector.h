#pragma once
/// Vectors of 32 bytes, as GCC and Clang spell them for every processor.

#include <tarry/ir/half.h>

#include <cstdint>
#include <cstring>
#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace tarry::runtime {

inline constexpr int kVectorBytes = 32;
template <class T>
inline constexpr int kWidth = kVectorBytes / sizeof(T);

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;

template <class T>
inline Vector<T> load(const T* from) {
  Vector<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class T>
inline void store(T* to, Vector<T> v) {
  std::memcpy(to, &v, sizeof v);
}
template <class T>
inline Vector<T> broadcast(T x) {
  Vector<T> v{};
  for (int i = 0; i < kWidth<T>; ++i) v[i] = x;
  return v;
}

/// The value of a float16.
inline float half_to_float(uint16_t x) {
#if defined(__F16C__)
  return _cvtsh_ss(x);
#else
  return ir::from_float16(x);
#endif
}
inline void halves_to_floats(const uint16_t* from, int64_t n, float* to) {
  int64_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
#endif
  for (; i < n; ++i) to[i] = half_to_float(from[i]);
}

}  // namespace tarry::runtime
