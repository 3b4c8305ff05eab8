#pragma once
/// Values that flow from one device to another.

#include "trace.h"

#include <functional>
#include <span>

namespace tarry::frontend {

/// A program runs at one place. Computes what lies below these values and is read at another place than its own, there,
/// by `compute`, which fails what it cannot compute; what is copied from place to place is stored. After that all that
/// is left to compute for a root can be computed where the root is.
void settle(Trace& trace, std::span<const ir::Value> roots, const std::function<void(ir::Value)>& compute);

/// Where the program of a value runs: at its place, or, of a copy, where what it copies is.
uint8_t program_place(const Trace& trace, ir::Value v);

}  // namespace tarry::frontend
