#pragma once
/// Memory of one session that nobody uses now. What is given back may still be in use by what was asked of the stream
/// before; whoever takes it asks later. Only the driver has to be told, and it waits by itself.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tarry::runtime::cuda {

class DevicePool {
 public:
  /// What a request is rounded up to: a multiple of 256 bytes, in eight steps for each doubling.
  static size_t capacity_for(size_t bytes);

  /// A kept block of exactly this capacity; 0 where none is.
  uint64_t take(size_t capacity);
  /// False when there is no memory to remember it in.
  bool give(uint64_t address, size_t capacity) noexcept;
  /// All that is kept, which is then forgotten.
  std::vector<uint64_t> drain();
  uint64_t kept_bytes() const { return kept_bytes_; }

 private:
  std::unordered_map<size_t, std::vector<uint64_t>> blocks_;  // by capacity
  uint64_t kept_bytes_ = 0;
};

}  // namespace tarry::runtime::cuda
