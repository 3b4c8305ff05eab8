#pragma once
/// From a parsed entry to a program that runs.

#include <cstdint>
#include <functional>

#include "ptx/module.h"
#include "ptx/program.h"

namespace cudasim {

/// `global(name)`: where a variable of the module lies in global memory. Throws PtxError, UnknownInstruction.
Program decode(const Module& module, const Function& entry, const std::function<uint64_t(const std::string&)>& global);

}  // namespace cudasim
