#include "cuda/cublas.h"

#include <tarry/runtime/config.h>
#include <tarry/runtime/fork.h>

#include <dlfcn.h>

#include <memory>
#include <vector>

namespace tarry::runtime::cuda {
namespace {

/// Whether the file is a cuBLAS; if not, says so in `why_not`.
bool open(const std::string& file, Cublas& blas) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    blas.why_not += std::string(blas.why_not.empty() ? "" : "; ") + (why ? why : file.c_str());
    return false;
  }
  std::string missing;
#define TARRY_CUBLAS_FIND(name, symbol, result, parameters)                   \
  blas.name = reinterpret_cast<decltype(blas.name)>(dlsym(library, #symbol)); \
  if (!blas.name) missing += (missing.empty() ? "" : ", ") + std::string(#symbol);
  TARRY_CUBLAS_CALLS(TARRY_CUBLAS_FIND)
#undef TARRY_CUBLAS_FIND
  if (missing.empty()) {
    blas.why_not.clear();
    return true;
  }
  blas.why_not += (blas.why_not.empty() ? "" : "; ") + file + " lacks " + missing;
  dlclose(library);
  return false;
}

}  // namespace

const Cublas& cublas() {
  static constinit MadeOnce<const Cublas> loaded;
  return loaded.get([] {
    auto blas = std::make_unique<Cublas>();
    std::vector<std::string> files{config().cublas_library};
    if (files[0].empty()) files = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"};
    for (const std::string& file : files)
      if (open(file, *blas)) break;
    if (!blas->why_not.empty()) blas->why_not = "no cuBLAS (TARRY_CUBLAS_LIBRARY names one): " + blas->why_not;
    return blas.release();
  });
}

}  // namespace tarry::runtime::cuda
