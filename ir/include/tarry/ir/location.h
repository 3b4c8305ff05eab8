#pragma once
/// Lines of the user's.

#include <cstdint>
#include <string>

namespace tarry::ir {

/// Where the user wrote an op: a file name with static lifetime and a line, packed in eight bytes.
/// Not part of a node's identity.
struct Location {
  uint64_t bits = 0;
  static Location of(const char* file, int line) {
    return {reinterpret_cast<uint64_t>(file) | static_cast<uint64_t>(line < 0xffff ? line : 0xffff) << 48};
  }
  const char* file() const { return reinterpret_cast<const char*>(bits & 0xffff'ffff'ffff); }
  int line() const { return static_cast<int>(bits >> 48); }
  std::string text() const;  // "model.cpp:12", or "" when unknown
};

}  // namespace tarry::ir
