#pragma once
/// Transforms in stages: from one call with a derivative of its own to the next.

#include "autodiff/custom.h"
#include "autodiff/division.h"
#include "autodiff/recording.h"
#include "autodiff/region.h"

#include <memory>
#include <string_view>
#include <vector>

namespace tarry::frontend {

/// What one transformed region needs to be recorded.
struct Stage {
  std::shared_ptr<const Transformed> transformed;
  std::vector<ir::Value> values;                      // of the region in the trace, or
  std::vector<std::pair<uint32_t, Array>> residuals;  // what the transform reads of it, kept for later
  std::vector<uint32_t> targets;                      // that the region ends at
  std::vector<bool> depends;                          // by root
  size_t first_handed = 0, num_handed = 0;            // targets of later stages, its last roots
};

/// A transform's way between a transform's arguments and a function's results. Targets are what a region ends
/// at: the arguments, then for each call what its stage hands on to later ones, and its results.
class Stages {
 public:
  /// The trace's lock is held, and held by those who run this.
  Stages(Trace& trace, Transform kind, const std::vector<ir::Value>& arguments, const std::vector<ir::Value>& roots,
         int64_t count = 0);

  /// Keeps what the stages read in arrays, so that they can be run when the recording is over.
  void keep(Trace& trace, const Array& like);

  /// Reverse mode: from cotangents of the roots to those of the arguments, held; invalid: zero.
  std::vector<ir::Value> pull(Trace& trace, const std::vector<ir::Value>& cotangents) const;
  /// Whether no stage reads what depends on an argument, as it is where each op is linear in it.
  bool is_linear() const;
  /// Forward mode: from tangents of the arguments to those of the roots, held.
  std::vector<ir::Value> push(Trace& trace, const std::vector<ir::Value>& tangents) const;
  /// From batches of the arguments to those of the roots, held.
  std::vector<ir::Value> map(Trace& trace, const std::vector<ir::Value>& batches) const;

 private:
  /// Those between the arguments and the roots, and what they read; the roots' own ends come last.
  std::vector<std::vector<ir::Value>> find_calls(Trace& trace, ir::Value first, const std::vector<ir::Value>& roots);
  Stage stage(Trace& trace, Targets& targets, std::vector<ir::Value> roots, const HandedOn& handed_on) const;
  std::vector<ir::Value> run(Trace& trace, const Stage& s, const std::vector<ir::Value>& seeds) const;
  /// Forward: seeds by target.
  std::vector<ir::Value> run_from(Trace& trace, const Stage& s, const std::vector<ir::Value>& of_targets) const;

  Arrays mapped_results(Trace& trace, size_t call, std::vector<ir::Value>& targets) const;

  Transform kind_;
  size_t num_arguments_;
  int64_t count_;  // elements of a batch
  std::vector<std::shared_ptr<CustomCall>> calls_;
  std::vector<bool> is_handed_;  // by target: whether a stage hands it on
  std::vector<Stage> of_calls_;  // whose roots are a call's arguments; of a batch also its results and residuals
  Stage of_roots_;
};

}  // namespace tarry::frontend
