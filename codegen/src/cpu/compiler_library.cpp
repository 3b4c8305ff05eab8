#include "cpu/compiler_library.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tarry/codegen/backend.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <utility>
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

struct Functions {
  CompileFunction* compile = nullptr;
  StopFunction* stop = nullptr;
};

Functions load() {
  // Code that runs while LLVM is loaded cannot be told that there is no memory, and ends the process.
  if (!is_room_for_compiler()) throw DeviceError("there is no memory for the compiler");
  std::string tried;
  for (const std::string& file : candidates()) {
    if (void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      void *compile = dlsym(library, kCompileSymbol), *stop = dlsym(library, kStopSymbol);
      if (compile && stop) return {reinterpret_cast<CompileFunction*>(compile), reinterpret_cast<StopFunction*>(stop)};
    }
    const char* why = dlerror();
    tried += std::string("\n  ") + (why ? why : file.c_str());
  }
  throw DeviceError("cannot load the compiler, libtarry-llvm.so:" + tried);
}

/// The compiler's functions, loaded once; a failure is tried again at the next compile, when the user may have mended
/// it. No fork happens while LLVM is being loaded: its child could never load anything.
struct Library {
  runtime::ForkMutex mutex;
  runtime::ForkMutex compiling;  // held during a compile: LLVM inside of one is of no use to a child
  Functions functions;
  /// Set when the process begins to end: LLVM's own state is then torn down before that of arrays with static lifetime,
  /// which may still be looked at.
  bool ending = false;

  static Library& instance() {
    static constinit runtime::MadeOnce<Library> library;
    return library.get();
  }
  CompileFunction* get() {
    const std::lock_guard lock(mutex);
    if (ending) throw DeviceError("the process is ending, LLVM is gone");
    if (!functions.compile) {
      functions = load();
      // Registered after most of LLVM's destructors, so it runs before them.
      std::atexit([] { instance().end(); });
    }
    return functions.compile;
  }
  void end() {
    const std::lock_guard lock(mutex);
    if (!std::exchange(ending, true) && functions.stop) functions.stop();
  }
  void wait() { const std::lock_guard lock(mutex); }
};

/// Its destructor is the first thing that runs when its thread calls exit(), before any of LLVM's, which must not run
/// while another thread is inside LLVM. The main thread ends with the process; of others one cannot tell, they wait for
/// a load under way and leave the rest to the handler above.
struct AtEndOfThread {
  ~AtEndOfThread() {
    if (gettid() == getpid())
      Library::instance().end();
    else
      Library::instance().wait();
  }
};

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

bool is_room_for_compiler() {
  // LLVM's file and its start-up code, two threads with their stacks and heaps (which glibc reserves in steps of
  // 128 MiB), one compile, and a rest for everyone else.
  constexpr size_t kNeeded = size_t{512} << 20;
  void* const probe =
      mmap(nullptr, kNeeded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, kNeeded);
  return true;
}

void stop_compiler_at_exit() {
  static thread_local const AtEndOfThread at_end;
  static_cast<void>(&at_end);
}

namespace {
/// The main thread loads this library, as a rule: its end is seen also when only others compile.
[[maybe_unused]] const bool at_load = (stop_compiler_at_exit(), true);
}  // namespace

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
  {
    CompileFunction* const compile = Library::instance().get();
    const std::lock_guard lock(Library::instance().compiling);
    compile(&request, &sink);
  }
  if (!answer.failed) return std::move(answer.text);
  if (answer.about_machine) throw DeviceError(answer.text);
  throw InternalError(answer.text);
}

}  // namespace tarry::codegen
