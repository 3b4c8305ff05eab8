#pragma once
/// An argument of a function under a transform is a node of its own, and yet the caller's memory: what is written
/// through one array is seen through all others that share its memory.

#include "trace.h"
#include "view_info.h"

#include <vector>

namespace tarry::frontend {

/// An array that a function under a transform got, and the elements that it stands for: those of `root`, which is no
/// such array itself, at the end of `chain`.
struct SharedMemory {
  CellPointer functions, root;
  std::vector<ViewStep> chain;
};

/// The function got this array for one of the caller's. Memory that the user holds too takes part in nothing: what is
/// followed cannot lie there.
void share_memory(Trace& own, Cell& functions, Cell& callers);

/// After `v` was written into `written`, an array or a view: writes it into the same memory of the others. What they do
/// not share stays as it is, for each its own node.
void write_shared(Trace& own, Cell& written, ir::Value v, ir::Location where);

}  // namespace tarry::frontend
