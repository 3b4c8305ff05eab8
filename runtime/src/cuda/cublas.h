#pragma once
/// NVIDIA's cuBLAS, loaded at the first matrix product on a GPU. As driver.h: our own declarations, compared with
/// cublas_api.h in a test where that is installed.

#include "cuda/driver.h"

#include <string>

struct cublasContext;

namespace tarry::runtime::cuda {

using BlasHandle = cublasContext*;
using BlasStatus = int;

inline constexpr BlasStatus kBlasSuccess = 0, kBlasAllocationFailed = 3;
inline constexpr int kBlasNoTranspose = 0, kBlasTranspose = 1, kBlasDefaultAlgorithm = -1;
inline constexpr int kBlasCompute32 = 68, kBlasCompute64 = 70;
// Types of elements.
inline constexpr int kReal32 = 0, kReal64 = 1, kReal16 = 2, kComplex32 = 4, kComplex64 = 5, kRealB16 = 14;

#define TARRY_CUBLAS_CALLS(X)                                                                                    \
  X(create, cublasCreate_v2, BlasStatus, (BlasHandle * handle))                                                  \
  X(set_stream, cublasSetStream_v2, BlasStatus, (BlasHandle handle, StreamHandle stream))                        \
  X(status_text, cublasGetStatusString, const char*, (BlasStatus status))                                        \
  X(multiply, cublasGemmStridedBatchedEx, BlasStatus,                                                            \
    (BlasHandle handle, int transpose_a, int transpose_b, int m, int n, int k, const void* alpha, const void* a, \
     int a_type, int lda, long long a_stride, const void* b, int b_type, int ldb, long long b_stride,            \
     const void* beta, void* c, int c_type, int ldc, long long c_stride, int batch, int compute_type, int algorithm))

struct Cublas {
#define TARRY_CUBLAS_POINTER(name, symbol, result, parameters) result(*name) parameters = nullptr;
  TARRY_CUBLAS_CALLS(TARRY_CUBLAS_POINTER)
#undef TARRY_CUBLAS_POINTER
  std::string why_not;  // empty when it is there
};

/// That of TARRY_CUBLAS_LIBRARY, else the newest of libcublas.so.13, .12 and .11 that the system finds.
const Cublas& cublas();

}  // namespace tarry::runtime::cuda
