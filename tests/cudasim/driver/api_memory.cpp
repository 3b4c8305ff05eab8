/// Allocations on devices and of pinned host memory.

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

/// A default pool is its device's; its handle says which.
constexpr uint64_t kPools = uint64_t{0xD600} << 32;

CUmemoryPool pool_of(CUdevice device) { return reinterpret_cast<CUmemoryPool>(kPools + 16 * (device + 1)); }

CUdevice device_of(Driver& d, CUmemoryPool pool) {
  const uint64_t n = (reinterpret_cast<uint64_t>(pool) - kPools) / 16 - 1;
  if (n >= d.devices.size() || pool_of(static_cast<CUdevice>(n)) != pool)
    d.misuse(CUDA_ERROR_INVALID_VALUE, text("no pool: ", pool));
  return static_cast<CUdevice>(n);
}

Allocation& reserve(Driver& d, Context& c, CUdeviceptr* pointer, size_t bytes) {
  if (!pointer || bytes == 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "no bytes, or nowhere to put the address");
  *pointer = 0;
  if (d.injected("alloc")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
  DeviceMemory& memory = d.devices[c.device]->memory;
  Allocation* a = memory.reserve(bytes);
  if (!a && d.options.deferred) {
    // What is freed in streams may be all that it takes.
    d.finish(c);
    a = memory.reserve(bytes);
  }
  if (!a) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
  a->context = reinterpret_cast<uint64_t>(c.handle);
  ++d.counters.allocations;
  *pointer = a->base;
  return *a;
}

/// The memory of a live allocation's first byte, or the end of the call.
DeviceMemory& memory_to_free(Driver& d, CUdeviceptr pointer, Allocation& a) {
  const int ordinal = d.device_of(pointer);
  if (ordinal < 0) d.misuse(CUDA_ERROR_INVALID_VALUE, text("freed: ", hex(pointer), " is no address of a device"));
  DeviceMemory& memory = d.devices[ordinal]->memory;
  const Allocation* found = memory.find(pointer);
  if (!found)
    d.misuse(CUDA_ERROR_INVALID_VALUE, text("freed once more: ", hex(pointer), ": ", memory.describe(pointer, 1)));
  if (found->base != pointer || found->is_module)
    d.misuse(CUDA_ERROR_INVALID_VALUE, text("freed: ", hex(pointer), " is not what an allocation gave"));
  a = *found;
  return memory;
}

void allocate_ordered(Driver& d, CUdeviceptr* pointer, size_t bytes, CUstream handle) {
  const auto s = d.stream(handle);
  Context& c = *d.context(s->context);
  Allocation& a = reserve(d, c, pointer, bytes);
  a.is_ordered = true;
  d.submit(c, *s, [&memory = d.devices[c.device]->memory, a] { memory.map(a); });
}

}  // namespace

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return answer(__func__, [&](Driver& d) {
    if (!free || !total) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const DeviceMemory& memory = d.devices[d.current().device]->memory;
    *total = memory.capacity();
    *free = memory.capacity() - memory.used();
  });
}

CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    d.devices[c.device]->memory.map(reserve(d, c, pointer, bytes));
  });
}

CUresult cuMemFree_v2(CUdeviceptr pointer) {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    if (pointer == 0) return;
    Allocation a;
    DeviceMemory& memory = memory_to_free(d, pointer, a);
    d.finish(c);  // as the driver does
    memory.unmap(memory.release(pointer));
  });
}

CUresult cuMemAllocAsync(CUdeviceptr* pointer, size_t bytes, CUstream handle) {
  return answer(__func__, [&](Driver& d) { allocate_ordered(d, pointer, bytes, handle); });
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* pointer, size_t bytes, CUmemoryPool pool, CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    if (device_of(d, pool) != d.current().device) d.misuse(CUDA_ERROR_INVALID_VALUE, "the pool of another device");
    allocate_ordered(d, pointer, bytes, handle);
  });
}

CUresult cuMemFreeAsync(CUdeviceptr pointer, CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    if (pointer == 0) return;
    Allocation a;
    DeviceMemory& memory = memory_to_free(d, pointer, a);
    if (!a.is_ordered)
      d.misuse(CUDA_ERROR_INVALID_VALUE, text("freed in a stream: ", hex(pointer), " is from cuMemAlloc"));
    const Allocation gone = memory.release(pointer);
    d.submit(*d.context(s->context), *s, [&memory, gone] { memory.unmap(gone); });
  });
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) { return cuDeviceGetMemPool(pool, device); }

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) {
  return answer(__func__, [&](Driver& d) {
    d.device(device);
    if (!pool) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *pool = pool_of(device);
  });
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void* value) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(device_of(d, pool));
    if (!value) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const int a = attribute;
    if (a < CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES || a > CU_MEMPOOL_ATTR_RELEASE_THRESHOLD)
      d.misuse(CUDA_ERROR_INVALID_VALUE, text("attribute ", a, " cannot be set"));
    const bool wide = a == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    device.pool_attributes[a] =
        wide ? *static_cast<uint64_t*>(value) : static_cast<uint64_t>(*static_cast<int*>(value));
  });
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void* value) {
  return answer(__func__, [&](Driver& d) {
    Device& device = d.device(device_of(d, pool));
    if (!value) throw Failure{CUDA_ERROR_INVALID_VALUE};
    uint64_t ordered = 0;
    for (auto& [base, a] : device.memory.live()) ordered += a.is_ordered ? a.bytes : 0;
    switch (static_cast<int>(attribute)) {
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        *static_cast<int*>(value) =
            device.pool_attributes.count(attribute) ? static_cast<int>(device.pool_attributes[attribute]) : 1;
        return;
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
        *static_cast<uint64_t*>(value) = device.pool_attributes[attribute];
        return;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
      case CU_MEMPOOL_ATTR_USED_MEM_CURRENT: *static_cast<uint64_t*>(value) = ordered; return;
      default: throw Failure{CUDA_ERROR_INVALID_VALUE};
    }
  });
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t) {
  return answer(__func__, [&](Driver& d) { device_of(d, pool); });
}

CUresult cuMemPoolSetAccess(CUmemoryPool pool, const CUmemAccessDesc* map, size_t count) {
  return answer(__func__, [&](Driver& d) {
    const CUdevice owner = device_of(d, pool);
    if (!map && count) throw Failure{CUDA_ERROR_INVALID_VALUE};
    for (size_t i = 0; i < count; ++i) {
      if (map[i].location.type != CU_MEM_LOCATION_TYPE_DEVICE) throw Failure{CUDA_ERROR_INVALID_VALUE};
      Device& other = d.device(map[i].location.id);
      if (!d.options.peers && map[i].location.id != owner) throw Failure{CUDA_ERROR_PEER_ACCESS_UNSUPPORTED};
      if (!other.primary) continue;
      if (map[i].flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE) other.primary->peers.insert(owner);
    }
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr pointer) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const Allocation& a = d.allocation(pointer, 0);
    if (base) *base = a.base;
    if (bytes) *bytes = a.bytes;
  });
}

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr pointer) {
  return answer(__func__, [&](Driver& d) {
    if (!data) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const int ordinal = d.device_of(pointer);
    const Allocation* a = ordinal < 0 ? nullptr : d.devices[ordinal]->memory.find(pointer);
    uint64_t base = 0;
    const HostBlock* block = a ? nullptr : d.host_block(reinterpret_cast<void*>(pointer), 1, &base);
    if (!a && !block) throw Failure{CUDA_ERROR_INVALID_VALUE};  // the answer to a question about pageable memory
    switch (static_cast<int>(attribute)) {
      case CU_POINTER_ATTRIBUTE_CONTEXT: *static_cast<uint64_t*>(data) = a ? a->context : 0; return;
      case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
        *static_cast<unsigned*>(data) = a ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
        return;
      case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: *static_cast<uint64_t*>(data) = pointer; return;
      case CU_POINTER_ATTRIBUTE_HOST_POINTER:
        if (a) throw Failure{CUDA_ERROR_INVALID_VALUE};
        *static_cast<uint64_t*>(data) = pointer;
        return;
      case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: *static_cast<int*>(data) = a ? ordinal : 0; return;
      case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: *static_cast<uint64_t*>(data) = a ? a->base : base; return;
      case CU_POINTER_ATTRIBUTE_RANGE_SIZE: *static_cast<uint64_t*>(data) = a ? a->bytes : block->bytes; return;
      default: throw Failure{CUDA_ERROR_NOT_SUPPORTED};
    }
  });
}

CUresult cuMemHostAlloc(void** pointer, size_t bytes, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    const Context& c = d.current();
    if (!pointer || bytes == 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "no bytes, or nowhere to put the address");
    if (flags & ~7u) d.misuse(CUDA_ERROR_INVALID_VALUE, text("unknown flags ", hex(flags)));
    *pointer = nullptr;
    if (d.injected("host")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    constexpr size_t kPage = 4096;
    void* p = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
    if (!p) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    std::memset(p, 0xCB, bytes);
    d.host[reinterpret_cast<uint64_t>(p)] = {bytes, flags, false, c.handle};
    ++d.counters.host_allocations;
    *pointer = p;
  });
}

CUresult cuMemAllocHost_v2(void** pointer, size_t bytes) { return cuMemHostAlloc(pointer, bytes, 0); }

namespace {

void forget_host(Driver& d, void* p, bool is_registered) {
  Context& c = d.current();
  const auto found = d.host.find(reinterpret_cast<uint64_t>(p));
  const CUresult code = is_registered ? CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED : CUDA_ERROR_INVALID_VALUE;
  if (found == d.host.end() || found->second.is_registered != is_registered)
    d.misuse(code, text(p, " is no pinned memory of this kind, or freed already"));
  d.finish(c);
  if (!is_registered) std::free(p);
  d.host.erase(found);
}

}  // namespace

CUresult cuMemFreeHost(void* p) {
  return answer(__func__, [&](Driver& d) { forget_host(d, p, false); });
}

CUresult cuMemHostRegister_v2(void* p, size_t bytes, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    const Context& c = d.current();
    if (!p || bytes == 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "no memory");
    if (d.host_block(p, 1)) d.misuse(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "the memory is pinned already");
    if (d.injected("host")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    d.host[reinterpret_cast<uint64_t>(p)] = {bytes, flags, true, c.handle};
  });
}

CUresult cuMemHostUnregister(void* p) {
  return answer(__func__, [&](Driver& d) { forget_host(d, p, true); });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* pointer, void* p, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    if (!pointer || flags != 0) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (!d.host_block(p, 1)) d.misuse(CUDA_ERROR_INVALID_VALUE, "the memory is not pinned");
    *pointer = reinterpret_cast<CUdeviceptr>(p);
  });
}

CUresult cuMemHostGetFlags(unsigned int* flags, void* p) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const HostBlock* block = d.host_block(p, 1);
    if (!flags || !block) d.misuse(CUDA_ERROR_INVALID_VALUE, "the memory is not pinned");
    *flags = block->flags;
  });
}

}  // namespace cudasim
