#include "blas_library.h"

#include <dlfcn.h>
#include <tarry/runtime/fork.h>

#include <iterator>

#include "blas_workspace.h"

// A sanitizer's run time refuses RTLD_DEEPBIND.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARRY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TARRY_SANITIZED 1
#endif
#endif

namespace tarry::runtime {
namespace {

#if defined(__x86_64__)
#define TARRY_LIBRARIES "/usr/lib/x86_64-linux-gnu/"
#elif defined(__aarch64__)
#define TARRY_LIBRARIES "/usr/lib/aarch64-linux-gnu/"
#endif

// The serial OpenBLAS where Debian puts it; whatever OpenBLAS the system has chosen, if it is serial; the reference
// BLAS; whatever BLAS the system has chosen.
constexpr const char* kFiles[] = {
    TARRY_LIBRARIES "openblas-serial/libopenblas.so.0",
    "libopenblas.so.0",
    TARRY_LIBRARIES "blas/libblas.so.3",
    "libblas.so.3",
};

#ifdef TARRY_SANITIZED
constexpr int kOpenMode = RTLD_NOW | RTLD_LOCAL;
#else
// The program may have linked another BLAS; without DEEPBIND this one's inner calls would land there.
constexpr int kOpenMode = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

template <class Function>
Function find(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

BlasLibrary read_library(void* handle, const char* file) {
  BlasLibrary library;
  // A threaded OpenBLAS would start its own pool in each of our threads, and its bits depend on their number.
  const auto parallel = find<int (*)()>(handle, "openblas_get_parallel");
  if (parallel && parallel() != 0) return library;
  library.sgemm = find<GemmFunction<float>>(handle, "cblas_sgemm");
  library.dgemm = find<GemmFunction<double>>(handle, "cblas_dgemm");
  library.cgemm = find<ComplexGemmFunction>(handle, "cblas_cgemm");
  library.zgemm = find<ComplexGemmFunction>(handle, "cblas_zgemm");
  const auto configuration = find<char* (*)()>(handle, "openblas_get_config");
  if (!library) return library;
  library.handle = handle;
  // The reference BLAS has no work areas and no state; an OpenBLAS that keeps its table of them is called one at a
  // time.
  library.one_at_a_time = configuration && !replace_blas_workspace(handle);
  library.description = std::string(configuration ? configuration() : "BLAS") + " (" + file + ")";
  return library;
}

}  // namespace

BlasLibrary open_blas(const char* const* files, int count) {
  for (int i = 0; i < count; ++i) {
    void* handle = dlopen(files[i], kOpenMode);
    if (!handle) continue;
    BlasLibrary library = read_library(handle, files[i]);
    if (library) return library;
    dlclose(handle);
  }
  return {};
}

const BlasLibrary& blas_library() {
  static constinit MadeOnce<const BlasLibrary> library;
  return library.get([] { return new BlasLibrary(open_blas(kFiles, std::size(kFiles))); });
}

void* lapack_symbol(const char* name) {
  const BlasLibrary& blas = blas_library();
  if (blas.handle)
    if (void* found = dlsym(blas.handle, name)) return found;
  static constinit MadeOnce<void* const> lapack;
  void* const handle = lapack.get([] { return new void*(dlopen("liblapack.so.3", kOpenMode)); });
  return handle ? dlsym(handle, name) : nullptr;
}

}  // namespace tarry::runtime
