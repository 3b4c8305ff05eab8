#pragma once
/// Asking the stand-in for libcuda that TARRY_CUDA_LIBRARY names.

#include <cudasim.h>

#include <string>

namespace tarry::test {

cudasimCounters stand_in_counters();
std::string stand_in_violations();

}  // namespace tarry::test
