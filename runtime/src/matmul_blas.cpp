/// Products of matrices by BLAS on tiles of the result.

#include <tarry/runtime/fork.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <complex>
#include <limits>
#include <mutex>

#include "blas_workspace.h"
#include "matmul.h"
#include "matmul_pack.h"

namespace tarry::runtime {
namespace {

/// How the work is cut. It follows from the shape alone, because a different cut may give different bits.
struct Tiling {
  int64_t rows, columns;  // of a tile of c
  int64_t depth;          // of one call; k is cut when c is too small to occupy many threads
  int64_t row_tiles, column_tiles, depth_tiles;
};

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

constexpr int64_t kLargestTile = 512, kSmallestTile = 128, kSmallestDepth = 4096;
constexpr int64_t kLargestDepth = int64_t{1} << 30;  // BLAS counts in int
constexpr int64_t kTilesWanted = 32;
constexpr double kWorthATile = 4e6;  // multiplications, about 0.1 ms

Tiling tiling_of(int64_t m, int64_t n, int64_t k) {
  Tiling t{std::min(m, kLargestTile), std::min(n, kLargestTile), k, 0, 0, 1};
  const auto work = [&] {
    return static_cast<double>(t.rows) * static_cast<double>(t.columns) * static_cast<double>(t.depth);
  };
  const auto tiles = [&] { return ceil_div(m, t.rows) * ceil_div(n, t.columns) * ceil_div(k, t.depth); };
  while (tiles() < kTilesWanted && work() > kWorthATile) {
    int64_t& larger = t.rows >= t.columns ? t.rows : t.columns;
    if (larger > kSmallestTile)
      larger = std::max(kSmallestTile, larger / 2);
    else if (t.depth >= 2 * kSmallestDepth)
      t.depth = ceil_div(t.depth, 64) * 32;
    else
      break;
  }
  t.row_tiles = ceil_div(m, t.rows);
  t.column_tiles = ceil_div(n, t.columns);
  t.depth_tiles = ceil_div(k, t.depth);
  return t;
}

/// Multiplications of the smallest tile.
double least_work(const Tiling& t, const Product& p) {
  const auto last = [](int64_t whole, int64_t tile) { return static_cast<double>((whole - 1) % tile + 1); };
  return last(p.m, t.rows) * last(p.n, t.columns) * last(p.k, t.depth);
}

/// For up to 10^6 multiplications OpenBLAS has kernels of their own, others for transposed operands, which add up in
/// another order. So that a result does not tell how its operands lie, they lie one way there.
constexpr double kFlagsMatter = 1 << 20;

/// An operand as BLAS wants it: rows or columns without gaps.
template <class T>
struct Operand {
  const T* data;
  int64_t stride;
  bool transposed;

  const T* at(int64_t row, int64_t column) const {
    return data + (transposed ? column * stride + row : row * stride + column);
  }
  int flag() const { return transposed ? kCblasTranspose : kCblasNoTranspose; }
};

/// Whether `stride` separates lines of `length` elements that BLAS can take.
bool is_line_stride(int64_t stride, int64_t length) {
  return stride >= length && stride <= std::numeric_limits<int>::max();
}

template <class T>
Operand<T> operand(const MatrixRef& matrix, int64_t rows, int64_t columns, bool by_rows, Workspace& workspace) {
  const T* data = static_cast<const T*>(matrix.data);
  if (matrix.column_stride == 1 && is_line_stride(matrix.row_stride, columns)) return {data, matrix.row_stride, false};
  if (!by_rows && matrix.row_stride == 1 && is_line_stride(matrix.column_stride, rows))
    return {data, matrix.column_stride, true};
  T* const to = workspace.take_array<T>(static_cast<size_t>(rows) * static_cast<size_t>(columns));
  if (workspace.rehearses()) return {to, columns, false};
  parallel_for(rows, std::max<int64_t>(1, kLargestTile * kLargestTile / columns), [&](int64_t begin, int64_t end) {
    pack_rows(data + begin * matrix.row_stride, end - begin, columns, matrix.row_stride, matrix.column_stride,
              to + begin * columns, [](T x) { return x; });
  });
  return {to, columns, false};
}

/// A complex product that is called as a real one is.
template <class T>
auto by_address(ComplexGemmFunction gemm) {
  using Z = std::complex<T>;
  return [gemm](int order, int transpose_a, int transpose_b, int m, int n, int k, Z alpha, const Z* a, int lda,
                const Z* b, int ldb, Z beta, Z* c,
                int ldc) { gemm(order, transpose_a, transpose_b, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc); };
}

ForkMutex& one_call() {
  static constinit MadeOnce<ForkMutex> mutex;
  return mutex.get();
}

/// What a thread holds while it calls the library.
std::unique_lock<ForkMutex> right_to_call(const BlasLibrary& library) {
  return library.one_at_a_time ? std::unique_lock(one_call()) : std::unique_lock<ForkMutex>();
}

/// The sums of `count` partial results of `size` elements, oldest first, into rows of c.
template <class T>
void add_partials(const T* partials, int64_t count, const Product& p) {
  const int64_t size = p.m * p.n;
  parallel_for(p.m, std::max<int64_t>(1, 16384 / p.n), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      T* const row = static_cast<T*>(p.c) + i * p.c_row_stride;
      std::copy_n(partials + i * p.n, p.n, row);
      for (int64_t d = 1; d < count; ++d) {
        const T* const partial = partials + d * size + i * p.n;
        for (int64_t j = 0; j < p.n; ++j) row[j] += partial[j];
      }
    }
  });
}

template <class T, class Gemm>
void product(const BlasLibrary& library, Gemm gemm, const Product& p, Workspace& workspace) {
  const Tiling t = tiling_of(p.m, p.n, p.k);
  const bool by_rows = least_work(t, p) <= kFlagsMatter;
  const Operand<T> a = operand<T>(p.a, p.m, p.k, by_rows, workspace), b = operand<T>(p.b, p.k, p.n, by_rows, workspace);
  // One depth writes c itself; several write partial results that are added in order afterwards. Rows of c that BLAS
  // cannot step over are written aside as well.
  const bool aside = t.depth_tiles > 1 || !is_line_stride(p.c_row_stride, p.n);
  T* out = static_cast<T*>(p.c);
  if (aside) out = workspace.take_array<T>(static_cast<size_t>(t.depth_tiles * p.m) * static_cast<size_t>(p.n));
  const int64_t out_stride = aside ? p.n : p.c_row_stride;
  if (library.one_at_a_time) one_call();  // made at the first call
  if (workspace.rehearses()) return prepare_blas_workspace();

  const auto multiply = [&](int64_t begin, int64_t end) {
    const auto right = right_to_call(library);
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t d = tile / (t.row_tiles * t.column_tiles), rest = tile % (t.row_tiles * t.column_tiles);
      const int64_t i = rest / t.column_tiles * t.rows, j = rest % t.column_tiles * t.columns;
      const int64_t rows = std::min(t.rows, p.m - i), columns = std::min(t.columns, p.n - j);
      T* const to = out + d * p.m * p.n + i * out_stride + j;
      const int64_t last = std::min(p.k, (d + 1) * t.depth);
      for (int64_t l = d * t.depth; l < last; l += kLargestDepth) {
        gemm(kCblasRowMajor, a.flag(), b.flag(), static_cast<int>(rows), static_cast<int>(columns),
             static_cast<int>(std::min(kLargestDepth, last - l)), T(1), a.at(i, l), static_cast<int>(a.stride),
             b.at(l, j), static_cast<int>(b.stride), l == d * t.depth ? T(0) : T(1), to, static_cast<int>(out_stride));
      }
    }
  };
  parallel_for(t.row_tiles * t.column_tiles * t.depth_tiles, 1, multiply, Pieces::one_by_one,
               [] { prepare_blas_workspace(); });
  if (aside) add_partials(out, t.depth_tiles, p);
}

}  // namespace

void blas_product(const BlasLibrary& library, ir::DType dtype, const Product& p, Workspace& w) {
  switch (dtype) {
    case ir::DType::float32: return product<float>(library, library.sgemm, p, w);
    case ir::DType::float64: return product<double>(library, library.dgemm, p, w);
    case ir::DType::complex64: return product<std::complex<float>>(library, by_address<float>(library.cgemm), p, w);
    default: return product<std::complex<double>>(library, by_address<double>(library.zgemm), p, w);
  }
}

}  // namespace tarry::runtime
