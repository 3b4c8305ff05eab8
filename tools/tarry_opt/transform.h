#pragma once
/// Derivatives and batches of programs.

#include <tarry/ir/program.h>

#include <string>

namespace tarry::tools {

/// `how` is jvp or vjp, with respect to every float parameter, or batch=N, over every parameter. The new
/// inputs follow those of the program.
ir::Program transform(const ir::Program& program, const std::string& how);

}  // namespace tarry::tools
