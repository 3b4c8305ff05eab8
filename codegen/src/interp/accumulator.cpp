#include "interp/accumulator.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tarry::codegen::interp {
namespace {

constexpr int64_t kLanes = ir::kReduceLanes;
constexpr int64_t kBlock = ir::kReduceBlock;

int num_levels(int64_t positions) {
  return static_cast<int>(std::bit_width(static_cast<uint64_t>((positions + kBlock - 1) / kBlock)));
}

size_t aligned_lanes(const Reduction& r, int64_t rows) {
  const size_t bytes = kLanes * rows * ir::size_of(ir::accumulator(r.dtype));
  return (bytes + 63) / 64 * 64;
}

}  // namespace

size_t Accumulator::bytes(const Reduction& reduction, int64_t rows, int64_t positions) {
  return aligned_lanes(reduction, rows) * (num_levels(positions) + 1);
}

void Accumulator::start(const Reduction& reduction, int64_t rows, int64_t positions, std::byte* memory) {
  reduction_ = &reduction;
  rows_ = rows;
  size_ = static_cast<int64_t>(ir::size_of(ir::accumulator(reduction.dtype)));
  position_ = 0;
  blocks_ = 0;
  used_lanes_ = kLanes;
  partial_ = memory;
  const int levels = num_levels(positions);
  for (int k = 0; k < levels; ++k) levels_[k] = memory + (k + 1) * aligned_lanes(reduction, rows);
}

void Accumulator::fold(std::byte* into, const std::byte* older, const std::byte* newer, int64_t elements) {
  const Lanes operands[] = {{older, false}, {newer, false}};
  reduction_->loops.fold(into, operands, elements);
}

void Accumulator::fold_in_block(const std::byte* x, int64_t in_block, int64_t count) {
  while (count > 0) {
    const int64_t lane = in_block % kLanes;
    int64_t taken = std::min(count, kLanes - lane);
    std::byte* at = partial_ + lane * rows_ * size_;
    if (in_block < kLanes) {
      std::memcpy(at, x, taken * rows_ * size_);  // identity ⊕ x is x
    } else if (rows_ == 1 && taken == kLanes) {
      const int64_t groups = count / kLanes;
      reduction_->loops.groups(partial_, x, groups);
      taken = groups * kLanes;
    } else {
      fold(at, at, x, taken * rows_);
    }
    x += taken * rows_ * size_;
    in_block += taken;
    count -= taken;
  }
}

void Accumulator::push_block() {
  int k = 0;
  for (; blocks_ >> k & 1; ++k) fold(partial_, levels_[k], partial_, kLanes * rows_);
  std::swap(partial_, levels_[k]);
  ++blocks_;
}

void Accumulator::add(const std::byte* x, int64_t count) {
  while (count > 0) {
    const int64_t in_block = position_ % kBlock;
    const int64_t taken = std::min(count, kBlock - in_block);
    fold_in_block(x, in_block, taken);
    x += taken * rows_ * size_;
    position_ += taken;
    count -= taken;
    if (position_ % kBlock == 0) push_block();
  }
}

void Accumulator::close() {
  const int64_t in_block = position_ % kBlock;
  if (in_block == 0) return;
  const int64_t used = std::min(in_block, kLanes);
  if (blocks_ == 0) {
    used_lanes_ = static_cast<int>(used);  // missing lanes are never looked at
  } else {
    fill_missing(partial_, used);
  }
  push_block();
}

void Accumulator::fill_missing(std::byte* lanes, int64_t used) {
  const auto* identity = reinterpret_cast<const std::byte*>(&reduction_->identity);
  move_loops(size_).fill(lanes + used * rows_ * size_, identity, (kLanes - used) * rows_);
}

void Accumulator::append(Accumulator& next, int level) {
  if (next.used_lanes_ < kLanes) next.fill_missing(next.levels_[0], next.used_lanes_);
  if (next.blocks_ == 1ull << level) {
    std::byte* carried = next.levels_[level];
    int k = level;
    for (; blocks_ >> k & 1; ++k) fold(carried, levels_[k], carried, kLanes * rows_);
    std::memcpy(levels_[k], carried, lanes_bytes());
  } else {
    for (int k = 0; k < level; ++k)
      if (next.blocks_ >> k & 1) std::memcpy(levels_[k], next.levels_[k], lanes_bytes());
  }
  blocks_ += next.blocks_;
  position_ += next.position_;
}

void Accumulator::finish(std::byte* out) {
  const std::byte* result = partial_;
  if (blocks_ == 0) {
    // The identity of a sum is -0, its empty result +0: all bits clear in every dtype.
    const uint64_t empty = reduction_->op == ir::Op::reduce_sum ? 0 : reduction_->identity;
    move_loops(size_).fill(partial_, reinterpret_cast<const std::byte*>(&empty), rows_);
  } else {
    result = fold_levels();
  }
  if (reduction_->loops.narrow) {
    const Lanes wide{result, false};
    reduction_->loops.narrow(out, &wide, rows_);
  } else {
    std::memcpy(out, result, rows_ * size_);
  }
}

std::byte* Accumulator::fold_levels() {
  int k = std::countr_zero(blocks_);
  std::byte* folded = levels_[k];
  while (++k < static_cast<int>(std::bit_width(blocks_)))
    if (blocks_ >> k & 1) fold(folded, levels_[k], folded, kLanes * rows_);
  int64_t used = used_lanes_;
  for (int64_t step = kLanes / 2; step > 0; step /= 2) {
    if (used > step) fold(folded, folded, folded + step * rows_ * size_, (used - step) * rows_);
    used = std::min(used, step);
  }
  return folded;
}

}  // namespace tarry::codegen::interp
