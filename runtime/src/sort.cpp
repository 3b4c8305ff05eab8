#include "sort_keys.h"

#include "radix_sort.h"

#include <tarry/ir/shape.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>

namespace tarry::runtime {
namespace {

using ir::DType;

constexpr int64_t kPiece = 1 << 14;  // elements worth another thread

/// What lies at number `i` of the points of a shape, axis `skip` left out.
int64_t offset_of(const ArrayRef& x, int64_t i, int64_t skip) {
  int64_t offset = 0;
  for (size_t a = x.shape.size(); a-- > 0;) {
    if (static_cast<int64_t>(a) == skip) continue;
    offset += i % x.shape[a] * x.strides[a];
    i /= x.shape[a];
  }
  return offset;
}

/// Rows for whose words a thread's scratch would be large are taken one after the other, each by all threads.
constexpr size_t kLongRow = 1 << 20;  // bytes

template <class T, class Word>
class RowSort {
 public:
  RowSort(const ArrayRef& x, int64_t axis, const ArrayRef& result) : x_(x), result_(result), axis_(axis) {}

  void run(Workspace& workspace) const {
    const int64_t rows = ir::num_elements(x_.shape) / n_;
    if (kBytes > kLongRow / static_cast<size_t>(n_)) return run_long(rows, workspace);
    if (workspace.rehearses()) return void(scratch());
    const auto sort = [&](int64_t begin, int64_t end) {
      Word* const words = scratch();
      for (int64_t row = begin; row < end; ++row) sort_row(row, words, false);
    };
    parallel_for(rows, std::max<int64_t>(kPiece / n_, 1), sort, Pieces::one_by_one, [&] { scratch(); });
  }

 private:
  static constexpr size_t kBytes = 2 * sizeof(Word);  // for an element

  Word* scratch() const { return static_cast<Word*>(thread_scratch(static_cast<size_t>(n_) * kBytes)); }

  void run_long(int64_t rows, Workspace& workspace) const {
    Word* const words = workspace.take_array<Word>(2 * static_cast<size_t>(n_));
    if (workspace.rehearses()) return;
    for (int64_t row = 0; row < rows; ++row) sort_row(row, words, true);
  }

  void sort_row(int64_t row, Word* words, bool spreads) const {
    using Key = typename Word::Key;
    const auto along = static_cast<size_t>(axis_);
    const std::byte* const from = x_.data + offset_of(x_, row, axis_) * kSize;
    const int64_t stride = x_.strides[along] * kSize, to_stride = result_.strides[along];
    int64_t* const to = reinterpret_cast<int64_t*>(result_.data) + offset_of(result_, row, axis_);
    Key all = std::numeric_limits<Key>::max(), any = 0;
    for (int64_t i = 0; i < n_; ++i) {
      const auto key = static_cast<Key>(SortKey<T>::of(from + i * stride));
      all &= key;
      any |= key;
      new (words + i) Word(key, i);
    }
    const auto put = [&](const Word* sorted, int64_t begin, int64_t count) {
      for (int64_t i = 0; i < count; ++i) to[(begin + i) * to_stride] = sorted[i].place();
    };
    radix_sort(words, words + n_, n_, static_cast<Key>(any ^ all), spreads, put);
  }

  static constexpr int64_t kSize = sizeof(T);
  const ArrayRef &x_, &result_;
  const int64_t axis_, n_ = x_.shape[static_cast<size_t>(axis_)];
};

}  // namespace

void argsort(DType t, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace) {
  if (ir::num_elements(x.shape) == 0) return;
  const bool is_short = ir::size_of(t) <= 4 && x.shape[static_cast<size_t>(axis)] <= int64_t{UINT32_MAX};
  with_sorted_type(t, [&]<class T>(T) {
    if (is_short)
      RowSort<T, ShortWord>(x, axis, result).run(workspace);
    else
      RowSort<T, LongWord>(x, axis, result).run(workspace);
  });
}

}  // namespace tarry::runtime
