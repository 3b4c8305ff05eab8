#pragma once
/// Global memory as kernels see it: bytes, and beside each byte what is known of it.

#include <cstdint>
#include <string>

namespace cudasim {

/// States of a byte. Bit 7: it may be written. All bits: it may be read.
enum ByteState : uint8_t { kUnmapped = 0x00, kFreed = 0x01, kUnwritten = 0x80, kWritten = 0xff };

struct Region {
  uint64_t base = 0;
  uint64_t bytes = 0;
  uint8_t* data = nullptr;
  uint8_t* state = nullptr;  // none: all of it may be read and written
  bool holds(uint64_t address, uint64_t n) const { return address - base < bytes && n <= bytes - (address - base); }
};

/// What a launch may reach.
class GlobalMemory {
 public:
  virtual ~GlobalMemory() = default;
  /// The memory of the device itself.
  virtual Region own() = 0;
  /// Another region that holds the address, pinned host memory or a peer's; bytes is 0 where there is none.
  virtual Region other(uint64_t address) = 0;
  /// What lies at an address, for messages.
  virtual std::string describe(uint64_t address, uint64_t bytes) = 0;
};

inline bool may_read(const uint8_t* state, uint64_t bytes) {
  uint8_t all = kWritten;
  for (uint64_t i = 0; i < bytes; ++i) all &= state[i];
  return all == kWritten;
}

inline bool may_write(const uint8_t* state, uint64_t bytes) {
  uint8_t all = kUnwritten;
  for (uint64_t i = 0; i < bytes; ++i) all &= state[i];
  return all == kUnwritten;
}

}  // namespace cudasim
