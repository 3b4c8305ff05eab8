#include "peers.h"
#include "vectors.h"

#include <cmath>

namespace {

struct Moments {
  float mean, variance;
};

constexpr int kAccumulators = 4;
constexpr int64_t kStep = kAccumulators * kLanes;

F32 fold(const F32 (&sums)[kAccumulators]) { return (sums[0] + sums[1]) + (sums[2] + sums[3]); }

Moments two_walks(const float* x, int64_t n) {
  F32 sums[kAccumulators] = {};
  for (int64_t j = 0; j < n; j += kStep)
    for (int k = 0; k < kAccumulators; ++k) sums[k] += load_unaligned(x + j + k * kLanes);
  const float mean = lanes_sum(fold(sums)) / n;
  F32 squares[kAccumulators] = {};
  for (int64_t j = 0; j < n; j += kStep)
    for (int k = 0; k < kAccumulators; ++k) {
      const F32 d = load_unaligned(x + j + k * kLanes) - mean;
      squares[k] += d * d;
    }
  return {mean, lanes_sum(fold(squares)) / n};
}

Moments one_walk(const float* x, int64_t n) {
  F32 sums[kAccumulators] = {}, squares[kAccumulators] = {};
  for (int64_t j = 0; j < n; j += kStep)
    for (int k = 0; k < kAccumulators; ++k) {
      const F32 v = load_unaligned(x + j + k * kLanes);
      sums[k] += v;
      squares[k] += v * v;
    }
  const float mean = lanes_sum(fold(sums)) / n;
  return {mean, lanes_sum(fold(squares)) / n - mean * mean};
}

/// Rows of a multiple of kStep. The last walk fetches the next row.
template <Moments (*moments)(const float*, int64_t), bool streaming>
void layernorm(const float* x, const float* scale, const float* shift, float* y, int64_t rows, int64_t columns) {
  share(rows, 1, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* in = x + i * columns;
      float* out = y + i * columns;
      const Moments m = moments(in, columns);
      const float inverse = 1.0f / std::sqrt(m.variance + 1e-5f);
      for (int64_t j = 0; j < columns; j += kLanes) {
        if (j % 16 == 0) __builtin_prefetch(in + columns + j);
        const F32 v = (load_unaligned(in + j) - m.mean) * inverse * load(scale + j) + load(shift + j);
        if (streaming) {
          stream(out + j, v);
        } else {
          store_unaligned(out + j, v);
        }
      }
    }
    stream_fence();
  });
}

}  // namespace

void peer_layernorm_two_walks(const float* x, const float* scale, const float* shift, float* y, int64_t rows,
                              int64_t columns) {
  layernorm<two_walks, false>(x, scale, shift, y, rows, columns);
}
void peer_layernorm_one_walk(const float* x, const float* scale, const float* shift, float* y, int64_t rows,
                             int64_t columns) {
  layernorm<one_walk, false>(x, scale, shift, y, rows, columns);
}
void peer_layernorm_two_walks_stream(const float* x, const float* scale, const float* shift, float* y, int64_t rows,
                                     int64_t columns) {
  layernorm<two_walks, true>(x, scale, shift, y, rows, columns);
}
void peer_layernorm_one_walk_stream(const float* x, const float* scale, const float* shift, float* y, int64_t rows,
                                    int64_t columns) {
  layernorm<one_walk, true>(x, scale, shift, y, rows, columns);
}
