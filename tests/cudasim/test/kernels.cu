// Kernels as people write them, for nvcc_test.cpp.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

struct Axpy {
  float a;
  long n;
  const float* x;
  float* y;
};

extern "C" __global__ void axpy(Axpy p) {
  for (long i = blockIdx.x * (long)blockDim.x + threadIdx.x; i < p.n; i += (long)blockDim.x * gridDim.x)
    p.y[i] += p.a * p.x[i];
}

extern "C" __global__ void sum(const int* x, int* out, int n) {
  __shared__ int part[32];
  int s = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) s += x[i];
  for (int o = 16; o; o >>= 1) s += __shfl_down_sync(~0u, s, o);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = s;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  s = threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0;
  for (int o = 16; o; o >>= 1) s += __shfl_xor_sync(~0u, s, o);
  if (!threadIdx.x) atomicAdd(out, s);
}

extern "C" __global__ void transpose(const double* x, double* y, int rows, int columns) {
  extern __shared__ double tile[];
  const int width = blockDim.x + 1;
  int i = blockIdx.y * blockDim.y + threadIdx.y, j = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows && j < columns) tile[threadIdx.y * width + threadIdx.x] = x[i * columns + j];
  __syncthreads();
  i = blockIdx.x * blockDim.x + threadIdx.y;
  j = blockIdx.y * blockDim.y + threadIdx.x;
  if (i < columns && j < rows) y[i * rows + j] = tile[threadIdx.x * width + threadIdx.y];
}

__constant__ float table[8] = {1, 2, 4, 8, 16, 32, 64, 128};
__device__ unsigned counter;

extern "C" __global__ void mixed(double* out, const __half* h, int kind) {
  const int i = threadIdx.x;
  switch (kind) {
    case 0: out[i] = __popc(i) + 100 * __clz(i); break;
    case 1: out[i] = atomicInc(&counter, 9) < 10 ? 1 : 0; break;
    case 2: out[i] = __half2float(__hfma(h[i], h[i], __float2half(0.5f))) * table[i & 7]; break;
    case 3: out[i] = __bfloat162float(__float2bfloat16(i / 3.0f)); break;
    case 4: out[i] = (i * 1234567891LL) / (i - 13 ? i - 13 : 7) % 1001; break;
    case 5: out[i] = __any_sync(~0u, i == 3) + 2 * __all_sync(~0u, i < 100) + 4.0 * __ballot_sync(~0u, i & 1); break;
    case 6: {
      int local[16];
      for (int k = 0; k < 16; ++k) local[k] = k * i;
      int s = 0;
      for (int k = 0; k < 16; ++k) s += local[(k * 7 + i) & 15] * (k & 1 ? 1 : -1);
      out[i] = s;
      break;
    }
    case 7: out[i] = sqrt((double)i) / 3.0 + fma((double)i, 0.1, 1e-17); break;
    case 8: out[i] = fmod(i * 1e6, 7.25); break;
  }
}

extern "C" __global__ void elementary(const float* x, const double* y, float* a, double* b) {
  const int i = threadIdx.x;
  a[4 * i] = expf(x[i]);
  a[4 * i + 1] = sinf(1000 * x[i]);
  a[4 * i + 2] = logf(x[i] + 4);
  a[4 * i + 3] = tanhf(x[i]);
  b[4 * i] = exp(y[i]);
  b[4 * i + 1] = pow(y[i] + 4, 1.7);
  b[4 * i + 2] = cos(1e6 * y[i]);
  b[4 * i + 3] = erf(y[i]);
}
