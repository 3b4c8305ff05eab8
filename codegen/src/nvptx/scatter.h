#pragma once
/// Writes at computed places, as if the points came one after the other.

#include "nvptx/places.h"

namespace tarry::codegen {

/// A last write wins: `clear` and `claim` leave in a table, for each place, the last point that writes there, and
/// `points` writes where the point is that one. Integers are added and the like in any order.
class Scatter : public ThreadLanes {
 public:
  Scatter(Device& device, int lanes, int axis, ByAccess origin, ByAccess along, int gap, GpuFunction function)
      : ThreadLanes(device, lanes, axis, std::move(origin), std::move(along), gap), function_(function) {}
  /// Ahead of each point.
  void start(llvm::Value* number) { number_ = number; }

  void store(int access, llvm::Value* value) override {
    if (function_ == GpuFunction::points) ThreadLanes::store(access, value);
  }
  void store_at(ir::Value node, llvm::Value* value, llvm::Value* distance) override;

 private:
  llvm::Value* entry(ir::Value node, llvm::Value* place);
  void fold_into(ir::Value node, llvm::Value* place, llvm::Value* value);

  const GpuFunction function_;
  llvm::Value* number_ = nullptr;
};

}  // namespace tarry::codegen
