#include "stand_in.h"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>

namespace tarry::test {
namespace {

template <class Function>
Function* find(const char* name) {
  void* library = dlopen(std::getenv("TARRY_CUDA_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
  void* found = library ? dlsym(library, name) : nullptr;
  if (!found) throw std::runtime_error(std::string("the stand-in for libcuda has no ") + name);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

cudasimCounters stand_in_counters() {
  cudasimCounters counters;
  find<void(cudasimCounters*)>("cudasimGetCounters")(&counters);
  return counters;
}

cudasimKernelCounters stand_in_counters(const char* kernel) {
  cudasimKernelCounters counters{};
  find<int(const char*, cudasimKernelCounters*)>("cudasimGetKernelCounters")(kernel, &counters);
  return counters;
}

std::string stand_in_violations() { return find<const char*()>("cudasimViolations")(); }

}  // namespace tarry::test
