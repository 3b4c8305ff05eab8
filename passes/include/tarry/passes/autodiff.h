#pragma once
/// Derivatives of array-level graphs, as graphs.
///
/// There is one rule for each primitive, that of its tangent (`tangent_of`), written with the same
/// primitives. Reverse mode needs no second rule: what a tangent rule writes is linear in the tangents,
/// and the few linear primitives are transposed one by one.
///
/// Conventions. Integers and bools have no tangents: they stop a derivative, and so do floor and its
/// kin, whose derivative is 0. Tied elements of max and min share evenly. The derivative of abs at 0 is
/// 0. A product with a cotangent is 0 where either factor is 0, even where the other is infinite or NaN
/// (op mul0): so nothing leaks from the branch that `select` did not take, and sqrt(sum(x * x)) has the
/// gradient 0 at 0. A `scalar` node counts as finite and not 0.
///
/// Needs: a verified graph. Keeps: the given graph, whose nodes are the first nodes of the result with
/// the same numbers, so that whoever has them computed has not to compute them again. Why not LLVM: it
/// sees neither arrays nor the program as a whole.

#include <tarry/ir/graph.h>

#include <span>

namespace tarry::passes {

/// Forward mode. `wrt` are parameters of g. The result has one more parameter for each of `wrt`, its
/// tangent, numbered after those of g; outputs are the tangents of g's outputs (zeros where an output is
/// no float or does not depend on `wrt`).
ir::Graph jvp(const ir::Graph& g, std::span<const ir::Value> wrt);

/// Reverse mode. The result has one more parameter for each output of g, its cotangent, numbered after
/// those of g; outputs are the cotangents of `wrt`, which may be any values of g: what lies before them
/// counts as constant. Nodes behind those of g stand in the order in which the walk from the outputs
/// made them; all of them are needed.
ir::Graph vjp(const ir::Graph& g, std::span<const ir::Value> wrt);

/// Whether arrays of this dtype have derivatives.
bool is_differentiable(ir::DType dtype);

/// Whether a value is zeros that nobody computed, as where no derivative came.
bool is_literal_zero(const ir::Graph& g, ir::Value v);

/// What transforms alone record, in terms of the other ops: marks go, and guards (mul0, div0) of what needs none.
/// Needs and keeps: everything else, bit for bit. Fusion knows the result only.
ir::Graph legalize(ir::Graph graph);

}  // namespace tarry::passes
