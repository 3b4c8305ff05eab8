/// Launches of kernels with rows.

#include <tarry/runtime/threads.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "cpu/launch.h"

namespace tarry::codegen {
namespace {

using Kind = ScratchObject::Kind;

/// Levels of the binary counter that any number of blocks can occupy.
constexpr int64_t kLevels = 55;
constexpr int64_t kRowPadding = ir::kReduceLanes;
/// Columns of a strip: as many as keep its scratch memory in the second level cache, within bounds.
constexpr int64_t kStripBytes = 256 * 1024;
constexpr int64_t kStripUnit = 64;
constexpr int64_t kWidestStrip = 1024;
/// Blocks of a chunk of a split row, at least.
constexpr int64_t kLeastChunkBlocks = 32;
/// Chunks for each thread, of which an early one takes some from a late one.
constexpr int64_t kMostChunks = 64;

int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace

int64_t CpuLaunch::row_length() const { return points(exe_.outer_rank_, exe_.layout_.rank); }

/// Offsets of the scratch objects, each at a cache line; returns the bytes of all.
int64_t CpuLaunch::place_scratch(runtime::FunctionRef<int64_t(const ScratchObject&)> elements) {
  int64_t bytes = 0;
  for (size_t i = 0; i < exe_.objects_.size(); ++i) {
    words_[exe_.layout_.scratch(static_cast<int>(i))] = bytes;
    bytes += round_up(elements(exe_.objects_[i]) * exe_.objects_[i].bytes, kStripUnit);
  }
  return bytes;
}

void CpuLaunch::run_rows() {
  const int64_t n = row_length();
  const int64_t rows = points(0, exe_.outer_rank_);
  decide_streaming();
  const int64_t scratch = place_scratch([&](const ScratchObject& o) {
    return o.kind == Kind::kept ? round_up(n, kRowPadding) : kLevels * ir::kReduceLanes;
  });
  spread(rows, std::max<int64_t>(n, ir::kReduceLanes) * piece_cost(), 1, scratch,
         [&](int64_t begin, int64_t end) { exe_.kernel_(words_, begin, end, 0, 0, runtime::thread_scratch(scratch)); });
}

void CpuLaunch::run_columns() {
  const int64_t n = row_length();
  const int64_t width = extent(exe_.outer_rank_ - 1);
  const int64_t outer = points(0, exe_.outer_rank_ - 1);
  const int64_t lanes = std::min<int64_t>(n, ir::kReduceLanes);
  const int64_t blocks = (n + ir::kReduceBlock - 1) / ir::kReduceBlock;
  const int64_t levels = blocks > 1 ? std::bit_width(static_cast<uint64_t>(blocks)) : 0;
  auto per_column = [&](const ScratchObject& o) {
    switch (o.kind) {
      case Kind::kept: return n;
      case Kind::lanes: return std::max<int64_t>(lanes, 1);
      case Kind::levels: return levels * lanes;
      default: return int64_t{1};
    }
  };
  int64_t hot = 1;  // the counter is seldom touched
  for (const ScratchObject& o : exe_.objects_)
    if (o.kind != Kind::levels) hot += per_column(o) * o.bytes;
  const int64_t share = round_up((width * outer + runtime::num_threads() - 1) / runtime::num_threads(), kStripUnit);
  const int64_t fits = std::clamp(kStripBytes / hot / kStripUnit * kStripUnit, kStripUnit, kWidestStrip);
  const int64_t strip = std::min({fits, share, round_up(width, kStripUnit)});
  const int64_t strips = (width + strip - 1) / strip;
  const int64_t scratch = place_scratch([&](const ScratchObject& o) { return per_column(o) * strip; });
  const int64_t work = std::max<int64_t>(n, 1) * piece_cost() * std::min(strip, width);
  spread(outer * strips, work, 1, scratch, [&](int64_t begin, int64_t end) {
    void* memory = runtime::thread_scratch(scratch);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t from = i % strips * strip;
      exe_.kernel_(words_, i / strips, i / strips + 1, from, std::min(from + strip, width), memory);
    }
  });
}

void CpuLaunch::run_split() {
  const int64_t n = row_length();
  const int64_t rows = points(0, exe_.outer_rank_);
  const int64_t blocks = (n + ir::kReduceBlock - 1) / ir::kReduceBlock;
  // Chunks of 2^k blocks: then a chunk's lanes are what the counter holds at level k.
  int64_t chunk = kLeastChunkBlocks;
  while (rows * (blocks / chunk) > kMostChunks * runtime::num_threads()) chunk *= 2;
  const int64_t chunks = (blocks + chunk - 1) / chunk;
  const bool incomplete = blocks % chunk != 0;

  const int64_t scratch =
      place_scratch([&](const ScratchObject& o) { return o.kind == Kind::levels ? kLevels * ir::kReduceLanes : 0; });
  int64_t lane_bytes = 0;
  for (const ScratchObject& o : exe_.objects_)
    if (o.kind == Kind::lanes) lane_bytes += ir::kReduceLanes * o.bytes;
  const int64_t all_chunks = std::max<int64_t>(rows * chunks, 1);
  int64_t address = reinterpret_cast<int64_t>(workspace_.take(static_cast<size_t>(all_chunks * lane_bytes)));
  for (size_t i = 0; i < exe_.objects_.size(); ++i) {
    if (exe_.objects_[i].kind != Kind::lanes) continue;
    words_[exe_.layout_.scratch(static_cast<int>(i))] = address;
    address += all_chunks * ir::kReduceLanes * exe_.objects_[i].bytes;
  }
  const int64_t chunk_work = std::min(chunk * ir::kReduceBlock, n) * piece_cost();
  spread(rows * chunks, chunk_work, 1, scratch, [&](int64_t begin, int64_t end) {
    void* memory = runtime::thread_scratch(scratch);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / chunks, first = i % chunks * chunk;
      exe_.kernel_(words_, row, i, first, std::min(first + chunk, blocks), memory);
    }
  });
  if (workspace_.rehearses()) return;
  void* memory = runtime::thread_scratch(scratch);
  const runtime::FloatEnvironment environment;
  for (int64_t row = 0; row < rows; ++row)
    exe_.finish_(words_, row, incomplete, row * chunks, row * chunks + chunks, memory);
}

}  // namespace tarry::codegen
