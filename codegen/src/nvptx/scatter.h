#pragma once
/// Writes at computed places, as if the points came one after the other.

#include "nvptx/pairs.h"

namespace tarry::codegen {

/// A last write wins: `clear` and `claim` leave in a table, for each place, the last point that writes there, and
/// `points` writes where the point is that one. Integers are added and the like in any order. Where order shows in the
/// bits, `pairs` leaves each point's place, and when these are sorted `fold_points` has the points that share a place.
class Scatter : public ThreadLanes {
 public:
  Scatter(Device& device, int lanes, int axis, ByAccess origin, ByAccess along, int gap, GpuFunctionOf function)
      : ThreadLanes(device, lanes, axis, std::move(origin), std::move(along), gap), function_(function) {}
  /// Ahead of each point.
  void start(llvm::Value* number) { number_ = number; }

  void store(int access, llvm::Value* value) override {
    if (function_.function == GpuFunction::points) ThreadLanes::store(access, value);
  }
  void store_at(ir::Value node, llvm::Value* value, llvm::Value* distance) override;

 private:
  llvm::Value* entry(ir::Value node, llvm::Value* place);
  void write_last(ir::Value node, llvm::Value* place, llvm::Value* value);
  void swap_in(ir::Value node, llvm::Value* place, llvm::Value* value);
  bool is_ordered(ir::Value node) const;
  bool is_own(ir::Value node) const { return device_.shape.ordered[static_cast<size_t>(function_.phase)] == node; }

  const GpuFunctionOf function_;
  llvm::Value* number_ = nullptr;
};

}  // namespace tarry::codegen
