/// Products whose elements are dot products in the order of reduction.h: vectors, and the dtypes BLAS does not know.
///
/// Rows of a and columns of b are laid out without gaps, in blocks that stay in the cache, and multiplied pairwise.

#include <tarry/ir/half.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>

#include "matmul.h"
#include "matmul_pack.h"
#include "reduction_order.h"
#include "vector.h"

namespace tarry::runtime {
namespace {

/// How many dot products share the loads of one row. More need more registers than there are.
template <class T>
constexpr int kSharing = std::is_same_v<T, double> ? 1 : 3;

/// A sum that runs over a part of k at a time. Floating-point sums keep the 32 lanes of a whole number of blocks.
template <class Work>
constexpr int kPartialWidth = std::is_floating_point_v<Work> ? kLanes : 1;

/// Part of k between two partial sums, when few long products are spread over the threads: 64 blocks.
constexpr int64_t kPart = 64 * kBlock;

/// lanes = the lanes of shared · others[s], over at most one block.
template <class T, int N>
void dot_block(const T* shared, const T* const* others, int64_t n, T* lanes) {
  using V = Vector<T>;
  constexpr int kVectors = kLanes / kWidth<T>;
  V sum[N][kVectors];
  for (auto& row : sum)
    for (V& v : row) v = broadcast(T(-0.0));
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int v = 0; v < kVectors; ++v) {
      const V x = load(shared + i + v * kWidth<T>);
      for (int s = 0; s < N; ++s) sum[s][v] += x * load(others[s] + i + v * kWidth<T>);
    }
  }
  for (int s = 0; s < N; ++s)
    for (int v = 0; v < kVectors; ++v) store(lanes + s * kLanes + v * kWidth<T>, sum[s][v]);
  for (int64_t lane = 0; i + lane < n; ++lane)
    for (int s = 0; s < N; ++s) lanes[s * kLanes + lane] += shared[i + lane] * others[s][i + lane];
}

/// partial[s] = the lanes of shared · others[s] over all of n, levels folded.
template <class T, int N>
void dot_lanes(const T* shared, const T* const* others, int64_t n, T* partial) {
  if (n <= kBlock) return dot_block<T, N>(shared, others, n, partial);
  T memory[kMostLevels * N * kLanes];
  Levels<T> levels(memory, N * kLanes);
  std::array<const T*, N> at;
  std::copy_n(others, N, at.begin());
  for (int64_t i = 0; i < n; i += kBlock) {
    dot_block<T, N>(shared + i, at.data(), std::min(kBlock, n - i), partial);
    levels.push(partial);
    for (const T*& p : at) p += kBlock;
  }
  levels.finish(partial, false);
}

template <class T>
T finish(T* partial) {
  fold_lanes(partial, 1);
  return partial[0];
}

/// Fewer than 32 products: each lane has one or none, and a fold with a missing one changes nothing.
template <class T>
T short_dot(const T* a, const T* b, int64_t n) {
  T lanes[kLanes];
  for (int64_t i = 0; i < n; ++i) lanes[i] = a[i] * b[i];
  for (int64_t half = std::bit_ceil(static_cast<uint64_t>(n)) / 2; half > 0; half /= 2)
    for (int64_t i = 0; i + half < n && i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

/// How a dtype is read, summed and written.
template <class StoredT, class WorkT>
struct Plain {
  using Stored = StoredT;
  using Work = WorkT;
  static constexpr bool kConverts = false;
  static Work read(Stored x) { return x; }
  static Stored write(Work x) { return x; }
  static void read_line(const Stored* from, int64_t n, Work* to) { std::copy_n(from, n, to); }
};

template <class T>
struct Float : Plain<T, T> {
  template <int N>
  static void partial(const T* shared, const T* const* others, int64_t n, T* to) {
    dot_lanes<T, N>(shared, others, n, to);
  }
  static T total(T* partial) { return finish(partial); }
  static T multiply(T x, T y) { return x * y; }
};

struct Half {
  using Stored = uint16_t;
  using Work = float;
  static constexpr bool kConverts = true;
  template <int N>
  static void partial(const float* shared, const float* const* others, int64_t n, float* to) {
    dot_lanes<float, N>(shared, others, n, to);
  }
  static float total(float* partial) { return finish(partial); }
  static float multiply(float x, float y) { return x * y; }
};
struct Float16 : Half {
  static float read(uint16_t x) { return half_to_float(x); }
  static uint16_t write(float x) { return ir::to_float16(x); }
  static void read_line(const uint16_t* from, int64_t n, float* to) { halves_to_floats(from, n, to); }
};
struct Bfloat16 : Half {
  static float read(uint16_t x) { return ir::from_bfloat16(x); }
  static uint16_t write(float x) { return ir::to_bfloat16(x); }
  static void read_line(const uint16_t* from, int64_t n, float* to) {
    for (int64_t i = 0; i < n; ++i) to[i] = read(from[i]);
  }
};

/// Wraps; unsigned, because signed overflow has no meaning in C++. Narrow factors are widened past int's promotion.
template <class T>
struct Integer : Plain<T, T> {
  using Wide = std::conditional_t<(sizeof(T) < 4), uint32_t, T>;
  template <int N>
  static void partial(const T* shared, const T* const* others, int64_t n, T* to) {
    for (int s = 0; s < N; ++s) {
      T sum = 0;
      for (int64_t i = 0; i < n; ++i) sum = static_cast<T>(sum + multiply(shared[i], others[s][i]));
      to[s] = sum;
    }
  }
  static T total(const T* partial) { return *partial; }
  static T multiply(T x, T y) { return static_cast<T>(Wide(x) * Wide(y)); }
  static void combine(T* sum, const T* more) { *sum = static_cast<T>(*sum + *more); }
};

struct Bool : Plain<uint8_t, uint8_t> {
  template <int N>
  static void partial(const uint8_t* shared, const uint8_t* const* others, int64_t n, uint8_t* to) {
    for (int s = 0; s < N; ++s) {
      uint8_t any = 0;
      for (int64_t i = 0; i < n; ++i) any |= multiply(shared[i], others[s][i]);
      to[s] = any;
    }
  }
  static uint8_t total(const uint8_t* partial) { return *partial; }
  static uint8_t multiply(uint8_t x, uint8_t y) { return static_cast<uint8_t>((x != 0) & (y != 0)); }
  static void combine(uint8_t* sum, const uint8_t* more) { *sum |= *more; }
};

/// Lines of k elements: rows of a or columns of b.
struct Lines {
  const void* data;
  int64_t line_stride, stride;
};

/// Lines from `first` on, without gaps; in place where they are so already, else copied to `scratch`.
template <class Traits>
struct PackedLines {
  using Stored = typename Traits::Stored;
  using Work = typename Traits::Work;
  const Work* data;
  int64_t line_stride;

  static bool in_place(const Lines& lines, int64_t k) { return !Traits::kConverts && (lines.stride == 1 || k == 1); }

  PackedLines(const Lines& lines, int64_t first, int64_t count, int64_t k, Work* scratch) {
    const Stored* from = static_cast<const Stored*>(lines.data) + first * lines.line_stride;
    if constexpr (!Traits::kConverts) {
      if (in_place(lines, k)) {
        data = from;
        line_stride = lines.line_stride;
        return;
      }
    }
    if (lines.stride == 1)
      for (int64_t i = 0; i < count; ++i) Traits::read_line(from + i * lines.line_stride, k, scratch + i * k);
    else
      pack_rows(from, count, k, lines.line_stride, lines.stride, scratch, Traits::read);
    data = scratch;
    line_stride = k;
  }
  const Work* line(int64_t i) const { return data + i * line_stride; }
};

/// One row of a block of c, from one row of a and all columns of the block.
template <class Traits>
void dot_row(const typename Traits::Work* row, const PackedLines<Traits>& columns, int64_t count, int64_t k,
             typename Traits::Stored* out) {
  using Work = typename Traits::Work;
  constexpr int kShare = kSharing<Work>;
  if (k == 1) {
    for (int64_t j = 0; j < count; ++j) out[j] = Traits::write(Traits::multiply(*row, *columns.line(j)));
    return;
  }
  if constexpr (std::is_floating_point_v<Work>) {
    if (k < kLanes) {
      for (int64_t j = 0; j < count; ++j) out[j] = Traits::write(short_dot(row, columns.line(j), k));
      return;
    }
  }
  Work partial[kShare * kPartialWidth<Work>];
  int64_t j = 0;
  for (; j + kShare <= count; j += kShare) {
    const Work* others[kShare];
    for (int s = 0; s < kShare; ++s) others[s] = columns.line(j + s);
    Traits::template partial<kShare>(row, others, k, partial);
    for (int s = 0; s < kShare; ++s) out[j + s] = Traits::write(Traits::total(partial + s * kPartialWidth<Work>));
  }
  for (; j < count; ++j) {
    const Work* other = columns.line(j);
    Traits::template partial<1>(row, &other, k, partial);
    out[j] = Traits::write(Traits::total(partial));
  }
}

/// Numbers of scratch that `count` lines need.
template <class Traits>
int64_t space_for(const Lines& lines, int64_t count, int64_t k) {
  return PackedLines<Traits>::in_place(lines, k) ? 0 : count * k;
}

template <class Traits>
auto* tile_scratch(int64_t numbers) {
  using Work = typename Traits::Work;
  return static_cast<Work*>(thread_scratch(static_cast<size_t>(numbers) * sizeof(Work)));
}

/// A block of c: rows [i0, i1), columns [j0, j1).
template <class Traits>
void dot_tile(const Product& p, const Lines& rows, const Lines& columns, int64_t i0, int64_t i1, int64_t j0,
              int64_t j1) {
  const int64_t row_space = space_for<Traits>(rows, i1 - i0, p.k);
  auto* scratch = tile_scratch<Traits>(row_space + space_for<Traits>(columns, j1 - j0, p.k));
  const PackedLines<Traits> a(rows, i0, i1 - i0, p.k, scratch);
  const PackedLines<Traits> b(columns, j0, j1 - j0, p.k, scratch + row_space);
  for (int64_t i = i0; i < i1; ++i)
    dot_row(a.line(i - i0), b, j1 - j0, p.k, static_cast<typename Traits::Stored*>(p.c) + i * p.c_row_stride + j0);
}

/// Many elements: blocks of c are spread over the threads.
template <class Traits>
void dot_tiles(const Product& p, const Lines& rows, const Lines& columns, const Workspace& workspace) {
  // About half a mebibyte of lines on each side, and no more of them than still make work for many threads.
  const int64_t lines = std::clamp<int64_t>((int64_t{1} << 19) / (p.k * int64_t{sizeof(typename Traits::Work)}), 3, 96);
  const int64_t tile_rows = p.n == 1 ? std::max(lines, int64_t{16384} / p.k) : lines;
  const int64_t tile_columns = p.m == 1 ? std::max(lines, int64_t{16384} / p.k) : lines;
  const int64_t row_tiles = (p.m + tile_rows - 1) / tile_rows, column_tiles = (p.n + tile_columns - 1) / tile_columns;
  const int64_t work = std::min(tile_rows, p.m) * std::min(tile_columns, p.n) * p.k;
  const auto prepare = [&] {
    tile_scratch<Traits>(space_for<Traits>(rows, std::min(p.m, tile_rows), p.k) +
                         space_for<Traits>(columns, std::min(p.n, tile_columns), p.k));
  };
  if (workspace.rehearses()) return prepare();
  const auto multiply = [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t i = tile / column_tiles * tile_rows, j = tile % column_tiles * tile_columns;
      dot_tile<Traits>(p, rows, columns, i, std::min(p.m, i + tile_rows), j, std::min(p.n, j + tile_columns));
    }
  };
  parallel_for(row_tiles * column_tiles, std::max<int64_t>(1, 65536 / work), multiply, Pieces::one_by_one, prepare);
}

/// Few long products: parts of k are spread over the threads, and their partial sums combined in order.
template <class Traits>
void dot_parts(const Product& p, const Lines& rows, const Lines& columns, Workspace& workspace) {
  using Work = typename Traits::Work;
  constexpr int kWidthOfPartial = kPartialWidth<Work>;
  const int64_t parts = (p.k + kPart - 1) / kPart, elements = p.m * p.n;
  Work* const partials = workspace.take_array<Work>(static_cast<size_t>(parts * elements * kWidthOfPartial));
  const auto prepare = [] { tile_scratch<Traits>(2 * kPart); };
  if (workspace.rehearses()) return prepare();
  const auto multiply = [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t element = task / parts, first = task % parts * kPart, size = std::min(kPart, p.k - first);
      auto* scratch = tile_scratch<Traits>(2 * kPart);
      Lines row = rows, column = columns;
      const auto advance = [&](Lines& lines) {
        lines.data = static_cast<const typename Traits::Stored*>(lines.data) + first * lines.stride;
      };
      advance(row);
      advance(column);
      const PackedLines<Traits> a(row, element / p.n, 1, size, scratch);
      const PackedLines<Traits> b(column, element % p.n, 1, size, scratch + kPart);
      const Work* other = b.data;
      Traits::template partial<1>(a.data, &other, size, partials + task * kWidthOfPartial);
    }
  };
  parallel_for(parts * elements, 1, multiply, Pieces::one_by_one, prepare);
  for (int64_t element = 0; element < elements; ++element) {
    Work* const first = partials + element * parts * kWidthOfPartial;
    Work* last = first + (parts - 1) * kWidthOfPartial;
    if constexpr (std::is_floating_point_v<Work>) {
      Work level_memory[kMostLevels * kLanes];
      Levels<Work> levels(level_memory, kLanes);
      const int64_t whole = p.k / kPart;
      for (int64_t part = 0; part < whole; ++part) levels.push(first + part * kLanes);
      levels.finish(last, whole < parts);
    } else {
      last = first;
      for (int64_t part = 1; part < parts; ++part) Traits::combine(first, first + part);
    }
    static_cast<typename Traits::Stored*>(p.c)[element / p.n * p.c_row_stride + element % p.n] =
        Traits::write(Traits::total(last));
  }
}

template <class Traits>
void dots(const Product& p, Workspace& w) {
  const Lines rows{p.a.data, p.a.row_stride, p.a.column_stride}, columns{p.b.data, p.b.column_stride, p.b.row_stride};
  // The number of elements is compared first, because with many of them the second product could overflow.
  if (p.m <= 16 && p.n <= 16 && p.m * p.n <= 16 && p.k >= 4 * kPart)
    dot_parts<Traits>(p, rows, columns, w);
  else
    dot_tiles<Traits>(p, rows, columns, w);
}

}  // namespace

void dot_product(ir::DType dtype, const Product& p, Workspace& w) {
  using ir::DType;
  switch (dtype) {
    case DType::bool_: return dots<Bool>(p, w);
    case DType::int8:
    case DType::uint8: return dots<Integer<uint8_t>>(p, w);
    case DType::int16:
    case DType::uint16: return dots<Integer<uint16_t>>(p, w);
    case DType::int32:
    case DType::uint32: return dots<Integer<uint32_t>>(p, w);
    case DType::int64:
    case DType::uint64: return dots<Integer<uint64_t>>(p, w);
    case DType::float16: return dots<Float16>(p, w);
    case DType::bfloat16: return dots<Bfloat16>(p, w);
    case DType::float32: return dots<Float<float>>(p, w);
    case DType::float64: return dots<Float<double>>(p, w);
    case DType::complex64:
    case DType::complex128: return complex_dot_product(dtype, p, w);
  }
}

}  // namespace tarry::runtime
