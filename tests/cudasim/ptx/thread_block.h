#pragma once
/// The warps of a thread block, its shared memory and its barriers.

#include <cstdint>

#include "ptx/warp.h"

namespace cudasim {

class ThreadBlock {
 public:
  explicit ThreadBlock(LaunchState& launch);
  /// From the first instruction to the last of block (x, y, z).
  void run(uint32_t x, uint32_t y, uint32_t z);

  uint8_t* shared(Warp& w, const Instr& i, uint64_t address, unsigned bytes, bool write, bool atomic, int lane);
  uint32_t index(int axis) const { return index_[axis]; }
  uint32_t threads() const { return threads_; }
  size_t shared_bytes() const { return shared_.size(); }

 private:
  struct Mark {
    uint32_t epoch = 0;
    uint16_t writer = 0;  // a warp plus 1
    uint16_t reader = 0;  // a warp plus 1, or kSeveral
    bool atomic_write = false;
    bool atomic_reads = true;  // all of them
  };
  static constexpr uint16_t kSeveral = 0xffff;

  bool turn(Warp& w);
  bool open_barriers();
  void finish_barrier(uint32_t id, const std::vector<Warp*>& warps);
  void check_race(Warp& w, const Instr& i, uint64_t offset, unsigned bytes, bool write, bool atomic, int lane);

  LaunchState& launch_;
  uint32_t threads_;
  uint32_t index_[3] = {};
  std::vector<std::unique_ptr<Warp>> warps_;
  std::vector<uint8_t> shared_, shared_state_;
  std::vector<Mark> marks_;
  uint32_t epoch_ = 1;
};

}  // namespace cudasim
