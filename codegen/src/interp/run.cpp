#include "interp/run.h"

#include <tarry/runtime/cpu_cache.h>
#include <tarry/runtime/threads.h>

#include <algorithm>

#include "interp/worker.h"
#include "streaming.h"

namespace tarry::codegen::interp {
namespace {

constexpr int64_t kChunkBytes = 24 << 10;  // of a level-1 cache
constexpr int64_t kAheadBytes = 32 << 10;  // of one that memory passes through
constexpr int64_t kKeptBytes = 256 << 10;  // of a level-2 cache
constexpr int64_t kMinChunk = 256, kMaxChunk = 2048;
constexpr int64_t kShortRow = 128;  // shorter rows are walked several at a time
constexpr int64_t kTileRows = 512;
constexpr int64_t kWorkPerPiece = 1 << 17;  // lanes times instructions worth another thread

/// First and last byte that an access may touch.
struct Span {
  uintptr_t first, last;
  bool meets(const Span& o) const { return first <= o.last && o.first <= last; }
};

Span span_of(const Run& run, uint32_t access) {
  int64_t low = 0, high = 0;
  for (const AxisGroup* group : {&run.outer, &run.row}) {
    for (int a = 0; a < group->rank(); ++a) {
      const int64_t reach = (group->extent(a) - 1) * group->stride(access, a);
      (reach < 0 ? low : high) += reach;
    }
  }
  const auto size = ir::size_of(run.program.accesses[access].dtype);
  return {reinterpret_cast<uintptr_t>(run.address(access, low)),
          reinterpret_cast<uintptr_t>(run.address(access, high)) + size - 1};
}

int64_t instructions(const Program& p) {
  size_t n = p.after.code.size() + 1;
  for (const Phase& phase : p.phases) n += phase.walk.code.size();
  return static_cast<int64_t>(n);
}

}  // namespace

Run::Run(const Program& p, const Launch& l, runtime::Workspace& workspace)
    : program(p),
      launch(l),
      outer(l, 0, p.outer_rank, workspace),
      row(l, p.outer_rank, static_cast<int>(l.extents.size()), workspace),
      positions(p.has_rows ? row.points() : 0),
      reads_ahead(runtime::exceeds_cache(footprint())),
      chunk_lanes(choose_chunk()),
      tiling(outer, choose_rows(), !p.has_rows && !p.in_order),
      uniforms(workspace.take_list<uint64_t>(p.num_uniforms)) {
  find_overlaps();
  decide_streaming();
}

/// Bytes of all that is read and written, each array once for each way it is reached.
int64_t Run::footprint() const {
  int64_t bytes = 0;
  for (uint32_t a = 0; a < program.accesses.size(); ++a) {
    if (program.accesses[a].kind == ir::Access::Kind::index) continue;
    auto size = static_cast<int64_t>(ir::size_of(program.accesses[a].dtype));
    for (const AxisGroup* group : {&outer, &row})
      for (int axis = 0; axis < group->rank(); ++axis)
        if (group->stride(a, axis) != 0) size *= group->extent(axis);
    bytes += size;
  }
  return bytes;
}

/// Whether vectors go across rows: rows are short, or neighbours in memory are in neighbouring rows.
bool Run::prefers_across() const {
  if (outer.points() == 1 || positions == 0) return false;
  if (positions < kShortRow) return true;
  int64_t across = 0, along = 0;
  for (uint32_t a = 0; a < program.accesses.size(); ++a) {
    const ir::Access& access = program.accesses[a];
    if (!access.in_row || access.kind == ir::Access::Kind::index || row.rank() == 0 || outer.rank() == 0) continue;
    const auto size = static_cast<int64_t>(ir::size_of(access.dtype));
    if (row.stride(a, 0) == 1)
      along += size;
    else if (row.stride(a, 0) != 0 && outer.stride(a, 0) == 1)
      across += size;
  }
  return across > along;
}

int64_t Run::choose_chunk() const {
  const int64_t own = std::max<int64_t>(program.chunk_bytes, 4);
  // What this chunk reads and what the next one will are both on the way through the cache.
  const int64_t lanes_at_once = reads_ahead ? kAheadBytes / (own + int64_t{2} * program.load_bytes) : kChunkBytes / own;
  const int64_t lanes = std::clamp(lanes_at_once / 64 * 64, kMinChunk, kMaxChunk);
  return program.has_rows && lanes > ir::kReduceBlock ? lanes - lanes % ir::kReduceBlock : lanes;
}

/// The outer points of a tile, at most.
int64_t Run::choose_rows() const {
  if (!program.has_rows) return chunk_lanes;
  if (!prefers_across()) return 1;
  if (positions < kShortRow) return chunk_lanes / positions;
  int64_t kept_bytes = 0;
  for (uint8_t size : program.kept) kept_bytes += size * positions;
  const int64_t by_memory = kept_bytes ? std::max<int64_t>(kKeptBytes / kept_bytes, 16) : kTileRows;
  const int64_t by_threads = std::max<int64_t>(outer.points() / (2 * runtime::num_threads()), 64);
  return std::min({chunk_lanes, kTileRows, by_memory, by_threads});
}

void Run::find_overlaps() {
  bool overlap = false;
  for (uint32_t w = 0; w < program.accesses.size(); ++w) {
    if (program.accesses[w].kind != ir::Access::Kind::write) continue;
    const Span written = span_of(*this, w);
    for (uint32_t r = 0; r < program.accesses.size(); ++r)
      if (program.accesses[r].kind == ir::Access::Kind::read) overlap |= written.meets(span_of(*this, r));
  }
  compute_in_place = !overlap;
  copy_reads = overlap && program.num_stores > 1;
}

void Run::decide_streaming() {
  if (!compute_in_place || program.in_order) return;
  int64_t bytes = 0;
  int outputs = 0;
  for (const ir::Access& access : program.accesses) {
    if (access.kind != ir::Access::Kind::write) continue;
    if (along_lanes(access) != ir::StrideClass::unit) return;
    const int64_t lanes = outer.points() * (access.in_row ? row.points() : 1);
    bytes += lanes * static_cast<int64_t>(ir::size_of(access.dtype));
    ++outputs;
  }
  streams = goes_around_cache(bytes, outputs, [&] { return footprint(); });
}

namespace {

/// Memory of one worker.
std::byte* worker_memory(const Run& run) {
  return static_cast<std::byte*>(runtime::thread_scratch(Worker::bytes(run)));
}

/// Whether rows are so few and long that their walks have to be shared among threads.
bool splits_rows(const Run& run) {
  if (run.positions < 4 * ir::kReduceBlock) return false;
  const int threads = runtime::num_threads();
  if (threads == 1) return false;
  const int64_t work = run.positions * run.tiling.points() * instructions(run.program);
  return run.tiling.tiles() < 2 * threads && work > 2 * kWorkPerPiece;
}

/// A tile whose walks are shared: groups of 2^level blocks, each reduced by itself, then appended in order.
class SharedWalks {
 public:
  SharedWalks(const Run& run, runtime::Workspace& workspace) : run_(run) {
    const int64_t blocks = (run.positions + ir::kReduceBlock - 1) / ir::kReduceBlock;
    while ((blocks >> level_) > 8 * runtime::num_threads()) ++level_;
    positions_ = ir::kReduceBlock << level_;
    groups_ = (run.positions + positions_ - 1) / positions_;
    size_t most = 0;
    for (const Phase& phase : run.program.phases) most = std::max(most, bytes(phase, run.tiling.points()));
    memory_ = workspace.take(most * static_cast<size_t>(groups_));
    partial_ = workspace.take_list<Accumulator>(static_cast<size_t>(groups_) * run.program.reductions.size());
  }

  void walk(Worker& owner, const Phase& phase, int64_t rows) const {
    const auto& reductions = run_.program.reductions;
    const size_t first = phase.first_reduction, count = phase.num_reductions, group_bytes = bytes(phase, rows);
    const auto walk_groups = [&](int64_t begin, int64_t end) {
      Worker worker(run_, worker_memory(run_));
      worker.join_tile(owner);
      for (int64_t g = begin; g < end; ++g) {
        std::byte* at = memory_ + g * group_bytes;
        const std::span<Accumulator> mine = partial_.subspan(g * reductions.size(), reductions.size());
        for (size_t i = first; i < first + count; ++i) {
          (new (&mine[i]) Accumulator)->start(reductions[i], rows, positions_, at);
          at += Accumulator::bytes(reductions[i], rows, positions_);
        }
        worker.use_accumulators(mine);
        worker.walk(phase, g * positions_, std::min((g + 1) * positions_, run_.positions));
        for (size_t i = first; i < first + count; ++i) mine[i].close();
      }
    };
    runtime::parallel_for(groups_, 1, walk_groups, runtime::Pieces::one_by_one, [&] { worker_memory(run_); });
    for (int64_t g = 0; g < groups_; ++g)
      for (size_t i = first; i < first + count; ++i)
        owner.accumulators()[i].append(partial_[g * reductions.size() + i], level_);
  }

 private:
  size_t bytes(const Phase& phase, int64_t rows) const {
    size_t bytes = 0;
    for (size_t i = phase.first_reduction; i < size_t{phase.first_reduction} + phase.num_reductions; ++i)
      bytes += Accumulator::bytes(run_.program.reductions[i], rows, positions_);
    return bytes;
  }

  const Run& run_;
  int level_ = 0;
  int64_t positions_ = 0, groups_ = 0;  // of a group; of all
  std::byte* memory_;
  std::span<Accumulator> partial_;  // by group and reduction
};

void run_splitting_rows(const Run& run, runtime::Workspace& workspace) {
  const SharedWalks shared(run, workspace);
  // The owner's memory outlives walks that use this thread's scratch.
  std::byte* const memory = workspace.take(Worker::bytes(run));
  if (workspace.rehearses()) return;
  Worker owner(run, memory);
  for (int64_t tile = 0; tile < run.tiling.tiles(); ++tile) {
    const int64_t rows = owner.begin_tile(tile);
    for (const Phase& phase : run.program.phases) {
      owner.run_before(phase);
      owner.start_reductions(phase);
      if (phase.in_order) {
        owner.walk(phase, 0, run.positions);
        owner.close_reductions(phase);
      } else {
        shared.walk(owner, phase, rows);
      }
      owner.finish_reductions(phase);
    }
    owner.run_after();
  }
}

bool is_spread(int64_t tiles, int64_t grain) { return tiles > grain && runtime::worth_spreading(tiles / grain); }

void run_all(const Run& run, runtime::Workspace& workspace) {
  const Program& program = run.program;
  const int64_t tiles = run.tiling.tiles();
  const int64_t work_per_tile = run.tiling.points() * std::max<int64_t>(run.positions, 1) * instructions(program);
  const int64_t grain = std::max<int64_t>(1, kWorkPerPiece / work_per_tile);
  const bool splits = splits_rows(run);
  std::byte* const memory = worker_memory(run);
  if (!workspace.rehearses()) {
    Worker worker(run, memory);
    worker.run_uniform();
    if (program.in_order || (!splits && !is_spread(tiles, grain))) return worker.run_tiles(0, tiles);
  }
  if (splits) return run_splitting_rows(run, workspace);
  if (workspace.rehearses()) return;
  const auto run_tiles = [&](int64_t begin, int64_t end) { Worker(run, worker_memory(run)).run_tiles(begin, end); };
  runtime::parallel_for(tiles, grain, run_tiles, runtime::Pieces::one_by_one, [&] { worker_memory(run); });
}

}  // namespace

void execute(const Program& program, const Launch& launch, runtime::Workspace& workspace) {
  const runtime::FloatEnvironment environment;
  const Run run(program, launch, workspace);
  run_all(run, workspace);
  if (run.streams) stream_fence();
}

}  // namespace tarry::codegen::interp
