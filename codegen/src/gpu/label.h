#pragma once
/// What people call kernels and steps.

#include <tarry/passes/plan.h>

#include <string>

namespace tarry::codegen {

/// A kernel's name, or else its first ops: "mul+exp+reduce_sum+…".
std::string kernel_label(const ir::Kernel& kernel);
std::string step_label(const passes::Step& step);

}  // namespace tarry::codegen
