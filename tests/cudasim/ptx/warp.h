#pragma once
/// 32 lanes and the thread block around them.

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>

#include "ptx/launch.h"

namespace cudasim {

class ThreadBlock;

struct LaunchState {
  const Program& program;
  const LaunchShape& shape;
  const std::vector<uint8_t>& params;
  GlobalMemory& memory;
  const LaunchOptions& options;
  LaunchCounters& counters;
  Region own;
};

class Warp {
 public:
  /// Basic blocks that some lanes or warps may run before others get their turn, should they wait for them in a loop.
  static constexpr uint64_t kPatience = 10000;

  enum class State : uint8_t { ready, at_barrier, done };

  Warp(LaunchState& launch, ThreadBlock& block, int number);
  void start();
  /// Until it is at a barrier or done, or has run `quantum` basic blocks.
  void run(uint64_t quantum);
  State state() const { return state_; }
  void leave_barrier();
  /// The barrier's instruction, and the lanes that wait there.
  const Block& barrier() const { return launch_.program.blocks[at_[std::countr_zero(waiting_)]]; }
  uint32_t waiting() const { return waiting_; }
  std::string where() const;

  template <class T>
  T* reg(uint32_t slot) {
    return reinterpret_cast<T*>(registers_.get() + slot);
  }
  uint32_t& mask(uint32_t slot) { return *reg<uint32_t>(slot); }
  uint32_t guarded(const Instr& i, uint32_t lanes) {
    if (i.guard == kNoSlot) return lanes;
    return lanes & (i.guard_negated ? ~mask(i.guard) : mask(i.guard));
  }

  /// Memory that a lane may read or write; throws Fault. `bytes` is a power of two and at most 32.
  uint8_t* at(const Instr& i, const MemoryPlan& plan, uint64_t address, unsigned bytes, bool write, int lane);
  /// The same for many lanes at once, counted.
  void at_all(const Instr& i, const MemoryPlan& plan, uint32_t lanes, bool write, uint8_t** pointers);
  uint64_t address_of(const Instr& i, const MemoryPlan& plan, int lane) {
    const uint64_t base = plan.wide_address ? reg<uint64_t>(i.src[0])[lane] : reg<uint32_t>(i.src[0])[lane];
    return base + static_cast<uint64_t>(plan.displacement);
  }

  int number() const { return number_; }
  uint32_t live() const { return live_; }
  LaunchState& launch() { return launch_; }
  ThreadBlock& block() { return block_; }
  [[noreturn]] void fault(Fault::Kind kind, const Instr& i, int lane, const std::string& what) const;
  void count_global(const Instr& i, const MemoryPlan& plan, uint32_t lanes, bool write);

 private:
  uint8_t* at_neighbours(uint64_t address, unsigned bytes, bool write);
  void set_special(const Program::Special& s);
  bool pick(uint32_t& lanes, uint32_t& block);
  bool settle();
  void run_blocks(uint32_t lanes, uint32_t block, uint64_t& quantum);
  uint32_t move(uint32_t lanes, uint32_t block);
  void exit(uint32_t lanes);
  uint32_t converged(const Block& b, uint32_t lanes, uint32_t block);
  uint8_t* at_global(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane);
  uint8_t* at_local(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane);
  uint8_t* at_param(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane);

  LaunchState& launch_;
  ThreadBlock& block_;
  int number_;
  State state_ = State::ready;
  uint32_t live_ = 0;
  uint32_t waiting_ = 0;  // at a barrier, or at an instruction whose members have not all come
  uint32_t at_[kLanes] = {};
  bool last_first_ = false;
  uint64_t waited_ = 0;  // basic blocks run since that was turned about
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> registers_;
  std::vector<uint8_t> local_, local_state_;
};

}  // namespace cudasim
