#pragma once
/// Sorting by the digits of a key: stable, and in a time that goes with the number of elements alone.

#include <tarry/runtime/threads.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace tarry::runtime {

/// A key of 32 bits and where its element stands, among fewer than 2^32.
struct ShortWord {
  using Key = uint32_t;
  uint64_t bits;
  ShortWord(Key key, int64_t place) : bits(uint64_t{key} << 32 | static_cast<uint64_t>(place)) {}
  Key key() const { return static_cast<Key>(bits >> 32); }
  int64_t place() const { return static_cast<int64_t>(bits & 0xffffffff); }
};

struct LongWord {
  using Key = uint64_t;
  Key bits;
  int64_t index;
  LongWord(Key key, int64_t place) : bits(key), index(place) {}
  Key key() const { return bits; }
  int64_t place() const { return index; }
};

/// A key alone.
template <class K>
struct KeyWord {
  using Key = K;
  Key bits;
  explicit KeyWord(Key key) : bits(key) {}
  Key key() const { return bits; }
};

/// The bits in which some keys differ, once something is taken from each.
template <class Key>
class KeyRange {
 public:
  /// Of the keys that `key(i)` gives for each i < n.
  template <class Each>
  static KeyRange of(int64_t n, const Each& key) {
    Key all = std::numeric_limits<Key>::max(), any = 0, least = all, most = 0;  // not members: these stay in registers
    for (int64_t i = 0; i < n; ++i) {
      const Key k = key(i);
      all &= k;
      any |= k;
      least = std::min(least, k);
      most = std::max(most, k);
    }
    return KeyRange(all, any, least, most);
  }
  /// Numbers on both sides of zero differ in all upper bits, their distances from the least do not.
  bool is_from_least() const { return std::bit_width(distance()) < std::bit_width(differing()); }
  Key base() const { return is_from_least() ? least_ : Key{0}; }
  int low() const { return is_from_least() || differing() == 0 ? 0 : std::countr_zero(differing()); }
  int high() const { return static_cast<int>(std::bit_width(is_from_least() ? distance() : differing())); }

 private:
  KeyRange(Key all, Key any, Key least, Key most) : all_(all), any_(any), least_(least), most_(most) {}
  Key differing() const { return static_cast<Key>(any_ ^ all_); }
  Key distance() const { return static_cast<Key>(most_ - least_); }

  Key all_, any_, least_, most_;
};

template <class Word, class Take>
class RadixSort {
 public:
  using Key = typename Word::Key;

  RadixSort(const KeyRange<Key>& range, bool spreads, const Take& take)
      : base_(range.base()), low_(range.low()), high_(range.high()), spreads_(spreads), take_(take) {}

  void operator()(Word* words, Word* spare, int64_t n) const { sort({words, spare, 0, n, high_}); }

 private:
  /// Fewer words than this are inserted one after the other.
  static constexpr int64_t kInserted = 40;
  /// More words than this are first spread by an upper digit, for the caches and for other threads.
  static constexpr int64_t kNear = (1 << 19) / sizeof(Word);
  static constexpr int kLeastUpperBits = 8, kMostUpperBits = 11, kLowerBits = 11;
  static constexpr size_t kMostUpperDigits = size_t{1} << kMostUpperBits;
  static constexpr int kMostDigits = (static_cast<int>(8 * sizeof(Key)) + kLowerBits - 1) / kLowerBits;

  struct Piece {
    Word *words, *spare;
    int64_t begin, n;
    int high;  // the bits from here on are equal
  };

  struct Digit {
    Key base;
    int shift;
    Key mask;
    Digit(Key from, int low, int high) : base(from), shift(low), mask(static_cast<Key>((Key{1} << (high - low)) - 1)) {}
    size_t operator()(const Word& word) const { return static_cast<size_t>(Key(word.key() - base) >> shift & mask); }
  };

  /// What was counted becomes where each digit begins.
  template <class Count>
  static void add_up(Count* counts, Key last) {
    Count begin = 0;
    for (size_t d = 0; d <= last; ++d) begin += std::exchange(counts[d], begin);
  }

  /// Each word to where its digit begins, which moves on.
  template <class Count>
  static void move(const Word* from, int64_t n, Digit digit, Count* places, Word* to) {
    for (int64_t i = 0; i < n; ++i) to[places[digit(from[i])]++] = from[i];
  }

  /// `ends` becomes where the words of each digit end.
  static void spread(const Word* from, int64_t n, Digit digit, uint64_t* ends, Word* to) {
    // Upper digits are often the same: with two counters for each none waits for the word before.
    std::array<uint64_t, kMostUpperDigits> odd;
    std::fill_n(odd.data(), digit.mask + size_t{1}, 0);
    std::fill_n(ends, digit.mask + size_t{1}, 0);
    for (int64_t i = 0; i + 1 < n; i += 2) {
      ++ends[digit(from[i])];
      ++odd[digit(from[i + 1])];
    }
    if (n % 2 != 0) ++ends[digit(from[n - 1])];
    for (size_t d = 0; d <= digit.mask; ++d) ends[d] += odd[d];
    add_up(ends, digit.mask);
    move(from, n, digit, ends, to);
  }

  void sort(const Piece& p) const {
    if (p.n <= kNear || p.high == low_) return take_(sort_near(p), p.begin, p.n);
    const int bits = std::bit_width(static_cast<uint64_t>(p.n)) - 10;
    const int low = std::max(p.high - std::clamp(bits, kLeastUpperBits, kMostUpperBits), low_);
    const Digit digit(base_, low, p.high);
    std::array<uint64_t, kMostUpperDigits> ends;
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
    const int width = std::bit_width(static_cast<uint64_t>(p.n)), telling = std::min(2 * width, width + 11);
    if (digits_in(p.high - low_) > digits_in(telling)) {
      Word* sorted = sort_bits(p.words, p.spare, p.n, p.high - telling, p.high);
      if (insert_each(sorted, p.n, p.n)) return sorted;
      return sort_bits(sorted, sorted == p.words ? p.spare : p.words, p.n, low_, p.high);
    }
    return sort_bits(p.words, p.spare, p.n, low_, p.high);
  }

  static int digits_in(int bits) { return (bits + kLowerBits - 1) / kLowerBits; }

  Word* sort_bits(Word* words, Word* spare, int64_t n, int low, int high) const {
    return sort_digits<kMostDigits>(words, spare, n, low, high, digits_in(high - low));
  }

  /// From the lowest digit on. At most kNear words, and all digits are counted at once.
  template <int kDigits>
  Word* sort_digits(Word* words, Word* spare, int64_t n, int low, int high, int digits) const {
    if constexpr (kDigits == 0) {
      return words;
    } else {
      if (digits < kDigits) return sort_digits<kDigits - 1>(words, spare, n, low, high, digits);
      std::array<std::array<uint32_t, size_t{1} << kLowerBits>, kDigits> places;
      std::array<Digit, kDigits> all = digits_of(low, high - low, std::make_index_sequence<kDigits>());
      for (int d = 0; d < kDigits; ++d) std::fill_n(places[d].data(), all[d].mask + size_t{1}, 0);
      for (int64_t i = 0; i < n; ++i)
        for (int d = 0; d < kDigits; ++d) ++places[d][all[d](words[i])];
      for (int d = 0; d < kDigits; ++d) {
        add_up(places[d].data(), all[d].mask);
        move(words, n, all[d], places[d].data(), spare);
        std::swap(words, spare);
      }
      return words;
    }
  }

  template <size_t... D>
  std::array<Digit, sizeof...(D)> digits_of(int low, int bits, std::index_sequence<D...>) const {
    constexpr int kDigits = sizeof...(D);
    return {
        Digit(base_, low + bits * static_cast<int>(D) / kDigits, low + bits * static_cast<int>(D + 1) / kDigits)...};
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

  Key base_;
  int low_, high_;
  bool spreads_;
  const Take& take_;
};

/// Sorts words whose keys are in a range; equal ones keep their order. `take(sorted, begin, count)` gets
/// them piece by piece: those that come `begin`-th and after; from several threads where `spreads`.
/// `spare` is as long as `words`; what either holds in the end is of no use.
template <class Word, class Take>
void radix_sort(Word* words, Word* spare, int64_t n, const KeyRange<typename Word::Key>& range, bool spreads,
                const Take& take) {
  RadixSort<Word, Take>(range, spreads, take)(words, spare, n);
}

}  // namespace tarry::runtime
