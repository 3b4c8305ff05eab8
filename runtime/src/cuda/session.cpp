#include "cuda/session.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace tarry::runtime::cuda {
namespace {

/// After these the driver refuses every further call in the context.
bool ends_context(Result r) {
  switch (r) {
    case kDeinitialized:
    case kDeviceUnavailable:
    case kInvalidContext:
    case kEccUncorrectable:
    case kNvlinkUncorrectable:
    case kIllegalAddress:
    case kLaunchTimeout:
    case kContextIsDestroyed:
    case kAssert:
    case kHardwareStackError:
    case kIllegalInstruction:
    case kMisalignedAddress:
    case kInvalidAddressSpace:
    case kInvalidProgramCounter:
    case kLaunchFailed:
    case kUnknown: return true;
    default: return false;
  }
}

std::string purpose_text(const Purpose& p) {
  const std::string line = p.where.text();
  std::string text = p.kernel.empty() ? "" : "kernel " + std::string(p.kernel);
  if (!line.empty()) text += (text.empty() ? "recorded at " : ", recorded at ") + line;
  return text.empty() ? text : " (" + text + ")";
}

void count_live(uint64_t bytes) {
  MemoryCounters& counters = memory_counters();
  const uint64_t live = counters.device_bytes_live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  uint64_t peak = counters.device_bytes_peak.load(std::memory_order_relaxed);
  while (peak < live && !counters.device_bytes_peak.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
  }
}

}  // namespace

// ---- errors ------------------------------------------------------------------------------------

void DriverSession::expect(Result r, const char* call, const Purpose& purpose) const {
  if (r != kSuccess) [[unlikely]]
    refuse(r, call, purpose);
}

void DriverSession::refuse(Result r, const char* call, const Purpose& purpose) const {
  std::string why = name() + ": " + call + purpose_text(purpose) + ": " + driver_.describe(r);
  if (!ends_context(r)) throw DeviceError(why);
  // The call that tells is seldom the one that did it.
  why += recent_text();
  end(why);
  throw DeviceError(why + (stream_ ? ". What lay in its memory is lost" : ""));
}

std::string DriverSession::recent_text() const {
  const std::lock_guard guard(mutex_);
  std::string text;
  for (size_t i = 0; i < std::min(launches_, recent_.size()); ++i) {
    const Launched& l = recent_[(launches_ - 1 - i) % recent_.size()];
    const std::string line = l.where.text();
    text += (i ? ", before it " : "; launched last: ") + l.kernel + (line.empty() ? "" : " (recorded at " + line + ")");
  }
  return text;
}

void DriverSession::end(const std::string& why) const {
  const std::lock_guard guard(mutex_);
  if (lost_.load(std::memory_order_relaxed)) return;
  why_lost_ = why;
  lost_.store(true);
}

void DriverSession::check() const {
  if (left_behind())
    throw DeviceError(name() + " was used before this process was forked, and its memory stayed with the parent");
  if (lost_.load(std::memory_order_acquire))
    throw DeviceError("what lay in the memory of " + name() + " was lost by an earlier error: " + why_lost_);
}

void DriverSession::owns(const Buffer& buffer) const {
  check();
  if (buffer.device_memory() != this) throw InternalError("memory of another device was given to " + name());
}

/// Whoever ends a session looks at the number after that, and whoever enters looks at the end after counting: one of
/// them sees the other.
DriverSession::Within::Within(const DriverSession& s)
    : session_(s), inside_((s.within_.fetch_add(1), !s.lost_.load() && !s.left_behind())) {}

DriverSession::Within::~Within() {
  session_.within_.fetch_sub(1);
  if (session_.lost_.load()) session_.within_.notify_all();
}

void DriverSession::wait_until_left() const {
  if (left_behind()) return;  // its threads stayed with the parent
  for (int n = within_.load(); n != 0; n = within_.load()) within_.wait(n);
}

DriverSession::Current::Current(const DriverSession& s) : within_(s), session_(s) {
  if (!within_) s.check();
  s.expect(s.driver_.context_push(s.context_), "cuCtxPushCurrent");
}

DriverSession::Current::~Current() {
  ContextHandle was;
  session_.driver_.context_pop(&was);
}

// ---- beginning ---------------------------------------------------------------------------------

DriverSession::DriverSession(const Driver& driver, int number, int device, Properties properties, bool again)
    : driver_(driver), number_(number), device_(device), properties_(std::move(properties)), staging_(driver) {
  if (again) expect(driver.context_reset(device), "cuDevicePrimaryCtxReset");
  expect(driver.context_retain(&context_, device), "cuDevicePrimaryCtxRetain");
  const Current current(*this);
  expect(driver.stream_create(&stream_, kStreamNonBlocking), "cuStreamCreate");
}

// ---- memory ------------------------------------------------------------------------------------

Buffer DriverSession::allocate(size_t bytes) {
  check();
  const size_t capacity = DevicePool::capacity_for(bytes);
  Address address = 0;
  if (capacity) {
    const std::lock_guard guard(mutex_);
    address = pool_.take(capacity);
  }
  if (capacity && !address) {
    const Current current(*this);
    Result r = driver_.allocate(&address, capacity);
    if (r == kOutOfMemory) {
      trim();
      r = driver_.allocate(&address, capacity);
    }
    if (r == kOutOfMemory) refuse_memory(r, bytes);
    expect(r, "cuMemAlloc");
  }
  Buffer buffer;
  try {
    buffer = Buffer::on_device(*this, address, bytes, capacity);
  } catch (...) {
    const std::lock_guard guard(mutex_);
    pool_.give(address, capacity);
    throw;
  }
  count_live(bytes);
  begin_last_word(buffer);
  return buffer;
}

/// Kernels change bytes and halves by whole words, and so read what lies beside the last of them.
void DriverSession::begin_last_word(const Buffer& buffer) {
  constexpr size_t kWord = 4;
  const size_t whole = buffer.bytes() / kWord * kWord;
  if (whole == buffer.bytes()) return;
  const Current current(*this);
  expect(driver_.set_words(buffer.device_address() + whole, 0, 1, stream_), "cuMemsetD32Async");
}

void DriverSession::refuse_memory(Result r, size_t bytes) const {
  size_t free = 0, total = 0;
  const bool known = driver_.memory_info(&free, &total) == kSuccess;
  const uint64_t live = memory_counters().device_bytes_live.load(std::memory_order_relaxed);
  throw MemoryError("Unable to allocate " + std::to_string(bytes) + " bytes on " + name() + " (" + properties_.name +
                    "): cuMemAlloc: " + driver_.describe(r) + "; " + std::to_string(live) + " bytes in use by arrays" +
                    (known ? ", " + std::to_string(free) + " of " + std::to_string(total) + " bytes free" : ""));
}

void DriverSession::release(uint64_t address, size_t bytes, size_t capacity) noexcept {
  memory_counters().device_bytes_live.fetch_sub(bytes, std::memory_order_relaxed);
  const Within within(*this);
  if (!address || !within) return;  // went with its context, or stayed with the parent of a fork
  {
    const std::lock_guard guard(mutex_);
    if (pool_.give(address, capacity)) return;
  }
  ContextHandle was;
  if (driver_.context_push(context_) != kSuccess) return;
  driver_.free(address);
  driver_.context_pop(&was);
}

void DriverSession::trim() {
  if (!usable()) return;
  std::vector<uint64_t> blocks;
  {
    const std::lock_guard guard(mutex_);
    blocks = pool_.drain();
  }
  const Current current(*this);
  staging_.trim();
  for (uint64_t address : blocks) expect(driver_.free(address), "cuMemFree");
}

// ---- work --------------------------------------------------------------------------------------

class DriverModule final : public Module {
 public:
  DriverModule(DriverSession& session, ModuleHandle module) : session_(session), module_(module) {}
  ~DriverModule() override {
    ContextHandle was;
    const DriverSession::Within within(session_);
    if (!within || session_.driver_.context_push(session_.context_) != kSuccess) return;
    session_.driver_.module_unload(module_);
    session_.driver_.context_pop(&was);
  }
  void* function(const char* name) const override {
    session_.check();
    const DriverSession::Current current(session_);
    FunctionHandle f = nullptr;
    session_.expect(session_.driver_.module_function(&f, module_, name), "cuModuleGetFunction", {name, {}});
    return f;
  }

 private:
  DriverSession& session_;
  ModuleHandle module_;
};

std::shared_ptr<const Module> DriverSession::load(const std::string& ptx, const Purpose& purpose) {
  check();
  const Current current(*this);
  char log[4096] = "";
  int options[] = {kJitErrorLog, kJitErrorLogBytes};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  ModuleHandle module = nullptr;
  const Result r = driver_.module_load(&module, ptx.c_str(), 2, options, values);
  if (r != kSuccess && !ends_context(r) && r != kOutOfMemory)
    throw DeviceError(name() + ": cuModuleLoadDataEx" + purpose_text(purpose) + ": " + driver_.describe(r) +
                      (*log ? std::string("\n") + log : ""));
  if (r == kOutOfMemory) refuse_memory(r, ptx.size());
  expect(r, "cuModuleLoadDataEx", purpose);
  try {
    return std::make_shared<const DriverModule>(*this, module);
  } catch (...) {
    driver_.module_unload(module);
    throw;
  }
}

void DriverSession::launch(const GridLaunch& launch, const Purpose& purpose) {
  check();
  const Current current(*this);
  {
    const std::lock_guard guard(mutex_);
    Launched& next = recent_[launches_++ % recent_.size()];
    next.kernel = purpose.kernel;
    next.where = purpose.where;
  }
  void* parameters[] = {const_cast<uint64_t*>(launch.words.data())};
  expect(driver_.launch(static_cast<FunctionHandle>(launch.function), launch.blocks, 1, 1, launch.threads, 1, 1,
                        launch.shared_bytes, stream_, parameters, nullptr),
         "cuLaunchKernel", purpose);
}

void DriverSession::finish() {
  check();
  const Current current(*this);
  expect(driver_.stream_synchronize(stream_), "cuStreamSynchronize");
}

}  // namespace tarry::runtime::cuda
