#pragma once
/// Which row kernels walk along two or three rows at once.
///
/// A phase waits for what the one before it has folded, and the last phase of a row may wait for divisions: both leave
/// most of the processor idle. So the last phase of a row goes along with the middle one of the next row and the first
/// one of the row behind that, as in a layer normalisation. Where the middle one is heavy by itself and keeps what it
/// computes, as the exponentials of a softmax, the last phase goes along with the first one of the next row alone.

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

/// 1, 2 or 3. More than one: the last phase has divisions or roots, and nothing of the first one is left but what it
/// folds; with 2 one between them is heavy, with 3 there is one, of which no more is left.
int rows_at_once(const ir::Kernel& k, const ir::RowPlan& plan, const std::vector<bool>& live);

}  // namespace tarry::codegen
