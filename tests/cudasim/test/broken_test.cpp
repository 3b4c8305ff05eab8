/// Kernels with one fault each, and the same kernels without it.

#include "test/machine.h"

namespace cudasim {
namespace {

class Broken : public testing::TestWithParam<const char*> {
 protected:
  /// What a launch over `threads` ends with, and what is said of it.
  void expect_fault(const std::string& code, CUresult expected, const std::string& said, unsigned threads = 64,
                    const std::string& before = "") {
    SCOPED_TRACE(code);
    Machine m{Machine::Settings{{"WARPS", GetParam()}}};
    const CUdeviceptr out = m.upload(std::vector<uint32_t>(64));
    const CUdeviceptr fresh = m.allocate(256);
    const CUfunction f = m.function(kernel_text(2, code, before));
    EXPECT_EQ(name_of(m.run(f, 1, threads, out, fresh)), name_of(expected)) << cudasimViolations();
    EXPECT_NE(std::string(cudasimViolations()).find(said), std::string::npos) << cudasimViolations();
    // The context is lost until it is reset.
    EXPECT_EQ(name_of(cuCtxSynchronize()), name_of(expected));
    CUdeviceptr p;
    EXPECT_EQ(name_of(cuMemAlloc_v2(&p, 4)), name_of(expected));
    EXPECT_CALL(cuDevicePrimaryCtxReset_v2(0));
    CUcontext c;
    EXPECT_CALL(cuDevicePrimaryCtxRetain(&c, 0));
    EXPECT_CALL(cuCtxSetCurrent(c));
    EXPECT_CALL(cuMemAlloc_v2(&p, 4));
  }
  void expect_fine(const std::string& code, unsigned threads = 64, const std::string& before = "") {
    SCOPED_TRACE(code);
    Machine m{Machine::Settings{{"WARPS", GetParam()}}};
    const CUdeviceptr out = m.upload(std::vector<uint32_t>(64));
    const CUdeviceptr fresh = m.allocate(256);
    EXPECT_CALL(m.run(m.function(kernel_text(2, code, before)), 1, threads, out, fresh));
    EXPECT_STREQ(cudasimViolations(), "");
  }
};
INSTANTIATE_TEST_SUITE_P(Orders, Broken, testing::Values("ahead", "lockstep", "reversed"),
                         [](auto& info) { return std::string(info.param); });

TEST_P(Broken, IndexOffByOne) {
  const std::string store = "mad.lo.u64 %rd1, %i, 4, %a; st.global.u32 ";
  expect_fine(store + "[%rd1], %t;");
  expect_fault(store + "[%rd1+4], %t;", CUDA_ERROR_ILLEGAL_ADDRESS, "0 bytes past the end of 256 bytes");
  expect_fault(store + "[%rd1+-4], %t;", CUDA_ERROR_ILLEGAL_ADDRESS, "4 bytes before 256 bytes");
  expect_fault("mad.lo.u64 %rd1, %i, 4, %a; ld.global.u32 %r2, [%rd1+4];", CUDA_ERROR_ILLEGAL_ADDRESS,
               "thread (63, 0, 0)");
  expect_fault("mov.u64 %rd1, 0; ld.global.u32 %r2, [%rd1];", CUDA_ERROR_ILLEGAL_ADDRESS, "no address of a device");
}

TEST_P(Broken, ReadsWhatWasNeverWritten) {
  const std::string place = "mad.lo.u64 %rd1, %i, 4, %b; ";
  expect_fine(place + "st.global.u32 [%rd1], %t; ld.global.u32 %r2, [%rd1];");
  expect_fault(place + "ld.global.u32 %r2, [%rd1];", CUDA_ERROR_ILLEGAL_ADDRESS, "never written");
  // One byte of four.
  expect_fault(place + "st.global.u8 [%rd1], %t; st.global.u16 [%rd1+2], %t; ld.global.u32 %r2, [%rd1];",
               CUDA_ERROR_ILLEGAL_ADDRESS, "never written");
  expect_fault(".shared .b32 x; ld.shared.u32 %r2, [x];", CUDA_ERROR_ILLEGAL_ADDRESS,
               "of shared memory, never written");
  expect_fault(".local .b32 x; ld.local.u32 %r2, [x];", CUDA_ERROR_ILLEGAL_ADDRESS, "local memory at 0, never written");
  expect_fault("atom.global.add.u32 %r2, [%b], 1;", CUDA_ERROR_ILLEGAL_ADDRESS, "never written");
}

TEST_P(Broken, NotAlignedWhole) {
  expect_fine("ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%a+16];");
  expect_fault("ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%a+4];", CUDA_ERROR_MISALIGNED_ADDRESS, "16 bytes");
  expect_fault("ld.global.v2.u16 {%h1, %h2}, [%a+2];", CUDA_ERROR_MISALIGNED_ADDRESS, "not aligned");
  expect_fault("st.global.u32 [%a+2], %t;", CUDA_ERROR_MISALIGNED_ADDRESS, "writes 4 bytes");
  expect_fault(".shared .align 16 .b8 x[64]; st.shared.u64 [x+4], %i;", CUDA_ERROR_MISALIGNED_ADDRESS, "not aligned");
}

TEST_P(Broken, SharedMemoryOutOfBounds) {
  const std::string shared =
      ".shared .align 4 .b8 x[256]; mov.u64 %rd1, x; mad.lo.u64 %rd1, %i, 4, %rd1; st.shared.u32 ";
  expect_fine(shared + "[%rd1], %t;");
  expect_fault(shared + "[%rd1+4], %t;", CUDA_ERROR_ILLEGAL_ADDRESS, "at 256 of 256 bytes of shared memory");
  expect_fault(".local .align 4 .b8 x[8]; mov.u64 %rd1, x; st.local.u32 [%rd1+8], %t;", CUDA_ERROR_ILLEGAL_ADDRESS,
               "local memory");
}

/// Each warp passes what it has on to the next one.
TEST_P(Broken, BarrierDeleted) {
  const auto relay = [](const std::string& first, const std::string& second) {
    return R"(
    mov.u32 %r2, x; shl.b32 %r3, %t, 2; add.u32 %r4, %r2, %r3; add.u32 %r5, %t, 32; rem.u32 %r5, %r5, %r1; shl.b32 %r5, %r5, 2; add.u32 %r5, %r2, %r5;
    mov.u32 %r6, 0; mov.u32 %r7, %t;
  AGAIN: st.shared.u32 [%r4], %r7; )" +
           first + " ld.shared.u32 %r7, [%r5]; " + second + R"(
    add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 4; @%p1 bra AGAIN;)";
  };
  const std::string before = ".shared .align 4 .b8 x[512];";
  expect_fine(relay("bar.sync 0;", "bar.sync 0;"), 128, before);
  expect_fault(relay("", "bar.sync 0;"), CUDA_ERROR_ILLEGAL_ADDRESS, "shared memory", 128, before);
  expect_fault(relay("bar.sync 0;", ""), CUDA_ERROR_LAUNCH_FAILED, "without a barrier between", 128, before);
}

TEST_P(Broken, BarrierThatNotAllReach) {
  expect_fault("setp.lt.u32 %p1, %t, 32; @%p1 bra A; bar.sync 1; bra.uni B; A: bar.sync 0; B: ",
               CUDA_ERROR_LAUNCH_TIMEOUT, "the warps of a block wait for each other", 64);
  expect_fault("setp.lt.u32 %p1, %t, 48; @%p1 bra A; bar.sync 0; bra.uni B; A: bar.sync 0; B: ",
               CUDA_ERROR_LAUNCH_TIMEOUT, "the lanes of a warp wait for each other", 64);
  expect_fault(
      "setp.lt.u32 %p1, %t, 48; @%p1 bar.sync 1, 64; setp.ge.u32 %p1, %t, 48; @%p1 shfl.sync.idx.b32 %r2, %t, 0, 31, "
      "-1;",
      CUDA_ERROR_LAUNCH_TIMEOUT, "wait for each other", 64);
}

TEST_P(Broken, MembersThatAreNone) {
  expect_fault("setp.lt.u32 %p1, %t, 8; @%p1 bra A; bra.uni B; A: shfl.sync.idx.b32 %r2, %t, 0, 31, 0xf0; B: ",
               CUDA_ERROR_LAUNCH_FAILED, "run it for the members", 32);
}

TEST_P(Broken, WritesParametersAndTraps) {
  expect_fault("trap;", CUDA_ERROR_LAUNCH_FAILED, "the kernel stops itself");
  expect_fault("setp.eq.u32 %p1, %t, 40; @%p1 trap;", CUDA_ERROR_LAUNCH_FAILED, "thread (40, 0, 0)");
}

TEST(BrokenKernels, ThatDoNotEnd) {
  Machine m(Machine::Settings{{"INSTRUCTIONS", "100000"}});
  EXPECT_CODE(m.run(m.function(kernel_text(0, "A: bra.uni A;")), 1, 32), CUDA_ERROR_LAUNCH_TIMEOUT);
  EXPECT_NE(std::string(cudasimViolations()).find("does not come to an end"), std::string::npos);
}

TEST(BrokenKernels, UseAfterFree) {
  Machine m;
  const CUdeviceptr p = m.upload(std::vector<uint32_t>(64)), other = m.upload(std::vector<uint32_t>(64));
  const CUfunction f = m.function(kernel_text(1, "mad.lo.u64 %rd1, %i, 4, %a; ld.global.u32 %r2, [%rd1];"));
  EXPECT_CALL(m.run(f, 1, 64, p));
  EXPECT_CALL(cuMemFree_v2(p));
  // Nor is the range soon given out again.
  for (int i = 0; i < 20; ++i) EXPECT_NE(m.allocate(256), p);
  EXPECT_CALL(m.run(f, 1, 64, other));
  EXPECT_CODE(m.run(f, 1, 64, p), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("freed"), std::string::npos) << cudasimViolations();
}

TEST(BrokenKernels, AnotherDevicesMemory) {
  Machine m;
  CUcontext second;
  EXPECT_CALL(cuDevicePrimaryCtxRetain(&second, 1));
  EXPECT_CALL(cuCtxPushCurrent_v2(second));
  const CUdeviceptr theirs = m.upload(std::vector<uint32_t>{5});
  EXPECT_CALL(cuCtxPopCurrent_v2(nullptr));
  const CUfunction f = m.function(kernel_text(2, "ld.global.u32 %r2, [%b]; st.global.u32 [%a], %r2;"));
  const CUdeviceptr mine = m.allocate(4);
  EXPECT_CALL(cuCtxEnablePeerAccess(second, 0));
  EXPECT_CALL(m.run(f, 1, 1, mine, theirs));
  EXPECT_EQ(m.download<uint32_t>(mine, 1)[0], 5u);
  EXPECT_CALL(cuCtxDisablePeerAccess(second));
  EXPECT_CODE(m.run(f, 1, 1, mine, theirs), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("no peer"), std::string::npos) << cudasimViolations();
}

TEST(BrokenText, IsRefusedWithItsLine) {
  Machine m;
  CUmodule module;
  CUfunction f;
  for (const char* code : {"add.u32 %r2, %r3", "bra NOWHERE;", "ld.global.u32 %r2, [%a-4];",
                           ".reg .u32 %twice; .reg .u32 %twice;", "A: A: ret;", "@%r2 ret;"})
    EXPECT_CODE(cuModuleLoadData(&module, kernel_text(1, code).c_str()), CUDA_ERROR_INVALID_PTX) << code;
  EXPECT_CODE(cuModuleLoadData(&module, kernel_text(1, "", "", 100).c_str()), CUDA_ERROR_INVALID_PTX);
  EXPECT_CODE(cuModuleLoadData(&module, ".version 99.0\n.target sm_75\n.address_size 64\n"),
              CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  // Sizes that do not fit, operands that are none.
  for (const char* code : {"add.u32 %r2, %r3, %rd1;", "add.f64 %fd1, %fd2, %f1;", "mov.u32 %rd1, %r1;",
                           "add.u32 %r2, %r3;", "ld.global.v2.u32 %r2, [%a];", "setp.lt.u32 %r2, %r3, %r4;",
                           "selp.b32 %r2, %r3, %r4, %r5;", "st.shared.u32 [nowhere], %r2;", "ld.global.f32 %rd2, [%a];",
                           "ld.global.f32 %fd1, [%a];", "st.global.f32 [%a], %rd2;"}) {
    EXPECT_CALL(cuModuleLoadData(&module, kernel_text(1, code).c_str())) << code;
    EXPECT_CODE(cuModuleGetFunction(&f, module, "f"), CUDA_ERROR_INVALID_PTX) << code;
  }
}

TEST(BrokenText, UnknownInstructionsAreNamed) {
  Machine m;
  for (const char* code : {"tex.2d.v4.f32.f32 {%f1, %f2, %f3, %f4}, [%a, {%f1, %f2}];", "add.ftz.f32 %f1, %f2, %f3;",
                           "mul.cc.u32 %r2, %r3, %r4;", "frobnicate.u32 %r2;", "mad.rn.f32 %f1, %f2, %f3, %f4;",
                           "min.relu.s32 %r2, %r3, %r4;", "wmma.load.a %r2, [%a];", "mov.u64 %rd1, %clock64;",
                           "cvt.rna.tf32.f32 %r2, %f1;", "setp.lt.b32 %p1, %r2, %r3;"}) {
    CUmodule module;
    CUfunction f;
    EXPECT_CALL(cuModuleLoadData(&module, kernel_text(1, code).c_str())) << code;
    EXPECT_CODE(cuModuleGetFunction(&f, module, "f"), CUDA_ERROR_NOT_SUPPORTED) << code;
    EXPECT_NE(std::string(cudasimViolations()).find("is not known"), std::string::npos) << code << cudasimViolations();
    cudasimForgetViolations();
  }
}

}  // namespace
}  // namespace cudasim
