#pragma once
/// NVIDIA's assembler, where there is one.

#include <string>
#include <vector>

namespace tarry::test {

/// The command, or nothing.
std::string find_assembler();

/// What the assembler makes of a text for a chip.
struct Assembled {
  struct Function {
    std::string name;
    int registers = 0;
    int spilled = 0;  // bytes of registers that go through memory
  };
  bool accepted = false, warned = false;
  std::vector<Function> functions;
  std::string said;
};
Assembled assemble(const std::string& assembler, const std::string& ptx, int sm);

/// Why registers of a function go through memory. `blocks`: the assembler keeps to fewer registers than there are, so
/// that more blocks run on a multiprocessor at once; where it is not told how many threads a block has, nothing goes
/// through memory. `shortage`: there are more values than registers.
enum class Spill { none, blocks, shortage, other };

struct Spilled {
  std::string function;
  int registers, bytes;
  Spill reason;
};
/// The functions of a text that was accepted whose registers go through memory.
std::vector<Spilled> spilled(const std::string& assembler, const Assembled& assembled, const std::string& ptx, int sm);

/// An empty string, or what is wrong with a small text for a chip: it is refused, warned of, or registers go through
/// memory, but for a few for the sake of more blocks.
std::string complaint(const std::string& assembler, const std::string& ptx, int sm);

}  // namespace tarry::test
