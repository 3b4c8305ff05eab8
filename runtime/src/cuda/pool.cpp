#include "cuda/pool.h"

#include <algorithm>
#include <bit>

namespace tarry::runtime::cuda {

size_t DevicePool::capacity_for(size_t bytes) {
  constexpr size_t kUnit = 256, kSteps = 8;
  const size_t step = std::max(kUnit, std::bit_floor(std::max<size_t>(bytes, 1)) / kSteps);
  return (bytes + step - 1) / step * step;
}

uint64_t DevicePool::take(size_t capacity) {
  const auto at = blocks_.find(capacity);
  if (at == blocks_.end() || at->second.empty()) return 0;
  const uint64_t address = at->second.back();
  at->second.pop_back();
  kept_bytes_ -= capacity;
  return address;
}

bool DevicePool::give(uint64_t address, size_t capacity) noexcept {
  try {
    blocks_[capacity].push_back(address);
  } catch (...) {
    return false;
  }
  kept_bytes_ += capacity;
  return true;
}

std::vector<uint64_t> DevicePool::drain() {
  std::vector<uint64_t> all;
  for (const auto& [capacity, blocks] : blocks_) all.insert(all.end(), blocks.begin(), blocks.end());
  blocks_.clear();
  kept_bytes_ = 0;
  return all;
}

}  // namespace tarry::runtime::cuda
