#pragma once
/// Primitives on values, scalar or vector alike.

#include <tarry/ir/graph.h>

#include <span>

#include "llvm/ir.h"

namespace tarry::codegen {

/// The value of node `v`, a primitive elementwise op, `select`, `bits` or a literal-free cast, for
/// these operands. Throws InternalError on an op that is no primitive.
llvm::Value* emit_elementwise(Builder& b, const ir::Graph& g, ir::Value v, std::span<llvm::Value* const> operands);

/// `older ⊕ newer` for the fold of a reduction or scan, on accumulators (bool as bytes).
llvm::Value* emit_fold(Builder& b, ir::Op reduce, ir::DType accumulator, llvm::Value* older, llvm::Value* newer);

/// Between dtypes, as op `cast`.
llvm::Value* emit_cast(Builder& b, llvm::Value* x, ir::DType from, ir::DType to);

}  // namespace tarry::codegen
