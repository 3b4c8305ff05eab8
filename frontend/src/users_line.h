#pragma once
/// Lines of the user's, for errors.

#include "trace.h"

#include <string>

namespace tarry::frontend {

/// "model.cpp:12"; "" where the place is unknown, or in this library's own sources.
std::string users_line(ir::Location where);

/// Throws ValueError where a value depends on a batch and thus has no elements to look at. It names the line that
/// looked, `seen`; where that is unknown, the line that recorded the value, or what it is made of.
void refuse_abstract(const Trace& trace, ir::Value v, ir::Location seen);

}  // namespace tarry::frontend
