#pragma once
/// Products with a vector as kernels: sums of products in the one order of reductions, as the host has them.

#include <tarry/passes/plan.h>

namespace tarry::codegen {

/// Of floats or complex numbers, where m, n or k is 1 (or 0).
passes::KernelStep vector_product(const passes::MatmulStep& step);

}  // namespace tarry::codegen
