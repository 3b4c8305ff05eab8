#pragma once
/// What the emitters of a GPU kernel and whoever launches it agree on, without LLVM.
///
/// Every function has one parameter, a block of 64-bit words by value: those of CallLayout, with byte strides; then
/// GpuLayout's own; then for each scratch object its address. A text with 32-bit indices reads the low halves of the
/// words that count places. Blocks have kBlockThreads threads; grids any number of blocks.

#include <tarry/codegen/gpu_carry.h>
#include <tarry/codegen/gpu_routine.h>
#include <tarry/ir/kernel.h>

#include <string>
#include <vector>

#include "llvm/call_layout.h"

namespace tarry::codegen {

inline constexpr int kBlockThreads = 256;
inline constexpr int kWarpThreads = 32;
inline constexpr int kBlockWarps = kBlockThreads / kWarpThreads;
/// What a thread reads at once where data allow.
inline constexpr int kAccessBytes = 16;
/// Points that a thread takes in one turn where they are no neighbours, so that those of a warp's threads are.
inline constexpr int kTileLanes = 4;
/// Of one reduction in a thread: eight numbers of two bytes that are added as float32.
inline constexpr int kMostLanesBytes = 32;
/// In which the threads of a block fold one reduction at a time.
inline constexpr int kSharedBytes = kBlockThreads * kMostLanesBytes;

/// What a function of a kernel does.
enum class GpuFunction : uint8_t {
  points,          // map: every point; neighbours together in groups, single ones behind them
  carried,         // map: threads go along an axis, and keep what is read again a step further
  clear,           // scatter: the table's entries of all places that are written to zero
  claim,           // scatter: in each place's table the last point that writes there
  pairs,           // scatter: of each point the place that it updates, with its number
  sort_runs,       // pairs: each block sorts runs of kBlockThreads, in shared memory
  merge_runs,      // pairs: two sorted runs become one, each element finds its place by itself
  fold_points,     // scatter: the points that update one place, one after the other by one thread
  rows,            // teams of threads take rows; values kept between walks are in shared memory
  rows_wide,       // the same, each thread with neighbours
  rows_far,        // the same by single elements, values kept in scratch memory: rows with scans
  finish_rows,     // split: a block folds the lanes of a row's chunks and does the row-level rest
  walk_chunks,     // long rows that are walked several times: one of the walks, blocks take chunks of rows
  fold_chunks,     // a block folds what a walk reduced, lane by lane, in the chunks of a row
  product_tiles,   // blocks take tiles of the result, over pieces of rows and columns in shared memory
  keys,            // sort, argsort: a pair of each element, what it is sorted by with its place
  positions,       // argsort: of sorted pairs the places
  elements,        // sort: of sorted pairs the elements at their places
  search,          // a thread for each query
  columns,         // threads take columns, several where they are long
  columns_wide,    // the same, each thread with neighbouring columns
  finish_columns,  // the lanes of chunks
  scans,           // column: a thread goes down its column
};
const char* name_of(GpuFunction f);

/// One of a kernel's functions. Of walk_chunks and fold_chunks there are several, of pairs and fold_points one for each
/// of `ordered`.
struct GpuFunctionOf {
  GpuFunction function;
  int phase = 0;
  GpuFunctionOf(GpuFunction f, int p = 0) : function(f), phase(p) {}
  bool operator==(const GpuFunctionOf&) const = default;
  std::string name() const;
};

/// Memory of a launch.
struct GpuObject {
  enum class Kind : uint8_t {
    kept,    // an element-level value, for each element
    lanes,   // 32 lanes of a reduction, for each chunk of a row or column; for `scans` of the block at hand
    folded,  // what a reduction folds to, for each row
    levels,  // the binary counter of a reduction, for `scans`
    table,   // for each place of a scatter access 1 + the number of the last point that writes there
    pairs,   // of 64-bit words: what is sorted by, and the number of a point; there are two, to sort from and to
  };
  Kind kind;
  ir::Value value;  // but of pairs
  int access = -1;  // table
  int bytes = 0;    // of one element; of a table 4 or 8, with the indices
};

struct GpuShape {
  GpuRoutine routine = GpuRoutine::run;
  ir::Kernel kernel;               // in primitives
  ir::RowPlan plan;                // with rows: loads that several walks make are kept, and what is cheaply kept
  ir::RowPlan far_plan;            // with rows: as plan_rows has it
  int lanes = 1;                   // neighbours that a thread may take
  bool tiles = false;              // map: where data lie otherwise, a thread takes points a warp's width apart
  bool scans = false;              // some value is a scan
  bool chunks = false;             // rows may be cut
  bool parts = false;              // likewise though they are walked several times, in a launch for each walk
  std::vector<ir::Value> ordered;  // map: updates with rounding, whose points come one after the other at each place
  bool plain_stores = true;        // map: other nodes write as well
  Carry carry;                     // map: what `carried` assumes
  int steps = 1;                   // map: that its threads take in one turn
  std::vector<GpuObject> objects;  // in scratch memory
  std::vector<GpuObject> near;     // in shared memory
  std::vector<int> near_of;        // for each of plan.kept, which of `near` it lies in
  std::vector<GpuFunctionOf> functions;
  bool sorts() const { return !ordered.empty() || routine == GpuRoutine::argsort || routine == GpuRoutine::sort; }
};

/// Bytes of one of a GpuObject's pairs.
inline constexpr int kPairBytes = 16;

/// Rows and columns of a tile of product_tiles.
inline constexpr int kProductTile = 64;

/// Evaluations of nodes in one turn of a thread beyond which it runs out of registers.
inline constexpr int kMostEvaluations = 400;
/// Of nodes at one point.
int evaluations(const ir::Kernel& primitive);

/// Blocks for each multiprocessor beyond which another one only waits.
inline constexpr int64_t kMostBlocks = 32;
/// Indices of 32 bits may run so far, rounded up to batches and strides of grids.
inline constexpr int64_t kMostNarrow = (int64_t{1} << 31) - (int64_t{1} << 24);

/// The reductions of a walk.
std::vector<ir::Value> reductions_of(const ir::Kernel& kernel, const ir::RowPlan& plan, int phase);

/// As in nvptx.h.
bool looks_at_indices(const ir::Kernel& kernel);

GpuShape shape_of(ir::Kernel primitive, GpuRoutine routine, Carry carry = {});

/// Why a kernel has no PTX; empty where it has.
std::string why_not_on_gpu(const GpuShape& shape);

struct GpuLayout : CallLayout {
  explicit GpuLayout(const GpuShape& s)
      : CallLayout(s.kernel),
        objects(static_cast<int>(std::max(s.objects.size(), s.near.size()))),
        sorts(s.sorts()),
        looks_at_indices(codegen::looks_at_indices(s.kernel)) {}

  /// map: groups of neighbours along the innermost axis.
  int groups() const { return scalar(scalars); }
  /// map: behind them, tiles of kTileLanes times kWarpThreads points.
  int tiles() const { return scalar(scalars) + 1; }
  /// carried: places from step to step along the first axis; steps that a thread takes, or those that are left; as many
  /// threads take those from one point, one behind the other.
  int step() const { return scalar(scalars) + 2; }
  int steps() const { return scalar(scalars) + 3; }
  int strips() const { return scalar(scalars) + 4; }

  /// rows: threads that share a row are 1 << this.
  int team_shift() const { return scalar(scalars); }
  /// rows: elements from one row's kept values to the next one's. columns: likewise, columns in all.
  int pitch() const { return scalar(scalars) + 1; }
  /// rows: blocks that the threads of a block take one behind the other are 1 << this. columns: blocks of a chunk, a
  /// power of two. finish_rows: chunks that a warp takes.
  int chunk() const { return scalar(scalars) + 2; }
  int chunks() const { return scalar(scalars) + 3; }
  /// columns: columns (or groups) that a block takes at once are 1 << this, at least 8; lanes that rows reach 1 <<
  /// that, at least as many as threads share a column.
  int column_shift() const { return scalar(scalars); }
  int lane_shift() const { return scalar(scalars) + 4; }

  /// scatter: the place of a table's first entry.
  int table_begin(int table) const { return scalar(scalars) + 2 + table; }

  /// sort_runs, merge_runs: so many rows of pairs, each of this length, sorted for themselves; runs are 1 << this.
  int sort_rows() const { return scalar(scalars) + 2 + objects; }
  int sort_length() const { return sort_rows() + 1; }
  int run_shift() const { return sort_rows() + 2; }

  /// Where looks_at_indices: the address of a word that becomes 1 when an index lies outside its axis, or 0.
  int outside() const { return scalar(scalars) + std::max(5, 2 + objects + (sorts ? 3 : 0)); }

  int own_end() const { return outside() + (looks_at_indices ? 1 : 0); }
  int object(int i) const { return own_end() + i; }
  int words() const { return own_end() + objects; }

  int objects;
  bool sorts;
  bool looks_at_indices;
};

/// What a launch can carry: the most that drivers take for a kernel's parameters, in words.
inline constexpr int kMostWords = 32764 / 8;
/// Texts with more words need a newer version of PTX.
inline constexpr int kPlainWords = 4096 / 8;

}  // namespace tarry::codegen
