#pragma once
/// Diagonals, triangles and grids.

#include <tarry/array.h>

#include <concepts>
#include <vector>

namespace tarry::numpy {

TARRY_API Array full_like(Arg x, Arg value, DType dtype);

/// Ones on and below the k-th diagonal. A negative m means square.
TARRY_API Array tri(int64_t n, int64_t m = -1, int64_t k = 0, DType dtype = DType::float64, Here here = {});
/// The lower (upper) triangles of the last two axes, zeros elsewhere.
TARRY_API Array tril(Arg x, int64_t k = 0);
TARRY_API Array triu(Arg x, int64_t k = 0);
/// Of a vector the matrix with it on the k-th diagonal, of a matrix its k-th diagonal, a copy.
TARRY_API Array diag(Arg x, int64_t k = 0);
TARRY_API Array diagflat(Arg x, int64_t k = 0);
/// The diagonals of two axes, which leave; they stand in the last axis. A copy.
TARRY_API Array diagonal(Arg x, int64_t offset = 0, Dim axis1 = 0, Dim axis2 = 1);
TARRY_API Array trace(Arg x, int64_t offset = 0, Dim axis1 = 0, Dim axis2 = 1);
/// Powers of x in columns, falling unless `increasing`. A negative n means as many as x has elements.
TARRY_API Array vander(Arg x, int64_t n = -1, bool increasing = false);

/// `num` values spaced evenly on a logarithmic scale: base**start to base**stop; from start to stop.
TARRY_API Array logspace(double start, double stop, int64_t num = 50, bool endpoint = true, double base = 10.0,
                         Here here = {});
TARRY_API Array geomspace(double start, double stop, int64_t num = 50, bool endpoint = true, Here here = {});

/// indices(shape)[i] holds the index along axis i.
TARRY_API Array indices(const Shape& shape, DType dtype = DType::int64, Here here = {});
enum class Indexing : uint8_t { xy, ij };
/// Each vector along an axis of its own, repeated along the others; `xy` swaps the first two.
TARRY_API std::vector<Array> meshgrid(const std::vector<Array>& vectors, Indexing indexing = Indexing::xy,
                                      Here here = {});
/// f of as many index arrays as the shape has axes.
template <class F>
Array fromfunction(F f, const Shape& shape, DType dtype = DType::float64) {
  const Array grid = indices(shape, dtype);
  std::vector<Array> axes;
  for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i) axes.push_back(grid[i]);
  if constexpr (std::invocable<F, Array>)
    return f(axes.at(0));
  else if constexpr (std::invocable<F, Array, Array>)
    return f(axes.at(0), axes.at(1));
  else if constexpr (std::invocable<F, Array, Array, Array>)
    return f(axes.at(0), axes.at(1), axes.at(2));
  else
    return f(axes);
}

}  // namespace tarry::numpy
