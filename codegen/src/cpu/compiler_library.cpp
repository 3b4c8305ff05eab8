#include "cpu/compiler_library.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <tarry/ir/error.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace tarry::codegen {
namespace {

constexpr const char* kFile = "libtarry-llvm.so";

std::string folder_of_this_binary() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&run_compiler), &info) || !info.dli_fname) return "";
  std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash);
}

std::vector<std::string> candidates() {
  if (const char* chosen = std::getenv("TARRY_LLVM_LIBRARY"); chosen && *chosen) return {chosen};
  const std::string here = folder_of_this_binary();
  std::vector<std::string> all;
  if (!here.empty()) all.push_back(here + "/" + kFile);
  all.push_back(kFile);
  // In a build tree every component has a folder of its own, and programs stand one or two below the root.
  if (!here.empty())
    for (const char* up : {"/../codegen/", "/../../codegen/"}) all.push_back(here + up + kFile);
  return all;
}

CompileFunction* load() {
  std::string tried;
  for (const std::string& file : candidates()) {
    if (void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      if (void* function = dlsym(library, kCompileSymbol)) return reinterpret_cast<CompileFunction*>(function);
    }
    const char* why = dlerror();
    tried += std::string("\n  ") + (why ? why : file.c_str());
  }
  throw DeviceError("cannot load the compiler, libtarry-llvm.so:" + tried);
}

/// Set when the process begins to end: LLVM's own state is then torn down before that of arrays with
/// static lifetime, which may still be looked at.
std::atomic<bool> ending{false};

/// Loaded once; a failure is tried again at the next compile, when the user may have mended it.
CompileFunction* compiler() {
  static std::mutex mutex;
  static CompileFunction* function = nullptr;
  const std::lock_guard lock(mutex);
  if (ending.load()) throw DeviceError("the process is ending, LLVM is gone");
  if (!function) {
    function = load();
    // Registered after LLVM's destructors, so it runs before them.
    std::atexit([] { ending = true; });
  }
  return function;
}

struct Answer {
  std::string text;
  bool failed = false;
  bool about_machine = false;
};

}  // namespace

std::string compiler_identity() {
  std::string identity = TARRY_VERSIONS;
  for (const std::string& file : candidates()) {
    struct stat s;
    if (stat(file.c_str(), &s) != 0) continue;
    const auto changed = std::to_string(s.st_mtim.tv_sec) + "." + std::to_string(s.st_mtim.tv_nsec);
    return identity + ", file of " + std::to_string(s.st_size) + " bytes from " + changed;
  }
  return identity;
}

std::string run_compiler(const CompileRequest& request) {
  Answer answer;
  CompileSink sink;
  sink.self = &answer;
  sink.result = [](void* self, const char* bytes, size_t size) {
    static_cast<Answer*>(self)->text.assign(bytes, size);
  };
  sink.failed = [](void* self, const char* why, bool about_machine) {
    *static_cast<Answer*>(self) = {why, true, about_machine};
  };
  compiler()(&request, &sink);
  if (!answer.failed) return std::move(answer.text);
  if (answer.about_machine) throw DeviceError(answer.text);
  throw InternalError(answer.text);
}

}  // namespace tarry::codegen
