/// What waits for what. Where work is only done once it is waited for, a missing wait shows.

#include "test/machine.h"

namespace cudasim {
namespace {

class Streams : public testing::Test {
 protected:
  Streams() {
    for (CUstream& s : streams) EXPECT_CALL(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
    EXPECT_CALL(cuEventCreate(&event, 0));
    EXPECT_CALL(cuMemAllocHost_v2(reinterpret_cast<void**>(&host), 64));
    p = m.allocate(64);
    q = m.allocate(64);
  }
  Machine m{Machine::Settings{{"SCHEDULE", "deferred"}}};
  CUstream streams[2];
  CUevent event;
  uint32_t* host;
  CUdeviceptr p, q;
};

TEST_F(Streams, DoNothingBeforeTheyAreWaitedFor) {
  host[0] = 5;
  EXPECT_CALL(cuMemcpyHtoDAsync_v2(p, host, 4, streams[0]));
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(host + 1, p, 4, streams[0]));
  EXPECT_EQ(host[1], 0xCBCBCBCBu);
  host[0] = 6;  // too early: the copy has not happened
  EXPECT_CALL(cuStreamSynchronize(streams[1]));
  EXPECT_EQ(host[1], 0xCBCBCBCBu);
  EXPECT_CALL(cuStreamSynchronize(streams[0]));
  EXPECT_EQ(host[1], 6u);
}

TEST_F(Streams, PageableMemoryIsReadAndWrittenWithinTheCall) {
  std::vector<uint32_t> pageable = {7};
  EXPECT_CALL(cuMemcpyHtoDAsync_v2(p, pageable.data(), 4, streams[0]));
  pageable[0] = 8;
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(pageable.data(), p, 4, streams[0]));
  EXPECT_EQ(pageable[0], 7u);
}

TEST_F(Streams, WaitForEvents) {
  EXPECT_CALL(cuMemsetD32Async(p, 9, 1, streams[0]));
  EXPECT_CALL(cuEventRecord(event, streams[0]));
  EXPECT_CALL(cuMemsetD32Async(p, 10, 1, streams[0]));  // behind the event
  EXPECT_CALL(cuStreamWaitEvent(streams[1], event, 0));
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(host, p, 4, streams[1]));
  EXPECT_CALL(cuStreamSynchronize(streams[1]));
  EXPECT_EQ(host[0], 9u);
  EXPECT_CALL(cuStreamSynchronize(streams[0]));
}

TEST_F(Streams, AWaitThatIsMissingShows) {
  EXPECT_CALL(cuMemsetD32Async(p, 9, 1, streams[0]));
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(host, p, 4, streams[1]));
  EXPECT_CODE(cuStreamSynchronize(streams[1]), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("never all written"), std::string::npos) << cudasimViolations();
}

TEST_F(Streams, EventsAreAskedAndWaitedFor) {
  EXPECT_CALL(cuEventQuery(event));  // never recorded
  EXPECT_CALL(cuMemsetD32Async(p, 9, 1, streams[0]));
  EXPECT_CALL(cuEventRecord(event, streams[0]));
  EXPECT_CODE(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  while (cuEventQuery(event) == CUDA_ERROR_NOT_READY) continue;
  EXPECT_CALL(cuStreamQuery(streams[0]));
  CUevent later;
  EXPECT_CALL(cuEventCreate(&later, 0));
  EXPECT_CALL(cuEventRecord(later, streams[0]));
  float ms = -1;
  EXPECT_CODE(cuEventElapsedTime(&ms, event, later), CUDA_ERROR_NOT_READY);
  EXPECT_CALL(cuEventSynchronize(later));
  EXPECT_CALL(cuEventElapsedTime(&ms, event, later));
  EXPECT_GE(ms, 0);
  EXPECT_STREQ(cudasimViolations(), "");
}

TEST_F(Streams, TheLegacyStreamWaitsForThoseThatBlock) {
  CUstream blocking;
  EXPECT_CALL(cuStreamCreate(&blocking, 0));
  EXPECT_CALL(cuMemsetD32Async(p, 3, 1, blocking));
  EXPECT_CALL(cuMemcpyDtoH_v2(host, p, 4));
  EXPECT_EQ(host[0], 3u);
  EXPECT_CALL(cuMemsetD32Async(q, 4, 1, nullptr));
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(host, q, 4, blocking));
  EXPECT_CALL(cuStreamSynchronize(blocking));
  EXPECT_EQ(host[0], 4u);
}

TEST_F(Streams, OrderAllocationsAndFrees) {
  CUdeviceptr r;
  EXPECT_CALL(cuMemAllocAsync(&r, 64, streams[0]));
  EXPECT_CALL(cuMemsetD32Async(r, 1, 16, streams[0]));
  EXPECT_CALL(cuMemcpyDtoHAsync_v2(host, r, 4, streams[0]));
  EXPECT_CALL(cuMemFreeAsync(r, streams[0]));
  EXPECT_CALL(cuStreamSynchronize(streams[0]));
  EXPECT_EQ(host[0], 1u);
  // Another stream does not know that the memory is there.
  EXPECT_CALL(cuMemAllocAsync(&r, 64, streams[0]));
  EXPECT_CALL(cuMemsetD32Async(r, 1, 16, streams[1]));
  EXPECT_CODE(cuStreamSynchronize(streams[1]), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("not there yet in the order of its stream"), std::string::npos)
      << cudasimViolations();
}

TEST_F(Streams, KernelsFailWhenTheyAreWaitedFor) {
  const CUfunction f = m.function(kernel_text(1, "st.global.u32 [%a+64], %t;"));
  CUdeviceptr arg = p;
  void* params[] = {&arg};
  EXPECT_CALL(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, streams[0], params, nullptr));
  EXPECT_CALL(cuMemsetD32Async(q, 1, 1, streams[0]));
  EXPECT_CODE(cuStreamSynchronize(streams[0]), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(Streams, HostFunctionsRunInOrder) {
  static int calls;
  calls = 0;
  EXPECT_CALL(cuLaunchHostFunc(
      streams[0], [](void* n) { calls += static_cast<int>(reinterpret_cast<intptr_t>(n)); },
      reinterpret_cast<void*>(3)));
  EXPECT_EQ(calls, 0);
  EXPECT_CALL(cuCtxSynchronize());
  EXPECT_EQ(calls, 3);
}

/// Long chains across streams need no deep stack.
TEST_F(Streams, ManyEventsInARow) {
  for (int i = 0; i < 20000; ++i) {
    EXPECT_CALL(cuEventRecord(event, streams[i % 2]));
    EXPECT_CALL(cuStreamWaitEvent(streams[(i + 1) % 2], event, 0));
  }
  EXPECT_CALL(cuStreamSynchronize(streams[0]));
}

}  // namespace
}  // namespace cudasim
