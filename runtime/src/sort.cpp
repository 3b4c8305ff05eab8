#include "sort_keys.h"

#include "radix_sort.h"

#include <tarry/ir/shape.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <ranges>
#include <type_traits>

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

/// One of the rows along the axis, and where its result goes.
template <class Result>
struct Row {
  const std::byte* from;
  int64_t stride;  // bytes
  int64_t n;
  Result* to;
  int64_t to_stride;  // elements
};

/// The places of the elements in their order.
template <class T, class SortedWord>
struct PlacesOf {
  using Word = SortedWord;
  using Result = int64_t;
  static constexpr int64_t kSize = sizeof(T);
  static constexpr size_t words_for_each(int64_t /*to_stride*/) { return 2; }

  static void sort(const Row<Result>& row, Word* words, bool spreads) {
    using Key = typename Word::Key;
    const auto range = KeyRange<Key>::of(row.n, [&](int64_t i) {
      const auto key = static_cast<Key>(SortKey<T>::of(row.from + i * row.stride));
      new (words + i) Word(key, i);
      return key;
    });
    const auto put = [&](const Word* sorted, int64_t begin, int64_t count) {
      for (int64_t i = 0; i < count; ++i) row.to[(begin + i) * row.to_stride] = sorted[i].place();
    };
    radix_sort(words, words + row.n, row.n, range, spreads, put);
  }
};

/// The elements in their order, from their keys.
template <class T>
struct ElementsOf {
  using Key = typename SortKey<T>::Key;
  using Word = KeyWord<Key>;
  using Result = Key;
  static constexpr int64_t kSize = sizeof(T);
  /// A result without gaps has room for one of them.
  static constexpr size_t words_for_each(int64_t to_stride) { return to_stride == 1 ? 1 : 2; }

  static void sort(const Row<Result>& row, Word* words, bool spreads) {
    const Keys keys =
        row.stride == kSize ? read(row, std::integral_constant<int64_t, kSize>(), words) : read(row, row.stride, words);
    Word* const spare = row.to_stride == 1 ? reinterpret_cast<Word*>(row.to) : words + row.n;
    const auto put = [&](const Word* sorted, int64_t begin, int64_t count) {
      if (row.to_stride == 1) return put_all(sorted, count, row.to + begin, std::integral_constant<int64_t, 1>());
      put_all(sorted, count, row.to + begin * row.to_stride, row.to_stride);
    };
    radix_sort(words, spare, row.n, keys.range, spreads, put);
    if constexpr (kMayLose)
      if (keys.lost) put_equal_ones(row);
  }

 private:
  /// Whether there are different elements that are equal.
  static constexpr bool kMayLose = requires { SortKey<T>::kNaN; };

  struct Keys {
    KeyRange<Key> range;
    Key lost;  // bits that keys do not tell
  };

  static Key bits_at(const std::byte* element) {
    Key bits;
    std::memcpy(&bits, element, sizeof bits);
    return bits;
  }

  /// The loops over neighbours are in vectors: their strides are constants.
  template <class Stride>
  static Keys read(const Row<Result>& row, Stride stride, Word* words) {
    Key lost = 0;
    const std::byte* const from = row.from;
    const auto range = KeyRange<Key>::of(row.n, [&](int64_t i) {
      const std::byte* const element = from + i * stride;
      const Key key = SortKey<T>::of(element);
      lost |= static_cast<Key>(SortKey<T>::bits(key) ^ bits_at(element));
      new (words + i) Word(key);
      return key;
    });
    return {range, lost};
  }

  /// `to` may be `sorted` itself.
  template <class Stride>
  static void put_all(const Word* sorted, int64_t count, Result* to, Stride stride) {
    for (int64_t i = 0; i < count; ++i) to[i * stride] = SortKey<T>::bits(sorted[i].key());
  }

  /// Zeros of both signs, and NaNs, as they came.
  static void put_equal_ones(const Row<Result>& row) {
    const auto first = [&](Key wanted) {
      return *std::ranges::partition_point(std::views::iota(int64_t{0}, row.n), [&](int64_t i) {
        return SortKey<T>::of(reinterpret_cast<const std::byte*>(row.to + i * row.to_stride)) < wanted;
      });
    };
    int64_t zeros = first(SortKey<T>::kZero), nans = first(SortKey<T>::kNaN);
    for (int64_t i = 0; i < row.n; ++i) {
      const std::byte* const element = row.from + i * row.stride;
      const Key key = SortKey<T>::of(element);
      if (key == SortKey<T>::kZero || key == SortKey<T>::kNaN)
        row.to[(key == SortKey<T>::kZero ? zeros++ : nans++) * row.to_stride] = bits_at(element);
    }
  }
};

/// Rows for whose words a thread's scratch would be large are taken one after the other, each by all threads.
constexpr size_t kLongRow = 1 << 20;  // bytes

/// Sorts the rows of an array; `Of` says what comes out.
template <class Of>
class RowSort {
 public:
  RowSort(const ArrayRef& x, int64_t axis, const ArrayRef& result) : x_(x), result_(result), axis_(axis) {}

  void run(Workspace& workspace) const {
    const int64_t rows = ir::num_elements(x_.shape) / n_;
    if (sizeof(Word) * words_for_each_ > kLongRow / static_cast<size_t>(n_)) return run_long(rows, workspace);
    if (workspace.rehearses()) return void(scratch());
    const auto sort = [&](int64_t begin, int64_t end) {
      Word* const words = scratch();
      for (int64_t row = begin; row < end; ++row) Of::sort(at(row), words, false);
    };
    parallel_for(rows, std::max<int64_t>(kPiece / n_, 1), sort, Pieces::one_by_one, [&] { scratch(); });
  }

 private:
  using Word = typename Of::Word;
  using Result = typename Of::Result;

  size_t words_of_row() const { return static_cast<size_t>(n_) * words_for_each_; }
  Word* scratch() const { return static_cast<Word*>(thread_scratch(words_of_row() * sizeof(Word))); }

  void run_long(int64_t rows, Workspace& workspace) const {
    Word* const words = workspace.take_array<Word>(words_of_row());
    if (workspace.rehearses()) return;
    for (int64_t row = 0; row < rows; ++row) Of::sort(at(row), words, true);
  }

  Row<Result> at(int64_t row) const {
    return {x_.data + offset_of(x_, row, axis_) * Of::kSize, x_.strides[along_] * Of::kSize, n_,
            reinterpret_cast<Result*>(result_.data) + offset_of(result_, row, axis_), to_stride_};
  }

  const ArrayRef &x_, &result_;
  const int64_t axis_;
  const size_t along_ = static_cast<size_t>(axis_);
  const int64_t n_ = x_.shape[along_], to_stride_ = result_.strides[along_];
  const size_t words_for_each_ = Of::words_for_each(to_stride_);
};

}  // namespace

void argsort(DType t, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace) {
  if (ir::num_elements(x.shape) == 0) return;
  const bool is_short = ir::size_of(t) <= 4 && x.shape[static_cast<size_t>(axis)] <= int64_t{UINT32_MAX};
  with_sorted_type(t, [&]<class T>(T) {
    if (is_short)
      RowSort<PlacesOf<T, ShortWord>>(x, axis, result).run(workspace);
    else
      RowSort<PlacesOf<T, LongWord>>(x, axis, result).run(workspace);
  });
}

void sort(DType t, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace) {
  if (ir::num_elements(x.shape) == 0) return;
  with_sorted_type(t, [&]<class T>(T) { RowSort<ElementsOf<T>>(x, axis, result).run(workspace); });
}

}  // namespace tarry::runtime
