#pragma once
/// Which row kernels walk along three rows at once.
///
/// A phase waits for what the one before it has folded, and the last phase of a row may wait for divisions: both leave
/// most of the processor idle. So the last phase of a row goes along with the middle one of the next row and the first
/// one of the row behind that, as in a layer normalisation or a softmax. What the middle phase keeps for the last one,
/// as the exponentials of a softmax, needs no more room for it: at each vector the last phase has read what was kept
/// there before the middle one of the next row keeps its own.

#include <tarry/ir/kernel.h>

#include <vector>

namespace tarry::codegen {

/// Up to so many nodes a walk is emitted once for each vector of the 32 lanes, and their accumulators stay in
/// registers.
constexpr size_t kUnrolledNodes = 24;

/// The same where three walks are one, which has more to do meanwhile.
constexpr size_t kUnrolledInStages = 40;

/// Additions for each element from which a walk leaves memory time to make ready what a later one stores to.
constexpr int kHeavyWalk = 12;

/// Whether a phase reads, computes and folds, and leaves nothing else.
bool only_folds(const ir::Kernel& k, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase);

/// Whether rows go in three stages: the last phase has divisions or roots, nothing of the first one is left but what it
/// folds, and one lies between them, of which what it keeps may be left too.
bool goes_in_stages(const ir::Kernel& k, const ir::RowPlan& plan, const std::vector<bool>& live);
/// Bytes of the longest rows that gain by it: longer ones push each other out of the nearest caches.
int64_t longest_in_stages(const ir::Kernel& k, const ir::RowPlan& plan);
/// Whether they gain by a walk of its own for whole blocks: not where the middle phase computes much, whose code would
/// be there twice and take a third longer to compile.
bool stages_take_whole_blocks(const ir::Kernel& k, const ir::RowPlan& plan);

}  // namespace tarry::codegen
