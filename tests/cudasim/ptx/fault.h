#pragma once
/// What goes wrong in PTX text and in running kernels.

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace cudasim {

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

inline std::string hex(uint64_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

/// Text that no assembler would take.
struct PtxError : std::runtime_error {
  PtxError(int at, const std::string& what) : std::runtime_error(text("line ", at, ": ", what)) {}
};

/// Text that is fine, but beyond what the interpreter knows.
struct UnknownInstruction : PtxError {
  using PtxError::PtxError;
};

/// A kernel did what it must not do. The driver makes an error code of the kind.
struct Fault : std::runtime_error {
  enum class Kind { illegal_address, misaligned_address, unwritten_memory, race, undefined, deadlock, trap, timeout };
  Fault(Kind k, const std::string& what) : std::runtime_error(what), kind(k) {}
  Kind kind;
};

}  // namespace cudasim
