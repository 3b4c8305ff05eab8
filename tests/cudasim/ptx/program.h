#pragma once
/// An entry as it is run: functions inlined, operands resolved to places in a warp's register file, basic blocks in the
/// order in which diverged lanes take turns.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "ptx/types.h"

namespace cudasim {

class Warp;
struct Instr;

/// Does an instruction for the lanes of a mask, which is never empty.
using Handler = void (*)(Warp&, const Instr&, uint32_t mask);

inline constexpr uint32_t kNoSlot = ~uint32_t{0};
inline constexpr uint32_t kAllLanes = ~uint32_t{0};

/// Places are byte offsets of 32 values that lie side by side, one for each lane. A predicate is one 32-bit mask.
struct Instr {
  Handler run = nullptr;
  uint32_t dst = kNoSlot;
  uint32_t dst2 = kNoSlot;  // the second result: p|q, d|p
  uint32_t src[4] = {kNoSlot, kNoSlot, kNoSlot, kNoSlot};
  uint32_t guard = kNoSlot;
  bool guard_negated = false;
  uint32_t members = kNoSlot;  // of what only runs once these lanes have come
  uint32_t extra = 0;          // the handler knows
  const void* plan = nullptr;  // likewise; belongs to the program
  uint32_t statement = 0;      // index into Program::statements
};

struct Block {
  enum class End : uint8_t {
    next,
    jump,
    branch,   // to target where the guard holds
    table,    // to table[src[0]]
    exit,     // where the guard holds
    barrier,  // of the thread block
    converge  // an instruction that waits for its member lanes
  };
  uint32_t first = 0, last = 0;  // instructions [first, last)
  End end = End::next;
  Instr closing;  // guard and operands of the end
  uint32_t next = 0, target = 0;
  std::vector<uint32_t> table;
  /// Instructions, the closing one included.
  uint32_t count = 0;
};

/// A load, store or atomic: where, how much, to or from which registers.
struct MemoryPlan {
  Space space = Space::generic;
  uint8_t bytes = 0;  // of an element
  uint8_t count = 1;
  bool is_signed = false;
  bool is_strong = false;  // volatile, relaxed, acquire, release, atomic: meant to meet others
  int64_t displacement = 0;
  bool wide_address = true;  // in a register of 64 bits
  struct Register {
    uint32_t slot;
    uint8_t bytes;
  };
  std::vector<Register> registers;
};

struct Program {
  struct Line {
    int number;
    std::string text;
    std::string opcode;
  };
  std::string name;
  int sm = 0, version = 0;
  std::vector<Instr> instrs;
  std::vector<Block> blocks;
  std::vector<Line> statements;
  std::deque<MemoryPlan> memory_plans;

  uint32_t register_bytes = 0;
  std::vector<uint8_t> registers;  // as a warp finds them: poison, constants
  struct Special {
    uint32_t slot;
    std::string name;
  };
  std::vector<Special> specials;
  size_t num_registers = 0;  // 32-bit ones that the text declares

  size_t param_bytes = 0;
  struct Param {
    size_t offset, bytes;
  };
  std::vector<Param> params;
  size_t shared_bytes = 0;  // what the text declares
  size_t dynamic_align = 1;
  bool has_dynamic_shared = false;
  size_t local_bytes = 0;  // a lane's
  int max_threads = 0;
  int required_threads[3] = {0, 0, 0};
};

/// Addresses in the spaces that are not global memory. No host pointer looks like one of the windows, so that a
/// device's address that is used on the host ends in a signal at once.
inline constexpr uint64_t kSharedBegin = 1024;
inline constexpr uint64_t kSharedWindow = uint64_t{0xB000} << 32;
inline constexpr uint64_t kLocalWindow = uint64_t{0xB100} << 32;
inline constexpr uint64_t kParamWindow = uint64_t{0xB200} << 32;
inline constexpr uint64_t kWindowBytes = uint64_t{1} << 32;
/// Parameters of inlined calls lie in local memory, seen from here on in the space of parameters.
inline constexpr uint64_t kCallParams = uint64_t{1} << 24;

}  // namespace cudasim
