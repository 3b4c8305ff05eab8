#pragma once
/// Vectors of the host's width, and the system's vector math library at that width.

#include <omp.h>

#include <algorithm>
#include <cstdint>

#ifdef __AVX512F__
inline constexpr int kVectorBytes = 64;
#define LIBMVEC_F32(suffix) _ZGVeN16##suffix
#define LIBMVEC_F64(suffix) _ZGVeN8##suffix
#else
inline constexpr int kVectorBytes = 32;
#define LIBMVEC_F32(suffix) _ZGVdN8##suffix
#define LIBMVEC_F64(suffix) _ZGVdN4##suffix
#endif

using F32 = float __attribute__((vector_size(kVectorBytes)));
using I32 = int32_t __attribute__((vector_size(kVectorBytes)));
using F64 = double __attribute__((vector_size(kVectorBytes)));
inline constexpr int64_t kLanes = kVectorBytes / sizeof(float);
inline constexpr int64_t kLanes64 = kVectorBytes / sizeof(double);

inline F32 load(const float* p) { return *reinterpret_cast<const F32*>(p); }
inline F32 load_unaligned(const float* p) {
  F32 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, F32 v) { *reinterpret_cast<F32*>(p) = v; }
inline void store_unaligned(float* p, F32 v) { __builtin_memcpy(p, &v, sizeof v); }
/// Past the caches.
inline void stream(float* p, F32 v) { __builtin_nontemporal_store(v, reinterpret_cast<F32*>(p)); }
/// Orders streamed stores before what follows.
inline void stream_fence() { __builtin_ia32_sfence(); }

inline float lanes_sum(F32 v) {
  float total = 0;
  for (int i = 0; i < kLanes; ++i) total += v[i];
  return total;
}
inline float lanes_max(F32 v) {
  float best = v[0];
  for (int i = 1; i < kLanes; ++i) best = std::max(best, v[i]);
  return best;
}

/// e to the x for x ≤ 88; results under 2^-125 are about 0.
inline F32 exp_polynomial(F32 x) {
#pragma clang fp reassociate(off)  // the two halves of ln 2 must stay apart
  x = __builtin_elementwise_max(x, F32{} - 87.0f);
  const F32 n = __builtin_elementwise_rint(x * 1.44269504f);
  const F32 r = x - n * 0.693359375f + n * 2.12194440e-4f;
  F32 p = F32{} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const I32 exponent = __builtin_convertvector(n, I32) << 23;
  return reinterpret_cast<F32>(reinterpret_cast<I32>(p) + exponent);
}

/// Runs body(begin, end) on each thread for its contiguous share of [0, n), cut at multiples of `unit`.
template <class Body>
void share(int64_t n, int64_t unit, const Body& body) {
#pragma omp parallel
  {
    const int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    const int64_t units = (n + unit - 1) / unit;
    const int64_t begin = units * thread / threads * unit;
    const int64_t end = std::min(n, units * (thread + 1) / threads * unit);
    if (begin < end) body(begin, end);
  }
}
