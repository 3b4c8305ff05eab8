#include "cuda/driver.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/fork.h>

#include <dlfcn.h>

#include <memory>

namespace tarry::runtime::cuda {
namespace {

constexpr const char* kFile = "libcuda.so.1";

struct Loaded {
  Driver driver;
  uint64_t generation = fork_generation();
};

std::string where_to_look(const std::string& chosen) {
  return chosen.empty() ? std::string("looked for ") + kFile +
                              " where the system keeps libraries (TARRY_CUDA_LIBRARY names another file)"
                        : "looked for " + chosen + ", as TARRY_CUDA_LIBRARY says";
}

Loaded* load() {
  const std::string& chosen = config().cuda_library;
  auto loaded = std::make_unique<Loaded>();
  Driver& d = loaded->driver;
  try {
    d = open_driver(chosen.empty() ? kFile : chosen);
  } catch (const DeviceError& e) {
    throw DeviceError("no CUDA driver: " + where_to_look(chosen) + ": " + e.what());
  }
  if (const Result r = d.init(0); r != kSuccess)
    throw DeviceError("the CUDA driver " + d.file + " found no GPU it can use: cuInit: " + d.describe(r));
  if (const Result r = d.device_count(&d.devices); r != kSuccess)
    throw DeviceError("the CUDA driver " + d.file + " cannot count its GPUs: cuDeviceGetCount: " + d.describe(r));
  return loaded.release();
}

}  // namespace

std::string Driver::describe(Result error) const {
  const char *name = nullptr, *text = nullptr;
  const bool named = error_name(error, &name) == kSuccess && name;
  const bool told = error_text(error, &text) == kSuccess && text;
  return (named ? name : "error") + std::string(" (") + std::to_string(error) + ")" + (told ? ": " : "") +
         (told ? text : "");
}

Driver open_driver(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    throw DeviceError(why ? why : "it cannot be opened");
  }
  Driver d;
  d.file = file;
  std::string missing;
  // Never closed: a driver that was once begun cannot be taken away.
#define TARRY_CUDA_FIND(name, symbol, parameters)                       \
  d.name = reinterpret_cast<decltype(d.name)>(dlsym(library, #symbol)); \
  if (!d.name) missing += (missing.empty() ? "" : ", ") + std::string(#symbol);
  TARRY_CUDA_CALLS(TARRY_CUDA_FIND)
#undef TARRY_CUDA_FIND
  if (!missing.empty()) {
    dlclose(library);
    throw DeviceError(file + " lacks " + missing + ": it is too old, or no CUDA driver");
  }
  return d;
}

const Driver& driver() {
  static constinit MadeOnce<const Loaded> loaded;
  const Loaded& l = loaded.get(load);
  if (l.generation != fork_generation())
    throw DeviceError(
        "the CUDA driver was begun before this process was forked, and cannot be used in it; fork before the first use "
        "of a GPU, or exec");
  return l.driver;
}

}  // namespace tarry::runtime::cuda
