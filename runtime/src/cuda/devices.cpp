/// Which GPUs there are, and their sessions.

#include "cuda/session.h"

#include <tarry/ir/error.h>

#include <array>
#include <atomic>
#include <mutex>

namespace tarry::runtime::cuda {
namespace {

constexpr size_t kMost = 64;
constexpr int kOldestCapability = 75;

struct Devices {
  ForkMutex mutex;
  std::array<std::atomic<DriverSession*>, kMost> sessions{};

  static Devices& instance() {
    static constinit MadeOnce<Devices> all;
    return all.get();
  }
};

Properties read_properties(const Driver& d, int device) {
  const auto expect = [&](Result r, const char* call) {
    if (r != kSuccess) throw DeviceError("gpu(" + std::to_string(device) + "): " + call + ": " + d.describe(r));
  };
  const auto attribute = [&](int which) {
    int value = 0;
    expect(d.device_attribute(&value, which, device), "cuDeviceGetAttribute");
    return value;
  };
  Properties p;
  char name[256] = "";
  expect(d.device_name(name, sizeof name, device), "cuDeviceGetName");
  p.name = name;
  p.capability = attribute(kCapabilityMajor) * 10 + attribute(kCapabilityMinor);
  if (p.capability < kOldestCapability)
    throw DeviceError("gpu(" + std::to_string(device) + ") (" + p.name + ") has compute capability " +
                      std::to_string(p.capability / 10) + "." + std::to_string(p.capability % 10) +
                      "; 7.5 or newer is needed");
  p.multiprocessors = attribute(kMultiprocessors);
  p.shared_bytes = attribute(kMaxSharedPerBlock);
  size_t memory = 0;
  expect(d.device_memory(&memory, device), "cuDeviceTotalMem");
  p.memory = memory;
  return p;
}

void refuse_number(const Driver& d, int device) {
  throw DeviceError("gpu(" + std::to_string(device) + "): " + d.file +
                    (d.devices == 0   ? " shows no GPU"
                     : d.devices == 1 ? " shows one GPU, gpu(0)"
                                      : " shows " + std::to_string(d.devices) + " GPUs, gpu(0) to gpu(" +
                                            std::to_string(d.devices - 1) + ")"));
}

const Driver& driver_of(int device) {
  const Driver& d = driver();
  if (device < 0 || device >= d.devices || device >= static_cast<int>(kMost)) refuse_number(d, device);
  return d;
}

DriverSession& begin(int device) {
  const Driver& d = driver_of(device);
  Devices& all = Devices::instance();
  const std::lock_guard guard(all.mutex);
  std::atomic<DriverSession*>& at = all.sessions[static_cast<size_t>(device)];
  DriverSession* last = at.load(std::memory_order_relaxed);
  if (last && last->usable()) return *last;
  if (last) last->wait_until_left();
  int handle = 0;
  if (const Result r = d.device_get(&handle, device); r != kSuccess)
    throw DeviceError("gpu(" + std::to_string(device) + "): cuDeviceGet: " + d.describe(r));
  auto* made =
      new DriverSession(d, device, handle, last ? last->properties() : read_properties(d, handle), last != nullptr);
  at.store(made, std::memory_order_release);
  return *made;
}

DriverSession& find(int device) {
  if (device >= 0 && device < static_cast<int>(kMost)) {
    DriverSession* s = Devices::instance().sessions[static_cast<size_t>(device)].load(std::memory_order_acquire);
    if (s && s->usable()) [[likely]]
      return *s;
  }
  return begin(device);
}

}  // namespace

int num_devices() noexcept {
  try {
    return driver().devices;
  } catch (...) {
    return 0;
  }
}

void expect_device(int device) { driver_of(device); }
Session& session_of(int device) { return find(device); }
const Properties& properties_of(int device) { return find(device).properties(); }

void trim_pools() {
  for (std::atomic<DriverSession*>& s : Devices::instance().sessions)
    if (DriverSession* session = s.load(std::memory_order_acquire)) session->trim();
}

}  // namespace tarry::runtime::cuda
