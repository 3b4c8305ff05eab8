#pragma once
/// All that the driver keeps.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "cudasim.h"
#include "driver/calls.h"
#include "driver/device_memory.h"
#include "driver/log.h"
#include "driver/options.h"
#include "driver/timeline.h"
#include "ptx/decode.h"
#include "ptx/module.h"

namespace cudasim {

/// Ends a call with a code.
struct Failure {
  CUresult code;
};

struct Context {
  CUcontext handle = nullptr;
  int device = 0;
  int retained = 0;
  unsigned flags = 0;
  CUresult broken = CUDA_SUCCESS;  // what every later call in it returns
  std::set<int> peers;             // devices whose memory it may reach
  std::shared_ptr<Timeline> legacy, per_thread;
  std::vector<std::shared_ptr<Timeline>> timelines;  // all of them, streams that are gone included
};

struct Stream {
  CUcontext context;
  std::shared_ptr<Timeline> timeline;
  unsigned flags = 0;
  int priority = 0;
  bool is_blocking() const { return (flags & CU_STREAM_NON_BLOCKING) == 0; }
};

struct Event {
  CUcontext context;
  unsigned flags = 0;
  bool is_recorded = false;
  Point point;
  std::shared_ptr<double> time = std::make_shared<double>(0);  // milliseconds, once it has happened
};

struct LoadedModule {
  CUcontext context;
  Module text;
  std::map<std::string, uint64_t> globals;
  std::map<std::string, CUfunction> functions;
  bool is_library = false;
};

struct KernelFunction {
  CUmodule module;
  std::shared_ptr<const Program> program;
  int max_dynamic_shared = 48 << 10;
  int carveout = -1;
};

struct HostBlock {
  uint64_t bytes = 0;
  unsigned flags = 0;
  bool is_registered = false;
  CUcontext context = nullptr;
};

struct Device {
  Device(int ordinal, const Options& options) : memory(ordinal, options.memory) {}
  DeviceMemory memory;
  std::shared_ptr<Context> primary;
  unsigned primary_flags = 0;
  bool is_lost = false;
  std::map<int, uint64_t> pool_attributes;
};

struct KernelStatistics {
  cudasimKernelCounters counters{};
  std::map<std::string, uint64_t> opcodes;
};

/// Objects behind handles that are never given out twice.
template <class T>
class Handles {
 public:
  explicit Handles(uint64_t kind) : next_(uint64_t{0xD000} << 32 | kind << 40) {}
  void* add(std::shared_ptr<T> object) {
    next_ += 16;
    objects_.emplace(next_, std::move(object));
    return reinterpret_cast<void*>(next_);
  }
  std::shared_ptr<T> find(const void* handle) const {
    const auto found = objects_.find(reinterpret_cast<uint64_t>(handle));
    return found == objects_.end() ? nullptr : found->second;
  }
  bool was_there(const void* handle) const {
    const uint64_t h = reinterpret_cast<uint64_t>(handle);
    return h % 16 == 0 && h >> 40 == next_ >> 40 && h <= next_;
  }
  void remove(const void* handle) { objects_.erase(reinterpret_cast<uint64_t>(handle)); }
  void clear() { objects_.clear(); }
  const std::unordered_map<uint64_t, std::shared_ptr<T>>& all() const { return objects_; }

 private:
  uint64_t next_;
  std::unordered_map<uint64_t, std::shared_ptr<T>> objects_;
};

class Driver {
 public:
  static Driver& get();

  std::recursive_mutex guard;
  Options options;
  Log log;
  bool is_initialized = false;
  uint64_t threads = 0;  // that have called
  std::unordered_map<uint64_t, std::vector<CUcontext>> stacks;
  std::vector<std::unique_ptr<Device>> devices;
  Handles<Context> contexts{1};
  Handles<Stream> streams{2};
  Handles<Event> events{3};
  Handles<LoadedModule> modules{4};
  Handles<KernelFunction> functions{5};
  std::map<uint64_t, HostBlock> host;
  cudasimCounters counters{};
  std::map<std::string, KernelStatistics> kernels;
  std::map<std::string, std::string> set;  // by cudasimConfigure
  const char* call = "";                   // that is being answered

  void reset();
  void initialize();

  /// The caller broke a rule: logged.
  [[noreturn]] void misuse(CUresult code, const std::string& what);
  /// Whether the n-th of these is to fail.
  bool injected(const char* where);

  Device& device(CUdevice ordinal);
  Context& current();
  std::shared_ptr<Context> context(CUcontext handle);
  std::shared_ptr<Stream> stream(CUstream handle);
  std::shared_ptr<Event> event(CUevent handle);
  std::shared_ptr<LoadedModule> module(CUmodule handle);
  std::shared_ptr<KernelFunction> function(CUfunction handle);
  /// The contexts of the calling thread, the current one last. They do not die with it: other objects of the thread may
  /// call the driver while they do.
  std::vector<CUcontext>& current_stack();

  /// The device whose address space holds the address, or -1.
  int device_of(uint64_t address) const;
  /// The allocation that all of the range lies in; logged where there is none.
  Allocation& allocation(uint64_t address, uint64_t bytes);
  /// The pinned block that all of the range lies in, or null.
  const HostBlock* host_block(const void* p, uint64_t bytes, uint64_t* base = nullptr) const;

  /// Puts work into a stream of a context, and runs it at once unless work is deferred.
  Point submit(Context& c, Stream& s, std::function<void()> work, std::vector<Point> after = {});
  /// Everything of the context.
  void finish(Context& c);
  void finish(Context& c, const Point& goal);
  void break_context(Context& c, CUresult code);
  void destroy_contents(Context& c);
};

/// One call of the driver: takes the lock, turns failures into codes.
template <class F>
CUresult answer(const char* name, F f) {
  Driver& d = Driver::get();
  const std::lock_guard lock(d.guard);
  d.call = name;
  ++d.counters.calls;
  try {
    if (!d.is_initialized) throw Failure{CUDA_ERROR_NOT_INITIALIZED};
    if (d.injected(name)) throw Failure{CUDA_ERROR_UNKNOWN};
    f(d);
    return CUDA_SUCCESS;
  } catch (const Failure& failure) {
    return failure.code;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
}

}  // namespace cudasim
