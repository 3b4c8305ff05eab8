/// What single instructions do.

#include "interp/worker.h"

#include <cstdlib>
#include <cstring>

namespace tarry::codegen::interp {
namespace {

/// The lanes of a result: placed by the worker itself, hence its to write.
std::byte* writable(const Lanes& lanes) { return const_cast<std::byte*>(lanes.data); }

/// Memory under a strided pattern to compact lanes. Compact runs that lie far apart are asked for ahead
/// of time: the processor does not foresee them.
void gather(const Pattern& pattern, const std::byte* base, std::byte* lanes, int64_t size) {
  constexpr int64_t kRunsAhead = 16, kLine = 64;
  const MoveLoops& moves = move_loops(size);
  const int64_t to_next = pattern.rank > 1 ? pattern.strides[1 - run_axis(pattern)] : 0;
  const bool apart = std::abs(to_next * size) > kLine;
  for_runs(pattern, [&](int64_t lane, int64_t lane_stride, int64_t offset, int64_t stride, int64_t n) {
    const std::byte* from = base + offset * size;
    const auto ahead = reinterpret_cast<uintptr_t>(from) + static_cast<uintptr_t>(kRunsAhead * to_next * size);
    for (int64_t at = 0; apart && stride == 1 && at < n * size; at += kLine)
      __builtin_prefetch(reinterpret_cast<const void*>(ahead + static_cast<uintptr_t>(at)));
    moves.gather(lanes + lane * size, lane_stride, from, stride, n);
  });
}

}  // namespace

void Worker::compute(const Instruction& in, int64_t lanes) {
  Lanes operands[3];
  bool splat = true;
  for (int i = 0; i < in.num_inputs; ++i) {
    operands[i] = slots_[in.inputs[i]];
    splat &= operands[i].splat;
  }
  Lanes& out = slots_[in.out];
  in.loop(writable(out), operands, splat ? 1 : lanes);
  out.splat = splat;
}

const std::byte* Worker::dense(const Lanes& lanes, uint8_t size, int64_t n, int buffer) {
  if (!lanes.splat || n == 1) return lanes.data;
  move_loops(size).fill(dense_[buffer], lanes.data, n);
  return dense_[buffer];
}

void Worker::compute_math(const Instruction& in, int64_t lanes) {
  bool splat = true;
  for (int i = 0; i < in.num_inputs; ++i) splat &= slots_[in.inputs[i]].splat;
  const int64_t n = splat ? 1 : lanes;
  const void* operands[3];
  for (int i = 0; i < in.num_inputs; ++i) operands[i] = dense(slots_[in.inputs[i]], in.input_size[i], n, i);
  Lanes& out = slots_[in.out];
  in.math(operands, writable(out), n);
  out.splat = splat;
}

bool Worker::enter_cold(const Instruction& in, int64_t lanes) {
  const Lanes& predicate = slots_[in.inputs[0]];
  return slots_[in.out].splat = any_lane(predicate.data, predicate.splat ? 1 : lanes);
}

void Worker::skip_cold(const Instruction& in, int64_t lanes) {
  const Lanes& fast = slots_[in.inputs[2]];
  Lanes& out = slots_[in.out];
  if (out.data != fast.data) std::memcpy(writable(out), fast.data, (fast.splat ? 1 : lanes) * in.size);
  out.splat = fast.splat;
}

Pattern Worker::pattern_of(uint32_t access, const Chunk& chunk) const {
  Pattern pattern;
  pattern.append(run_.outer, *rows_, access);
  if (chunk.in_row) pattern.append(run_.row, chunk.row, access);
  pattern.classify();
  return pattern;
}

int64_t Worker::offset_in(uint32_t access, const Chunk& chunk) const {
  return outer_offsets_[access] + (chunk.in_row ? offset_of(run_.row, chunk.row, access) : 0);
}

void Worker::load(const Instruction& in, const Chunk& chunk) {
  const Pattern pattern = pattern_of(in.target, chunk);
  const std::byte* base = run_.address(in.target, offset_in(in.target, chunk));
  Lanes& out = slots_[in.out];
  if (in.num_inputs > 0) {
    const Lanes& predicate = slots_[in.inputs[0]];
    const bool all = predicate.splat ? any_lane(predicate.data, 1) : all_lanes(predicate.data, chunk.lanes);
    if (!all) {
      out = {home(in.out), predicate.splat || chunk.lanes == 1};
      std::memset(home(in.out), 0, (out.splat ? 1 : chunk.lanes) * in.size);
      if (!predicate.splat) load_masked(in, pattern, base, predicate.data);
      return;
    }
  }
  if (pattern.kind == Pattern::Kind::strided) {
    gather(pattern, base, home(in.out), in.size);
    out = {home(in.out), false};
    return;
  }
  const bool splat = pattern.kind == Pattern::Kind::splat || chunk.lanes == 1;
  out = {base, splat};
  if (run_.reads_ahead && !splat) ahead_.follow(base + chunk.lanes * in.size, chunk.lanes * in.size);
  if (run_.copy_reads) {
    std::memcpy(home(in.out), base, (splat ? 1 : chunk.lanes) * in.size);
    out.data = home(in.out);
  }
}

void Worker::load_masked(const Instruction& in, const Pattern& pattern, const std::byte* base, const std::byte* mask) {
  const MoveLoops& moves = move_loops(in.size);
  std::byte* lanes = home(in.out);
  for_runs(pattern, [&](int64_t lane, int64_t lane_stride, int64_t offset, int64_t stride, int64_t n) {
    moves.gather_masked(lanes + lane * in.size, lane_stride, base + offset * in.size, stride, mask + lane, n);
  });
}

void Worker::index(const Instruction& in, const Chunk& chunk) {
  const Pattern pattern = pattern_of(in.target, chunk);
  const int64_t start = run_.launch.operands[in.target].offset + offset_in(in.target, chunk);
  Lanes& out = slots_[in.out];
  out.splat = pattern.kind == Pattern::Kind::splat || chunk.lanes == 1;
  if (out.splat) return index_lanes(writable(out), 1, start, 0, 1);
  for_runs(pattern, [&](int64_t lane, int64_t lane_stride, int64_t offset, int64_t stride, int64_t n) {
    index_lanes(writable(out) + lane * sizeof(int64_t), lane_stride, start + offset, stride, n);
  });
}

void Worker::store(const Instruction& in, const Chunk& chunk) {
  const Pattern pattern = pattern_of(in.target, chunk);
  const MoveLoops& moves = move_loops(in.size);
  const Lanes& value = slots_[in.inputs[0]];
  std::byte* base = run_.address(in.target, offset_in(in.target, chunk));
  if (pattern.kind == Pattern::Kind::compact) {
    if (value.splat)
      moves.fill(base, value.data, chunk.lanes);
    else if (run_.streams)
      stream(base, value.data, chunk.lanes * in.size);
    else if (value.data != base)
      std::memmove(base, value.data, chunk.lanes * in.size);
    return;
  }
  const std::byte* lanes = dense(value, in.size, chunk.lanes, 0);
  for_runs(pattern, [&](int64_t lane, int64_t lane_stride, int64_t offset, int64_t stride, int64_t n) {
    moves.scatter(base + offset * in.size, stride, lanes + lane * in.size, lane_stride, n);
  });
}

void Worker::load_at(const Instruction& in, const Chunk& chunk) {
  const Pattern pattern = pattern_of(in.target, chunk);
  const std::byte* base = run_.address(in.target, offset_in(in.target, chunk));
  const MoveLoops& moves = move_loops(in.size);
  const Lanes distance = slots_[in.inputs[0]];
  const Lanes predicate = in.num_inputs > 1 ? slots_[in.inputs[1]] : Lanes{nullptr, true};
  Lanes& out = slots_[in.out];
  const bool one = chunk.lanes == 1 || (pattern.kind == Pattern::Kind::splat && distance.splat && predicate.splat);
  out = {home(in.out), one};
  const int64_t n = one ? 1 : chunk.lanes;
  const auto* offsets = reinterpret_cast<const int64_t*>(dense(distance, sizeof(int64_t), n, 0));
  const std::byte* mask = predicate.data ? dense(predicate, 1, n, 1) : nullptr;
  if (mask) std::memset(home(in.out), 0, n * in.size);
  if (one) return moves.gather_at(home(in.out), 1, base, 0, offsets, mask, 1);
  for_runs(pattern, [&](int64_t lane, int64_t lane_stride, int64_t offset, int64_t stride, int64_t count) {
    moves.gather_at(home(in.out) + lane * in.size, lane_stride, base + offset * in.size, stride, offsets + lane,
                    mask ? mask + lane : nullptr, count);
  });
}

/// Lane after lane, whatever lies nearer in memory.
void Worker::store_at(const Instruction& in, const Chunk& chunk) {
  const Pattern pattern = pattern_of(in.target, chunk);
  const std::byte* lanes = dense(slots_[in.inputs[0]], in.size, chunk.lanes, 0);
  const auto* offsets = reinterpret_cast<const int64_t*>(dense(slots_[in.inputs[1]], sizeof(int64_t), chunk.lanes, 1));
  std::byte* base = run_.address(in.target, offset_in(in.target, chunk));
  const Update& update = run_.program.updates[in.update];
  for_runs_along(pattern, 0, [&](int64_t lane, int64_t, int64_t offset, int64_t stride, int64_t n) {
    std::byte* memory = base + offset * in.size;
    if (update.loop) return update.loop(memory, stride, offsets + lane, lanes + lane * in.size, n);
    for (int64_t i = 0; i < n; ++i)
      fold_at(in, memory + (i * stride + offsets[lane + i]) * in.size, lanes + (lane + i) * in.size);
  });
}

/// One element of a type that computes in a wider one.
void Worker::fold_at(const Instruction& in, std::byte* place, const std::byte* lane) {
  const ReduceLoops& loops = run_.program.updates[in.update].loops;
  alignas(8) std::byte wide[3][8];
  const Lanes there{place, false}, given{lane, false};
  loops.widen(wide[0], &there, 1);
  loops.widen(wide[1], &given, 1);
  const Lanes both[] = {{wide[0], false}, {wide[1], false}};
  loops.fold(wide[2], both, 1);
  const Lanes folded{wide[2], false};
  loops.narrow(place, &folded, 1);
}

void Worker::reduce(const Instruction& in, const Chunk& chunk) {
  const ReduceLoops& loops = run_.program.reductions[in.target].loops;
  const std::byte* x = dense(slots_[in.inputs[0]], in.input_size[0], chunk.lanes, 0);
  if (loops.widen) {
    const Lanes narrow{x, false};
    loops.widen(dense_[1], &narrow, chunk.lanes);
    x = dense_[1];
  }
  accumulators_[in.target].add(x, chunk.count);
}

void Worker::scan(const Instruction& in, const Chunk& chunk) {
  const Scan& scan = run_.program.scans[in.target];
  const std::byte* x = dense(slots_[in.inputs[0]], in.input_size[0], chunk.lanes, 0);
  Lanes& out = slots_[in.out];
  out.splat = false;
  if (!scan.loops.widen) return scan.loop(writable(out), x, carries_[in.target], rows_->points, chunk.count);
  const Lanes narrow{x, false}, wide{dense_[2], false};
  scan.loops.widen(dense_[1], &narrow, chunk.lanes);
  scan.loop(dense_[2], dense_[1], carries_[in.target], rows_->points, chunk.count);
  scan.loops.narrow(writable(out), &wide, chunk.lanes);
}

}  // namespace tarry::codegen::interp
