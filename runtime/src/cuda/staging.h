#pragma once
/// Pinned memory of the host that copies go through, so that they need not wait for the device.

#include "cuda/driver.h"

#include <tarry/runtime/fork.h>

#include <vector>

namespace tarry::runtime::cuda {

/// A piece of pinned memory, and when the device is done with it.
struct Slot {
  void* memory = nullptr;
  EventHandle event = nullptr;
  bool pending = false;  // the event was recorded since the last wait
};

class Staging {
 public:
  static constexpr size_t kSlotBytes = size_t{1} << 20;
  static constexpr size_t kMost = 8;

  explicit Staging(const Driver& driver) : driver_(driver) {}
  /// A slot that the caller alone has; the one given back longest ago, whose copy may still be under way. Null when the
  /// driver gives no pinned memory. The context is current.
  Slot* take();
  void give(Slot* slot);
  /// Gives the memory back to the driver, but for slots that are taken.
  void trim();

 private:
  const Driver& driver_;
  ForkMutex mutex_;
  std::vector<Slot*> free_;  // the one that was given back first comes first
  size_t made_ = 0;
};

}  // namespace tarry::runtime::cuda
