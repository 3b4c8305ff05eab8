#pragma once
/// One launch of a GPU kernel: its argument words, and how the work is cut. How it is cut changes no bit.

#include <tarry/codegen/nvptx.h>

#include "nvptx/shape.h"

namespace tarry::codegen {

/// Threads that keep a multiprocessor busy.
inline constexpr int64_t kBusyThreads = 2048;

constexpr int64_t divide_up(int64_t n, int64_t by) { return (n + by - 1) / by; }
constexpr int64_t round_up(int64_t n, int64_t unit) { return divide_up(n, unit) * unit; }

class GpuPlanner {
 public:
  GpuPlanner(const GpuKernel& kernel, const LaunchArguments& arguments);
  LaunchPlan plan();

 private:
  void plan_points();
  void place_tables();
  /// With what is read carried from step to step; false where that cannot be, or does not pay.
  bool plan_carried();
  int64_t step_along(int axis) const;
  struct Touched {
    uint64_t first, end;
  };
  Touched touched_by(int access) const;
  bool is_written_meanwhile(int read) const;
  void reverse(int axis);
  void bring_first(int axis);
  /// Updates whose points come one after the other at each place.
  void plan_folds(int64_t blocks);
  void plan_routine();
  void place_pairs(int64_t n);
  /// Sorts rows of pairs, each for itself; what is launched next finds them sorted.
  void plan_sort(int64_t rows, int64_t length);
  void plan_rows();
  void plan_columns();
  void plan_scans();

  // Of rows.
  struct Teams {
    bool wide = false, far = false;
    int shift = 0;           // threads of a team
    int runs_shift = 0;      // runs of blocks that a team takes at once
    int64_t near_bytes = 0;  // of a block
  };
  Teams choose_teams();
  struct RowCut {
    int run_shift;   // blocks of a run
    int64_t chunks;  // of a row
  };
  RowCut cut_rows(const Teams& teams, int64_t rows) const;
  int64_t near_bytes(int shift) const;

  // Of columns.
  struct Grid {
    bool wide = false;
    int64_t groups = 0;
    int rank_shift = 0, lane_shift = 0;
    int64_t chunk = 1, chunks = 1;
  };
  Grid choose_grid() const;

  /// Long rows, walk by walk.
  void plan_parts();
  bool few_long_rows() const;

  bool has(GpuFunctionOf function) const;
  GpuLaunch& add(GpuFunctionOf function, int64_t blocks);
  /// Memory for object `i`; every launch of the plan that has it finds it.
  void place(size_t i, int64_t bytes);

  int64_t extent(int axis) const { return extents_[axis]; }
  int64_t points(int first_axis, int end_axis) const;
  int64_t row_length() const { return points(shape_.kernel.outer_rank, layout_.rank); }
  int64_t row_blocks() const;
  /// Whether all accesses that are unit along the lanes' axis can be read whole groups at a time.
  bool is_aligned(bool along_row) const;
  int64_t most_blocks(int64_t per_processor) const;

  const GpuKernel& kernel_;
  const LaunchArguments& arguments_;
  const GpuShape& shape_;
  const GpuLayout layout_;
  const std::span<const int64_t> extents_;
  std::vector<uint64_t> words_;  // that all launches share
  std::vector<int> scratch_words_;
  LaunchPlan plan_;
};

}  // namespace tarry::codegen
