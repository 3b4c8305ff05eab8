/// Row vector times row-major matrix: out[j] is the sum of x[l] * b[l][j]. Strips of neighbouring columns are summed
/// side by side, so that memory is read along rows; within a strip every column has its own 32 lanes.

#include <tarry/runtime/threads.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "matmul.h"
#include "reduction_order.h"
#include "vector.h"

namespace tarry::runtime {
namespace {

/// Columns of a strip: wide enough for the memory to stream, narrow enough that the lanes stay in the second cache.
template <class T>
constexpr int64_t kStrip = 1024 / sizeof(T);
constexpr int64_t kPart = 64 * kBlock;

template <class T>
struct Strip {
  const T* x;  // without gaps
  const T* b;
  int64_t row_stride;
  int64_t rows, columns;
};

/// Lanes that a sum over so many rows needs; a power of two.
int64_t lanes_of(int64_t rows) {
  return rows >= kLanes ? kLanes : static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(rows)));
}

/// lanes[lane][column], `columns` apart from lane to lane, over at most one block of rows.
template <class T>
void strip_block(const Strip<T>& s, int64_t count, T* lanes) {
  for (int64_t lane = 0; lane < count; ++lane) {
    T* const to = lanes + lane * s.columns;
    int64_t j = 0;
    for (; j + 2 * kWidth<T> <= s.columns; j += 2 * kWidth<T>) {
      Vector<T> left = broadcast(T(-0.0)), right = left;
      for (int64_t l = lane; l < s.rows; l += kLanes) {
        const Vector<T> x = broadcast(s.x[l]);
        left += x * load(s.b + l * s.row_stride + j);
        right += x * load(s.b + l * s.row_stride + j + kWidth<T>);
      }
      store(to + j, left);
      store(to + j + kWidth<T>, right);
    }
    for (; j < s.columns; ++j) {
      T sum = T(-0.0);
      for (int64_t l = lane; l < s.rows; l += kLanes) sum += s.x[l] * s.b[l * s.row_stride + j];
      to[j] = sum;
    }
  }
}

/// Numbers of scratch that strip_lanes needs beside its result.
int64_t level_space(int64_t rows, int64_t columns) {
  const auto blocks = static_cast<uint64_t>((rows + kBlock - 1) / kBlock);
  return Levels<float>::levels_of(blocks) * kLanes * columns;
}

template <class T>
T* strip_scratch(int64_t numbers) {
  return static_cast<T*>(thread_scratch(static_cast<size_t>(numbers) * sizeof(T)));
}

/// The first `count` lanes of the sums over all rows, levels folded.
template <class T>
void strip_lanes(Strip<T> s, int64_t count, T* lanes, T* scratch) {
  if (s.rows <= kBlock) return strip_block(s, count, lanes);
  const size_t width = static_cast<size_t>(kLanes * s.columns);
  Levels<T> levels(scratch, width);
  for (int64_t left = s.rows; left > 0; left -= kBlock) {
    s.rows = std::min(left, kBlock);
    strip_block(s, kLanes, lanes);
    levels.push(lanes);
    s.x += kBlock;
    s.b += kBlock * s.row_stride;
  }
  levels.finish(lanes, false);
}

/// Strips that are all the work there is, or enough of it, are done from top to bottom by one thread each.
template <class T>
void whole_strips(const Strip<T>& all, T* out, const Workspace& workspace) {
  const int64_t strips = (all.columns + kStrip<T> - 1) / kStrip<T>;
  const int64_t work = kStrip<T> * all.rows;
  const auto scratch = [&](int64_t columns) {
    return strip_scratch<T>(kLanes * columns + level_space(all.rows, columns));
  };
  const auto prepare = [&] { scratch(std::min(kStrip<T>, all.columns)); };
  if (workspace.rehearses()) return prepare();
  const auto multiply = [&](int64_t begin, int64_t end) {
    for (int64_t strip = begin; strip < end; ++strip) {
      const int64_t j = strip * kStrip<T>;
      Strip<T> s = all;
      s.b += j;
      s.columns = std::min(kStrip<T>, all.columns - j);
      const int64_t width = kLanes * s.columns;
      T* const lanes = scratch(s.columns);
      strip_lanes(s, lanes_of(s.rows), lanes, lanes + width);
      fold_lanes(lanes, static_cast<size_t>(s.columns), static_cast<size_t>(lanes_of(s.rows)));
      std::copy_n(lanes, s.columns, out + j);
    }
  };
  parallel_for(strips, std::max<int64_t>(1, 65536 / work), multiply, Pieces::one_by_one, prepare);
}

/// A few narrow columns: parts of the rows are spread over the threads, and their lanes combined in order.
template <class T>
void strip_parts(const Strip<T>& all, T* out, Workspace& workspace) {
  const int64_t parts = (all.rows + kPart - 1) / kPart, whole = all.rows / kPart, width = kLanes * all.columns;
  const int64_t levels_width = Levels<T>::levels_of(static_cast<uint64_t>(parts)) * width;
  T* const lanes = workspace.take_array<T>(static_cast<size_t>(parts * width + levels_width));
  const auto scratch = [&](int64_t rows) { return strip_scratch<T>(level_space(rows, all.columns)); };
  const auto prepare = [&] { scratch(kPart); };
  if (workspace.rehearses()) return prepare();
  const auto multiply = [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      Strip<T> s = all;
      s.x += part * kPart;
      s.b += part * kPart * all.row_stride;
      s.rows = std::min(kPart, all.rows - part * kPart);
      strip_lanes(s, kLanes, lanes + part * width, scratch(s.rows));
    }
  };
  parallel_for(parts, 1, multiply, Pieces::one_by_one, prepare);
  Levels<T> levels(lanes + parts * width, static_cast<size_t>(width));
  for (int64_t part = 0; part < whole; ++part) levels.push(lanes + part * width);
  T* const last = lanes + (parts - 1) * width;
  levels.finish(last, whole < parts);
  fold_lanes(last, static_cast<size_t>(all.columns));
  std::copy_n(last, all.columns, out);
}

template <class T>
void strips(const Product& p, Workspace& workspace) {
  const T* x = static_cast<const T*>(p.a.data);
  if (p.a.column_stride != 1) {
    T* const to = workspace.take_array<T>(static_cast<size_t>(p.k));
    for (int64_t l = 0; l < p.k && !workspace.rehearses(); ++l) to[l] = x[l * p.a.column_stride];
    x = to;
  }
  const Strip<T> all{x, static_cast<const T*>(p.b.data), p.b.row_stride, p.k, p.n};
  T* const out = static_cast<T*>(p.c);
  if (all.columns <= 4 * kStrip<T> && all.rows >= 4 * kPart)
    strip_parts(all, out, workspace);
  else
    whole_strips(all, out, workspace);
}

}  // namespace

void strip_product(ir::DType dtype, const Product& p, Workspace& workspace) {
  if (dtype == ir::DType::float32)
    strips<float>(p, workspace);
  else
    strips<double>(p, workspace);
}

}  // namespace tarry::runtime
