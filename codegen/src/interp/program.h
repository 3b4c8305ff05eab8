#pragma once
/// A kernel translated for the interpreter: flat lists of instructions over slots.
///
/// The executor works on tiles. A tile has some outer points ("rows", R of them) and walks along
/// their rows in chunks of J positions. Row-level values have R lanes; element-level values have
/// J*R lanes, position by position. A kernel without row axes has row-level values only.

#include <tarry/ir/kernel.h>

#include "interp/loops.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tarry::codegen::interp {

inline constexpr uint32_t kNone = UINT32_MAX;

struct Instruction {
  enum class Kind : uint8_t {
    compute,       // out = loop(inputs)
    compute_math,  // out = math(inputs), on compact lanes alone
    load,          // out = access; input 0, if there, is the predicate
    index,         // out = the access's offsets
    store,         // input 0 to access
    load_at,       // out = access at the distances of input 0; input 1, if there, is the predicate
    store_at,      // input 0 to access at the distances of input 1, lane after lane
    reduce,        // input 0 into reduction
    scan,          // out = scan of input 0
    cold_begin,    // skips to its cold_end where no lane of input 0 holds; out: whether it was entered
    cold_end,      // out = input 1 where input 0 holds, else input 2; input 2 alone where skipped
  };
  using Math = void (*)(const void* const* operands, void* out, int64_t n);
  Kind kind = Kind::compute;
  uint8_t num_inputs = 0;
  uint8_t size = 0;            // bytes of an element of out (store: of input 0)
  uint8_t input_size[3] = {};  // bytes of an element of each input
  uint32_t out = kNone;
  uint32_t inputs[3] = {kNone, kNone, kNone};
  uint32_t update = 0;  // store_at: index of the update
  uint32_t target = 0;  // access, reduction, scan; cold_begin: its cold_end; cold_end: slot of its begin
  union {
    Loop loop = nullptr;
    Math math;
  };
};

/// Slots whose lanes may live where they are wanted in the end, so that nothing has to be copied.
struct Placement {
  uint32_t slot = kNone;
  uint32_t index = 0;  // access, or kept value
};

struct Segment {
  std::vector<Instruction> code;
  std::vector<Placement> stored;    // computed straight into the memory of a write access
  std::vector<Placement> kept;      // computed straight into row scratch
  std::vector<Placement> restored;  // read from row scratch
  struct Expansion {
    uint32_t from = kNone, to = kNone;  // row level to element level
    uint8_t size = 0;
  };
  std::vector<Expansion> expansions;
  uint32_t load_bytes = 0;  // per lane, of loads that find their lanes side by side in memory
  uint32_t others = 0;      // instructions that are no loads
};

struct Reduction {
  ir::Op op = ir::Op::reduce_sum;
  ir::DType dtype = ir::DType::float32;
  uint32_t out = kNone;  // row-level slot
  ReduceLoops loops;
  uint64_t identity = 0;  // in the accumulator's dtype
};

struct Scan {
  ir::DType dtype = ir::DType::float32;
  ScanLoop loop = nullptr;
  ReduceLoops loops;  // widen and narrow
  uint64_t identity = 0;
};

/// How store_at and its kin change memory.
struct Update {
  UpdateLoop loop = nullptr;
  ReduceLoops loops;  // where the loop is null: one element is widened, folded and narrowed at a time
};

struct Phase {
  Segment before;  // row level
  Segment walk;    // element level
  uint32_t first_reduction = 0, num_reductions = 0;
  bool in_order = false;  // has a scan: chunks must follow one another
};

struct Slot {
  enum class Home : uint8_t { constant, scalar, uniform, pool } home = Home::pool;
  uint32_t at = 0;  // index of the constant, scalar or uniform; bytes per lane before it in the pool
};

struct Program {
  std::vector<ir::Access> accesses;
  int outer_rank = 1;
  bool has_rows = false;
  Segment uniform;
  std::vector<Phase> phases;
  Segment after;
  std::vector<Slot> slots;
  std::vector<uint64_t> constants;
  uint32_t num_uniforms = 0;
  std::vector<uint32_t> row_slots;    // slots of row-level values that several segments read
  std::vector<Reduction> reductions;  // in order of phases
  std::vector<Scan> scans;
  std::vector<Update> updates;
  bool in_order = false;      // its outer points too must follow one another
  std::vector<uint8_t> kept;  // element sizes of the kept values
  uint32_t pool_bytes = 0;    // per lane, all in all
  uint32_t chunk_bytes = 0;   // per lane, what one chunk touches of it at most
  uint32_t load_bytes = 0;    // per lane, what one chunk reads in place at most
  uint32_t num_stores = 0;
};

/// The stride class along which the lanes of a chunk follow an access.
inline ir::StrideClass along_lanes(const ir::Access& access) { return access.in_row ? access.row : access.outer; }

/// Throws TypeError for dtypes and ops that the interpreter does not have.
Program translate(const ir::Kernel& kernel, LoopSet loops);

}  // namespace tarry::codegen::interp
