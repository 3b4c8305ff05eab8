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

/// An empty string, or what is wrong with a text: it is refused, warned of, or registers go through memory that have no
/// reason to.
std::string complaint(const Assembled& assembled, const std::string& ptx);

}  // namespace tarry::test
