/// The driver's rules, and the codes with which it says no.

#include <gtest/gtest.h>

#include <thread>

#include "test/machine.h"

namespace cudasim {
namespace {

const char* const kStore = "mad.lo.u64 %rd1, %i, 4, %a; st.global.u32 [%rd1], %t;";

TEST(Driver, WantsToBeInitializedAndAContextCurrent) {
  cudasimConfigure("LOG", "/dev/null");
  cudasimReset();
  int n = 0;
  CUdeviceptr p;
  EXPECT_CODE(cuDeviceGetCount(&n), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_CODE(cuInit(1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuInit(0));
  EXPECT_CALL(cuDeviceGetCount(&n));
  EXPECT_EQ(n, 2);
  EXPECT_CODE(cuMemAlloc_v2(&p, 16), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_NE(std::string(cudasimViolations()).find("cuMemAlloc_v2: no context is current"), std::string::npos);
  CUcontext c;
  EXPECT_CALL(cuDevicePrimaryCtxRetain(&c, 1));
  EXPECT_CALL(cuCtxSetCurrent(c));
  EXPECT_CALL(cuMemAlloc_v2(&p, 16));
  // A context is current in its thread alone.
  std::thread([&] { EXPECT_CODE(cuMemFree_v2(p), CUDA_ERROR_INVALID_CONTEXT); }).join();
  CUdevice d;
  EXPECT_CALL(cuCtxGetDevice(&d));
  EXPECT_EQ(d, 1);
  EXPECT_CALL(cuDevicePrimaryCtxRelease_v2(1));
  EXPECT_CODE(cuMemFree_v2(p), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_CODE(cuDevicePrimaryCtxRelease_v2(1), CUDA_ERROR_INVALID_CONTEXT);
}

TEST(Driver, HasNoDeviceWhereThereIsNone) {
  cudasimConfigure("DEVICES", "0");
  cudasimReset();
  EXPECT_CODE(cuInit(0), CUDA_ERROR_NO_DEVICE);
  cudasimConfigure("DEVICES", nullptr);
  cudasimReset();
}

TEST(Driver, CallsAreFoundByNameAndVersion) {
  void* f = nullptr;
  CUdriverProcAddressQueryResult status{};
  EXPECT_CALL(cuGetProcAddress_v2("cuMemAlloc", &f, 12000, 0, &status));
  EXPECT_EQ(f, reinterpret_cast<void*>(&cuMemAlloc_v2));
  EXPECT_CALL(cuGetProcAddress_v2("cuMemAllocAsync", &f, 11010, 0, &status));
  EXPECT_EQ(static_cast<int>(status), CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
  EXPECT_EQ(f, nullptr);
  EXPECT_CALL(cuGetProcAddress_v2("cuNothing", &f, 12000, 0, &status));
  EXPECT_EQ(static_cast<int>(status), CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
  EXPECT_CODE(cuGetProcAddress_v2("cuNothing", &f, 12000, 0, nullptr), CUDA_ERROR_NOT_FOUND);
}

TEST(Driver, MemoryIsFreedOnce) {
  Machine m;
  const CUdeviceptr p = m.allocate(100);
  EXPECT_CODE(cuMemFree_v2(p + 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuMemFree_v2(p));
  EXPECT_CODE(cuMemFree_v2(p), CUDA_ERROR_INVALID_VALUE);
  EXPECT_NE(std::string(cudasimViolations()).find("freed once more"), std::string::npos) << cudasimViolations();
  EXPECT_CALL(cuMemFree_v2(0));
  CUdeviceptr q;
  EXPECT_CALL(cuMemAllocAsync(&q, 100, nullptr));
  EXPECT_CALL(cuMemFreeAsync(q, nullptr));
  EXPECT_CODE(cuMemFreeAsync(q, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(cuMemAlloc_v2(&q, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST(Driver, MemoryHasAnEnd) {
  Machine m(Machine::Settings{{"MEMORY", "1M"}});
  size_t free = 0, total = 0;
  EXPECT_CALL(cuMemGetInfo_v2(&free, &total));
  EXPECT_EQ(free, 1u << 20);
  CUdeviceptr p, q;
  EXPECT_CALL(cuMemAlloc_v2(&p, 700 << 10));
  EXPECT_CODE(cuMemAlloc_v2(&q, 400 << 10), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_STREQ(cudasimViolations(), "");  // nobody's fault
  // Over and over, so that freed ranges have to be used again.
  for (int i = 0; i < 50; ++i) {
    EXPECT_CALL(cuMemFree_v2(p));
    EXPECT_CALL(cuMemAlloc_v2(&p, 700 << 10));
  }
  EXPECT_CALL(cuMemGetInfo_v2(&free, &total));
  EXPECT_EQ(free, (1u << 20) - (700u << 10));
}

TEST(Driver, CopiesStayWithinWhatTheyAreGiven) {
  Machine m;
  std::vector<uint8_t> host(64);
  const CUdeviceptr p = m.upload(host);
  EXPECT_CODE(cuMemcpyHtoD_v2(p, host.data(), 65), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(cuMemcpyDtoH_v2(host.data(), p + 60, 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(cuMemcpyDtoH_v2(reinterpret_cast<void*>(p), p, 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(cuMemcpyHtoD_v2(reinterpret_cast<CUdeviceptr>(host.data()), host.data(), 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuMemcpyHtoD_v2(p, host.data(), 0));
  EXPECT_CODE(cuMemsetD32_v2(p + 2, 1, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(cuMemsetD8_v2(p, 1, 65), CUDA_ERROR_INVALID_VALUE);
}

TEST(Driver, WhatWasNeverWrittenDoesNotReachTheHost) {
  Machine m;
  std::vector<uint32_t> host(4);
  const CUdeviceptr p = m.allocate(16), q = m.allocate(16);
  EXPECT_CALL(cuMemsetD32_v2(p, 9, 3));
  EXPECT_CALL(cuMemcpyDtoD_v2(q, p, 16));  // may carry it about
  EXPECT_CALL(cuMemcpyDtoH_v2(host.data(), q, 12));
  EXPECT_EQ(host[2], 9u);
  EXPECT_CODE(cuMemcpyDtoH_v2(host.data(), q, 16), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("never all written"), std::string::npos);
}

TEST(Driver, LaunchesHaveLimits) {
  Machine m;
  const CUdeviceptr p = m.allocate(4096 * 4);
  const CUfunction f = m.function(kernel_text(1, kStore));
  CUdeviceptr arg = p;
  void* params[] = {&arg};
  const auto launch = [&](CUfunction k, unsigned gx, unsigned gy, unsigned bx, unsigned bz, unsigned shared) {
    return cuLaunchKernel(k, gx, gy, 1, bx, 1, bz, shared, nullptr, params, nullptr);
  };
  EXPECT_CALL(launch(f, 1, 1, 1024, 1, 48 << 10));
  EXPECT_CODE(launch(f, 0, 1, 32, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(launch(f, 1, 65536, 32, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(launch(f, 1, 1, 1025, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(launch(f, 1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(launch(f, 1, 1, 32, 64, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CODE(launch(f, 1, 1, 32, 1, (48 << 10) + 1), CUDA_ERROR_INVALID_VALUE);
  const auto dynamic = static_cast<CUfunction_attribute>(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
  EXPECT_CODE(cuFuncSetAttribute(f, dynamic, 300 << 10), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuFuncSetAttribute(f, dynamic, 100 << 10));
  EXPECT_CALL(launch(f, 1, 1, 32, 1, 100 << 10));
  EXPECT_CODE(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);

  std::string limited = kernel_text(1, kStore);
  limited.replace(limited.find(")\n{"), 3, ")\n.maxntid 64, 1, 1\n{");
  const CUfunction small = m.function(limited);
  EXPECT_CALL(launch(small, 1, 1, 64, 1, 0));
  EXPECT_CODE(launch(small, 1, 1, 65, 1, 0), CUDA_ERROR_INVALID_VALUE);
  int value = 0;
  EXPECT_CALL(
      cuFuncGetAttribute(&value, static_cast<CUfunction_attribute>(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK), small));
  EXPECT_EQ(value, 64);
  EXPECT_CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, f, 256, 0));
  EXPECT_EQ(value, 8);
}

TEST(Driver, ParametersInOneBufferHaveTheRightSize) {
  Machine m;
  const CUdeviceptr p = m.allocate(128);
  const CUfunction f = m.function(kernel_text(1, kStore));
  CUdeviceptr buffer[2] = {p, 0};
  size_t size = 8;
  void* extra[] = {reinterpret_cast<void*>(CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT), buffer,
                   reinterpret_cast<void*>(CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT), &size, nullptr};
  EXPECT_CALL(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, extra));
  EXPECT_EQ(m.download<uint32_t>(p, 32)[31], 31u);
  size = 16;
  EXPECT_CODE(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, extra), CUDA_ERROR_INVALID_VALUE);
}

TEST(Driver, HandlesDieAndAreNotGivenOutAgain) {
  Machine m;
  CUstream s, t;
  EXPECT_CALL(cuStreamCreate(&s, 0));
  EXPECT_CALL(cuStreamDestroy_v2(s));
  EXPECT_CALL(cuStreamCreate(&t, 0));
  EXPECT_NE(s, t);
  EXPECT_CODE(cuStreamSynchronize(s), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_CODE(cuStreamDestroy_v2(s), CUDA_ERROR_INVALID_HANDLE);
  CUevent e;
  EXPECT_CALL(cuEventCreate(&e, CU_EVENT_DISABLE_TIMING));
  EXPECT_CALL(cuEventDestroy_v2(e));
  EXPECT_CODE(cuEventRecord(e, t), CUDA_ERROR_INVALID_HANDLE);
  const CUmodule module = m.load(kernel_text(1, kStore));
  CUfunction f;
  EXPECT_CALL(cuModuleGetFunction(&f, module, "f"));
  EXPECT_CODE(cuModuleGetFunction(&f, module, "g"), CUDA_ERROR_NOT_FOUND);
  EXPECT_CALL(cuModuleUnload(module));
  CUdeviceptr p = 0;
  EXPECT_CODE(m.run(f, 1, 32, p), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_CODE(cuModuleUnload(module), CUDA_ERROR_INVALID_HANDLE);
  // A stream or event of another context.
  CUcontext second;
  EXPECT_CALL(cuDevicePrimaryCtxRetain(&second, 1));
  EXPECT_CALL(cuCtxPushCurrent_v2(second));
  EXPECT_CALL(cuEventCreate(&e, 0));
  EXPECT_CODE(cuEventRecord(e, t), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_CALL(cuCtxPopCurrent_v2(nullptr));
}

TEST(Driver, ServesAThreadToItsVeryEnd) {
  Machine m;
  static CUcontext context;
  static CUresult last;
  struct CallsWhileItDies {
    ~CallsWhileItDies() {
      for (int i = 0; i < 40; ++i) last = cuCtxPushCurrent_v2(context);
    }
  };
  CUcontext current = nullptr;
  EXPECT_CALL(cuCtxGetCurrent(&current));
  context = current;
  std::thread([] {
    static thread_local CallsWhileItDies dies_last;  // made ahead of whatever the driver makes
    ASSERT_NE(&dies_last, nullptr);
    EXPECT_CALL(cuCtxPushCurrent_v2(context));
  }).join();
  EXPECT_EQ(last, CUDA_SUCCESS);
}

TEST(Driver, GlobalsAreFoundByName) {
  Machine m;
  const CUmodule module = m.load(
      ".version 7.0\n.target sm_75\n.address_size 64\n.visible .global .align 4 .f32 table[3] = {0f3F800000, 2.0, "
      "0f40400000};");
  CUdeviceptr p;
  size_t bytes;
  EXPECT_CALL(cuModuleGetGlobal_v2(&p, &bytes, module, "table"));
  EXPECT_EQ(bytes, 12u);
  EXPECT_EQ(m.download<float>(p, 3), (std::vector<float>{1, 2, 3}));
  EXPECT_CODE(cuModuleGetGlobal_v2(&p, &bytes, module, "chair"), CUDA_ERROR_NOT_FOUND);
  EXPECT_CODE(cuMemFree_v2(p), CUDA_ERROR_INVALID_VALUE);
}

TEST(Driver, PinnedMemoryIsSharedWithKernels) {
  Machine m;
  void* host;
  EXPECT_CALL(cuMemHostAlloc(&host, 128, CU_MEMHOSTALLOC_PORTABLE));
  CUdeviceptr p;
  EXPECT_CALL(cuMemHostGetDevicePointer_v2(&p, host, 0));
  const CUfunction f = m.function(kernel_text(1, kStore));
  EXPECT_CALL(m.run(f, 1, 32, p));
  EXPECT_EQ(static_cast<uint32_t*>(host)[31], 31u);
  std::vector<uint32_t> pageable(32);
  EXPECT_CALL(cuMemHostRegister_v2(pageable.data(), 128, 0));
  p = reinterpret_cast<CUdeviceptr>(pageable.data());
  EXPECT_CALL(m.run(f, 1, 32, p));
  EXPECT_EQ(pageable[30], 30u);
  EXPECT_CODE(cuMemHostRegister_v2(pageable.data(), 128, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  EXPECT_CODE(cuMemFreeHost(pageable.data()), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuMemHostUnregister(pageable.data()));
  EXPECT_CODE(cuMemHostUnregister(pageable.data()), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  EXPECT_CALL(cuMemFreeHost(host));
  EXPECT_CODE(cuMemFreeHost(host), CUDA_ERROR_INVALID_VALUE);
}

TEST(Driver, PeersCopyAndCount) {
  Machine m;
  int can = 0;
  EXPECT_CALL(cuDeviceCanAccessPeer(&can, 0, 1));
  EXPECT_EQ(can, 1);
  CUcontext second;
  EXPECT_CALL(cuDevicePrimaryCtxRetain(&second, 1));
  EXPECT_CALL(cuCtxPushCurrent_v2(second));
  const CUdeviceptr theirs = m.upload(std::vector<uint32_t>{1, 2, 3});
  EXPECT_CALL(cuCtxPopCurrent_v2(nullptr));
  const CUdeviceptr mine = m.allocate(12);
  EXPECT_CALL(cuMemcpyPeer(mine, m.context(), theirs, second, 12));
  EXPECT_EQ(m.download<uint32_t>(mine, 3), (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_CODE(cuMemcpyPeer(mine, second, theirs, m.context(), 12), CUDA_ERROR_INVALID_VALUE);
  EXPECT_CALL(cuCtxEnablePeerAccess(second, 0));
  EXPECT_CODE(cuCtxEnablePeerAccess(second, 0), CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  EXPECT_CODE(cuCtxEnablePeerAccess(m.context(), 0), CUDA_ERROR_INVALID_DEVICE);
}

TEST(Driver, CountsWhatKernelsDo) {
  Machine m;
  const CUdeviceptr p = m.allocate(128 * 4);
  const CUfunction f = m.function(kernel_text(1, kStore));
  EXPECT_CALL(m.run(f, 2, 64, p));
  EXPECT_CALL(m.run(f, 2, 64, p));
  cudasimKernelCounters k{};
  ASSERT_TRUE(cudasimGetKernelCounters("f", &k));
  EXPECT_EQ(k.launches, 2u);
  EXPECT_EQ(k.global_written, 2 * 128 * 4u);
  EXPECT_EQ(k.global_sectors_written, 2 * 128 * 4 / 32u);
  EXPECT_EQ(k.global_read, 0u);
  EXPECT_EQ(cudasimOpcodeCount("f", "st.global.u32"), 256u);
  EXPECT_EQ(k.thread_instructions, 256 * 10u);
  EXPECT_EQ(k.warp_instructions, 8 * 10u);
  cudasimCounters c{};
  cudasimGetCounters(&c);
  EXPECT_EQ(c.launches, 2u);
  EXPECT_EQ(c.live_allocations, 1u);
  EXPECT_EQ(c.live_bytes, 512u);
  EXPECT_NE(std::string(cudasimReport()).find("\"st.global.u32\": 256"), std::string::npos);
}

TEST(Driver, LaunchesCanBeSkipped) {
  Machine m(Machine::Settings{{"LAUNCHES", "skip"}});
  const CUdeviceptr p = m.allocate(128);
  EXPECT_CALL(m.run(m.function(kernel_text(1, kStore)), 1, 32, p));
  std::vector<uint32_t> host(32);
  EXPECT_CALL(cuMemcpyDtoH_v2(host.data(), p, 128));  // whatever is there
  EXPECT_NE(host[31], 31u);
}

struct Injected {
  const char* fault;
  CUresult code;
  bool breaks;
};
class Faults : public testing::TestWithParam<Injected> {};
INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Values(Injected{"alloc@2", CUDA_ERROR_OUT_OF_MEMORY, false},
                                         Injected{"host@1", CUDA_ERROR_OUT_OF_MEMORY, false},
                                         Injected{"launch@2", CUDA_ERROR_LAUNCH_FAILED, true},
                                         Injected{"refuse@2", CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, false},
                                         Injected{"copy@2", CUDA_ERROR_UNKNOWN, false},
                                         Injected{"memset@1", CUDA_ERROR_UNKNOWN, false},
                                         Injected{"sync@2", CUDA_ERROR_UNKNOWN, false},
                                         Injected{"stream@1", CUDA_ERROR_OUT_OF_MEMORY, false},
                                         Injected{"event@1", CUDA_ERROR_OUT_OF_MEMORY, false},
                                         Injected{"module@1", CUDA_ERROR_OUT_OF_MEMORY, false},
                                         Injected{"cuMemcpyDtoD_v2@1", CUDA_ERROR_UNKNOWN, false},
                                         Injected{"cuModuleGetFunction@1", CUDA_ERROR_UNKNOWN, false},
                                         Injected{"lost@9", CUDA_ERROR_DEVICE_UNAVAILABLE, true}));

/// A little program ends at the injected fault with its code; run once more it goes through, unless the context is
/// lost.
TEST_P(Faults, AreInjected) {
  Machine m(Machine::Settings{{"FAIL", GetParam().fault}});
  const std::string text = kernel_text(1, kStore);
  const auto program = [&]() -> CUresult {
    CUdeviceptr p, q;
    void* host;
    CUstream s;
    CUevent e;
    CUmodule module;
    CUfunction f;
    CUresult r;
    if ((r = cuMemAlloc_v2(&p, 128)) || (r = cuMemAlloc_v2(&q, 128)) || (r = cuMemHostAlloc(&host, 128, 0)) ||
        (r = cuStreamCreate(&s, 0)) || (r = cuEventCreate(&e, 0)) || (r = cuModuleLoadData(&module, text.c_str())) ||
        (r = cuModuleGetFunction(&f, module, "f")) || (r = cuMemsetD8_v2(p, 0, 128)) ||
        (r = cuMemcpyDtoD_v2(q, p, 128)))
      return r;
    void* params[] = {&p};
    for (int i = 0; i < 2; ++i)
      if ((r = cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, s, params, nullptr)) || (r = cuStreamSynchronize(s))) return r;
    return cuMemcpyDtoH_v2(host, p, 128);
  };
  EXPECT_EQ(name_of(program()), name_of(GetParam().code));
  EXPECT_EQ(name_of(program()), GetParam().breaks ? name_of(GetParam().code) : "CUDA_SUCCESS");
  EXPECT_STREQ(cudasimViolations(), "");
}

}  // namespace
}  // namespace cudasim
