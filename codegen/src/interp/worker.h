#pragma once
/// Walks tiles of a run, one chunk after the other.

#include "interp/accumulator.h"
#include "interp/read_ahead.h"
#include "interp/run.h"

#include <memory>
#include <span>

namespace tarry::codegen::interp {

class Worker {
 public:
  /// Bytes of memory that a worker needs.
  static size_t bytes(const Run& run);
  /// `memory` is aligned to 64 and outlives the worker.
  Worker(const Run& run, std::byte* memory);

  /// Everything for tiles [begin, end).
  void run_tiles(int64_t begin, int64_t end);

  /// The same in parts, for a tile whose walks are shared among workers: `begin_tile`, which
  /// gives its number of rows, and for
  /// each phase `run_before`, `start_reductions`, walks over the positions in order and
  /// `close_reductions` (or accumulations appended), `finish_reductions`; then `run_after`.
  int64_t begin_tile(int64_t tile);
  void run_before(const Phase& phase);
  void start_reductions(const Phase& phase);
  void walk(const Phase& phase, int64_t begin, int64_t end);
  void close_reductions(const Phase& phase);
  void finish_reductions(const Phase& phase);
  void run_after();

  /// Takes over the tile and the row-level values of `owner`, which must not change meanwhile.
  void join_tile(const Worker& owner);
  /// Where reductions of the joined tile go, instead of this worker's own memory.
  void use_accumulators(std::span<Accumulator> accumulators) { accumulators_ = accumulators; }
  std::span<Accumulator> accumulators() { return accumulators_; }

  /// Evaluates the uniform values into run.uniforms, for all workers.
  void run_uniform();

 private:
  struct Chunk {
    bool in_row = false;  // element level
    int64_t lanes = 0;
    int64_t first = 0;  // position
    int64_t count = 0;  // positions
    Box row;
  };

  struct Memory;
  void bind_slots();
  void prepare_walk(const Phase& phase, int64_t begin, int64_t positions);
  void run_segment(const Segment& segment, const Chunk& chunk);
  void place(const Segment& segment, const Chunk& chunk);
  void store_kept(const Segment& segment, const Chunk& chunk);
  void compute(const Instruction& in, int64_t lanes);
  void compute_math(const Instruction& in, int64_t lanes);
  void load(const Instruction& in, const Chunk& chunk);
  void load_masked(const Instruction& in, const Pattern& pattern, const std::byte* base, const std::byte* mask);
  void index(const Instruction& in, const Chunk& chunk);
  void store(const Instruction& in, const Chunk& chunk);
  void load_at(const Instruction& in, const Chunk& chunk);
  void store_at(const Instruction& in, const Chunk& chunk);
  void fold_at(const Instruction& in, std::byte* place, const std::byte* lane);
  void reduce(const Instruction& in, const Chunk& chunk);
  void scan(const Instruction& in, const Chunk& chunk);
  bool enter_cold(const Instruction& in, int64_t lanes);
  void skip_cold(const Instruction& in, int64_t lanes);
  const std::byte* dense(const Lanes& lanes, uint8_t size, int64_t n, int buffer);
  Pattern pattern_of(uint32_t access, const Chunk& chunk) const;
  int64_t offset_in(uint32_t access, const Chunk& chunk) const;
  std::byte* home(uint32_t slot) { return pool_ + run_.program.slots[slot].at * run_.chunk_lanes; }
  std::byte* kept_at(uint32_t kept, const Chunk& chunk);

  const Run& run_;
  ReadAhead ahead_;
  std::span<Lanes> slots_;
  std::byte* pool_;
  std::byte* dense_[3];
  int64_t* outer_offsets_;  // by access, of the tile's first point
  std::byte** kept_;        // by kept value: position by position, as lanes
  std::byte** carries_;     // by scan
  std::span<Accumulator> accumulators_;
  std::byte* accumulator_memory_;
  Box own_rows_;
  const Box* rows_ = &own_rows_;  // the tile
};

}  // namespace tarry::codegen::interp
