#include "peers.h"
#include "vectors.h"

namespace {

struct Around {
  const float *up, *row, *down;  // all at the same column
  float scalar(int64_t j) const { return 0.25f * (up[j] + down[j] + row[j - 1] + row[j + 1]) - row[j]; }
  F32 vector(int64_t j) const {
    const F32 sides = load_unaligned(row + j - 1) + load_unaligned(row + j + 1);
    return 0.25f * (load_unaligned(up + j) + load_unaligned(down + j) + sides) - load_unaligned(row + j);
  }
};

/// n points of one row, reading `ahead` floats ahead in the lowest row when that is not 0. The output starts anywhere,
/// so the points up to a vector's boundary go one by one.
template <int64_t ahead>
void stream_row(Around x, float* y, int64_t n) {
  int64_t j = 0;
  for (; j < n && reinterpret_cast<uintptr_t>(y + j) % kVectorBytes != 0; ++j) y[j] = x.scalar(j);
  for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
    if constexpr (ahead != 0) __builtin_prefetch(x.down + j + ahead);
    stream(y + j, x.vector(j));
    stream(y + j + kLanes, x.vector(j + kLanes));
  }
  for (; j < n; ++j) y[j] = x.scalar(j);
}

template <int64_t ahead>
void stencil_stream(const float* x, float* y, int64_t rows, int64_t columns) {
  share(rows - 2, 1, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* centre = x + (i + 1) * columns + 1;
      stream_row<ahead>({centre - columns, centre, centre + columns}, y + i * (columns - 2), columns - 2);
    }
    stream_fence();
  });
}

}  // namespace

void peer_stencil_loop(const float* x, float* y, int64_t rows, int64_t columns) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < rows - 2; ++i) {
    const float* centre = x + (i + 1) * columns + 1;
    const Around around{centre - columns, centre, centre + columns};
    float* out = y + i * (columns - 2);
#pragma omp simd
    for (int64_t j = 0; j < columns - 2; ++j) out[j] = around.scalar(j);
  }
}

void peer_stencil_stream(const float* x, float* y, int64_t rows, int64_t columns) {
  stencil_stream<0>(x, y, rows, columns);
}

void peer_stencil_prefetch(const float* x, float* y, int64_t rows, int64_t columns) {
  stencil_stream<512>(x, y, rows, columns);
}
