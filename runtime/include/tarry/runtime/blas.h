#pragma once
/// Matrix products by the serial BLAS of the system, loaded at the first product.

#include <tarry/ir/dtype.h>
#include <tarry/runtime/workspace.h>

#include <cstdint>

namespace tarry::runtime {

/// A strided matrix: element (i, j) at data + i*row_stride + j*column_stride (elements).
struct MatrixRef {
  const void* data = nullptr;
  int64_t row_stride = 0, column_stride = 0;
};

/// c = a · b with a (m, k), b (k, n), c (m, n) row-major with row stride `c_row_stride`, unit column
/// stride; c overlaps neither operand. Any dtype.
///
/// float32, float64 and complex matrices go to BLAS, single-threaded, on tiles of c that follow from
/// (m, n, k) alone and are spread over the pool, so the bits do not depend on the thread count. An
/// operand with no unit stride is packed first. Vector shapes (m, n or k equal to 1) and other dtypes run our own
/// loops, each element the reduction of reduction.h over k (float16 and bfloat16 in float32, rounded
/// once); complex ones are four products of their parts. k = 0 gives zeros. Without a BLAS library our own loops do it
/// all. A step of `workspace`: throws MemoryError before c has changed.
void matmul(ir::DType dtype, int64_t m, int64_t n, int64_t k, MatrixRef a, MatrixRef b, void* c, int64_t c_row_stride,
            Workspace& workspace);

/// Name and version of the BLAS in use, or "none"; loads it.
const char* blas_description();

}  // namespace tarry::runtime
