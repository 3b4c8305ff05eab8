/// Complex products without BLAS, by products of the parts: vectors mostly, which memory bounds.

#include <tarry/runtime/threads.h>

#include <algorithm>

#include "matmul.h"

namespace tarry::runtime {
namespace {

/// The real or imaginary parts of a matrix.
template <class T>
MatrixRef part_of(const MatrixRef& m, int part) {
  return {static_cast<const T*>(m.data) + part, 2 * m.row_stride, 2 * m.column_stride};
}

template <class T>
void product(const Product& p, Workspace& workspace) {
  constexpr ir::DType kPart = sizeof(T) == 4 ? ir::DType::float32 : ir::DType::float64;
  const int64_t size = p.m * p.n;
  T* const products = workspace.take_array<T>(static_cast<size_t>(4 * size));
  for (int i = 0; i < 4; ++i)
    dot_product(kPart, {p.m, p.n, p.k, part_of<T>(p.a, i / 2), part_of<T>(p.b, i % 2), products + i * size, p.n},
                workspace);
  if (workspace.rehearses()) return;
  parallel_for(p.m, std::max<int64_t>(1, 16384 / p.n), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      T* const row = static_cast<T*>(p.c) + 2 * i * p.c_row_stride;
      const T* const from = products + i * p.n;
      for (int64_t j = 0; j < p.n; ++j) {
        row[2 * j] = from[j] - from[3 * size + j];
        row[2 * j + 1] = from[size + j] + from[2 * size + j];
      }
    }
  });
}

}  // namespace

void complex_dot_product(ir::DType dtype, const Product& p, Workspace& workspace) {
  return dtype == ir::DType::complex64 ? product<float>(p, workspace) : product<double>(p, workspace);
}

}  // namespace tarry::runtime
