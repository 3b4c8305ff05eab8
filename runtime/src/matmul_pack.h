#pragma once
/// Copies a strided matrix into one without gaps.

#include <algorithm>
#include <cstdint>

namespace tarry::runtime {

/// to[i * columns + j] = convert(from[i * row_stride + j * column_stride]).
template <class From, class To, class Convert>
void pack_rows(const From* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, To* to,
               const Convert& convert) {
  if (column_stride == 1) {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) to[i * columns + j] = convert(from[i * row_stride + j]);
    return;
  }
  // Squares, so that lines of both sides stay in the nearest cache while they are used up.
  constexpr int64_t kSquare = 16;
  for (int64_t j0 = 0; j0 < columns; j0 += kSquare) {
    const int64_t j1 = std::min(columns, j0 + kSquare);
    for (int64_t i0 = 0; i0 < rows; i0 += kSquare) {
      const int64_t i1 = std::min(rows, i0 + kSquare);
      for (int64_t i = i0; i < i1; ++i)
        for (int64_t j = j0; j < j1; ++j) to[i * columns + j] = convert(from[i * row_stride + j * column_stride]);
    }
  }
}

}  // namespace tarry::runtime
