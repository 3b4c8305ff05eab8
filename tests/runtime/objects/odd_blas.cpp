/// A library with OpenBLAS's allocator that frees work areas by it, but never gets one: so the half of it that can be
/// replaced is put back.
#include <cstdlib>

#define TARRY_EXPORTED extern "C" __attribute__((visibility("default")))

namespace {
int areas = 0;
}

TARRY_EXPORTED void* blas_memory_alloc(int) { return std::malloc(64); }
TARRY_EXPORTED void blas_memory_free(void* area) { std::free(area); }
TARRY_EXPORTED void* blas_memory_alloc_nolock(int) {
  ++areas;
  return std::malloc(64);
}
TARRY_EXPORTED void blas_memory_free_nolock(void* area) { std::free(area); }

TARRY_EXPORTED void* function_that_frees() { return reinterpret_cast<void*>(blas_memory_free); }
TARRY_EXPORTED int areas_of_threads() { return areas; }
