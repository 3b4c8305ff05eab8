#pragma once
/// What a derivative that is cut while it is recorded keeps of the function from one cut to the next.

#include "autodiff/region.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tarry::frontend {

/// A flush in the middle of a derivative computes a stretch of the function again, from what an earlier cut stored. It
/// stores on the way what the rest of the derivative reads of that stretch, so that no stretch is computed a third
/// time; what nobody reads any more is let go of at the next flush, and the rest with the tape.
class Residuals {
 public:
  /// `made`: the trace's values of the transform's nodes, those of the function first.
  Residuals(Trace& trace, const Transformed& t, const std::vector<ir::Value>& made)
      : trace_(trace), t_(t), made_(made) {}
  Residuals(const Residuals&) = delete;

  /// Adds to `roots`, about to be computed, what shall be kept. `left`: reads to come, by node.
  void add_kept(std::vector<ir::Value>& roots, std::span<const uint32_t> left);
  /// After that flush.
  void release_read(std::span<const uint32_t> left);

 private:
  void index_function();
  std::vector<uint32_t> on_the_way(std::span<const ir::Value> roots);
  bool may_store(uint32_t id) const;
  bool is_small_part(uint32_t id) const;
  uint64_t bytes_of(uint32_t id) const;

  Trace& trace_;
  const Transformed& t_;
  const std::vector<ir::Value>& made_;
  std::vector<std::pair<ir::Value, uint32_t>> nodes_;  // of the function, by value in the trace
  std::vector<uint32_t> last_user_;                    // in the function, by node
  std::vector<bool> wanted_;                           // by node
  std::vector<uint32_t> kept_;
  size_t kept_before_ = 0;  // of these, those that the flush at hand found
  uint64_t bytes_ = 0;      // of all that are kept
};

}  // namespace tarry::frontend
