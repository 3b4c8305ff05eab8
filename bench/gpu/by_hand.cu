// The measured work as a specialist writes it in CUDA C++: 16 bytes an access, grid-stride loops, rows in registers.

namespace {

__device__ __forceinline__ int first() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int stride() { return gridDim.x * blockDim.x; }

__device__ __forceinline__ float chain_of(float a, float b, float c) {
  const float t = a * b + c;
  const float u = t * t - a;
  const float v = u / (fabsf(b) + 1.5f);
  const float w = fmaxf(v, 0.1f * v);
  return sqrtf(w * w + 2.0f);
}

__device__ __forceinline__ float sum_of_warp(float v) {
#pragma unroll
  for (int by = 16; by > 0; by /= 2) v += __shfl_xor_sync(~0u, v, by);
  return v;
}
__device__ __forceinline__ float max_of_warp(float v) {
#pragma unroll
  for (int by = 16; by > 0; by /= 2) v = fmaxf(v, __shfl_xor_sync(~0u, v, by));
  return v;
}

/// In the first thread.
__device__ __forceinline__ float sum_of_block(float v) {
  __shared__ float parts[32];
  v = sum_of_warp(v);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x >= 32) return 0;
  return sum_of_warp(threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0f);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) chain(const float* __restrict__ a, const float* __restrict__ b,
                                                        const float* __restrict__ c, float* __restrict__ y, int n) {
  const float4 *a4 = reinterpret_cast<const float4*>(a), *b4 = reinterpret_cast<const float4*>(b),
               *c4 = reinterpret_cast<const float4*>(c);
  float4* y4 = reinterpret_cast<float4*>(y);
  for (int i = first(); i < n / 4; i += stride()) {
    const float4 p = a4[i], q = b4[i], r = c4[i];
    y4[i] =
        make_float4(chain_of(p.x, q.x, r.x), chain_of(p.y, q.y, r.y), chain_of(p.z, q.z, r.z), chain_of(p.w, q.w, r.w));
  }
  for (int i = n / 4 * 4 + first(); i < n; i += stride()) y[i] = chain_of(a[i], b[i], c[i]);
}

extern "C" __global__ void __launch_bounds__(256)
    sum(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ parts, int n) {
  const float4 *x4 = reinterpret_cast<const float4*>(x), *y4 = reinterpret_cast<const float4*>(y);
  float4 s = make_float4(0, 0, 0, 0);
  for (int i = first(); i < n / 4; i += stride()) {
    const float4 p = x4[i], q = y4[i];
    s.x += p.x * q.x + p.x;
    s.y += p.y * q.y + p.y;
    s.z += p.z * q.z + p.z;
    s.w += p.w * q.w + p.w;
  }
  for (int i = n / 4 * 4 + first(); i < n; i += stride()) s.x += x[i] * y[i] + x[i];
  const float total = sum_of_block((s.x + s.y) + (s.z + s.w));
  if (threadIdx.x == 0) parts[blockIdx.x] = total;
}

extern "C" __global__ void __launch_bounds__(256) sum_parts(const float* __restrict__ parts, float* total, int n) {
  float s = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) s += parts[i];
  s = sum_of_block(s);
  if (threadIdx.x == 0) *total = s;
}

/// A thread a point; neighbours come from the caches.
extern "C" __global__ void __launch_bounds__(256)
    stencil(const float* __restrict__ x, float* __restrict__ y, int rows, int columns) {
  const int j = blockIdx.x * blockDim.x + threadIdx.x + 1;
  if (j >= columns - 1) return;
  for (int i = blockIdx.y + 1; i < rows - 1; i += gridDim.y) {
    const float* at = x + i * columns + j;
    y[(i - 1) * (columns - 2) + j - 1] = 0.25f * (at[-columns] + at[columns] + at[-1] + at[1]) - at[0];
  }
}

/// A thread goes down a column and keeps what it has read.
extern "C" __global__ void __launch_bounds__(256)
    stencil_kept(const float* __restrict__ x, float* __restrict__ y, int rows, int columns, int strip) {
  const int j = blockIdx.x * blockDim.x + threadIdx.x + 1;
  if (j >= columns - 1) return;
  const int from = blockIdx.y * strip + 1, end = min(from + strip, rows - 1);
  if (from >= end) return;
  const float* at = x + from * columns + j;
  float* to = y + (from - 1) * (columns - 2) + j - 1;
  float up = at[-columns], here = at[0];
#pragma unroll 4
  for (int i = from; i < end; ++i) {
    const float down = at[columns];
    *to = 0.25f * (up + down + at[-1] + at[1]) - here;
    up = here;
    here = down;
    at += columns;
    to += columns - 2;
  }
}

namespace {

/// Up to 1,024 columns, a multiple of 4: a row lies in the registers of a warp.
constexpr int kPacks = 8;

struct Row {
  float4 v[kPacks];
  __device__ __forceinline__ void read(const float* x, int columns, float otherwise) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int j = 4 * (p * 32 + lane);
      v[p] = j < columns ? *reinterpret_cast<const float4*>(x + j)
                         : make_float4(otherwise, otherwise, otherwise, otherwise);
    }
  }
  template <class F>
  __device__ __forceinline__ void write(float* y, int columns, F f) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int j = 4 * (p * 32 + lane);
      if (j < columns)
        *reinterpret_cast<float4*>(y + j) =
            make_float4(f(v[p].x, j), f(v[p].y, j + 1), f(v[p].z, j + 2), f(v[p].w, j + 3));
    }
  }
};

struct Exponential {
  __device__ __forceinline__ float operator()(float x) const { return expf(x); }
};
/// In its place where the rest is to be counted by itself.
struct Square {
  __device__ __forceinline__ float operator()(float x) const { return x * x; }
};

template <class F>
__device__ __forceinline__ void softmax_of_rows(const float* x, float* y, int rows, int columns, F f) {
  const int warp = first() / 32, warps = stride() / 32;
  for (int i = warp; i < rows; i += warps) {
    Row row;
    row.read(x + i * columns, columns, -1.0f / 0.0f);
    float top = row.v[0].x;
#pragma unroll
    for (int p = 0; p < kPacks; ++p)
      top = fmaxf(fmaxf(fmaxf(top, row.v[p].x), fmaxf(row.v[p].y, row.v[p].z)), row.v[p].w);
    top = max_of_warp(top);
    float sum = 0;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      row.v[p] = make_float4(f(row.v[p].x - top), f(row.v[p].y - top), f(row.v[p].z - top), f(row.v[p].w - top));
      sum += (row.v[p].x + row.v[p].y) + (row.v[p].z + row.v[p].w);
    }
    sum = sum_of_warp(sum);
    row.write(y + i * columns, columns, [=](float e, int) { return e / sum; });
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    softmax(const float* __restrict__ x, float* __restrict__ y, int rows, int columns) {
  softmax_of_rows(x, y, rows, columns, Exponential());
}
extern "C" __global__ void __launch_bounds__(256)
    square_softmax(const float* __restrict__ x, float* __restrict__ y, int rows, int columns) {
  softmax_of_rows(x, y, rows, columns, Square());
}

extern "C" __global__ void __launch_bounds__(256)
    layernorm(const float* __restrict__ x, const float* __restrict__ scale, const float* __restrict__ shift,
              float* __restrict__ y, int rows, int columns) {
  const int warp = first() / 32, warps = stride() / 32, lane = threadIdx.x % 32;
  for (int i = warp; i < rows; i += warps) {
    Row row;
    row.read(x + i * columns, columns, 0);
    float sum = 0;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) sum += (row.v[p].x + row.v[p].y) + (row.v[p].z + row.v[p].w);
    const float mean = sum_of_warp(sum) / columns;
    float squares = 0;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      if (4 * (p * 32 + lane) >= columns) continue;
      float4& v = row.v[p];
      v = make_float4(v.x - mean, v.y - mean, v.z - mean, v.w - mean);
      squares += (v.x * v.x + v.y * v.y) + (v.z * v.z + v.w * v.w);
    }
    const float deviation = sqrtf(sum_of_warp(squares) / columns + 1e-5f);
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int j = 4 * (p * 32 + lane);
      if (j >= columns) continue;
      const float4 s = *reinterpret_cast<const float4*>(scale + j), t = *reinterpret_cast<const float4*>(shift + j);
      const float4 v = row.v[p];
      *reinterpret_cast<float4*>(y + i * columns + j) =
          make_float4(v.x / deviation * s.x + t.x, v.y / deviation * s.y + t.y, v.z / deviation * s.z + t.z,
                      v.w / deviation * s.w + t.w);
    }
  }
}

/// Indices as NumPy has them, from the end where they are negative.
extern "C" __global__ void __launch_bounds__(256)
    gather(const float* __restrict__ x, const long long* __restrict__ indices, float* __restrict__ y, int n,
           long long length) {
  const auto at = [=](long long i) { return x[i < 0 ? i + length : i]; };
  const longlong2* indices2 = reinterpret_cast<const longlong2*>(indices);
  for (int i = first(); i < n / 4; i += stride()) {
    const longlong2 p = indices2[2 * i], q = indices2[2 * i + 1];
    reinterpret_cast<float4*>(y)[i] = make_float4(at(p.x), at(p.y), at(q.x), at(q.y));
  }
  for (int i = n / 4 * 4 + first(); i < n; i += stride()) y[i] = at(indices[i]);
}

constexpr int kTile = 32, kTileRows = 8;

/// y = transpose(x) + z, of `rows` rows, in blocks of 32 by 8.
extern "C" __global__ void __launch_bounds__(256)
    transpose_add(const float* __restrict__ x, const float* __restrict__ z, float* __restrict__ y, int rows,
                  int columns) {
  __shared__ float tile[kTile][kTile + 1];
  const int i0 = blockIdx.y * kTile, j0 = blockIdx.x * kTile;
#pragma unroll
  for (int k = threadIdx.y; k < kTile; k += kTileRows)
    if (j0 + k < columns && i0 + threadIdx.x < rows) tile[k][threadIdx.x] = x[(j0 + k) * rows + i0 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int k = threadIdx.y; k < kTile; k += kTileRows)
    if (i0 + k < rows && j0 + threadIdx.x < columns) {
      const int at = (i0 + k) * columns + j0 + threadIdx.x;
      y[at] = tile[threadIdx.x][k] + z[at];
    }
}
