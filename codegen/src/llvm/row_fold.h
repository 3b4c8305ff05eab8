#pragma once
/// The reductions of one walk along a whole row, block by block.

#include "llvm/row_walk.h"
#include "llvm/scratch.h"

namespace tarry::codegen {

/// Runs the walk, which was started, and gives the values of its accumulators' nodes. `whole`: a walk of whole
/// blocks, started too, that takes what it can.
std::vector<llvm::Value*> fold_row(Frame& frame, Scratch& scratch, RowWalk& walk, llvm::Value* length,
                                   RowWalk* whole = nullptr);

/// Whether a phase gains by a walk of its own for whole blocks: where it does so little that each sum waits for itself,
/// and the processor for the end of a block.
bool is_light_fold(const ir::Kernel& kernel, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase, int lanes);

}  // namespace tarry::codegen
