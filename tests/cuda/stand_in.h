#pragma once
/// Asking the stand-in for libcuda that TARRY_CUDA_LIBRARY names.

#include <cudasim.h>

#include <string>

namespace tarry::test {

cudasimCounters stand_in_counters();
/// Of all kernels of this name; zeros where none was launched.
cudasimKernelCounters stand_in_counters(const char* kernel);
std::string stand_in_violations();

}  // namespace tarry::test
