#include "sort_keys.h"

#include <tarry/ir/shape.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <cstdint>

namespace tarry::runtime {
namespace {

constexpr int64_t kPiece = 1 << 10;  // searches worth another thread

/// How many of the sorted keys are less than `x`, or not more. Without a branch on a key: which way a search goes is
/// no habit that a processor could learn.
template <bool kRight, class Key>
int64_t search_one(const Key* keys, int64_t n, Key x) {
  const Key* begin = keys;
  while (n > 0) {
    const int64_t half = (n + 1) / 2;
    const Key middle = begin[half - 1];
    begin += half & -static_cast<int64_t>(kRight ? middle <= x : middle < x);
    n -= half;
  }
  return begin - keys;
}

/// Calls body(offset in x, offset in y, count, stride in x, stride in y) for runs along the last axis that make up the
/// points [begin, end) of a shape.
template <class Body>
void for_runs(const ArrayRef& x, const ArrayRef& y, int64_t begin, int64_t end, const Body& body) {
  const size_t rank = x.shape.size();
  const int64_t row = rank ? x.shape[rank - 1] : 1;
  while (begin < end) {
    int64_t at_x = 0, at_y = 0, rest = begin;
    for (size_t a = rank; a-- > 0; rest /= x.shape[a]) {
      at_x += rest % x.shape[a] * x.strides[a];
      at_y += rest % x.shape[a] * y.strides[a];
    }
    const int64_t count = std::min(end - begin, row - begin % row);
    body(at_x, at_y, count, rank ? x.strides[rank - 1] : 0, rank ? y.strides[rank - 1] : 0);
    begin += count;
  }
}

template <class T, bool kRight>
void search_all(const ArrayRef& sorted, const ArrayRef& values, const ArrayRef& result, Workspace& workspace) {
  using Key = typename SortKey<T>::Key;
  constexpr int64_t kSize = sizeof(T);
  const int64_t n = sorted.shape[0];
  Key* const keys = workspace.take_array<Key>(static_cast<size_t>(n));
  if (workspace.rehearses()) return;
  for (int64_t i = 0; i < n; ++i) keys[i] = SortKey<T>::of(sorted.data + i * sorted.strides[0] * kSize);
  const auto search_run = [&](int64_t from, int64_t to, int64_t count, int64_t step, int64_t to_step) {
    const std::byte* value = values.data + from * kSize;
    int64_t* place = reinterpret_cast<int64_t*>(result.data) + to;
    for (int64_t i = 0; i < count; ++i)
      place[i * to_step] = search_one<kRight>(keys, n, SortKey<T>::of(value + i * step * kSize));
  };
  parallel_for(ir::num_elements(values.shape), kPiece,
               [&](int64_t begin, int64_t end) { for_runs(values, result, begin, end, search_run); });
}

}  // namespace

void search(ir::DType t, const ArrayRef& sorted, const ArrayRef& values, bool right, const ArrayRef& result,
            Workspace& workspace) {
  with_sorted_type(t, [&]<class T>(T) {
    if (right)
      search_all<T, true>(sorted, values, result, workspace);
    else
      search_all<T, false>(sorted, values, result, workspace);
  });
}

}  // namespace tarry::runtime
