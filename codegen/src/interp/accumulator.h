#pragma once
/// One reduction on its way, for several rows at once, in the order that ir/reduction.h states.

#include "interp/program.h"

#include <tarry/ir/reduction.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tarry::codegen::interp {

class Accumulator {
 public:
  /// Bytes of memory that `rows` rows of up to `positions` elements need.
  static size_t bytes(const Reduction& reduction, int64_t rows, int64_t positions);

  /// Starts afresh in `memory`, which must outlive the work and be aligned to 64.
  void start(const Reduction& reduction, int64_t rows, int64_t positions, std::byte* memory);

  /// The next `count` positions of every row: x[j*rows + r], compact, in the accumulator's dtype.
  void add(const std::byte* x, int64_t count);

  /// After the last position.
  void close();

  /// Appends what `next` has, a closed accumulation of the positions that follow. Both began at a
  /// multiple of 2^level blocks, and all but the last one appended hold exactly 2^level blocks.
  void append(Accumulator& next, int level);

  /// Folds everything and writes `rows` results in the reduction's dtype. Needs close() or append().
  void finish(std::byte* out);

 private:
  void fold(std::byte* into, const std::byte* older, const std::byte* newer, int64_t elements);
  void fold_in_block(const std::byte* x, int64_t in_block, int64_t count);
  void push_block();
  void fill_missing(std::byte* lanes, int64_t used);
  std::byte* fold_levels();
  size_t lanes_bytes() const { return ir::kReduceLanes * rows_ * size_; }

  const Reduction* reduction_ = nullptr;
  int64_t rows_ = 0;
  int64_t size_ = 0;  // bytes of an element
  int64_t position_ = 0;
  uint64_t blocks_ = 0;  // finished blocks; its bits are the occupied levels
  int used_lanes_ = ir::kReduceLanes;
  std::byte* partial_ = nullptr;
  std::array<std::byte*, 56> levels_;
};

}  // namespace tarry::codegen::interp
