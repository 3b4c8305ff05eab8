#pragma once
/// Runs a program on the interpreter, compiled and, where its kernels are new, as PTX, and counts the cases.

#include "interp_support.h"

#include <tarry/ir/program.h>

namespace tarry::test {

/// The elements of one input in C order, and how they are to lie in memory.
struct Placed {
  Data elements;
  ir::Shape shape;
  ir::Strides strides;
};

/// The elements of an output in C order, by each executor.
struct Both {
  Data interpreted, compiled;
};

/// Runs a program of one output; its inputs are laid out as `placed` says, with other memory around
/// and between them. Fails the test where an executor gives other bits than the other. Counts a case.
Both execute_both(ir::Program program, const std::vector<Placed>& placed);

/// Appends `parameter slot` for these elements to a program whose inputs execute_both lays out.
Value add_input(ir::Program& program, const Placed& placed);

/// A failed case is named by this, whatever the layout and executor.
std::string case_name(std::string_view op, DType t, std::string_view layout);

}  // namespace tarry::test
