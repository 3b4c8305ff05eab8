#pragma once
/// The ways in which a matrix product is computed. Which one follows from dtype and shape. Each is a step of the
/// workspace.

#include <tarry/ir/dtype.h>
#include <tarry/runtime/blas.h>

#include <cstdint>

#include "blas_library.h"

namespace tarry::runtime {

/// c = a · b; m, n and k are at least 1.
struct Product {
  int64_t m, n, k;
  MatrixRef a, b;
  void* c;
  int64_t c_row_stride;
};

/// float32, float64 and the complex dtypes through the library.
void blas_product(const BlasLibrary& library, ir::DType dtype, const Product& p, Workspace& workspace);

/// Any real dtype, each element a dot product in the order of reduction.h.
void dot_product(ir::DType dtype, const Product& p, Workspace& workspace);

/// float32 or float64, m = 1 and b with unit column stride: the same elements as dot_product gives, vectorised across
/// them, so that memory is read along its rows.
void strip_product(ir::DType dtype, const Product& p, Workspace& workspace);

/// Complex: four products of the parts, each in the order of dot_product.
void complex_dot_product(ir::DType dtype, const Product& p, Workspace& workspace);

}  // namespace tarry::runtime
