#include "peers.h"
#include "vectors.h"

#include <cmath>

namespace {

template <class T>
T chain(T a, T b, T c) {
  const T t = a * b + c;
  const T u = t * t - a;
  const T v = u / (__builtin_elementwise_abs(b) + 1.5f);
  const T w = __builtin_elementwise_max(v, 0.1f * v);
  return __builtin_elementwise_sqrt(w * w + 2.0f);
}

/// A cache line at a time, reading `ahead` floats ahead when that is not 0.
template <int64_t ahead>
void chain_stream(const float* a, const float* b, const float* c, float* y, int64_t n) {
  constexpr int64_t kLine = 16;
  share(n, kLine, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + kLine <= end; i += kLine) {
      if constexpr (ahead != 0) {
        __builtin_prefetch(a + i + ahead);
        __builtin_prefetch(b + i + ahead);
        __builtin_prefetch(c + i + ahead);
      }
      for (int64_t j = i; j < i + kLine; j += kLanes) stream(y + j, chain(load(a + j), load(b + j), load(c + j)));
    }
    for (; i < end; ++i) y[i] = chain(a[i], b[i], c[i]);
    stream_fence();
  });
}

}  // namespace

void peer_chain_loop(const float* a, const float* b, const float* c, float* y, int64_t n) {
#pragma omp parallel for simd schedule(static) aligned(a, b, c, y : 64)
  for (int64_t i = 0; i < n; ++i) y[i] = chain(a[i], b[i], c[i]);
}

void peer_chain_stream(const float* a, const float* b, const float* c, float* y, int64_t n) {
  chain_stream<0>(a, b, c, y, n);
}

void peer_chain_prefetch(const float* a, const float* b, const float* c, float* y, int64_t n) {
  chain_stream<1024>(a, b, c, y, n);
}
