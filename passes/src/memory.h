#pragma once
/// Which buffers of a plan share memory.

#include <tarry/passes/plan.h>

namespace tarry::passes {

/// Computes the live ranges of all buffers and gives those that are not inputs their memory, in the order of first use:
/// that of a buffer of the same size which is not used any more, if there is one, else memory of its own. Finds the
/// first step that overwrites an input.
void plan_memory(Plan& plan);

}  // namespace tarry::passes
