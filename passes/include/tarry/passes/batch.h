#pragma once
/// Batching of array-level graphs: from a function of single elements to one of many at once.

#include <tarry/ir/graph.h>

#include <cstdint>
#include <span>

namespace tarry::passes {

/// `mapped` are parameters of g that stand for one element of a batch of `count`. The result begins with
/// g's nodes, the same numbers; behind them come one parameter for each of `mapped`, numbered after those of
/// g, with the batch as its first axis, and the nodes that depend on them, which have it too. Outputs are
/// g's, each with the batch first; those that do not depend on `mapped` are repeated.
///
/// Needs: a verified graph. Keeps: per element the order of every reduction; a matrix product becomes
/// another shape of product. What does not depend on the batch is computed once. Why not LLVM: it sees loops
/// over elements, not arrays.
ir::Graph batch(const ir::Graph& g, std::span<const ir::Value> mapped, int64_t count);

}  // namespace tarry::passes
