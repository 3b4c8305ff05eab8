#pragma once
/// Memory that is asked for before it is read.

#include "interp/program.h"

#include <array>
#include <cstdint>

namespace tarry::codegen::interp {

/// While a chunk computes, the memory behind what its loads found is on its way: a little of it is asked for before
/// each instruction. The processor's own foresight does not reach from one chunk to the next, since all that a load
/// finds is read in one go. Where a chunk has so few instructions that each would have to ask for more than the
/// processor can wait for at once, as in a plain sum, nothing is asked for: it would only stand still. What a chunk
/// does not get to is left to the next one: a load asks for what comes a whole chunk later.
class ReadAhead {
 public:
  /// Sets the pace for a chunk of so many lanes.
  void begin(const Segment& segment, int64_t lanes) {
    const int64_t steps = segment.others;
    lines_a_step_ = steps ? (segment.load_bytes * lanes / kLine + steps - 1) / steps : 0;
    if (lines_a_step_ > kMostAtOnce) lines_a_step_ = 0;
  }

  /// A load found what it reads in the `bytes` before `end`.
  void follow(const std::byte* end, int64_t bytes) {
    if (lines_a_step_ > 0 && behind_ - front_ < kMost) queue_[behind_++ % kMost] = {end, bytes / kLine};
  }

  void step() {
    for (int64_t left = lines_a_step_; left > 0 && front_ != behind_;) {
      Stretch& s = queue_[front_ % kMost];
      const int64_t n = s.lines < left ? s.lines : left;
      for (int64_t i = 0; i < n; ++i) __builtin_prefetch(s.at + i * kLine);
      s = {s.at + n * kLine, s.lines - n};
      left -= n;
      if (s.lines == 0) ++front_;
    }
  }

 private:
  struct Stretch {
    const std::byte* at;
    int64_t lines;
  };
  static constexpr int64_t kLine = 64;
  static constexpr int64_t kMostAtOnce = 40;  // measured: 38 gain a tenth, 43 lose as much
  static constexpr uint32_t kMost = 16;
  std::array<Stretch, kMost> queue_;
  uint32_t front_ = 0, behind_ = 0;
  int64_t lines_a_step_ = 0;
};

}  // namespace tarry::codegen::interp
