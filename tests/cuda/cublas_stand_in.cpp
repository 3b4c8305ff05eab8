// A stand-in for cuBLAS on the stand-in for libcuda: one product at a time, by the definition, on copies of the GPU's
// memory. It takes what cuBLAS takes, and refuses what cuBLAS refuses.
#include <tarry/ir/half.h>

#include <dlfcn.h>

#include <algorithm>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <vector>

struct cublasContext {
  void* stream = nullptr;
};

namespace {

constexpr int kInvalidValue = 7, kNotSupported = 15, kExecutionFailed = 13;

template <class Function>
Function* driver(const char* name) {
  static void* const library = dlopen(std::getenv("TARRY_CUDA_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Function*>(dlsym(library, name));
}

/// An element of two bytes.
template <bool brain>
struct Half {
  uint16_t bits;
  Half(float x = 0) : bits(brain ? tarry::ir::to_bfloat16(x) : tarry::ir::to_float16(x)) {}
  operator float() const { return brain ? tarry::ir::from_bfloat16(bits) : tarry::ir::from_float16(bits); }
};

struct Matrix {
  unsigned long long address;
  int rows, columns, leading;  // as it lies, column by column
  long long stride;            // from one of the batch to the next
  size_t elements(int batch) const {
    return static_cast<size_t>(stride * (batch - 1) + static_cast<long long>(leading) * (columns - 1) + rows);
  }
};

template <class T>
bool fetch(const Matrix& m, int batch, std::vector<T>& to) {
  to.resize(m.elements(batch));
  // What lies between the columns may never have been written, so each is copied by itself.
  auto* copy = driver<int(void*, unsigned long long, size_t)>("cuMemcpyDtoH_v2");
  for (int b = 0; b < batch; ++b)
    for (int j = 0; j < m.columns; ++j) {
      const auto at = static_cast<size_t>(m.stride * b + static_cast<long long>(m.leading) * j);
      if (copy(to.data() + at, m.address + at * sizeof(T), static_cast<size_t>(m.rows) * sizeof(T)) != 0) return false;
    }
  return true;
}

template <class T>
bool send(const Matrix& m, int batch, const std::vector<T>& from) {
  auto* copy = driver<int(unsigned long long, const void*, size_t)>("cuMemcpyHtoD_v2");
  for (int b = 0; b < batch; ++b)
    for (int j = 0; j < m.columns; ++j) {
      const auto at = static_cast<size_t>(m.stride * b + static_cast<long long>(m.leading) * j);
      if (copy(m.address + at * sizeof(T), from.data() + at, static_cast<size_t>(m.rows) * sizeof(T)) != 0)
        return false;
    }
  return true;
}

template <class T, class Sum>
int multiply(bool ta, bool tb, int k, const Matrix& a, const Matrix& b, const Matrix& c, int batch, const void* alpha,
             const void* beta) {
  if (*static_cast<const Sum*>(alpha) != Sum(1) || *static_cast<const Sum*>(beta) != Sum(0)) return kNotSupported;
  std::vector<T> x, y, z(c.elements(batch));
  if (!fetch(a, batch, x) || !fetch(b, batch, y)) return kExecutionFailed;
  const auto at = [](const Matrix& m, int n, int i, int j) {
    return static_cast<size_t>(m.stride * n + static_cast<long long>(m.leading) * j + i);
  };
  for (int n = 0; n < batch; ++n)
    for (int j = 0; j < c.columns; ++j)
      for (int i = 0; i < c.rows; ++i) {
        Sum sum(0);
        for (int l = 0; l < k; ++l)
          sum += Sum(x[ta ? at(a, n, l, i) : at(a, n, i, l)]) * Sum(y[tb ? at(b, n, j, l) : at(b, n, l, j)]);
        z[at(c, n, i, j)] = T(sum);
      }
  return send(c, batch, z) ? 0 : kExecutionFailed;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int cublasCreate_v2(cublasContext** handle) {
  *handle = new cublasContext;
  return 0;
}

EXPORT int cublasSetStream_v2(cublasContext* handle, void* stream) {
  handle->stream = stream;
  return 0;
}

EXPORT const char* cublasGetStatusString(int status) {
  switch (status) {
    case 0: return "success";
    case kInvalidValue: return "an unsupported value or parameter was passed to the function";
    case kExecutionFailed: return "the GPU program failed to execute";
    default: return "the functionality requested is not supported";
  }
}

EXPORT int cublasGemmStridedBatchedEx(cublasContext* handle, int ta, int tb, int m, int n, int k, const void* alpha,
                                      const void* a, int a_type, int lda, long long a_stride, const void* b, int b_type,
                                      int ldb, long long b_stride, const void* beta, void* c, int c_type, int ldc,
                                      long long c_stride, int batch, int compute, int) {
  if (m < 0 || n < 0 || k < 0 || batch < 0 || ta < 0 || ta > 1 || tb < 0 || tb > 1) return kInvalidValue;
  const auto address = [](const void* p) { return reinterpret_cast<unsigned long long>(p); };
  const Matrix x{address(a), ta ? k : m, ta ? m : k, lda, a_stride},
      y{address(b), tb ? n : k, tb ? k : n, ldb, b_stride}, z{address(c), m, n, ldc, c_stride};
  for (const Matrix* one : {&x, &y, &z})
    if (one->leading < std::max(1, one->rows)) return kInvalidValue;
  if (a_type != b_type || b_type != c_type) return kNotSupported;
  // In the order of the stream.
  if (driver<int(void*)>("cuStreamSynchronize")(handle->stream) != 0) return kExecutionFailed;
  constexpr int kCompute32 = 68, kCompute64 = 70;
  if (compute == kCompute32) switch (a_type) {
      case 0: return multiply<float, float>(ta, tb, k, x, y, z, batch, alpha, beta);
      case 2: return multiply<Half<false>, float>(ta, tb, k, x, y, z, batch, alpha, beta);
      case 14: return multiply<Half<true>, float>(ta, tb, k, x, y, z, batch, alpha, beta);
      case 4: return multiply<std::complex<float>, std::complex<float>>(ta, tb, k, x, y, z, batch, alpha, beta);
    }
  if (compute == kCompute64) switch (a_type) {
      case 1: return multiply<double, double>(ta, tb, k, x, y, z, batch, alpha, beta);
      case 5: return multiply<std::complex<double>, std::complex<double>>(ta, tb, k, x, y, z, batch, alpha, beta);
    }
  return kNotSupported;
}
