#pragma once
/// NVIDIA's assembler, where there is one.

#include <string>

namespace tarry::test {

/// The command, or nothing.
std::string find_assembler();

/// What the assembler makes of a text for a chip.
struct Assembled {
  bool accepted = false, warned = false;
  int spilled = 0;    // bytes of registers that go through memory, of the function where it is most
  int registers = 0;  // of the function with most
  std::string said;
};
Assembled assemble(const std::string& assembler, const std::string& ptx, int sm);

/// Why registers of a text go through memory: the assembler divides and takes roots in a subroutine of its own where
/// numbers are rare, and saves what is live around its call; or a kernel has more values than there are registers; or
/// neither, a few bytes where loops are nested.
enum class Spill { none, call, shortage, other };
Spill reason_of(const Assembled& assembled, const std::string& ptx);

/// An empty string, or what is wrong with a small text: it is refused, warned of, or registers go through memory, but
/// for a few around a call or where loops are nested.
std::string complaint(const Assembled& assembled, const std::string& ptx);

}  // namespace tarry::test
