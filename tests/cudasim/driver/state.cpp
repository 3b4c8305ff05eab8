#include "driver/state.h"

#include <cstdio>
#include <cstdlib>

#include "ptx/fault.h"
#include "ptx/select_float.h"

namespace cudasim {

Driver& Driver::get() {
  // Never destroyed: programs may call the driver until the very end.
  static Driver* const driver = [] {
    auto* d = new Driver;
    d->reset();
    return d;
  }();
  return *driver;
}

void Driver::reset() {
  for (auto& [handle, c] : contexts.all())
    for (auto& t : c->timelines) t->drop();
  try {
    options = read_options(set);
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "cudasim: %s\n", e.what());
    std::abort();
  }
  stacks.clear();
  is_initialized = false;
  log.open(options.log_file, options.aborts);
  log.forget();
  contexts.clear();
  streams.clear();
  events.clear();
  modules.clear();
  functions.clear();
  for (auto& [base, block] : host)
    if (!block.is_registered) std::free(reinterpret_cast<void*>(base));
  host.clear();
  devices.clear();
  counters = {};
  kernels.clear();
  knows_approximations() = options.approximations;
}

void Driver::initialize() {
  if (is_initialized) return;
  for (int i = 0; i < options.devices; ++i) devices.push_back(std::make_unique<Device>(i, options));
  is_initialized = true;
}

void Driver::misuse(CUresult code, const std::string& what) {
  log.violation(text(call, ": ", what));
  throw Failure{code};
}

bool Driver::injected(const char* where) {
  bool fails = false;
  for (InjectedFault& f : options.faults) {
    if (f.where != where) continue;
    if (f.at > 1) {
      --f.at;
      continue;
    }
    fails |= f.at == 1;
    if (!f.from_then_on) f.at = 0;
  }
  counters.faults += fails;
  return fails;
}

Device& Driver::device(CUdevice ordinal) {
  if (ordinal < 0 || ordinal >= static_cast<int>(devices.size()))
    misuse(CUDA_ERROR_INVALID_DEVICE, text("there is no device ", ordinal));
  return *devices[ordinal];
}

std::vector<CUcontext>& Driver::current_stack() {
  static constinit thread_local uint64_t thread = 0;
  if (thread == 0) thread = ++threads;
  return stacks[thread];
}

Context& Driver::current() {
  const auto& stack = current_stack();
  if (stack.empty() || !stack.back()) misuse(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
  const auto c = contexts.find(stack.back());
  if (!c) misuse(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context is destroyed");
  Device& d = *devices[c->device];
  if (injected("lost")) d.is_lost = true;
  if (d.is_lost) throw Failure{CUDA_ERROR_DEVICE_UNAVAILABLE};
  if (c->broken != CUDA_SUCCESS) throw Failure{c->broken};
  return *c;
}

std::shared_ptr<Context> Driver::context(CUcontext handle) {
  if (auto c = contexts.find(handle)) return c;
  if (contexts.was_there(handle)) misuse(CUDA_ERROR_CONTEXT_IS_DESTROYED, "a context that is destroyed");
  misuse(CUDA_ERROR_INVALID_CONTEXT, text("no context: ", handle));
}

std::shared_ptr<Stream> Driver::stream(CUstream handle) {
  Context& c = current();
  if (!handle || handle == CU_STREAM_LEGACY) return std::make_shared<Stream>(Stream{c.handle, c.legacy});
  if (handle == CU_STREAM_PER_THREAD) return std::make_shared<Stream>(Stream{c.handle, c.per_thread});
  auto s = streams.find(handle);
  if (!s)
    misuse(CUDA_ERROR_INVALID_HANDLE,
           streams.was_there(handle) ? "a stream that is destroyed" : text("no stream: ", handle));
  return s;
}

std::shared_ptr<Event> Driver::event(CUevent handle) {
  current();
  auto e = events.find(handle);
  if (!e)
    misuse(CUDA_ERROR_INVALID_HANDLE,
           events.was_there(handle) ? "an event that is destroyed" : text("no event: ", handle));
  return e;
}

std::shared_ptr<LoadedModule> Driver::module(CUmodule handle) {
  auto m = modules.find(handle);
  if (!m)
    misuse(CUDA_ERROR_INVALID_HANDLE,
           modules.was_there(handle) ? "a module that is unloaded" : text("no module: ", handle));
  return m;
}

std::shared_ptr<KernelFunction> Driver::function(CUfunction handle) {
  auto f = functions.find(handle);
  if (!f)
    misuse(CUDA_ERROR_INVALID_HANDLE,
           functions.was_there(handle) ? "a function of a module that is unloaded" : text("no function: ", handle));
  return f;
}

int Driver::device_of(uint64_t address) const {
  for (size_t i = 0; i < devices.size(); ++i)
    if (address - devices[i]->memory.region().base < devices[i]->memory.region().bytes) return static_cast<int>(i);
  return -1;
}

Allocation& Driver::allocation(uint64_t address, uint64_t bytes) {
  const int d = device_of(address);
  if (d < 0) misuse(CUDA_ERROR_INVALID_VALUE, text(hex(address), " is no address of a device"));
  Allocation* a = devices[d]->memory.find(address);
  if (!a || bytes > a->base + a->bytes - address)
    misuse(CUDA_ERROR_INVALID_VALUE, text(bytes, " bytes at ", hex(address), ": ",
                                          devices[d]->memory.describe(address, std::max<uint64_t>(bytes, 1))));
  return *a;
}

const HostBlock* Driver::host_block(const void* p, uint64_t bytes, uint64_t* base) const {
  const uint64_t address = reinterpret_cast<uint64_t>(p);
  auto after = host.upper_bound(address);
  if (after == host.begin()) return nullptr;
  --after;
  if (address - after->first >= after->second.bytes || bytes > after->second.bytes - (address - after->first))
    return nullptr;
  if (base) *base = after->first;
  return &after->second;
}

Point Driver::submit(Context& c, Stream& s, std::function<void()> work, std::vector<Point> after) {
  // The legacy stream waits for all streams that block, and they for it.
  if (s.timeline == c.legacy) {
    after.push_back(c.per_thread->last());
    for (auto& [handle, other] : streams.all())
      if (other->context == c.handle && other->is_blocking()) after.push_back(other->timeline->last());
  } else if (s.is_blocking()) {
    after.push_back(c.legacy->last());
  }
  const std::shared_ptr<Context> owner = contexts.find(c.handle);
  const Point p = s.timeline->push(
      [this, owner, work = std::move(work)] {
        if (owner->broken != CUDA_SUCCESS) return;
        try {
          work();
        } catch (const Failure& failure) {
          break_context(*owner, failure.code);
        }
      },
      std::move(after));
  if (!options.deferred) run_until(p);
  return p;
}

void Driver::finish(Context& c, const Point& goal) {
  run_until(goal);
  if (c.broken != CUDA_SUCCESS) throw Failure{c.broken};
}

void Driver::finish(Context& c) {
  for (auto& t : c.timelines) run_until(t->last());
  std::erase_if(c.timelines, [&](auto& t) { return t.use_count() == 1; });
  if (c.broken != CUDA_SUCCESS) throw Failure{c.broken};
}

void Driver::break_context(Context& c, CUresult code) {
  if (c.broken == CUDA_SUCCESS) c.broken = code;
}

void Driver::destroy_contents(Context& c) {
  for (auto& t : c.timelines) t->drop();
  const auto sweep = [&](auto& handles) {
    std::vector<const void*> gone;
    for (auto& [handle, object] : handles.all())
      if (object->context == c.handle) gone.push_back(reinterpret_cast<const void*>(handle));
    for (const void* h : gone) handles.remove(h);
  };
  std::vector<const void*> stale;
  for (auto& [handle, f] : functions.all()) {
    const auto m = modules.find(f->module);
    if (!m || m->context == c.handle) stale.push_back(reinterpret_cast<const void*>(handle));
  }
  for (const void* h : stale) functions.remove(h);
  sweep(streams);
  sweep(events);
  sweep(modules);
  std::erase_if(host, [&](const auto& entry) {
    if (entry.second.context != c.handle) return false;
    if (!entry.second.is_registered) std::free(reinterpret_cast<void*>(entry.first));
    return true;
  });
  DeviceMemory& memory = devices[c.device]->memory;
  std::vector<uint64_t> all;
  for (auto& [base, a] : memory.live()) all.push_back(base);
  for (uint64_t base : all) memory.unmap(memory.release(base));
  contexts.remove(c.handle);
}

}  // namespace cudasim
