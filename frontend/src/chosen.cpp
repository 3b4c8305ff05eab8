#include "chosen.h"

#include <algorithm>
#include <cstring>

namespace tarry::frontend {
namespace {

/// An element of a size that machines copy at once.
template <class Word>
struct Alone {
  static constexpr size_t kBytes = sizeof(Word);
  static void copy(const std::byte* from, std::byte* to) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
  }
};

struct Pair {
  uint64_t first, second;
};

/// body(Alone<Word>{}) where there is one of that size.
template <class Body>
bool with_size(size_t bytes, const Body& body) {
  switch (bytes) {
    case 1: return body(Alone<uint8_t>{}), true;
    case 2: return body(Alone<uint16_t>{}), true;
    case 4: return body(Alone<uint32_t>{}), true;
    case 8: return body(Alone<uint64_t>{}), true;
    case 16: return body(Alone<Pair>{}), true;
    default: return false;
  }
}

/// put(i, k) for each element until all are over that are chosen: it may be the k-th of these. Only the last call with
/// a k counts, in which it is.
template <class Put>
void for_chosen(const bool* chosen, int64_t n, const Put& put) {
  const int64_t count = count_chosen(chosen, n);
  int64_t k = 0;
  for (int64_t i = 0; k != count;) {
    const int64_t stop = std::min(i + 8, n);
    uint64_t eight = 1;
    if (i + 8 <= n) std::memcpy(&eight, chosen + i, sizeof eight);
    if (eight == 0) i = stop;
    for (; i < stop && k != count; ++i) {
      put(i, k);
      k += chosen[i];
    }
  }
}

}  // namespace

int64_t count_chosen(const bool* chosen, int64_t n) { return std::count(chosen, chosen + n, true); }

int64_t* places_of_chosen(const bool* chosen, int64_t n, int64_t* to) {
  for_chosen(chosen, n, [to](int64_t i, int64_t k) { to[k] = i; });
  return to + count_chosen(chosen, n);
}

void take_chosen(const bool* chosen, int64_t n, size_t bytes, const std::byte* from, std::byte* to) {
  const auto take = [&]<class One>(One) {
    constexpr auto kBytes = static_cast<int64_t>(One::kBytes);
    for_chosen(chosen, n, [=](int64_t i, int64_t k) { One::copy(from + i * kBytes, to + k * kBytes); });
  };
  if (with_size(bytes, take)) return;
  for (int64_t i = 0; i < n; ++i, from += bytes) {
    if (!chosen[i]) continue;
    std::memcpy(to, from, bytes);
    to += bytes;
  }
}

void spread_chosen(const bool* chosen, int64_t n, size_t bytes, const std::byte* from, std::byte* to) {
  const int64_t count = count_chosen(chosen, n);
  const auto spread = [&]<class One>(One) {
    constexpr std::byte kZeros[One::kBytes] = {};
    int64_t k = 0;
    for (int64_t i = 0; i < n; ++i, to += One::kBytes) {
      const std::byte* const next = from + k * static_cast<int64_t>(One::kBytes);
      One::copy(chosen[i] ? next : kZeros, to);
      k += chosen[i];
    }
  };
  if (with_size(bytes, spread)) return;
  std::memset(to, 0, static_cast<size_t>(n) * bytes);
  for (int64_t i = 0, k = 0; k != count; ++i) {
    if (!chosen[i]) continue;
    std::memcpy(to + static_cast<size_t>(i) * bytes, from + static_cast<size_t>(k) * bytes, bytes);
    ++k;
  }
}

}  // namespace tarry::frontend
