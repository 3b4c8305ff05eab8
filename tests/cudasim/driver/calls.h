#pragma once
/// The calls, declared.

#include "driver/functions.h"

namespace cudasim {

extern "C" {
#define X(symbol, name, version, parameters) __attribute__((visibility("default"))) CUresult symbol parameters;
CUDASIM_FUNCTIONS(X)
#undef X
}

}  // namespace cudasim
