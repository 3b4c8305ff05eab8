#pragma once
/// Sorting by the digits of a key: stable, and in a time that goes with the number of elements alone.

#include <tarry/runtime/threads.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tarry::runtime {

/// A key of 32 bits and where its element stands, among fewer than 2^32.
struct ShortWord {
  using Key = uint32_t;
  using Count = uint32_t;
  uint64_t bits;
  ShortWord(Key key, int64_t place) : bits(uint64_t{key} << 32 | static_cast<uint64_t>(place)) {}
  Key key() const { return static_cast<Key>(bits >> 32); }
  int64_t place() const { return static_cast<int64_t>(bits & 0xffffffff); }
};

struct LongWord {
  using Key = uint64_t;
  using Count = uint64_t;
  Key bits;
  int64_t index;
  LongWord(Key key, int64_t place) : bits(key), index(place) {}
  Key key() const { return bits; }
  int64_t place() const { return index; }
};

template <class Word, class Take>
class RadixSort {
 public:
  RadixSort(typename Word::Key differing, bool spreads, const Take& take)
      : low_(differing ? std::countr_zero(differing) : 0),
        high_(static_cast<int>(8 * sizeof differing) - std::countl_zero(differing)),
        spreads_(spreads),
        take_(take) {}

  void operator()(Word* words, Word* spare, int64_t n) const { sort({words, spare, 0, n, high_}); }

 private:
  using Key = typename Word::Key;
  using Count = typename Word::Count;

  /// Fewer words than this are inserted one after the other.
  static constexpr int64_t kInserted = 40;
  /// More words than this are first spread by an upper digit, for the caches and for other threads.
  static constexpr int64_t kNear = (1 << 18) / sizeof(Word);
  static constexpr int kUpperBits = 8, kLowerBits = 11;

  struct Piece {
    Word *words, *spare;
    int64_t begin, n;
    int high;  // the bits from here on are equal
  };

  struct Digit {
    int shift;
    Key mask;
    Digit(int low, int high) : shift(low), mask((Key{1} << (high - low)) - 1) {}
    size_t operator()(const Word& word) const { return static_cast<size_t>(word.key() >> shift & mask); }
  };

  /// `places` becomes where the words of each digit end.
  static void spread(const Word* from, int64_t n, Digit digit, Count* places, Word* to) {
    std::fill_n(places, digit.mask + 1, 0);
    for (int64_t i = 0; i < n; ++i) ++places[digit(from[i])];
    Count begin = 0;
    for (size_t d = 0; d <= digit.mask; ++d) begin += std::exchange(places[d], begin);
    for (int64_t i = 0; i < n; ++i) to[places[digit(from[i])]++] = from[i];
  }

  void sort(const Piece& p) const {
    if (p.n <= kNear || p.high == low_) return take_(sort_near(p), p.begin, p.n);
    const int low = std::max(p.high - kUpperBits, low_);
    const Digit digit(low, p.high);
    std::array<Count, size_t{1} << kUpperBits> ends;
    spread(p.words, p.n, digit, ends.data(), p.spare);
    const auto digits = static_cast<int64_t>(digit.mask) + 1;
    const auto sort_each = [&](int64_t first, int64_t last) {
      for (int64_t d = first; d < last; ++d) {
        const auto begin = static_cast<int64_t>(d ? ends[static_cast<size_t>(d) - 1] : 0);
        const int64_t n = static_cast<int64_t>(ends[static_cast<size_t>(d)]) - begin;
        if (n) sort({p.spare + begin, p.words + begin, p.begin + begin, n, low});
      }
    };
    if (spreads_)
      parallel_for(digits, std::max<int64_t>(kNear * digits / p.n, 1), sort_each);
    else
      sort_each(0, digits);
  }

  /// Where they are then.
  Word* sort_near(const Piece& p) const {
    if (p.n < kInserted) {
      insert_each(p.words, p.n, INT64_MAX);
      return p.words;
    }
    // Where keys are many and far from each other, their upper bits tell nearly all of them apart.
    const int telling = 2 * (64 - std::countl_zero(static_cast<uint64_t>(p.n)));
    if (p.high - low_ > telling + kLowerBits / 2) {
      Word* sorted = sort_digits(p.words, p.spare, p.n, p.high - telling, p.high);
      if (insert_each(sorted, p.n, p.n)) return sorted;
      return sort_digits(sorted, sorted == p.words ? p.spare : p.words, p.n, low_, p.high);
    }
    return sort_digits(p.words, p.spare, p.n, low_, p.high);
  }

  /// From the lowest digit on.
  static Word* sort_digits(Word* words, Word* spare, int64_t n, int low, int high) {
    const int bits = high - low, digits = (bits + kLowerBits - 1) / kLowerBits;
    std::array<Count, size_t{1} << kLowerBits> places;
    for (int d = 0; d < digits; ++d) {
      spread(words, n, Digit(low + bits * d / digits, low + bits * (d + 1) / digits), places.data(), spare);
      std::swap(words, spare);
    }
    return words;
  }

  /// Moves each word to the left until it is in its place. Gives up, and returns false, after more moves than that;
  /// equal words are in their order then too.
  static bool insert_each(Word* words, int64_t n, int64_t most_moves) {
    for (int64_t i = 1; i < n; ++i) {
      if (words[i - 1].key() <= words[i].key()) continue;
      const Word word = words[i];
      int64_t at = i;
      for (; at > 0 && words[at - 1].key() > word.key(); --at) words[at] = words[at - 1];
      words[at] = word;
      if ((most_moves -= i - at) < 0) return false;
    }
    return true;
  }

  int low_, high_;
  bool spreads_;
  const Take& take_;
};

/// Sorts words whose keys differ in some bits at most; equal ones keep their order. `take(sorted, begin, count)` gets
/// them piece by piece: those that come `begin`-th and after; from several threads where `spreads`.
/// `spare` is as long as `words`; what either holds in the end is of no use.
template <class Word, class Take>
void radix_sort(Word* words, Word* spare, int64_t n, typename Word::Key differing, bool spreads, const Take& take) {
  RadixSort<Word, Take>(differing, spreads, take)(words, spare, n);
}

}  // namespace tarry::runtime
