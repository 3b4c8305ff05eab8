#include "driver/properties.h"

namespace cudasim {

int shared_opt_in(int sm) {
  if (sm < 80) return 64 << 10;
  if (sm == 80 || sm == 87) return 163 << 10;
  if (sm < 90 || sm >= 120) return 99 << 10;
  return 227 << 10;
}

int shared_of_multiprocessor(int sm) {
  if (sm < 80) return 64 << 10;
  if (sm == 80 || sm == 87) return 164 << 10;
  if (sm < 90 || sm >= 120) return 100 << 10;
  return 228 << 10;
}

int threads_of_multiprocessor(int sm) {
  if (sm < 80) return 1024;
  return (sm > 80 && sm < 90) || sm >= 120 ? 1536 : 2048;
}

int blocks_of_multiprocessor(int sm) {
  if (sm < 80) return 16;
  return sm == 86 || sm == 87 ? 16 : sm == 89 || sm >= 120 ? 24 : 32;
}

bool property(const Options& options, CUdevice device, CUdevice_attribute attribute, int& value) {
  const int sm = options.sm;
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: value = kMaxThreads; break;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: value = 64; break;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: value = 2147483647; break;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: value = 65535; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: value = kStaticShared; break;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: value = 64 << 10; break;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: value = 32; break;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: value = 65536; break;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: value = 1000000; break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: value = 4; break;
    case CU_DEVICE_ATTRIBUTE_INTEGRATED: value = 0; break;
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY: value = 1; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_MODE: value = 0; break;
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS: value = 1; break;
    case CU_DEVICE_ATTRIBUTE_ECC_ENABLED: value = 0; break;
    case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: value = device + 1; break;
    case CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID:
    case CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID: value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: value = 1000000; break;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: value = 256; break;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: value = 4 << 20; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: value = threads_of_multiprocessor(sm); break;
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: value = 2; break;
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: value = 1; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: value = sm / 10; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: value = sm % 10; break;
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED: value = 1; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: value = shared_of_multiprocessor(sm); break;
    case CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY:
    case CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS:
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH: value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: value = shared_opt_in(sm); break;
    case CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED: value = 1; break;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: value = blocks_of_multiprocessor(sm); break;
    case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: value = sm < 80 ? 0 : 1024; break;
    case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED: value = 1; break;
    default: return false;
  }
  return true;
}

}  // namespace cudasim
