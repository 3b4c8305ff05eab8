#pragma once
/// One device's memory: a heap with a state for each byte, freed ranges that are not soon used again, and room between
/// allocations that belongs to nobody.

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "driver/types.h"
#include "ptx/memory.h"

namespace cudasim {

inline constexpr uint64_t kDeviceBase = uint64_t{0xC000} << 32;
inline constexpr int kDeviceShift = 40;
inline constexpr uint64_t kAllocationAlign = 256;

struct Allocation {
  uint64_t base = 0;
  uint64_t bytes = 0;
  bool is_ordered = false;  // by a stream
  bool is_module = false;   // a variable of a module
  uint64_t context = 0;
};

class DeviceMemory {
 public:
  DeviceMemory(int ordinal, uint64_t bytes);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  /// Null where memory is short. What lies there is not mapped before `map`.
  Allocation* reserve(uint64_t bytes);
  void map(const Allocation& a);
  /// Takes the allocation from those that live; the bytes stay what they are until `unmap`.
  Allocation release(uint64_t base);
  void unmap(const Allocation& a);

  Allocation* find(uint64_t address);
  const std::map<uint64_t, Allocation>& live() const { return live_; }
  Region region() const { return region_; }
  std::string describe(uint64_t address, uint64_t bytes) const;
  uint64_t used() const { return used_; }
  uint64_t peak() const { return peak_; }
  uint64_t capacity() const { return capacity_; }

 private:
  bool is_free(uint64_t from, uint64_t bytes, uint64_t& next) const;

  uint64_t capacity_;
  uint64_t used_ = 0, peak_ = 0;
  Region region_;
  uint64_t cursor_;
  std::map<uint64_t, Allocation> live_;
  std::map<uint64_t, uint64_t> releasing_;  // released, not yet unmapped: base to size
  std::deque<Allocation> freed_;
};

}  // namespace cudasim
