/// What was written down once more, against cuda.h.

// Ahead of cuda.h, whose macros have some of the names.
#include "driver/functions.h"

#include <cuda.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace {

/// What a parameter is to the calling convention: a number of some size, a pointer.
template <class T, bool is_enum = std::is_enum_v<T>, bool is_pointer = std::is_pointer_v<T>>
struct Form {
  using type = std::conditional_t<std::is_integral_v<T>, std::integral_constant<size_t, sizeof(T)>, T>;
};
template <class T>
struct Form<T, true, false> {
  using type = std::integral_constant<size_t, sizeof(T)>;
};
template <class T>
struct Form<T, false, true> {
  using type = void*;
};

template <class F>
struct Signature;
template <class R, class... Args>
struct Signature<R(Args...)> {
  using type = typename Form<R>::type(typename Form<Args>::type...);
};
template <class A, class B>
constexpr bool same_form = std::is_same_v<typename Signature<A>::type, typename Signature<B>::type>;

// The macros of cuda.h give symbols their newest names; those that it no longer declares are left out.
#define CHECK(symbol) static_assert(same_form<decltype(::symbol), cudasim::signature::symbol>, #symbol)
CHECK(cuInit);
CHECK(cuDriverGetVersion);
CHECK(cuGetErrorName);
CHECK(cuGetErrorString);
CHECK(cuGetProcAddress_v2);
CHECK(cuDeviceGet);
CHECK(cuDeviceGetCount);
CHECK(cuDeviceGetName);
CHECK(cuDeviceGetUuid_v2);
CHECK(cuDeviceGetAttribute);
CHECK(cuDeviceTotalMem_v2);
CHECK(cuDeviceCanAccessPeer);
CHECK(cuDeviceGetP2PAttribute);
CHECK(cuDeviceGetDefaultMemPool);
CHECK(cuDeviceGetMemPool);
CHECK(cuDevicePrimaryCtxRetain);
CHECK(cuDevicePrimaryCtxRelease_v2);
CHECK(cuDevicePrimaryCtxReset_v2);
CHECK(cuDevicePrimaryCtxSetFlags_v2);
CHECK(cuDevicePrimaryCtxGetState);
CHECK(cuCtxSetCurrent);
CHECK(cuCtxGetCurrent);
CHECK(cuCtxPushCurrent_v2);
CHECK(cuCtxPopCurrent_v2);
CHECK(cuCtxGetDevice);
CHECK(cuCtxGetFlags);
CHECK(cuCtxSynchronize);
CHECK(cuCtxGetStreamPriorityRange);
CHECK(cuCtxEnablePeerAccess);
CHECK(cuCtxDisablePeerAccess);
CHECK(cuModuleLoadData);
CHECK(cuModuleLoadDataEx);
CHECK(cuModuleUnload);
CHECK(cuModuleGetFunction);
CHECK(cuModuleGetGlobal_v2);
CHECK(cuFuncGetAttribute);
CHECK(cuFuncSetAttribute);
CHECK(cuFuncSetCacheConfig);
CHECK(cuFuncGetModule);
CHECK(cuLaunchKernel);
CHECK(cuLaunchHostFunc);
CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor);
CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags);
CHECK(cuOccupancyMaxPotentialBlockSize);
CHECK(cuMemGetInfo_v2);
CHECK(cuMemAlloc_v2);
CHECK(cuMemFree_v2);
CHECK(cuMemAllocAsync);
CHECK(cuMemAllocFromPoolAsync);
CHECK(cuMemFreeAsync);
CHECK(cuMemPoolSetAttribute);
CHECK(cuMemPoolGetAttribute);
CHECK(cuMemPoolTrimTo);
CHECK(cuMemPoolSetAccess);
CHECK(cuMemGetAddressRange_v2);
CHECK(cuPointerGetAttribute);
CHECK(cuMemHostAlloc);
CHECK(cuMemAllocHost_v2);
CHECK(cuMemFreeHost);
CHECK(cuMemHostRegister_v2);
CHECK(cuMemHostUnregister);
CHECK(cuMemHostGetDevicePointer_v2);
CHECK(cuMemHostGetFlags);
CHECK(cuMemcpy);
CHECK(cuMemcpyAsync);
CHECK(cuMemcpyHtoD_v2);
CHECK(cuMemcpyDtoH_v2);
CHECK(cuMemcpyDtoD_v2);
CHECK(cuMemcpyHtoDAsync_v2);
CHECK(cuMemcpyDtoHAsync_v2);
CHECK(cuMemcpyDtoDAsync_v2);
CHECK(cuMemcpyPeer);
CHECK(cuMemcpyPeerAsync);
CHECK(cuMemsetD8_v2);
CHECK(cuMemsetD16_v2);
CHECK(cuMemsetD32_v2);
CHECK(cuMemsetD8Async);
CHECK(cuMemsetD16Async);
CHECK(cuMemsetD32Async);
CHECK(cuStreamCreate);
CHECK(cuStreamCreateWithPriority);
CHECK(cuStreamDestroy_v2);
CHECK(cuStreamQuery);
CHECK(cuStreamSynchronize);
CHECK(cuStreamWaitEvent);
CHECK(cuStreamGetCtx);
CHECK(cuStreamGetFlags);
CHECK(cuStreamAddCallback);
CHECK(cuEventCreate);
CHECK(cuEventRecord);
CHECK(cuEventQuery);
CHECK(cuEventSynchronize);
CHECK(cuEventDestroy_v2);
#if CUDA_VERSION >= 12000
CHECK(cuLibraryLoadData);
CHECK(cuLibraryUnload);
CHECK(cuLibraryGetKernel);
CHECK(cuLibraryGetModule);
CHECK(cuKernelGetFunction);
CHECK(cuLaunchKernelEx);
#endif
#undef CHECK

TEST(Declarations, NumbersAreThoseOfCudaH) {
#define X(name, number, text) EXPECT_EQ(static_cast<int>(name), number) << #name;
  CUDASIM_ERRORS(X)
#undef X
#define X(name, number) EXPECT_EQ(static_cast<int>(name), number) << #name;
  CUDASIM_DEVICE_ATTRIBUTES(X)
  CUDASIM_CONSTANTS(X)
#undef X
}

TEST(Declarations, StructuresAreThoseOfCudaH) {
  EXPECT_EQ(sizeof(::CUuuid), sizeof(cudasim::CUuuid));
  EXPECT_EQ(sizeof(::CUmemAccessDesc), sizeof(cudasim::CUmemAccessDesc));
  EXPECT_EQ(offsetof(::CUmemAccessDesc, flags), offsetof(cudasim::CUmemAccessDesc, flags));
  EXPECT_EQ(sizeof(::CUlaunchAttribute), sizeof(cudasim::CUlaunchAttribute));
  EXPECT_EQ(sizeof(::CUlaunchConfig), sizeof(cudasim::CUlaunchConfig));
  EXPECT_EQ(offsetof(::CUlaunchConfig, hStream), offsetof(cudasim::CUlaunchConfig, hStream));
  EXPECT_EQ(offsetof(::CUlaunchConfig, numAttrs), offsetof(cudasim::CUlaunchConfig, numAttrs));
  EXPECT_EQ(CU_STREAM_PER_THREAD, reinterpret_cast<CUstream>(0x2));
}

}  // namespace
