/// Errors, devices, and the table by which calls are looked up.

#include <algorithm>
#include <cstring>

#include "driver/properties.h"
#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {

namespace {

/// Of calls that answer for no state.
bool is_injected(const char* call) {
  Driver& d = Driver::get();
  const std::lock_guard lock(d.guard);
  return d.injected(call);
}

}  // namespace

CUresult cuInit(unsigned int flags) {
  Driver& d = Driver::get();
  const std::lock_guard lock(d.guard);
  d.call = __func__;
  if (d.injected(__func__)) return CUDA_ERROR_UNKNOWN;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  if (d.options.devices == 0) return CUDA_ERROR_NO_DEVICE;
  d.initialize();
  return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
  if (!version) return CUDA_ERROR_INVALID_VALUE;
  *version = Driver::get().options.driver_version;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char** name) {
  if (!name || is_injected(__func__)) return CUDA_ERROR_INVALID_VALUE;
  *name = nullptr;
  switch (error) {
#define X(code, number, text) \
  case code: *name = #code; break;
    CUDASIM_ERRORS(X)
#undef X
  }
  return *name ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char** string) {
  if (!string || is_injected(__func__)) return CUDA_ERROR_INVALID_VALUE;
  *string = nullptr;
  switch (error) {
#define X(code, number, text) \
  case code: *string = text; break;
    CUDASIM_ERRORS(X)
#undef X
  }
  return *string ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

namespace {

struct Entry {
  const char* name;
  int version;
  void* function;
};

const Entry kEntries[] = {
#define X(symbol, name, version, parameters) {#name, version, reinterpret_cast<void*>(&symbol)},
    CUDASIM_FUNCTIONS(X)
#undef X
};

}  // namespace

CUresult cuGetProcAddress_v2(const char* symbol, void** function, int version, cuuint64_t,
                             CUdriverProcAddressQueryResult* status) {
  if (!symbol || !function) return CUDA_ERROR_INVALID_VALUE;
  *function = nullptr;
  bool known = false;
  int newest = -1;
  for (const Entry& e : kEntries) {
    if (std::strcmp(e.name, symbol) != 0) continue;
    known = true;
    if (e.version > version || e.version < newest) continue;
    newest = e.version;
    *function = e.function;
  }
  const int result = *function ? CU_GET_PROC_ADDRESS_SUCCESS
                     : known   ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                               : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  if (status) *status = static_cast<CUdriverProcAddressQueryResult>(result);
  return *function || status ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

CUresult cuDeviceGetCount(int* count) {
  return answer(__func__, [&](Driver& d) {
    if (!count) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *count = static_cast<int>(d.devices.size());
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return answer(__func__, [&](Driver& d) {
    if (!device) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (ordinal < 0 || ordinal >= static_cast<int>(d.devices.size())) throw Failure{CUDA_ERROR_INVALID_DEVICE};
    *device = ordinal;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return answer(__func__, [&](Driver& d) {
    d.device(device);
    if (!name || length <= 0) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const std::string text = cudasim::text("cudasim sm_", d.options.sm);
    const size_t n = std::min<size_t>(length - 1, text.size());
    std::memcpy(name, text.data(), n);
    name[n] = 0;
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) { return cuDeviceGetUuid_v2(uuid, device); }

CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  return answer(__func__, [&](Driver& d) {
    d.device(device);
    if (!uuid) throw Failure{CUDA_ERROR_INVALID_VALUE};
    std::memcpy(uuid->bytes, "cudasim device  ", 16);
    uuid->bytes[15] = static_cast<char>('0' + device);
  });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return answer(__func__, [&](Driver& d) {
    if (!bytes) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *bytes = d.device(device).memory.capacity();
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return answer(__func__, [&](Driver& d) {
    d.device(device);
    if (!value || !property(d.options, device, attribute, *value)) throw Failure{CUDA_ERROR_INVALID_VALUE};
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return answer(__func__, [&](Driver& d) {
    d.device(device);
    d.device(peer);
    if (!can) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *can = device != peer && d.options.peers;
  });
}

CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice from, CUdevice to) {
  return answer(__func__, [&](Driver& d) {
    d.device(from);
    d.device(to);
    if (!value || from == to) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const int a = attribute;
    *value = (a == CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED || a == CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED) &&
             d.options.peers;
  });
}

}  // namespace cudasim
