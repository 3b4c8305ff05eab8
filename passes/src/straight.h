#pragma once
// The plan of the plainest programs, without forming groups: one value that is computed element by element from arrays
// of its own shape, which all lie in C order, and from numbers. A trace that is seen for the first time is often such a
// one, and what a first call costs is mostly its plan.

#include <tarry/passes/plan.h>

#include <optional>

namespace tarry::passes {

/// What lower(fuse(program)) gives; nothing for other programs. Needs a simplified program.
std::optional<Plan> plan_straight(const Program& program);

}  // namespace tarry::passes
