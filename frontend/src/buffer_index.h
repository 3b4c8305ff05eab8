#pragma once
/// Finds buffers again.

#include <tarry/ir/hash.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tarry::frontend {

/// Numbers of buffers by identity. What reserve() made room for is added without an allocation, and so cannot fail. At
/// most half full: an entry stands at its home, or behind others that do (linear probing; Knuth, TAOCP 3, 6.4).
class BufferIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// Room for so many buffers in all.
  void reserve(size_t buffers) {
    if (buffers * 2 <= entries_.size()) return;
    int bits = kFewestBits;
    while (size_t{1} << bits < buffers * 2) ++bits;
    std::vector<Entry> old(size_t{1} << bits);
    std::swap(entries_, old);
    shift_ = 64 - bits;
    for (const Entry& e : old)
      if (e.buffer) add(e.buffer, e.number);
  }

  uint32_t find(const void* buffer) const {
    if (entries_.empty()) return kNone;
    const Entry& e = entries_[place_of(buffer)];
    return e.buffer ? e.number : kNone;
  }

  /// One that is not there yet, within what is reserved.
  void add(const void* buffer, uint32_t number) { entries_[place_of(buffer)] = {buffer, number}; }

  /// One that is there.
  void remove(const void* buffer) {
    size_t gap = place_of(buffer);
    // What stands behind it moves up, unless that would be ahead of its home.
    for (size_t at = next(gap); entries_[at].buffer; at = next(at)) {
      const size_t from_home = distance(home(entries_[at].buffer), at);
      if (from_home >= distance(gap, at)) entries_[std::exchange(gap, at)] = entries_[at];
    }
    entries_[gap] = {};
  }

 private:
  static constexpr int kFewestBits = 4;
  struct Entry {
    const void* buffer = nullptr;
    uint32_t number = 0;
  };

  /// Fibonacci hashing: the high bits of a product with the golden ratio.
  size_t home(const void* buffer) const {
    return static_cast<size_t>(reinterpret_cast<uintptr_t>(buffer) * ir::kGolden >> shift_);
  }
  size_t next(size_t at) const { return (at + 1) & (entries_.size() - 1); }
  size_t distance(size_t from, size_t to) const { return (to - from) & (entries_.size() - 1); }
  /// Where it is, or would be.
  size_t place_of(const void* buffer) const {
    size_t at = home(buffer);
    while (entries_[at].buffer && entries_[at].buffer != buffer) at = next(at);
    return at;
  }

  std::vector<Entry> entries_;  // a power of two
  int shift_ = 64;
};

}  // namespace tarry::frontend
