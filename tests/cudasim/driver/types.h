#pragma once
/// The driver's types and constants, written down once more so that nothing of CUDA is needed to build. A test compares
/// them with cuda.h where that exists.

#include <cstddef>
#include <cstdint>

namespace cudasim {

// NAME, number, what cuGetErrorString says.
#define CUDASIM_ERRORS(X)                                                                                          \
  X(CUDA_SUCCESS, 0, "no error")                                                                                   \
  X(CUDA_ERROR_INVALID_VALUE, 1, "invalid argument")                                                               \
  X(CUDA_ERROR_OUT_OF_MEMORY, 2, "out of memory")                                                                  \
  X(CUDA_ERROR_NOT_INITIALIZED, 3, "initialization error")                                                         \
  X(CUDA_ERROR_DEINITIALIZED, 4, "driver shutting down")                                                           \
  X(CUDA_ERROR_DEVICE_UNAVAILABLE, 46, "CUDA-capable device(s) is/are busy or unavailable")                        \
  X(CUDA_ERROR_NO_DEVICE, 100, "no CUDA-capable device is detected")                                               \
  X(CUDA_ERROR_INVALID_DEVICE, 101, "invalid device ordinal")                                                      \
  X(CUDA_ERROR_INVALID_IMAGE, 200, "device kernel image is invalid")                                               \
  X(CUDA_ERROR_INVALID_CONTEXT, 201, "invalid device context")                                                     \
  X(CUDA_ERROR_NO_BINARY_FOR_GPU, 209, "no kernel image is available for execution on the device")                 \
  X(CUDA_ERROR_ECC_UNCORRECTABLE, 214, "uncorrectable ECC error encountered")                                      \
  X(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, 217, "peer access is not supported between these two devices")             \
  X(CUDA_ERROR_INVALID_PTX, 218, "a PTX JIT compilation failed")                                                   \
  X(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, 222, "the provided PTX was compiled with an unsupported toolchain.")       \
  X(CUDA_ERROR_INVALID_HANDLE, 400, "invalid resource handle")                                                     \
  X(CUDA_ERROR_ILLEGAL_STATE, 401, "the operation cannot be performed in the present state")                       \
  X(CUDA_ERROR_NOT_FOUND, 500, "named symbol not found")                                                           \
  X(CUDA_ERROR_NOT_READY, 600, "device not ready")                                                                 \
  X(CUDA_ERROR_ILLEGAL_ADDRESS, 700, "an illegal memory access was encountered")                                   \
  X(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701, "too many resources requested for launch")                            \
  X(CUDA_ERROR_LAUNCH_TIMEOUT, 702, "the launch timed out and was terminated")                                     \
  X(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, 704, "peer access is already enabled")                                 \
  X(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, 705, "peer access has not been enabled")                                   \
  X(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE, 708, "cannot set while device is active in this process")                   \
  X(CUDA_ERROR_CONTEXT_IS_DESTROYED, 709, "context is destroyed")                                                  \
  X(CUDA_ERROR_ASSERT, 710, "device-side assert triggered")                                                        \
  X(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, 712, "part or all of the requested memory range is already mapped") \
  X(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, 713, "pointer does not correspond to a registered memory region")       \
  X(CUDA_ERROR_ILLEGAL_INSTRUCTION, 715, "an illegal instruction was encountered")                                 \
  X(CUDA_ERROR_MISALIGNED_ADDRESS, 716, "misaligned address")                                                      \
  X(CUDA_ERROR_LAUNCH_FAILED, 719, "unspecified launch failure")                                                   \
  X(CUDA_ERROR_NOT_PERMITTED, 800, "operation not permitted")                                                      \
  X(CUDA_ERROR_NOT_SUPPORTED, 801, "operation not supported")                                                      \
  X(CUDA_ERROR_UNKNOWN, 999, "unknown error")

#define CUDASIM_DEVICE_ATTRIBUTES(X)                              \
  X(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1)                 \
  X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 2)                       \
  X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 3)                       \
  X(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 4)                       \
  X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 5)                        \
  X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 6)                        \
  X(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 7)                        \
  X(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 8)           \
  X(CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 9)                 \
  X(CU_DEVICE_ATTRIBUTE_WARP_SIZE, 10)                            \
  X(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 12)              \
  X(CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 13)                           \
  X(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16)                 \
  X(CU_DEVICE_ATTRIBUTE_INTEGRATED, 18)                           \
  X(CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 19)                  \
  X(CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, 20)                         \
  X(CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 31)                   \
  X(CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 32)                          \
  X(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 33)                           \
  X(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, 34)                        \
  X(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 36)                    \
  X(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 37)              \
  X(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 38)                        \
  X(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 39)       \
  X(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 40)                   \
  X(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 41)                   \
  X(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, 50)                        \
  X(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75)             \
  X(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76)             \
  X(CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 78)          \
  X(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 81) \
  X(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 82)     \
  X(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, 83)                       \
  X(CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS, 88)               \
  X(CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, 89)            \
  X(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 95)                   \
  X(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 97)    \
  X(CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, 99)              \
  X(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 106)       \
  X(CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, 111)    \
  X(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, 115)

#define CUDASIM_CONSTANTS(X)                               \
  X(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 0)            \
  X(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, 1)                \
  X(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES, 2)                 \
  X(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, 3)                 \
  X(CU_FUNC_ATTRIBUTE_NUM_REGS, 4)                         \
  X(CU_FUNC_ATTRIBUTE_PTX_VERSION, 5)                      \
  X(CU_FUNC_ATTRIBUTE_BINARY_VERSION, 6)                   \
  X(CU_FUNC_ATTRIBUTE_CACHE_MODE_CA, 7)                    \
  X(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 8)    \
  X(CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, 9) \
  X(CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES, 1)    \
  X(CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC, 2)          \
  X(CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES, 3)  \
  X(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, 4)                  \
  X(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, 5)               \
  X(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH, 6)                  \
  X(CU_MEMPOOL_ATTR_USED_MEM_CURRENT, 7)                   \
  X(CU_MEMPOOL_ATTR_USED_MEM_HIGH, 8)                      \
  X(CU_POINTER_ATTRIBUTE_CONTEXT, 1)                       \
  X(CU_POINTER_ATTRIBUTE_MEMORY_TYPE, 2)                   \
  X(CU_POINTER_ATTRIBUTE_DEVICE_POINTER, 3)                \
  X(CU_POINTER_ATTRIBUTE_HOST_POINTER, 4)                  \
  X(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, 9)                \
  X(CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, 11)             \
  X(CU_POINTER_ATTRIBUTE_RANGE_SIZE, 12)                   \
  X(CU_MEMORYTYPE_HOST, 1)                                 \
  X(CU_MEMORYTYPE_DEVICE, 2)                               \
  X(CU_JIT_INFO_LOG_BUFFER, 3)                             \
  X(CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES, 4)                  \
  X(CU_JIT_ERROR_LOG_BUFFER, 5)                            \
  X(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, 6)                 \
  X(CU_STREAM_DEFAULT, 0)                                  \
  X(CU_STREAM_NON_BLOCKING, 1)                             \
  X(CU_EVENT_DEFAULT, 0)                                   \
  X(CU_EVENT_BLOCKING_SYNC, 1)                             \
  X(CU_EVENT_DISABLE_TIMING, 2)                            \
  X(CU_EVENT_INTERPROCESS, 4)                              \
  X(CU_MEMHOSTALLOC_PORTABLE, 1)                           \
  X(CU_MEMHOSTALLOC_DEVICEMAP, 2)                          \
  X(CU_MEMHOSTALLOC_WRITECOMBINED, 4)                      \
  X(CU_MEM_LOCATION_TYPE_DEVICE, 1)                        \
  X(CU_MEM_ACCESS_FLAGS_PROT_NONE, 0)                      \
  X(CU_MEM_ACCESS_FLAGS_PROT_READ, 1)                      \
  X(CU_MEM_ACCESS_FLAGS_PROT_READWRITE, 3)                 \
  X(CU_GET_PROC_ADDRESS_SUCCESS, 0)                        \
  X(CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND, 1)               \
  X(CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT, 2)         \
  X(CU_LAUNCH_PARAM_END_AS_INT, 0)                         \
  X(CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT, 1)              \
  X(CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT, 2)                 \
  X(CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 2)           \
  X(CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED, 3)

enum CUresult : int {
#define X(name, number, text) name = number,
  CUDASIM_ERRORS(X)
#undef X
};

enum CUdevice_attribute : int {
#define X(name, number) name = number,
  CUDASIM_DEVICE_ATTRIBUTES(X)
#undef X
};

enum Constant : int {
#define X(name, number) name = number,
  CUDASIM_CONSTANTS(X)
#undef X
};

// Enumerations that are passed on by number.
enum CUfunction_attribute : int {};
enum CUmemPool_attribute : int {};
enum CUpointer_attribute : int {};
enum CUjit_option : int {};
enum CUfunc_cache : int {};
enum CUdevice_P2PAttribute : int {};
enum CUdriverProcAddressQueryResult : int {};
enum CUlaunchAttributeID : int {};
enum CUlibraryOption : int {};

using CUdevice = int;
using CUdeviceptr = unsigned long long;
using cuuint64_t = uint64_t;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUlibrary = struct CUlib_st*;
using CUkernel = struct CUkern_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
using CUmemoryPool = struct CUmemPoolHandle_st*;
using CUhostFn = void (*)(void*);
using CUstreamCallback = void (*)(CUstream, CUresult, void*);
using CUoccupancyB2DSize = size_t (*)(int);

struct CUuuid {
  char bytes[16];
};

struct CUmemLocation {
  int type;
  int id;
};

struct CUmemAccessDesc {
  CUmemLocation location;
  int flags;
};

struct CUlaunchAttribute {
  CUlaunchAttributeID id;
  char pad[8 - sizeof(CUlaunchAttributeID)];
  alignas(8) char value[64];
};

struct CUlaunchConfig {
  unsigned int gridDimX, gridDimY, gridDimZ;
  unsigned int blockDimX, blockDimY, blockDimZ;
  unsigned int sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute* attrs;
  unsigned int numAttrs;
};

inline CUstream const CU_STREAM_LEGACY = reinterpret_cast<CUstream>(0x1);
inline CUstream const CU_STREAM_PER_THREAD = reinterpret_cast<CUstream>(0x2);

}  // namespace cudasim
