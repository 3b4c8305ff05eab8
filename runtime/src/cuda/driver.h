#pragma once
/// NVIDIA's driver, loaded when a GPU is first asked for. Nothing of CUDA is needed to build: the declarations here are
/// our own, and a test compares them with cuda.h where that is installed.

#include <cstddef>
#include <cstdint>
#include <string>

// The driver's opaque types, under its own names so that the declarations can be compared.
struct CUctx_st;
struct CUmod_st;
struct CUfunc_st;
struct CUstream_st;
struct CUevent_st;

namespace tarry::runtime::cuda {

using Result = int;
using Address = unsigned long long;
using ContextHandle = CUctx_st*;
using ModuleHandle = CUmod_st*;
using FunctionHandle = CUfunc_st*;
using StreamHandle = CUstream_st*;
using EventHandle = CUevent_st*;

// What the calls below return, by cuda.h's numbers.
inline constexpr Result kSuccess = 0, kOutOfMemory = 2, kDeinitialized = 4, kDeviceUnavailable = 46,
                        kInvalidContext = 201, kEccUncorrectable = 214, kNvlinkUncorrectable = 220,
                        kIllegalAddress = 700, kLaunchTimeout = 702, kContextIsDestroyed = 709, kAssert = 710,
                        kHardwareStackError = 714, kIllegalInstruction = 715, kMisalignedAddress = 716,
                        kInvalidAddressSpace = 717, kInvalidProgramCounter = 718, kLaunchFailed = 719, kUnknown = 999;

// Attributes of devices, flags, options of the assembler.
inline constexpr int kMaxSharedPerBlock = 8, kMultiprocessors = 16, kCapabilityMajor = 75, kCapabilityMinor = 76;
inline constexpr unsigned kStreamNonBlocking = 1, kEventDisableTiming = 2, kHostAllocPortable = 1;
inline constexpr int kJitErrorLog = 5, kJitErrorLogBytes = 6;

/// One row a call: its name in the table, its symbol, its parameters.
#define TARRY_CUDA_CALLS(X)                                                                                          \
  X(init, cuInit, (unsigned flags))                                                                                  \
  X(error_name, cuGetErrorName, (Result error, const char** text))                                                   \
  X(error_text, cuGetErrorString, (Result error, const char** text))                                                 \
  X(device_count, cuDeviceGetCount, (int* count))                                                                    \
  X(device_get, cuDeviceGet, (int* device, int ordinal))                                                             \
  X(device_name, cuDeviceGetName, (char* name, int length, int device))                                              \
  X(device_attribute, cuDeviceGetAttribute, (int* value, int attribute, int device))                                 \
  X(device_memory, cuDeviceTotalMem_v2, (size_t * bytes, int device))                                                \
  X(can_access_peer, cuDeviceCanAccessPeer, (int* can, int device, int peer))                                        \
  X(context_retain, cuDevicePrimaryCtxRetain, (ContextHandle * context, int device))                                 \
  X(context_reset, cuDevicePrimaryCtxReset_v2, (int device))                                                         \
  X(context_push, cuCtxPushCurrent_v2, (ContextHandle context))                                                      \
  X(context_pop, cuCtxPopCurrent_v2, (ContextHandle * context))                                                      \
  X(enable_peer, cuCtxEnablePeerAccess, (ContextHandle peer, unsigned flags))                                        \
  X(stream_create, cuStreamCreate, (StreamHandle * stream, unsigned flags))                                          \
  X(stream_synchronize, cuStreamSynchronize, (StreamHandle stream))                                                  \
  X(stream_wait, cuStreamWaitEvent, (StreamHandle stream, EventHandle event, unsigned flags))                        \
  X(event_create, cuEventCreate, (EventHandle * event, unsigned flags))                                              \
  X(event_record, cuEventRecord, (EventHandle event, StreamHandle stream))                                           \
  X(event_synchronize, cuEventSynchronize, (EventHandle event))                                                      \
  X(event_destroy, cuEventDestroy_v2, (EventHandle event))                                                           \
  X(memory_info, cuMemGetInfo_v2, (size_t * free, size_t * total))                                                   \
  X(allocate, cuMemAlloc_v2, (Address * address, size_t bytes))                                                      \
  X(free, cuMemFree_v2, (Address address))                                                                           \
  X(allocate_host, cuMemHostAlloc, (void** memory, size_t bytes, unsigned flags))                                    \
  X(free_host, cuMemFreeHost, (void* memory))                                                                        \
  X(copy_to_device, cuMemcpyHtoDAsync_v2, (Address to, const void* from, size_t bytes, StreamHandle stream))         \
  X(copy_to_host, cuMemcpyDtoHAsync_v2, (void* to, Address from, size_t bytes, StreamHandle stream))                 \
  X(copy_on_device, cuMemcpyDtoDAsync_v2, (Address to, Address from, size_t bytes, StreamHandle stream))             \
  X(copy_to_peer, cuMemcpyPeerAsync,                                                                                 \
    (Address to, ContextHandle to_context, Address from, ContextHandle from_context, size_t bytes,                   \
     StreamHandle stream))                                                                                           \
  X(set_words, cuMemsetD32Async, (Address to, unsigned value, size_t count, StreamHandle stream))                    \
  X(module_load, cuModuleLoadDataEx,                                                                                 \
    (ModuleHandle * module, const void* image, unsigned count, int* options, void** values))                         \
  X(module_unload, cuModuleUnload, (ModuleHandle module))                                                            \
  X(module_function, cuModuleGetFunction, (FunctionHandle * function, ModuleHandle module, const char* name))        \
  X(launch, cuLaunchKernel,                                                                                          \
    (FunctionHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, \
     unsigned block_z, unsigned shared_bytes, StreamHandle stream, void** parameters, void** extra))

/// The driver's functions.
struct Driver {
#define TARRY_CUDA_POINTER(name, symbol, parameters) Result(*name) parameters = nullptr;
  TARRY_CUDA_CALLS(TARRY_CUDA_POINTER)
#undef TARRY_CUDA_POINTER
  std::string file;
  int devices = 0;

  /// "CUDA_ERROR_OUT_OF_MEMORY (2): out of memory"
  std::string describe(Result error) const;
};

/// The driver of TARRY_CUDA_LIBRARY, else libcuda.so.1, initialised. Loaded once; a failure is tried again at the next
/// call. Throws DeviceError saying what was looked for, where, and what was missing. In the child of a fork of a
/// process that had loaded it, it is unusable: DeviceError.
const Driver& driver();

/// Opens one file, without initialising what it holds. Throws DeviceError.
Driver open_driver(const std::string& file);

}  // namespace tarry::runtime::cuda
