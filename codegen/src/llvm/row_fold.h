#pragma once
/// The reductions of one walk along a whole row, block by block.

#include "llvm/row_walk.h"
#include "llvm/scratch.h"

namespace tarry::codegen {

/// Runs the walk, which was started, and gives the values of its accumulators' nodes.
std::vector<llvm::Value*> fold_row(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length);

}  // namespace tarry::codegen
