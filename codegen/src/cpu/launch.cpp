#include "cpu/launch.h"

#include <tarry/runtime/threads.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

#include "streaming.h"

namespace tarry::codegen {
namespace {

/// What one thread has written, another gets from its cache more slowly than either would compute it. So kernels on the
/// same array are cut alike: by its bytes, not by what each has to do, unless that is very much, in additions.
constexpr int64_t kLargeBytes = 256 * 1024;
constexpr int64_t kLargeWork = 1024 * 1024;
/// A piece that is worth another thread, and the least that comes of cutting evenly.
constexpr int64_t kPieceWork = 128 * 1024, kLeastPieceWork = 32 * 1024;
/// Pieces for each thread: so few come out even, and so many make up for what the others are held up by.
constexpr int64_t kEvenPieces = 4, kMostPieces = 32;
constexpr int64_t kLine = 64;

}  // namespace

CpuLaunch::CpuLaunch(const CpuExecutable& executable, const Launch& launch, runtime::Workspace& workspace)
    : exe_(executable),
      launch_(launch),
      workspace_(workspace),
      words_(workspace.take_list<int64_t>(exe_.layout_.words(static_cast<int>(exe_.objects_.size()))).data()) {
  fill_words();
}

int64_t CpuLaunch::points(int first_axis, int last_axis) const {
  int64_t n = 1;
  for (int a = first_axis; a < last_axis; ++a) n *= extent(a);
  return n;
}

bool CpuLaunch::is_large() const {
  const int64_t all = points(0, exe_.layout_.rank);
  return all * exe_.width_ >= kLargeBytes || all * exe_.cost_ >= kLargeWork;
}

void CpuLaunch::fill_words() {
  const CallLayout& layout = exe_.layout_;
  words_[layout.flags()] = 0;
  for (int a = 0; a < layout.rank; ++a) words_[layout.extent(a)] = extent(a);
  for (int i = 0; i < layout.accesses; ++i) {
    const ir::Access& access = exe_.accesses_[i];
    const bool index = access.kind == ir::Access::Kind::index;
    const int64_t unit = index ? 1 : static_cast<int64_t>(ir::size_of(access.dtype));
    const Launch::Operand& operand = launch_.operands[i];
    words_[layout.base(i)] = index ? operand.offset : reinterpret_cast<int64_t>(operand.data);
    for (int a = 0; a < layout.rank; ++a) words_[layout.stride(i, a)] = operand.strides[a] * unit;
  }
  for (int i = 0; i < layout.scalars; ++i) words_[layout.scalar(i)] = static_cast<int64_t>(launch_.scalars[i]);
}

void CpuLaunch::spread(int64_t total, int64_t work, int64_t least, int64_t scratch,
                       runtime::FunctionRef<void(int64_t, int64_t)> body) const {
  const auto prepare = [scratch] { runtime::thread_scratch(static_cast<size_t>(scratch)); };
  if (workspace_.rehearses()) return prepare();
  if (!is_large() || runtime::num_threads() == 1) {
    const runtime::FloatEnvironment environment;
    prepare();
    body(0, total);
    return;
  }
  // Few pieces would not come out even, and threads would not get what they had of another kernel's results.
  const int64_t threads = runtime::num_threads(), unit = std::max<int64_t>(work, 1);
  const int64_t least_grain = std::max(total / (kMostPieces * threads), kLeastPieceWork / unit);
  const int64_t most_grain = std::max(total / (kEvenPieces * threads), least_grain);
  const int64_t grain = std::clamp(kPieceWork / unit, least_grain, most_grain);
  const int64_t piece = std::max(least, grain);
  runtime::parallel_for(total, runtime::worth_spreading(total / piece) ? piece : total, body, runtime::Pieces::in_runs,
                        prepare);
}

void CpuLaunch::run() {
  switch (exe_.schedule_) {
    case ir::Schedule::map: run_map(); break;
    case ir::Schedule::row: run_rows(); break;
    case ir::Schedule::column: run_columns(); break;
    case ir::Schedule::split: run_split(); break;
  }
#if defined(__x86_64__)
  // Not after each piece: a thread would wait for the memory every few microseconds.
  if (words_[exe_.layout_.flags()] & kStreamingStores) _mm_sfence();
#endif
}

bool CpuLaunch::is_read(const void* data) const {
  for (size_t i = 0; i < exe_.accesses_.size(); ++i)
    if (exe_.accesses_[i].kind == ir::Access::Kind::read && launch_.operands[i].data == data) return true;
  return false;
}

/// Whether the runs of an output begin at the same distance from a cache line as those of another one, or,
/// without another, at a line.
bool CpuLaunch::lines_up(int access, int other) const {
  const CallLayout& layout = exe_.layout_;
  auto differs = [&](int word, int other_word) {
    return (words_[word] - (other < 0 ? 0 : words_[other_word])) % kLine != 0;
  };
  if (differs(layout.base(access), layout.base(other))) return false;
  for (int axis = 0; axis + 1 < layout.rank; ++axis)
    if (extent(axis) > 1 && differs(layout.stride(access, axis), layout.stride(other, axis))) return false;
  return true;
}

/// Bytes of all that is read and written in place, each array once for each way it is reached.
int64_t CpuLaunch::footprint() const {
  int64_t bytes = 0;
  for (int i = 0; i < exe_.layout_.accesses; ++i) {
    const ir::Access& a = exe_.accesses_[i];
    if (a.kind == ir::Access::Kind::index) continue;
    auto size = static_cast<int64_t>(ir::size_of(a.dtype));
    for (int axis = 0; axis < exe_.layout_.rank; ++axis)
      if (words_[exe_.layout_.stride(i, axis)] != 0) size *= extent(axis);
    bytes += size;
  }
  return bytes;
}

void CpuLaunch::decide_streaming() {
  const bool with_rows = exe_.row_rank_ > 0;
  if (points(exe_.outer_rank_, exe_.layout_.rank - 1) > 1) return;
  const int64_t total = points(0, exe_.layout_.rank);
  if (!may_go_around_cache(total)) return;
  int64_t bytes = 0;
  int first = -1, streams = 0;
  bool at_lines = with_rows;  // a walk that folds cannot begin with a short group that leads up to a line
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < exe_.layout_.accesses; ++i) {
      const ir::Access& a = exe_.accesses_[i];
      if (a.kind != ir::Access::Kind::write || (with_rows && !a.in_row)) continue;
      const auto size = static_cast<int64_t>(ir::size_of(a.dtype));
      if (pass == 1) {
        if (!lines_up(i, at_lines ? -1 : first)) return;
        continue;
      }
      if ((with_rows ? a.row : a.outer) != ir::StrideClass::unit || is_read(launch_.operands[i].data)) return;
      if (words_[exe_.layout_.base(i)] % size != 0) return;
      bytes += total * size;
      ++streams;
      if (first < 0) first = i;
      at_lines |= exe_.accesses_[first].dtype != a.dtype;
    }
    if (!goes_around_cache(bytes, streams, [&] { return footprint(); })) return;
  }
  words_[exe_.layout_.flags()] |= kStreamingStores;
}

/// Where some array lies along another axis, walking narrow tiles uses each of its lines while it is near.
int64_t CpuLaunch::transposing_tile() const {
  const int last = exe_.outer_rank_ - 1;
  if (last == 0 || extent(last - 1) == 1) return 0;
  for (int i = 0; i < exe_.layout_.accesses; ++i) {
    if (exe_.accesses_[i].kind == ir::Access::Kind::index) continue;
    const int64_t along = std::abs(words_[exe_.layout_.stride(i, last)]);
    const int64_t across = std::abs(words_[exe_.layout_.stride(i, last - 1)]);
    if (across != 0 && across < kLine && along >= 4 * kLine) return 32;
  }
  return 0;
}

void CpuLaunch::map_block(int64_t outer_begin, int64_t outer_end, int64_t inner_begin, int64_t inner_end) const {
  const int64_t step = tile_ ? tile_ : inner_end - inner_begin;
  for (int64_t i = inner_begin; i < inner_end; i += step)
    exe_.kernel_(words_, outer_begin, outer_end, i, std::min(i + step, inner_end), nullptr);
}

void CpuLaunch::run_map() {
  const int64_t inner = extent(exe_.outer_rank_ - 1);
  const int64_t outer = points(0, exe_.outer_rank_ - 1);
  if (exe_.ordered_) {
    if (workspace_.rehearses()) return;
    const runtime::FloatEnvironment environment;
    return exe_.kernel_(words_, 0, outer, 0, inner, nullptr);
  }
  decide_streaming();
  tile_ = transposing_tile();
  // Long runs are cut themselves, at multiples of a line's elements whatever their dtype, as much for each thread.
  // Short ones are spared the division.
  const int64_t cost = piece_cost();
  const int64_t least = is_large() ? std::max<int64_t>(kPieceWork / cost / kLine * kLine, kLine) : 0;
  if (least != 0 && inner >= 2 * least) {
    const int64_t threads = runtime::num_threads(), most = inner / least;
    const int64_t pieces = most > threads ? most - most % threads : most;
    const int64_t chunk = ((inner + pieces - 1) / pieces + kLine - 1) / kLine * kLine;
    const int64_t chunks = (inner + chunk - 1) / chunk;
    spread(outer * chunks, chunk * cost, 1, 0, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end;) {
        const int64_t row = i / chunks, first = i % chunks;
        const int64_t last = std::min(chunks, first + end - i);
        map_block(row, row + 1, first * chunk, std::min(last * chunk, inner));
        i += last - first;
      }
    });
    return;
  }
  spread(outer, inner * cost, tile_ ? 64 : 1, 0, [&](int64_t begin, int64_t end) { map_block(begin, end, 0, inner); });
}

}  // namespace tarry::codegen
