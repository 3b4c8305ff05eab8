#include "peers.h"
#include "vectors.h"

namespace {

constexpr int kAccumulators = 8;

template <int64_t ahead>
float sum_part(const float* x, const float* y, int64_t begin, int64_t end) {
  F32 sums[kAccumulators] = {};
  constexpr int64_t kStep = kAccumulators * kLanes;
  int64_t i = begin;
  for (; i + kStep <= end; i += kStep) {
    if constexpr (ahead != 0) {
      for (int64_t line = i; line < i + kStep; line += 16) {
        __builtin_prefetch(x + line + ahead);
        __builtin_prefetch(y + line + ahead);
      }
    }
    for (int k = 0; k < kAccumulators; ++k) {
      const F32 v = load(x + i + k * kLanes);
      sums[k] += v * load(y + i + k * kLanes) + v;
    }
  }
  float total = 0;
  for (; i < end; ++i) total += x[i] * y[i] + x[i];
  F32 all = {};
  for (const F32& sum : sums) all += sum;
  return total + lanes_sum(all);
}

template <int64_t ahead>
float sum(const float* x, const float* y, int64_t n) {
  float total = 0;
  share(n, 1024, [&](int64_t begin, int64_t end) {
    const float part = sum_part<ahead>(x, y, begin, end);
#pragma omp atomic
    total += part;
  });
  return total;
}

}  // namespace

float peer_sum_loop(const float* x, const float* y, int64_t n) {
  float total = 0;
#pragma omp parallel for simd schedule(static) reduction(+ : total) aligned(x, y : 64)
  for (int64_t i = 0; i < n; ++i) total += x[i] * y[i] + x[i];
  return total;
}

float peer_sum_accumulators(const float* x, const float* y, int64_t n) { return sum<0>(x, y, n); }
float peer_sum_prefetch(const float* x, const float* y, int64_t n) { return sum<1024>(x, y, n); }
