#include <tarry/ir/error.h>
#include <tarry/runtime/blas.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/threads.h>

#include <cstring>
#include <string>
#include <utility>

#include "blas_library.h"
#include "matmul.h"

namespace tarry::runtime {
namespace {

/// The kernels of products are compiled for x86-64-v3, as generated code is.
void require_processor() {
#if defined(__x86_64__)
  static const bool suffices = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (!suffices) throw DeviceError("this processor has no AVX2; tarry needs x86-64-v3");
#endif
}

void fill_with_zeros(ir::DType dtype, int64_t m, int64_t n, void* c, int64_t c_row_stride) {
  const auto size = static_cast<int64_t>(ir::size_of(dtype));
  for (int64_t i = 0; i < m; ++i)
    std::memset(static_cast<std::byte*>(c) + i * c_row_stride * size, 0, static_cast<size_t>(n * size));
}

/// (m, k) · (k, 1) as (1, k) · (k, m), which has the same dot products. Their results stand apart in c only when its
/// rows do.
Product turned(const Product& p) {
  Product t = p;
  t.m = 1;
  t.n = p.m;
  t.a = {p.b.data, p.b.column_stride, p.b.row_stride};
  t.b = {p.a.data, p.a.column_stride, p.a.row_stride};
  return t;
}

bool is_for_blas(ir::DType dtype, const Product& p) {
  return p.m > 1 && p.n > 1 && p.k > 1 &&
         (ir::is_complex(dtype) || dtype == ir::DType::float32 || dtype == ir::DType::float64);
}

}  // namespace

void matmul(ir::DType dtype, int64_t m, int64_t n, int64_t k, MatrixRef a, MatrixRef b, void* c, int64_t c_row_stride,
            Workspace& workspace) {
  if (m < 0 || n < 0 || k < 0) throw InternalError("matmul of this shape");
  if (m == 0 || n == 0) return;
  if (k == 0 && workspace.rehearses()) return;
  if (k == 0) return fill_with_zeros(dtype, m, n, c, c_row_stride);
  require_processor();
  // Also for what the caller itself adds up when the threads are done.
  const FloatEnvironment environment;

  const Product p{m, n, k, a, b, c, c_row_stride};
  if (is_for_blas(dtype, p)) {
    if (const BlasLibrary& library = blas_library()) {
      if (!workspace.rehearses()) count(&Counters::library_calls);
      return blas_product(library, dtype, p, workspace);
    }
  }
  if (ir::is_complex(dtype)) return complex_dot_product(dtype, p, workspace);
  if (dtype == ir::DType::float32 || dtype == ir::DType::float64) {
    if (m == 1 && n > 1 && b.column_stride == 1) return strip_product(dtype, p, workspace);
    if (n == 1 && m > 1 && a.row_stride == 1 && c_row_stride == 1) return strip_product(dtype, turned(p), workspace);
  }
  dot_product(dtype, p, workspace);
}

const char* blas_description() { return blas_library().description.c_str(); }

}  // namespace tarry::runtime
