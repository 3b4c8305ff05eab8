#pragma once
/// Where a thread stands, and the memory there.

#include <functional>
#include <vector>

#include "llvm/body.h"
#include "nvptx/device.h"

namespace tarry::codegen {

/// A position along some axes of the space, and what it adds to the address of each access.
class Places {
 public:
  /// Axes [first, end), outermost first.
  Places(Device& device, int first, int end) : device_(device), first_(first), at_(static_cast<size_t>(end - first)) {}
  /// To the point with this number in C order; `last_extent` in place of the last axis's.
  void set(llvm::Value* number, llvm::Value* last_extent = nullptr);
  /// The place along the last axis alone.
  llvm::Value* last() const {
    return last_scale_ == 1 ? at_.back() : device_.frame.b.CreateMul(at_.back(), device_.frame.number(last_scale_));
  }
  void set_last(llvm::Value* at) {
    at_.back() = at;
    last_scale_ = 1;
    ahead_ = 0;
  }
  /// So much further along the last axis, as offset() sees it.
  void go_ahead(int64_t by) { ahead_ = by; }
  /// To so many times the place: the multiplication is one with the stride.
  void scale_last(int by) { last_scale_ = by; }
  /// The product of all extents but the last.
  llvm::Value* lines();
  /// The product of the extents.
  llvm::Value* points();
  /// In bytes, as i64; for an index access in units.
  llvm::Value* offset(int access);

 private:
  Device& device_;
  int first_;
  std::vector<llvm::Value*> at_;
  int last_scale_ = 1;
  int64_t ahead_ = 0;
};

/// What an access moves by along an axis, in bytes (an index access: in units), as i64: from its stride class where
/// that says it. Null where it does not move.
llvm::Value* step_along(Device& device, int access, int axis);

/// Where an access has its element at the origin of the space, plus `offset` bytes, as a pointer; of an index access
/// the offset itself.
llvm::Value* origin_of(Device& device, int access, llvm::Value* offset);

/// The lanes of one thread: points along one axis, neighbours or `gap` apart.
class ThreadLanes : public Surroundings {
 public:
  using ByAccess = std::function<llvm::Value*(int)>;
  /// The first lane lies `along(access)` behind `origin(access)`, which is as origin_of gives it.
  ThreadLanes(Device& device, int lanes, int axis, ByAccess origin, ByAccess along, int gap = 1)
      : device_(device),
        frame_(device.frame),
        lanes_(lanes),
        axis_(axis),
        gap_(gap),
        origin_(std::move(origin)),
        along_(std::move(along)) {}

  /// Stores happen only where this holds; null for always.
  void guard(llvm::Value* condition) { guard_ = condition; }
  /// From now on a thread has so many.
  void set_lanes(int lanes) { lanes_ = lanes; }

  llvm::Value* load(int access, llvm::Value* predicate) override;
  void store(int access, llvm::Value* value) override;
  llvm::Value* index(int access) override;
  llvm::Value* load_at(int access, llvm::Value* distance, llvm::Value* predicate) override;
  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;

 protected:
  /// The address of a lane; the first one where `lane` is 0.
  llvm::Value* address(int access, int lane);
  Device& device_;
  Frame& frame_;

 private:
  llvm::Value* element(llvm::Value* v, int lane);
  bool is_contiguous(int access) const;

  int lanes_;
  const int axis_, gap_;
  ByAccess origin_, along_;
  llvm::Value* guard_ = nullptr;
};

/// Neighbours in memory, as many as `lanes`, at a pointer aligned to all of them together.
llvm::Value* load_neighbours(Frame& frame, llvm::Value* address, ir::DType t, int lanes);
void store_neighbours(Frame& frame, llvm::Value* value, llvm::Value* address, ir::DType t);

}  // namespace tarry::codegen
