/// Copies and fills. What they need is looked at twice: when they are asked for, and when they happen.

#include <cstring>

#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

/// One side of a copy.
struct Side {
  bool is_device = false;
  uint64_t address = 0;
};

Side device_side(Driver& d, CUdeviceptr address, size_t bytes) {
  if (bytes > 0) d.allocation(address, bytes);
  return {true, address};
}

Side host_side(Driver& d, const void* p, size_t bytes) {
  const uint64_t address = reinterpret_cast<uint64_t>(p);
  if (bytes == 0) return {false, address};
  if (!p || d.device_of(address) >= 0) d.misuse(CUDA_ERROR_INVALID_VALUE, text(p, " is no address of the host"));
  if (d.host_block(p, 1) && !d.host_block(p, bytes))
    d.misuse(CUDA_ERROR_INVALID_VALUE, text(bytes, " bytes at ", p, ": more than the pinned block holds"));
  return {false, address};
}

Side any_side(Driver& d, CUdeviceptr address, size_t bytes) {
  return d.device_of(address) >= 0 ? device_side(d, address, bytes)
                                   : host_side(d, reinterpret_cast<void*>(address), bytes);
}

Region region_of(Driver& d, uint64_t address) { return d.devices[d.device_of(address)]->memory.region(); }

[[noreturn]] void lost(Driver& d, const char* call, const Side& s, size_t bytes) {
  d.log.violation(text(call, ": ", bytes, " bytes at ", hex(s.address),
                       " when it happens: ", d.devices[d.device_of(s.address)]->memory.describe(s.address, bytes)));
  throw Failure{CUDA_ERROR_ILLEGAL_ADDRESS};
}

void copy(Driver& d, const char* call, const Side& to, const Side& from, size_t bytes) {
  const uint8_t* source = reinterpret_cast<uint8_t*>(from.address);
  const uint8_t* state = nullptr;
  if (from.is_device) {
    const Region r = region_of(d, from.address);
    source = r.data + (from.address - r.base);
    state = r.state + (from.address - r.base);
    if (!may_write(state, bytes)) lost(d, call, from, bytes);
    if (!to.is_device) d.counters.bytes_to_host += bytes;
    if (!to.is_device && d.options.finds_unwritten && !may_read(state, bytes)) {
      d.log.violation(text(call, ": ", bytes, " bytes at ", hex(from.address), " were never all written"));
      throw Failure{CUDA_ERROR_ILLEGAL_ADDRESS};
    }
  }
  uint8_t* target = reinterpret_cast<uint8_t*>(to.address);
  if (to.is_device) {
    const Region r = region_of(d, to.address);
    target = r.data + (to.address - r.base);
    uint8_t* const written = r.state + (to.address - r.base);
    if (!may_write(written, bytes)) lost(d, call, to, bytes);
    if (state)
      std::memmove(written, state, bytes);
    else
      std::memset(written, kWritten, bytes);
  }
  std::memmove(target, source, bytes);
}

void start(Driver& d) {
  ++d.counters.copies;
  if (d.injected("copy")) throw Failure{CUDA_ERROR_UNKNOWN};
}

/// In the legacy stream, and done when the call returns.
void copy_now(Driver& d, const Side& to, const Side& from, size_t bytes) {
  Context& c = d.current();
  start(d);
  if (bytes == 0) return;
  Stream legacy{c.handle, c.legacy};
  d.finish(c, d.submit(c, legacy, [&d, call = d.call, to, from, bytes] { copy(d, call, to, from, bytes); }));
}

/// Pageable memory is read at once, and written before the call returns; pinned memory whenever the stream comes to it.
void copy_in(Driver& d, CUstream handle, const Side& to, const Side& from, size_t bytes) {
  const auto s = d.stream(handle);
  Context& c = *d.context(s->context);
  start(d);
  if (bytes == 0) return;
  const auto pinned = [&](const Side& side) {
    return d.host_block(reinterpret_cast<void*>(side.address), bytes) != nullptr;
  };
  if (!from.is_device && !pinned(from) && d.options.deferred) {
    const auto* const p = reinterpret_cast<const uint8_t*>(from.address);
    const auto staged = std::make_shared<std::vector<uint8_t>>(p, p + bytes);
    d.submit(c, *s, [&d, call = d.call, to, staged] {
      copy(d, call, to, {false, reinterpret_cast<uint64_t>(staged->data())}, staged->size());
    });
    return;
  }
  const Point p = d.submit(c, *s, [&d, call = d.call, to, from, bytes] { copy(d, call, to, from, bytes); });
  if (!to.is_device && !pinned(to)) d.finish(c, p);
}

void check_contexts(Driver& d, CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context) {
  if (d.context(to_context)->device != d.device_of(to) || d.context(from_context)->device != d.device_of(from))
    d.misuse(CUDA_ERROR_INVALID_VALUE, "an address of another context's device");
}

template <class T>
void fill(Driver& d, CUstream handle, bool waits, CUdeviceptr to, T value, size_t n) {
  const auto s = d.stream(handle);
  Context& c = *d.context(s->context);
  if (d.injected("memset")) throw Failure{CUDA_ERROR_UNKNOWN};
  if (n == 0) return;
  if (to % sizeof(T) != 0) d.misuse(CUDA_ERROR_INVALID_VALUE, text(hex(to), " is not aligned"));
  const Side side = device_side(d, to, n * sizeof(T));
  const Point p = d.submit(c, *s, [&d, call = d.call, side, value, n] {
    const Region r = region_of(d, side.address);
    const uint64_t at = side.address - r.base;
    if (!may_write(r.state + at, n * sizeof(T))) lost(d, call, side, n * sizeof(T));
    std::memset(r.state + at, kWritten, n * sizeof(T));
    for (size_t i = 0; i < n; ++i) std::memcpy(r.data + at + i * sizeof(T), &value, sizeof(T));
  });
  if (waits) d.finish(c, p);
}

}  // namespace

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_now(d, any_side(d, to, bytes), any_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_in(d, stream, any_side(d, to, bytes), any_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_now(d, device_side(d, to, bytes), host_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_now(d, host_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_now(d, device_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_in(d, stream, device_side(d, to, bytes), host_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_in(d, stream, host_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    copy_in(d, stream, device_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    check_contexts(d, to, to_context, from, from_context);
    copy_now(d, device_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes,
                           CUstream stream) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    check_contexts(d, to, to_context, from, from_context);
    copy_in(d, stream, device_side(d, to, bytes), device_side(d, from, bytes), bytes);
  });
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t n) {
  return answer(__func__, [&](Driver& d) { fill(d, nullptr, true, to, value, n); });
}
CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t n) {
  return answer(__func__, [&](Driver& d) { fill(d, nullptr, true, to, value, n); });
}
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned int value, size_t n) {
  return answer(__func__, [&](Driver& d) { fill(d, nullptr, true, to, value, n); });
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, CUstream stream) {
  return answer(__func__, [&](Driver& d) { fill(d, stream, false, to, value, n); });
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t n, CUstream stream) {
  return answer(__func__, [&](Driver& d) { fill(d, stream, false, to, value, n); });
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t n, CUstream stream) {
  return answer(__func__, [&](Driver& d) { fill(d, stream, false, to, value, n); });
}

}  // namespace cudasim
