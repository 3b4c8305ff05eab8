#pragma once
/// From a list of instructions with jumps to basic blocks.

#include <cstdint>
#include <vector>

#include "ptx/program.h"

namespace cudasim {

struct Flat {
  enum class Kind : uint8_t { plain, jump, table, exit, barrier, converge };
  Kind kind = Kind::plain;
  Instr instr;
  int target = -1;         // a label
  std::vector<int> table;  // labels
};

/// Cuts `code` into the program's blocks. Blocks are numbered so that a block comes after all that lead to it except
/// along a loop's way back, and what follows a loop comes after all of the loop: lanes at the lowest number go first
/// and the others find them where their ways meet.
void arrange(Program& program, std::vector<Flat>& code, const std::vector<int>& labels);

}  // namespace cudasim
