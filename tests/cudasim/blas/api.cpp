/// The calls of cuBLAS: handles, streams, products.

#include <cstring>
#include <memory>
#include <mutex>
#include <set>

#include "blas/gemm.h"
#include "cudasim.h"
#include "driver/calls.h"

#define CUBLAS_CALL extern "C" __attribute__((visibility("default")))

namespace cudasim {
namespace {

enum Status : int {
  kSuccess = 0,
  kNotInitialized = 1,
  kAllocationFailed = 3,
  kInvalidValue = 7,
  kExecutionFailed = 13,
  kNotSupported = 15
};

struct Handle {
  CUcontext context;
  CUstream stream = nullptr;
  int math = 0;
  int pointers = 0;  // 1: alpha and beta are on the device
};

struct Handles {
  std::mutex guard;
  std::set<Handle*> living;
};
Handles& handles() {
  static Handles* const all = new Handles;  // programs may call until the very end
  return *all;
}

bool is_alive(Handle* h) {
  const std::lock_guard lock(handles().guard);
  return handles().living.count(h) != 0;
}

/// Sums in half precision are not known.
bool fits(const Gemm& g, int compute) {
  constexpr int k32 = 68, k32Pedantic = 69, k32Fast16 = 74, k32Fast16B = 75, k32FastTf32 = 77, k64 = 70,
                k64Pedantic = 71;
  const Element t = sum_type(g);
  if (t == Element::f64 || t == Element::c64) return compute == k64 || compute == k64Pedantic;
  return compute == k32 || compute == k32Pedantic || compute == k32Fast16 || compute == k32Fast16B ||
         compute == k32FastTf32;
}

Status multiply(Handle* h, Gemm g, const void* alpha, const void* beta, int compute) {
  if (!is_alive(h)) return kNotInitialized;
  if (g.m < 0 || g.n < 0 || g.k < 0 || g.batch < 0 || !alpha || !beta) return kInvalidValue;
  for (Op op : {g.op_a, g.op_b})
    if (op != Op::none && op != Op::transpose && op != Op::adjoint) return kInvalidValue;
  const auto at_least = [](int64_t leading, int64_t rows) { return leading >= std::max<int64_t>(1, rows); };
  if (!at_least(g.a.leading, g.op_a == Op::none ? g.m : g.k) ||
      !at_least(g.b.leading, g.op_b == Op::none ? g.k : g.n) || !at_least(g.c.leading, g.m))
    return kInvalidValue;
  if (!is_known(g) || !fits(g, compute)) return kNotSupported;
  CUcontext current = nullptr;
  if (cuCtxGetCurrent(&current) != CUDA_SUCCESS || current != h->context) return kExecutionFailed;
  g.scalars_on_device = h->pointers == 1;
  if (g.scalars_on_device) {
    g.alpha = reinterpret_cast<uint64_t>(alpha);
    g.beta = reinterpret_cast<uint64_t>(beta);
  } else {
    std::memcpy(g.alpha_bits, alpha, size_of(sum_type(g)));
    std::memcpy(g.beta_bits, beta, size_of(sum_type(g)));
  }
  if (!cudasimCountLaunch("cublas_gemm")) return kSuccess;
  auto work = std::make_unique<Gemm>(g);
  const CUresult result = cuLaunchHostFunc(
      h->stream, [](void* p) { run(*std::unique_ptr<Gemm>(static_cast<Gemm*>(p))); }, work.get());
  if (result != CUDA_SUCCESS) return kExecutionFailed;
  work.release();
  return kSuccess;
}

uint64_t address(const void* p) { return reinterpret_cast<uint64_t>(p); }

}  // namespace
}  // namespace cudasim

using cudasim::CUstream;
using cudasim::Element;
using cudasim::Gemm;
using cudasim::Handle;
using cudasim::Op;

CUBLAS_CALL int cublasCreate_v2(Handle** handle) {
  if (!handle) return cudasim::kInvalidValue;
  cudasim::CUcontext current = nullptr;
  if (cudasim::cuCtxGetCurrent(&current) != cudasim::CUDA_SUCCESS || !current) return cudasim::kNotInitialized;
  if (!cudasimMay("blas")) return cudasim::kAllocationFailed;
  *handle = new Handle{current};
  const std::lock_guard lock(cudasim::handles().guard);
  cudasim::handles().living.insert(*handle);
  return cudasim::kSuccess;
}

CUBLAS_CALL int cublasDestroy_v2(Handle* handle) {
  const std::lock_guard lock(cudasim::handles().guard);
  if (cudasim::handles().living.erase(handle) == 0) return cudasim::kNotInitialized;
  delete handle;
  return cudasim::kSuccess;
}

CUBLAS_CALL int cublasGetVersion_v2(Handle* handle, int* version) {
  if (!cudasim::is_alive(handle)) return cudasim::kNotInitialized;
  if (!version) return cudasim::kInvalidValue;
  *version = 130000;
  return cudasim::kSuccess;
}

// A setting and its question.
#define CUBLAS_SETTING(Set, Get, type, member)                       \
  CUBLAS_CALL int Set(Handle* handle, type value) {                  \
    if (!cudasim::is_alive(handle)) return cudasim::kNotInitialized; \
    handle->member = value;                                          \
    return cudasim::kSuccess;                                        \
  }                                                                  \
  CUBLAS_CALL int Get(Handle* handle, type* value) {                 \
    if (!cudasim::is_alive(handle)) return cudasim::kNotInitialized; \
    *value = handle->member;                                         \
    return cudasim::kSuccess;                                        \
  }
CUBLAS_SETTING(cublasSetStream_v2, cublasGetStream_v2, CUstream, stream)
CUBLAS_SETTING(cublasSetMathMode, cublasGetMathMode, int, math)
CUBLAS_SETTING(cublasSetPointerMode_v2, cublasGetPointerMode_v2, int, pointers)
#undef CUBLAS_SETTING

CUBLAS_CALL int cublasSetWorkspace_v2(Handle* handle, void*, size_t) {
  return cudasim::is_alive(handle) ? cudasim::kSuccess : cudasim::kNotInitialized;
}

CUBLAS_CALL const char* cublasGetStatusName(int status) {
  switch (status) {
    case 0: return "CUBLAS_STATUS_SUCCESS";
    case 1: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case 3: return "CUBLAS_STATUS_ALLOC_FAILED";
    case 7: return "CUBLAS_STATUS_INVALID_VALUE";
    case 13: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case 15: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "unknown";
  }
}

CUBLAS_CALL const char* cublasGetStatusString(int status) {
  switch (status) {
    case 0: return "success";
    case 1: return "the library was not initialized";
    case 3: return "the resource allocation failed";
    case 7: return "an unsupported value or parameter was passed to the function";
    case 13: return "the function failed to launch on the GPU";
    case 15: return "the functionality requested is not supported";
    default: return "unknown";
  }
}

CUBLAS_CALL int cublasGemmStridedBatchedEx(Handle* handle, int op_a, int op_b, int m, int n, int k, const void* alpha,
                                           const void* a, int a_type, int lda, long long stride_a, const void* b,
                                           int b_type, int ldb, long long stride_b, const void* beta, void* c,
                                           int c_type, int ldc, long long stride_c, int batch, int compute, int) {
  Gemm g{};
  g.op_a = static_cast<Op>(op_a);
  g.op_b = static_cast<Op>(op_b);
  g.m = m;
  g.n = n;
  g.k = k;
  g.a = {cudasim::address(a), static_cast<Element>(a_type), lda, stride_a};
  g.b = {cudasim::address(b), static_cast<Element>(b_type), ldb, stride_b};
  g.c = {cudasim::address(c), static_cast<Element>(c_type), ldc, stride_c};
  g.batch = batch;
  return cudasim::multiply(handle, g, alpha, beta, compute);
}

CUBLAS_CALL int cublasGemmEx(Handle* handle, int op_a, int op_b, int m, int n, int k, const void* alpha, const void* a,
                             int a_type, int lda, const void* b, int b_type, int ldb, const void* beta, void* c,
                             int c_type, int ldc, int compute, int algorithm) {
  return cublasGemmStridedBatchedEx(handle, op_a, op_b, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c,
                                    c_type, ldc, 0, 1, compute, algorithm);
}

// The products of one type.
#define CUBLAS_GEMM(letter, element, compute)                                                                         \
  CUBLAS_CALL int cublas##letter##gemm_v2(Handle* handle, int op_a, int op_b, int m, int n, int k, const void* alpha, \
                                          const void* a, int lda, const void* b, int ldb, const void* beta, void* c,  \
                                          int ldc) {                                                                  \
    return cublasGemmEx(handle, op_a, op_b, m, n, k, alpha, a, element, lda, b, element, ldb, beta, c, element, ldc,  \
                        compute, -1);                                                                                 \
  }                                                                                                                   \
  CUBLAS_CALL int cublas##letter##gemmStridedBatched(Handle* handle, int op_a, int op_b, int m, int n, int k,         \
                                                     const void* alpha, const void* a, int lda, long long stride_a,   \
                                                     const void* b, int ldb, long long stride_b, const void* beta,    \
                                                     void* c, int ldc, long long stride_c, int batch) {               \
    return cublasGemmStridedBatchedEx(handle, op_a, op_b, m, n, k, alpha, a, element, lda, stride_a, b, element, ldb, \
                                      stride_b, beta, c, element, ldc, stride_c, batch, compute, -1);                 \
  }
CUBLAS_GEMM(S, 0, 68)
CUBLAS_GEMM(D, 1, 70)
CUBLAS_GEMM(C, 4, 68)
CUBLAS_GEMM(Z, 5, 70)
#undef CUBLAS_GEMM
