#pragma once
/// Which row kernels walk along two rows at once.
///
/// The last phase of a row may wait for divisions, which leave the rest of the processor idle, and the first phase of
/// the next row for memory: together they take little more than the longer one. Where a kernel does little else than
/// read and write this does not pay, since memory is slower when it does both at once: something between them has to
/// give it time, as the exponentials of a softmax do.

#include <tarry/ir/kernel.h>

#include <vector>

namespace tarry::codegen {

/// Up to so many nodes a walk is emitted once for each vector of the 32 lanes, and their accumulators stay in
/// registers.
constexpr size_t kUnrolledNodes = 24;

/// Additions for each element from which a walk leaves memory time to make ready what a later one stores to.
constexpr int kHeavyWalk = 12;

/// Whether a phase reads, computes and folds, and leaves nothing else.
bool only_folds(const ir::Kernel& k, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase);

/// Whether the last phase has divisions or roots, one before it is heavy, and nothing of the first one is left but what
/// it folds.
bool rows_overlap(const ir::Kernel& k, const ir::RowPlan& plan, const std::vector<bool>& live);

}  // namespace tarry::codegen
