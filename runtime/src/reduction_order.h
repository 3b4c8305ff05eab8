#pragma once
/// The order of a floating-point sum (tarry/ir/reduction.h) for kernels that sum many columns side by side.

#include <tarry/ir/reduction.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tarry::runtime {

inline constexpr int kLanes = ir::kReduceLanes;
inline constexpr int64_t kBlock = ir::kReduceBlock;

/// Lengths that fit in int64 have fewer blocks than 2^55.
inline constexpr int kMostLevels = 55;

/// The binary counter over blocks. Each partial sum is an array of `width` numbers: 32 lanes of one or more sums.
template <class T>
class Levels {
 public:
  /// Memory for levels_of(blocks) * width numbers, which stays the caller's.
  Levels(T* memory, size_t width) : memory_(memory), width_(width) {}

  static int levels_of(uint64_t blocks) {
    int levels = 1;
    while (blocks >>= 1) ++levels;
    return levels;
  }

  /// The next block is done; `partial` is overwritten.
  void push(T* partial) {
    int k = 0;
    for (; count_ >> k & 1; ++k) add(partial, level(k));
    std::memcpy(level(k), partial, width_ * sizeof(T));
    ++count_;
  }

  /// All blocks are done: folds the levels, lowest first, into `partial`. When `has_partial`, it holds the sum of what
  /// follows the last block.
  void finish(T* partial, bool has_partial) const {
    for (int k = 0; count_ >> k; ++k) {
      if (!(count_ >> k & 1)) continue;
      if (has_partial)
        add(partial, level(k));
      else
        std::memcpy(partial, level(k), width_ * sizeof(T));
      has_partial = true;
    }
  }

 private:
  T* level(int k) const { return memory_ + static_cast<size_t>(k) * width_; }
  /// partial = older + partial
  void add(T* __restrict partial, const T* __restrict older) const {
    for (size_t i = 0; i < width_; ++i) partial[i] = older[i] + partial[i];
  }

  T* memory_;
  size_t width_;
  uint64_t count_ = 0;
};

/// Folds lanes, each of `width` sums side by side, into the first. All 32 of them, or a power of two where the rest are
/// missing: folding with the identity changes nothing.
template <class T>
void fold_lanes(T* lanes, size_t width, size_t count = kLanes) {
  for (size_t half = count / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half * width; ++i) lanes[i] = lanes[i] + lanes[i + half * width];
}

}  // namespace tarry::runtime
