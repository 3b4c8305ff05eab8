#include "interp/worker.h"

#include <algorithm>
#include <cstring>

namespace tarry::codegen::interp {
namespace {

using Kind = Instruction::Kind;

/// Hands out aligned pieces of one block of memory; from null it only counts.
class Arena {
 public:
  explicit Arena(std::byte* base) : base_(base) {}
  template <class T>
  T* take(size_t n) {
    T* at = reinterpret_cast<T*>(base_ + used_);
    used_ += (n * sizeof(T) + 63) / 64 * 64;
    return at;
  }
  size_t used() const { return used_; }

 private:
  std::byte* base_;
  size_t used_ = 0;
};

size_t accumulator_bytes(const Run& run) {
  size_t most = 0;
  for (const Phase& phase : run.program.phases) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < phase.num_reductions; ++i)
      bytes +=
          Accumulator::bytes(run.program.reductions[phase.first_reduction + i], run.tiling.points(), run.positions);
    most = std::max(most, bytes);
  }
  return most;
}

}  // namespace

struct Worker::Memory {
  Lanes* slots;
  std::byte* pool;
  std::byte* dense[3];
  int64_t* outer_offsets;
  std::byte** kept;
  std::byte** carries;
  Accumulator* accumulators;
  std::byte* accumulator_memory;

  Memory(const Run& run, Arena& arena, bool bind) {
    const Program& p = run.program;
    slots = arena.take<Lanes>(p.slots.size());
    pool = arena.take<std::byte>(static_cast<size_t>(p.pool_bytes) * run.chunk_lanes);
    for (std::byte*& d : dense) d = arena.take<std::byte>(run.chunk_lanes * sizeof(uint64_t));
    outer_offsets = arena.take<int64_t>(p.accesses.size());
    kept = arena.take<std::byte*>(p.kept.size());
    for (size_t i = 0; i < p.kept.size(); ++i) {
      std::byte* at = arena.take<std::byte>(run.positions * run.tiling.points() * p.kept[i]);
      if (bind) kept[i] = at;
    }
    carries = arena.take<std::byte*>(p.scans.size());
    for (size_t i = 0; i < p.scans.size(); ++i) {
      std::byte* at = arena.take<std::byte>(run.tiling.points() * sizeof(uint64_t));
      if (bind) carries[i] = at;
    }
    accumulators = arena.take<Accumulator>(p.reductions.size());
    if (bind)
      for (size_t i = 0; i < p.reductions.size(); ++i) new (accumulators + i) Accumulator;
    accumulator_memory = arena.take<std::byte>(accumulator_bytes(run));
  }
};

size_t Worker::bytes(const Run& run) {
  Arena counting(nullptr);
  const Memory memory(run, counting, false);
  return counting.used();
}

Worker::Worker(const Run& run, std::byte* memory) : run_(run) {
  Arena arena(memory);
  const Memory m(run, arena, true);
  const Program& p = run.program;
  slots_ = {m.slots, p.slots.size()};
  pool_ = m.pool;
  std::copy(m.dense, m.dense + 3, dense_);
  outer_offsets_ = m.outer_offsets;
  kept_ = m.kept;
  carries_ = m.carries;
  accumulators_ = {m.accumulators, p.reductions.size()};
  accumulator_memory_ = m.accumulator_memory;
  bind_slots();
}

void Worker::bind_slots() {
  const Program& p = run_.program;
  for (size_t i = 0; i < p.slots.size(); ++i) {
    const Slot& slot = p.slots[i];
    const uint64_t* value = nullptr;
    switch (slot.home) {
      case Slot::Home::constant: value = &p.constants[slot.at]; break;
      case Slot::Home::scalar: value = &run_.launch.scalars[slot.at]; break;
      case Slot::Home::uniform: value = &run_.uniforms[slot.at]; break;
      case Slot::Home::pool: slots_[i] = {home(static_cast<uint32_t>(i)), false}; continue;
    }
    slots_[i] = {reinterpret_cast<const std::byte*>(value), true};
  }
}

void Worker::join_tile(const Worker& owner) {
  rows_ = owner.rows_;
  outer_offsets_ = owner.outer_offsets_;
  kept_ = owner.kept_;
  for (uint32_t slot : run_.program.row_slots) slots_[slot] = owner.slots_[slot];
}

void Worker::run_uniform() {
  Chunk chunk;
  chunk.lanes = 1;
  run_segment(run_.program.uniform, chunk);
}

void Worker::run_tiles(int64_t begin, int64_t end) {
  for (int64_t tile = begin; tile < end; ++tile) {
    begin_tile(tile);
    for (const Phase& phase : run_.program.phases) {
      run_before(phase);
      start_reductions(phase);
      walk(phase, 0, run_.positions);
      close_reductions(phase);
      finish_reductions(phase);
    }
    run_after();
  }
}

int64_t Worker::begin_tile(int64_t tile) {
  run_.tiling.set_box(own_rows_, run_.outer, tile);
  for (uint32_t a = 0; a < run_.program.accesses.size(); ++a) outer_offsets_[a] = offset_of(run_.outer, own_rows_, a);
  return own_rows_.points;
}

void Worker::run_before(const Phase& phase) {
  Chunk chunk;
  chunk.lanes = rows_->points;
  run_segment(phase.before, chunk);
}

void Worker::run_after() {
  Chunk chunk;
  chunk.lanes = rows_->points;
  run_segment(run_.program.after, chunk);
}

void Worker::start_reductions(const Phase& phase) {
  std::byte* at = accumulator_memory_;
  for (uint32_t i = phase.first_reduction; i < phase.first_reduction + phase.num_reductions; ++i) {
    const Reduction& r = run_.program.reductions[i];
    accumulators_[i].start(r, rows_->points, run_.positions, at);
    at += Accumulator::bytes(r, rows_->points, run_.positions);
  }
}

void Worker::close_reductions(const Phase& phase) {
  for (uint32_t i = phase.first_reduction; i < phase.first_reduction + phase.num_reductions; ++i)
    accumulators_[i].close();
}

void Worker::finish_reductions(const Phase& phase) {
  for (uint32_t i = phase.first_reduction; i < phase.first_reduction + phase.num_reductions; ++i) {
    const uint32_t slot = run_.program.reductions[i].out;
    accumulators_[i].finish(home(slot));
    slots_[slot] = {home(slot), rows_->points == 1};
  }
}

/// Row-level values spread over the positions of a chunk; scans at their start.
void Worker::prepare_walk(const Phase& phase, int64_t begin, int64_t positions) {
  const int64_t rows = rows_->points;
  for (const Segment::Expansion& e : phase.walk.expansions) {
    slots_[e.to] = slots_[e.from];
    if (slots_[e.from].splat || positions == 1) continue;
    std::byte* lanes = home(e.to);
    for (int64_t j = 0; j < positions; ++j) std::memcpy(lanes + j * rows * e.size, slots_[e.from].data, rows * e.size);
    slots_[e.to].data = lanes;
  }
  if (begin > 0) return;
  for (const Instruction& in : phase.walk.code) {
    if (in.kind != Kind::scan) continue;
    const Scan& scan = run_.program.scans[in.target];
    move_loops(ir::size_of(ir::accumulator(scan.dtype)))
        .fill(carries_[in.target], reinterpret_cast<const std::byte*>(&scan.identity), rows);
  }
}

void Worker::walk(const Phase& phase, int64_t begin, int64_t end) {
  if (phase.walk.code.empty() || begin == end) return;
  const int64_t limit = std::max<int64_t>(run_.chunk_lanes / rows_->points, 1);
  prepare_walk(phase, begin, std::min(limit, end - begin));
  Chunk chunk;
  chunk.in_row = true;
  for (int64_t at = begin; at < end; at += chunk.count) {
    set_box(chunk.row, run_.row, at, end, limit);
    chunk.first = at;
    chunk.count = chunk.row.points;
    chunk.lanes = chunk.count * rows_->points;
    run_segment(phase.walk, chunk);
  }
}

std::byte* Worker::kept_at(uint32_t kept, const Chunk& chunk) {
  return kept_[kept] + chunk.first * rows_->points * run_.program.kept[kept];
}

/// Points slots to where their lanes shall live during this chunk.
void Worker::place(const Segment& segment, const Chunk& chunk) {
  for (const Placement& p : segment.stored) {
    slots_[p.slot].data = home(p.slot);
    if (!run_.compute_in_place || run_.streams) continue;
    const Pattern pattern = pattern_of(p.index, chunk);
    if (pattern.kind == Pattern::Kind::compact) slots_[p.slot].data = run_.address(p.index, offset_in(p.index, chunk));
  }
  for (const Placement& p : segment.kept) slots_[p.slot].data = kept_at(p.index, chunk);
  for (const Placement& p : segment.restored) slots_[p.slot] = {kept_at(p.index, chunk), false};
}

void Worker::store_kept(const Segment& segment, const Chunk& chunk) {
  for (const Placement& p : segment.kept) {
    if (!slots_[p.slot].splat) continue;
    std::byte* at = kept_at(p.index, chunk);
    move_loops(run_.program.kept[p.index]).fill(at, slots_[p.slot].data, chunk.lanes);
  }
}

void Worker::run_segment(const Segment& segment, const Chunk& chunk) {
  place(segment, chunk);
  if (run_.reads_ahead) ahead_.begin(segment, chunk.lanes);
  for (uint32_t pc = 0; pc < segment.code.size(); ++pc) {
    const Instruction& in = segment.code[pc];
    if (run_.reads_ahead && in.kind != Kind::load) ahead_.step();
    switch (in.kind) {
      case Kind::compute: compute(in, chunk.lanes); break;
      case Kind::compute_math: compute_math(in, chunk.lanes); break;
      case Kind::load: load(in, chunk); break;
      case Kind::index: index(in, chunk); break;
      case Kind::store: store(in, chunk); break;
      case Kind::load_at: load_at(in, chunk); break;
      case Kind::store_at: store_at(in, chunk); break;
      case Kind::reduce: reduce(in, chunk); break;
      case Kind::scan: scan(in, chunk); break;
      case Kind::cold_begin:
        if (!enter_cold(in, chunk.lanes)) pc = in.target - 1;
        break;
      case Kind::cold_end:
        if (slots_[in.target].splat)
          compute(in, chunk.lanes);
        else
          skip_cold(in, chunk.lanes);
        break;
    }
  }
  store_kept(segment, chunk);
}

}  // namespace tarry::codegen::interp
