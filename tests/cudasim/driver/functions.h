#pragma once
/// The calls there are, by the names under which dlsym finds them, and since which version cuGetProcAddress knows them.

#include "driver/types.h"

namespace cudasim {

// symbol, public name, version, parameters
#define CUDASIM_FUNCTIONS(X)                                                                                          \
  X(cuInit, cuInit, 2000, (unsigned int))                                                                             \
  X(cuDriverGetVersion, cuDriverGetVersion, 2020, (int*))                                                             \
  X(cuGetErrorName, cuGetErrorName, 6000, (CUresult, const char**))                                                   \
  X(cuGetErrorString, cuGetErrorString, 6000, (CUresult, const char**))                                               \
  X(cuGetProcAddress_v2, cuGetProcAddress, 12000,                                                                     \
    (const char*, void**, int, cuuint64_t, CUdriverProcAddressQueryResult*))                                          \
  X(cuDeviceGet, cuDeviceGet, 2000, (CUdevice*, int))                                                                 \
  X(cuDeviceGetCount, cuDeviceGetCount, 2000, (int*))                                                                 \
  X(cuDeviceGetName, cuDeviceGetName, 2000, (char*, int, CUdevice))                                                   \
  X(cuDeviceGetUuid, cuDeviceGetUuid, 9020, (CUuuid*, CUdevice))                                                      \
  X(cuDeviceGetUuid_v2, cuDeviceGetUuid, 11040, (CUuuid*, CUdevice))                                                  \
  X(cuDeviceGetAttribute, cuDeviceGetAttribute, 2000, (int*, CUdevice_attribute, CUdevice))                           \
  X(cuDeviceTotalMem_v2, cuDeviceTotalMem, 3020, (size_t*, CUdevice))                                                 \
  X(cuDeviceCanAccessPeer, cuDeviceCanAccessPeer, 4000, (int*, CUdevice, CUdevice))                                   \
  X(cuDeviceGetP2PAttribute, cuDeviceGetP2PAttribute, 8000, (int*, CUdevice_P2PAttribute, CUdevice, CUdevice))        \
  X(cuDeviceGetDefaultMemPool, cuDeviceGetDefaultMemPool, 11020, (CUmemoryPool*, CUdevice))                           \
  X(cuDeviceGetMemPool, cuDeviceGetMemPool, 11020, (CUmemoryPool*, CUdevice))                                         \
  X(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, 7000, (CUcontext*, CUdevice))                                 \
  X(cuDevicePrimaryCtxRelease_v2, cuDevicePrimaryCtxRelease, 11000, (CUdevice))                                       \
  X(cuDevicePrimaryCtxReset_v2, cuDevicePrimaryCtxReset, 11000, (CUdevice))                                           \
  X(cuDevicePrimaryCtxSetFlags_v2, cuDevicePrimaryCtxSetFlags, 11000, (CUdevice, unsigned int))                       \
  X(cuDevicePrimaryCtxGetState, cuDevicePrimaryCtxGetState, 7000, (CUdevice, unsigned int*, int*))                    \
  X(cuCtxSetCurrent, cuCtxSetCurrent, 4000, (CUcontext))                                                              \
  X(cuCtxGetCurrent, cuCtxGetCurrent, 4000, (CUcontext*))                                                             \
  X(cuCtxPushCurrent_v2, cuCtxPushCurrent, 4000, (CUcontext))                                                         \
  X(cuCtxPopCurrent_v2, cuCtxPopCurrent, 4000, (CUcontext*))                                                          \
  X(cuCtxGetDevice, cuCtxGetDevice, 2000, (CUdevice*))                                                                \
  X(cuCtxGetFlags, cuCtxGetFlags, 7000, (unsigned int*))                                                              \
  X(cuCtxSynchronize, cuCtxSynchronize, 2000, ())                                                                     \
  X(cuCtxGetStreamPriorityRange, cuCtxGetStreamPriorityRange, 5050, (int*, int*))                                     \
  X(cuCtxEnablePeerAccess, cuCtxEnablePeerAccess, 4000, (CUcontext, unsigned int))                                    \
  X(cuCtxDisablePeerAccess, cuCtxDisablePeerAccess, 4000, (CUcontext))                                                \
  X(cuModuleLoadData, cuModuleLoadData, 2000, (CUmodule*, const void*))                                               \
  X(cuModuleLoadDataEx, cuModuleLoadDataEx, 2010, (CUmodule*, const void*, unsigned int, CUjit_option*, void**))      \
  X(cuModuleUnload, cuModuleUnload, 2000, (CUmodule))                                                                 \
  X(cuModuleGetFunction, cuModuleGetFunction, 2000, (CUfunction*, CUmodule, const char*))                             \
  X(cuModuleGetGlobal_v2, cuModuleGetGlobal, 3020, (CUdeviceptr*, size_t*, CUmodule, const char*))                    \
  X(cuLibraryLoadData, cuLibraryLoadData, 12000,                                                                      \
    (CUlibrary*, const void*, CUjit_option*, void**, unsigned int, CUlibraryOption*, void**, unsigned int))           \
  X(cuLibraryUnload, cuLibraryUnload, 12000, (CUlibrary))                                                             \
  X(cuLibraryGetKernel, cuLibraryGetKernel, 12000, (CUkernel*, CUlibrary, const char*))                               \
  X(cuLibraryGetModule, cuLibraryGetModule, 12000, (CUmodule*, CUlibrary))                                            \
  X(cuKernelGetFunction, cuKernelGetFunction, 12000, (CUfunction*, CUkernel))                                         \
  X(cuFuncGetAttribute, cuFuncGetAttribute, 2020, (int*, CUfunction_attribute, CUfunction))                           \
  X(cuFuncSetAttribute, cuFuncSetAttribute, 9000, (CUfunction, CUfunction_attribute, int))                            \
  X(cuFuncSetCacheConfig, cuFuncSetCacheConfig, 3000, (CUfunction, CUfunc_cache))                                     \
  X(cuFuncGetModule, cuFuncGetModule, 11000, (CUmodule*, CUfunction))                                                 \
  X(cuFuncGetName, cuFuncGetName, 12030, (const char**, CUfunction))                                                  \
  X(cuLaunchKernel, cuLaunchKernel, 4000,                                                                             \
    (CUfunction, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int,    \
     CUstream, void**, void**))                                                                                       \
  X(cuLaunchKernelEx, cuLaunchKernelEx, 11060, (const CUlaunchConfig*, CUfunction, void**, void**))                   \
  X(cuLaunchHostFunc, cuLaunchHostFunc, 10000, (CUstream, CUhostFn, void*))                                           \
  X(cuOccupancyMaxActiveBlocksPerMultiprocessor, cuOccupancyMaxActiveBlocksPerMultiprocessor, 6050,                   \
    (int*, CUfunction, int, size_t))                                                                                  \
  X(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, 7000, \
    (int*, CUfunction, int, size_t, unsigned int))                                                                    \
  X(cuOccupancyMaxPotentialBlockSize, cuOccupancyMaxPotentialBlockSize, 6050,                                         \
    (int*, int*, CUfunction, CUoccupancyB2DSize, size_t, int))                                                        \
  X(cuMemGetInfo_v2, cuMemGetInfo, 3020, (size_t*, size_t*))                                                          \
  X(cuMemAlloc_v2, cuMemAlloc, 3020, (CUdeviceptr*, size_t))                                                          \
  X(cuMemFree_v2, cuMemFree, 3020, (CUdeviceptr))                                                                     \
  X(cuMemAllocAsync, cuMemAllocAsync, 11020, (CUdeviceptr*, size_t, CUstream))                                        \
  X(cuMemAllocFromPoolAsync, cuMemAllocFromPoolAsync, 11020, (CUdeviceptr*, size_t, CUmemoryPool, CUstream))          \
  X(cuMemFreeAsync, cuMemFreeAsync, 11020, (CUdeviceptr, CUstream))                                                   \
  X(cuMemPoolSetAttribute, cuMemPoolSetAttribute, 11020, (CUmemoryPool, CUmemPool_attribute, void*))                  \
  X(cuMemPoolGetAttribute, cuMemPoolGetAttribute, 11020, (CUmemoryPool, CUmemPool_attribute, void*))                  \
  X(cuMemPoolTrimTo, cuMemPoolTrimTo, 11020, (CUmemoryPool, size_t))                                                  \
  X(cuMemPoolSetAccess, cuMemPoolSetAccess, 11020, (CUmemoryPool, const CUmemAccessDesc*, size_t))                    \
  X(cuMemGetAddressRange_v2, cuMemGetAddressRange, 3020, (CUdeviceptr*, size_t*, CUdeviceptr))                        \
  X(cuPointerGetAttribute, cuPointerGetAttribute, 4000, (void*, CUpointer_attribute, CUdeviceptr))                    \
  X(cuMemHostAlloc, cuMemHostAlloc, 2020, (void**, size_t, unsigned int))                                             \
  X(cuMemAllocHost_v2, cuMemAllocHost, 3020, (void**, size_t))                                                        \
  X(cuMemFreeHost, cuMemFreeHost, 2000, (void*))                                                                      \
  X(cuMemHostRegister_v2, cuMemHostRegister, 6050, (void*, size_t, unsigned int))                                     \
  X(cuMemHostUnregister, cuMemHostUnregister, 4000, (void*))                                                          \
  X(cuMemHostGetDevicePointer_v2, cuMemHostGetDevicePointer, 3020, (CUdeviceptr*, void*, unsigned int))               \
  X(cuMemHostGetFlags, cuMemHostGetFlags, 2030, (unsigned int*, void*))                                               \
  X(cuMemcpy, cuMemcpy, 4000, (CUdeviceptr, CUdeviceptr, size_t))                                                     \
  X(cuMemcpyAsync, cuMemcpyAsync, 4000, (CUdeviceptr, CUdeviceptr, size_t, CUstream))                                 \
  X(cuMemcpyHtoD_v2, cuMemcpyHtoD, 3020, (CUdeviceptr, const void*, size_t))                                          \
  X(cuMemcpyDtoH_v2, cuMemcpyDtoH, 3020, (void*, CUdeviceptr, size_t))                                                \
  X(cuMemcpyDtoD_v2, cuMemcpyDtoD, 3020, (CUdeviceptr, CUdeviceptr, size_t))                                          \
  X(cuMemcpyHtoDAsync_v2, cuMemcpyHtoDAsync, 3020, (CUdeviceptr, const void*, size_t, CUstream))                      \
  X(cuMemcpyDtoHAsync_v2, cuMemcpyDtoHAsync, 3020, (void*, CUdeviceptr, size_t, CUstream))                            \
  X(cuMemcpyDtoDAsync_v2, cuMemcpyDtoDAsync, 3020, (CUdeviceptr, CUdeviceptr, size_t, CUstream))                      \
  X(cuMemcpyPeer, cuMemcpyPeer, 4000, (CUdeviceptr, CUcontext, CUdeviceptr, CUcontext, size_t))                       \
  X(cuMemcpyPeerAsync, cuMemcpyPeerAsync, 4000, (CUdeviceptr, CUcontext, CUdeviceptr, CUcontext, size_t, CUstream))   \
  X(cuMemsetD8_v2, cuMemsetD8, 3020, (CUdeviceptr, unsigned char, size_t))                                            \
  X(cuMemsetD16_v2, cuMemsetD16, 3020, (CUdeviceptr, unsigned short, size_t))                                         \
  X(cuMemsetD32_v2, cuMemsetD32, 3020, (CUdeviceptr, unsigned int, size_t))                                           \
  X(cuMemsetD8Async, cuMemsetD8Async, 3020, (CUdeviceptr, unsigned char, size_t, CUstream))                           \
  X(cuMemsetD16Async, cuMemsetD16Async, 3020, (CUdeviceptr, unsigned short, size_t, CUstream))                        \
  X(cuMemsetD32Async, cuMemsetD32Async, 3020, (CUdeviceptr, unsigned int, size_t, CUstream))                          \
  X(cuStreamCreate, cuStreamCreate, 2000, (CUstream*, unsigned int))                                                  \
  X(cuStreamCreateWithPriority, cuStreamCreateWithPriority, 5050, (CUstream*, unsigned int, int))                     \
  X(cuStreamDestroy_v2, cuStreamDestroy, 4000, (CUstream))                                                            \
  X(cuStreamQuery, cuStreamQuery, 2000, (CUstream))                                                                   \
  X(cuStreamSynchronize, cuStreamSynchronize, 2000, (CUstream))                                                       \
  X(cuStreamWaitEvent, cuStreamWaitEvent, 3020, (CUstream, CUevent, unsigned int))                                    \
  X(cuStreamGetCtx, cuStreamGetCtx, 9020, (CUstream, CUcontext*))                                                     \
  X(cuStreamGetFlags, cuStreamGetFlags, 5050, (CUstream, unsigned int*))                                              \
  X(cuStreamAddCallback, cuStreamAddCallback, 5000, (CUstream, CUstreamCallback, void*, unsigned int))                \
  X(cuEventCreate, cuEventCreate, 2000, (CUevent*, unsigned int))                                                     \
  X(cuEventRecord, cuEventRecord, 2000, (CUevent, CUstream))                                                          \
  X(cuEventQuery, cuEventQuery, 2000, (CUevent))                                                                      \
  X(cuEventSynchronize, cuEventSynchronize, 2000, (CUevent))                                                          \
  X(cuEventDestroy_v2, cuEventDestroy, 4000, (CUevent))                                                               \
  X(cuEventElapsedTime, cuEventElapsedTime, 2000, (float*, CUevent, CUevent))                                         \
  X(cuEventElapsedTime_v2, cuEventElapsedTime, 12080, (float*, CUevent, CUevent))

namespace signature {
#define X(symbol, name, version, parameters) using symbol = CUresult parameters;
CUDASIM_FUNCTIONS(X)
#undef X
}  // namespace signature

}  // namespace cudasim
