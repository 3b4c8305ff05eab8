#pragma once
/// A plan as text: its buffers, its steps with their kernels, and why each is a step of its own.

#include <tarry/passes/plan.h>

#include <string>
#include <string_view>

namespace tarry::tools {

/// With `expanded` the kernels are shown in primitives.
std::string plan_text(const passes::Plan& plan, std::string_view name, bool expanded);

}  // namespace tarry::tools
