#include "cuda/staging.h"

#include <memory>
#include <mutex>

namespace tarry::runtime::cuda {

Slot* Staging::take() {
  {
    const std::lock_guard guard(mutex_);
    // One whose copy is done would be better still; but to ask costs as much as to make another.
    if (!free_.empty() && (made_ >= kMost || !free_.front()->pending)) {
      Slot* slot = free_.front();
      free_.erase(free_.begin());
      return slot;
    }
    if (made_ >= kMost) return nullptr;
    free_.reserve(kMost);
    ++made_;
  }
  auto slot = std::make_unique<Slot>();
  if (driver_.allocate_host(&slot->memory, kSlotBytes, kHostAllocPortable) == kSuccess) {
    if (driver_.event_create(&slot->event, kEventDisableTiming) == kSuccess) return slot.release();
    driver_.free_host(slot->memory);
  }
  const std::lock_guard guard(mutex_);
  --made_;
  if (free_.empty()) return nullptr;
  Slot* other = free_.front();
  free_.erase(free_.begin());
  return other;
}

void Staging::give(Slot* slot) {
  const std::lock_guard guard(mutex_);
  free_.push_back(slot);  // reserved
}

void Staging::trim() {
  std::vector<Slot*> dropped;
  {
    const std::lock_guard guard(mutex_);
    dropped.swap(free_);
    made_ -= dropped.size();
  }
  for (Slot* slot : dropped) {
    if (slot->pending) driver_.event_synchronize(slot->event);
    driver_.event_destroy(slot->event);
    driver_.free_host(slot->memory);
    delete slot;
  }
}

}  // namespace tarry::runtime::cuda
