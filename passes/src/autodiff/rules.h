#pragma once
/// The rules of derivatives: one entry per primitive.

#include "builder.h"

#include <functional>
#include <span>

namespace tarry::passes {

/// The tangent of v, a node of b.g, from those of its operands (invalid: zero; not all are). Linear in
/// them. Throws TypeError where the op has no derivative.
ir::Value tangent_of(Builder& b, ir::Value v, std::span<const ir::Value> tangents);

/// Tangents of elementwise ops with one operand; x the operand, v the result, t the tangent of x.
ir::Value unary_tangent(Builder& b, ir::Value v, ir::Value t);
/// Those with several, and choices.
ir::Value binary_tangent(Builder& b, ir::Value v, std::span<const ir::Value> t);
/// Reductions and scans.
ir::Value fold_tangent(Builder& b, ir::Value v, ir::Value t);

/// Given the cotangent of a linear node, hands cotangents to `give` for those of its operands that
/// depend on the tangents, for which `is_linear` holds.
void transpose_node(Builder& b, ir::Value v, ir::Value cotangent, const std::function<bool(ir::Value)>& is_linear,
                    const std::function<void(ir::Value, ir::Value)>& give);

[[noreturn]] void refuse(const Builder& b, ir::Value v);

}  // namespace tarry::passes
