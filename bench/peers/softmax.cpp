#include "peers.h"
#include "vectors.h"

#include <limits>

extern "C" F32 LIBMVEC_F32(v_expf)(F32);

namespace {

inline F32 exp_libmvec(F32 x) { return LIBMVEC_F32(v_expf)(x); }

float row_max(const float* x, int64_t n) {
  F32 best[4];
  for (F32& b : best) b = F32{} + std::numeric_limits<float>::lowest();
  int64_t j = 0;
  for (; j + 4 * kLanes <= n; j += 4 * kLanes)
    for (int k = 0; k < 4; ++k) best[k] = __builtin_elementwise_max(best[k], load_unaligned(x + j + k * kLanes));
  float result = lanes_max(__builtin_elementwise_max(__builtin_elementwise_max(best[0], best[1]),
                                                     __builtin_elementwise_max(best[2], best[3])));
  for (; j < n; ++j) result = std::max(result, x[j]);
  return result;
}

/// e[j] ← exp(x[j] - top); the sum. n is a multiple of two vectors. Fetches the next row, which stands right after:
/// left to itself, the hardware starts anew with each page.
template <F32 (*exponential)(F32)>
float row_exp(const float* x, float* e, int64_t n, float top) {
  F32 sum0 = {}, sum1 = {};
  for (int64_t j = 0; j < n; j += 2 * kLanes) {
    __builtin_prefetch(x + n + j);
    const F32 e0 = exponential(load_unaligned(x + j) - top), e1 = exponential(load_unaligned(x + j + kLanes) - top);
    store_unaligned(e + j, e0);
    store_unaligned(e + j + kLanes, e1);
    sum0 += e0;
    sum1 += e1;
  }
  return lanes_sum(sum0 + sum1);
}

/// Rows of a multiple of two vectors. With `streaming` the row of exponentials lies in a scratch row, else in y.
template <F32 (*exponential)(F32), bool streaming>
void softmax(const float* x, float* y, int64_t rows, int64_t columns) {
  share(rows, 1, [=](int64_t begin, int64_t end) {
    constexpr int64_t kScratch = 4096;
    alignas(64) float scratch[streaming ? kScratch : 1];
    const bool streams = streaming && columns <= kScratch;
    for (int64_t i = begin; i < end; ++i) {
      const float* in = x + i * columns;
      float* out = y + i * columns;
      float* e = streams ? scratch : out;
      const float inverse = 1.0f / row_exp<exponential>(in, e, columns, row_max(in, columns));
      for (int64_t j = 0; j < columns; j += kLanes) {
        const F32 v = load_unaligned(e + j) * inverse;
        if (streams) {
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

void peer_softmax_libmvec(const float* x, float* y, int64_t rows, int64_t columns) {
  softmax<exp_libmvec, false>(x, y, rows, columns);
}
void peer_softmax_polynomial(const float* x, float* y, int64_t rows, int64_t columns) {
  softmax<exp_polynomial, false>(x, y, rows, columns);
}
void peer_softmax_polynomial_stream(const float* x, float* y, int64_t rows, int64_t columns) {
  softmax<exp_polynomial, true>(x, y, rows, columns);
}
