/// Primary contexts and which one is current.

#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

std::shared_ptr<Timeline> new_timeline(Context& c) {
  auto t = std::make_shared<Timeline>();
  c.timelines.push_back(t);
  return t;
}

}  // namespace

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(ordinal);
    if (!context) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (device.is_lost) throw Failure{CUDA_ERROR_DEVICE_UNAVAILABLE};
    if (!device.primary) {
      device.primary = std::make_shared<Context>();
      Context& c = *device.primary;
      c.handle = static_cast<CUcontext>(d.contexts.add(device.primary));
      c.device = ordinal;
      c.flags = device.primary_flags;
      c.legacy = new_timeline(c);
      c.per_thread = new_timeline(c);
    }
    ++device.primary->retained;
    *context = device.primary->handle;
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice ordinal) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(ordinal);
    if (!device.primary) d.misuse(CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained");
    if (--device.primary->retained > 0) return;
    const std::shared_ptr<Context> c = std::move(device.primary);
    device.primary = nullptr;
    d.destroy_contents(*c);
  });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice ordinal) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(ordinal);
    if (!device.primary) return;
    const std::shared_ptr<Context> c = std::move(device.primary);
    device.primary = nullptr;
    d.destroy_contents(*c);
  });
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice ordinal, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(ordinal);
    if (flags & ~0xffu) d.misuse(CUDA_ERROR_INVALID_VALUE, text("unknown flags ", hex(flags)));
    device.primary_flags = flags;
    if (device.primary) device.primary->flags = flags;
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned int* flags, int* active) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(ordinal);
    if (!flags || !active) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *flags = device.primary_flags;
    *active = device.primary != nullptr;
  });
}

CUresult cuCtxSetCurrent(CUcontext context) {
  return answer(__func__, [&](Driver& d) {
    auto& stack = d.current_stack();
    if (context) d.context(context);
    if (!stack.empty()) stack.pop_back();
    if (context) stack.push_back(context);
  });
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  return answer(__func__, [&](Driver& d) {
    if (!context) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const auto& stack = d.current_stack();
    *context = stack.empty() ? nullptr : stack.back();
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  return answer(__func__, [&](Driver& d) {
    d.context(context);
    d.current_stack().push_back(context);
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  return answer(__func__, [&](Driver& d) {
    auto& stack = d.current_stack();
    if (stack.empty()) d.misuse(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
    if (context) *context = stack.back();
    stack.pop_back();
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return answer(__func__, [&](Driver& d) {
    if (!device) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const auto& stack = d.current_stack();
    if (stack.empty()) d.misuse(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
    *device = d.context(stack.back())->device;
  });
}

CUresult cuCtxGetFlags(unsigned int* flags) {
  return answer(__func__, [&](Driver& d) {
    if (!flags) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *flags = d.current().flags;
  });
}

CUresult cuCtxSynchronize() {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    ++d.counters.synchronizations;
    if (d.injected("sync")) throw Failure{CUDA_ERROR_UNKNOWN};
    d.finish(c);
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    if (least) *least = 0;
    if (greatest) *greatest = -5;
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    const auto other = d.context(peer);
    if (flags != 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "flags are not 0");
    if (other->device == c.device) d.misuse(CUDA_ERROR_INVALID_DEVICE, "a device is no peer of its own");
    if (!d.options.peers) d.misuse(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, "cuDeviceCanAccessPeer says no");
    if (!c.peers.insert(other->device).second) throw Failure{CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED};
  });
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    const auto other = d.context(peer);
    if (c.peers.erase(other->device) == 0) throw Failure{CUDA_ERROR_PEER_ACCESS_NOT_ENABLED};
  });
}

}  // namespace cudasim
