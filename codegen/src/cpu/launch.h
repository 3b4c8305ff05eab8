#pragma once
/// One launch of a compiled host kernel: its argument words, and how the work is cut.
/// How it is cut depends on extents and costs alone, and never changes a bit.

#include <tarry/runtime/function_ref.h>
#include <tarry/runtime/workspace.h>

#include "cpu/executable.h"

namespace tarry::codegen {

class CpuLaunch {
 public:
  CpuLaunch(const CpuExecutable& executable, const Launch& launch, runtime::Workspace& workspace);
  void run();

 private:
  void run_map();
  void run_rows();
  void run_columns();
  void run_split();

  int64_t row_length() const;
  int64_t place_scratch(runtime::FunctionRef<int64_t(const ScratchObject&)> elements);
  /// Outer points [outer_begin, outer_end) × [inner_begin, inner_end), on this thread.
  void map_block(int64_t outer_begin, int64_t outer_end, int64_t inner_begin, int64_t inner_end) const;

  int64_t extent(int axis) const { return launch_.extents[axis]; }
  int64_t points(int first_axis, int last_axis) const;
  /// Whether other threads are to help.
  bool is_large() const;
  /// Of a point, in additions, as pieces are cut by it.
  int64_t piece_cost() const { return std::max(exe_.cost_, exe_.width_); }
  void fill_words();
  /// Whether stores had better go around the cache: many bytes, whole vectors, nothing read in place.
  int64_t footprint() const;
  void decide_streaming();
  bool is_read(const void* data) const;
  bool lines_up(int access, int other) const;
  int64_t transposing_tile() const;
  /// Pieces of `total` units of `work` additions each; on this thread where the launch is small. `body` may ask for so
  /// many bytes of its thread's scratch.
  void spread(int64_t total, int64_t work, int64_t least, int64_t scratch,
              runtime::FunctionRef<void(int64_t, int64_t)> body) const;

  const CpuExecutable& exe_;
  const Launch& launch_;
  runtime::Workspace& workspace_;
  int64_t* const words_;
  int64_t tile_ = 0;  // along the innermost axis, 0 for none
};

}  // namespace tarry::codegen
