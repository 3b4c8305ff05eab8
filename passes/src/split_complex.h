#pragma once
// Complex numbers end here: executors know reals alone.

#include "lower.h"

namespace tarry::passes {

/// What: every access to complex numbers becomes one for each part that is needed, in the dtype of the parts,
/// with twice the strides; every complex value becomes its parts. Needs: the finished kernel of a step, with
/// bindings in complex elements. Keeps: the order of stores and every bit. Why not LLVM: the interpreter has to
/// see the same, and which halves of an array are read at all shows in the kernel's arguments.
void split_complex(LoweredKernel* kernel);

}  // namespace tarry::passes
