/// Loads, stores and atomics: forms, widths, spaces.

#include "test/lanes.h"

namespace cudasim {
namespace {

TEST(Memory, LoadsWidenAsTheirTypeSays) {
  Machine m;
  const CUdeviceptr in = m.upload(std::vector<uint8_t>{0xff, 0x80, 0x7f, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const CUdeviceptr out = m.allocate(64);
  const CUfunction f = m.function(kernel_text(2, R"(
    ld.global.u8 %r2, [%b]; st.global.u32 [%a], %r2;
    ld.global.s8 %r2, [%b+1]; st.global.u32 [%a+4], %r2;
    ld.global.s8 %rd1, [%b]; st.global.u64 [%a+8], %rd1;
    ld.global.u16 %h1, [%b+2]; cvt.u32.u16 %r2, %h1; st.global.u32 [%a+16], %r2;
    ld.global.s16 %r2, [%b]; st.global.u32 [%a+20], %r2;
    ld.global.b8 %h1, [%b+3]; st.global.u8 [%a+24], %h1; st.global.u8 [%a+25], %r2; st.global.u16 [%a+26], %r2;
    mov.u32 %r3, 4; st.global.u32 [%a+28], %r3;)"));
  EXPECT_CALL(m.run(f, 1, 1, out, in));
  const auto got = m.download<uint32_t>(out, 8);
  EXPECT_EQ(got[0], 0xffu);
  EXPECT_EQ(got[1], 0xffffff80u);
  EXPECT_EQ(got[2], ~0u);
  EXPECT_EQ(got[3], ~0u);
  EXPECT_EQ(got[4], 0xfe7fu);
  EXPECT_EQ(got[5], 0xffff80ffu);
  EXPECT_EQ(got[6], 0x80fffffeu);
}

TEST(Memory, VectorsOfEveryWidth) {
  Machine m;
  std::vector<uint8_t> bytes(64);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7 + 1);
  const CUdeviceptr in = m.upload(bytes), out = m.allocate(64);
  const CUfunction f = m.function(kernel_text(2, R"(
    ld.global.v4.b32 {%r2, %r3, %r4, %r5}, [%b]; st.global.v4.u32 [%a], {%r5, %r4, %r3, %r2};
    ld.global.nc.v2.f64 {%fd1, %fd2}, [%b+16]; st.global.cs.v2.f64 [%a+16], {%fd2, %fd1};
    ld.global.v4.u16 {%h1, %h2, %h3, %h4}, [%b+32]; st.global.v4.u16 [%a+32], {%h4, %h3, %h2, %h1};
    ld.global.v2.u8 {%h1, %h2}, [%b+40]; st.global.v2.u8 [%a+40], {%h2, %h1};
    ld.global.v2.u32 {_, %r2}, [%b+48]; st.global.u32 [%a+48], %r2;)"));
  EXPECT_CALL(m.run(f, 1, 1, out, in));
  const auto reversed = [&](size_t at, size_t element, size_t n) {
    std::vector<uint8_t> r;
    for (size_t k = n; k-- > 0;) r.insert(r.end(), &bytes[at + k * element], &bytes[at + k * element] + element);
    return r;
  };
  EXPECT_EQ(m.download<uint8_t>(out, 16), reversed(0, 4, 4));
  EXPECT_EQ(m.download<uint8_t>(out + 16, 16), reversed(16, 8, 2));
  EXPECT_EQ(m.download<uint8_t>(out + 32, 8), reversed(32, 2, 4));
  EXPECT_EQ(m.download<uint8_t>(out + 40, 2), reversed(40, 1, 2));
  EXPECT_EQ(m.download<uint8_t>(out + 48, 4), reversed(52, 4, 1));
}

TEST(Memory, PacksAndUnpacks) {
  Machine m;
  expect_lanes<uint64_t>(m, "mov.b64 {%r5, %r6}, $0; mov.b64 $d, {%r6, %r5};", each(interesting<uint64_t>()),
                         [](uint64_t a) { return a << 32 | a >> 32; });
  expect_lanes<uint64_t>(m, "mov.b64 {%h1, %h2, %h3, %h4}, $0; mov.b64 $d, {%h4, %h1, %h2, %h3};",
                         each(interesting<uint64_t>()), [](uint64_t a) { return a << 16 | a >> 48; });
  expect_lanes<uint32_t>(m, "mov.b32 {_, %h2}, $0; mov.b32 $d, {%h2, 7};", each(interesting<uint32_t>()),
                         [](uint32_t a) { return a >> 16 | 7u << 16; });
}

/// The same address, known by its space or not, and in shared memory of the module, the function and the launch.
TEST(Memory, SpacesAndGenericAddresses) {
  Machine m;
  const CUdeviceptr out = m.allocate(64);
  const std::string before =
      ".shared .align 4 .b32 mine[4]; .extern .shared .align 16 .b8 more[]; .const .align 4 .b32 table[2] = {11, 22};"
      ".global .align 4 .u32 counter = 33; .global .align 8 .u64 where[1] = {generic(counter)};";
  const CUfunction f = m.function(kernel_text(1, R"(
    .local .align 8 .b8 depot[16]; .shared .align 8 .b64 own;
    mov.u64 %rd1, depot; mov.u32 %r2, 5; st.local.u32 [%rd1+4], %r2; cvta.local.u64 %rd2, %rd1; ld.u32 %r3, [%rd2+4];
    st.global.u32 [%a], %r3;
    mov.u64 %rd1, mine; cvta.shared.u64 %rd2, %rd1; st.u32 [%rd2+8], %r2; ld.shared.u32 %r3, [mine+8]; st.global.u32 [%a+4], %r3;
    st.shared.u64 [own], %rd1; ld.shared.u64 %rd3, [own]; setp.eq.u64 %p1, %rd1, %rd3; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%a+8], %r3;
    mov.u32 %r4, more; st.shared.u32 [%r4+12], %r2; ld.shared.u32 %r3, [more+12]; st.global.u32 [%a+12], %r3;
    ld.const.u32 %r3, [table+4]; st.global.u32 [%a+16], %r3;
    ld.global.u64 %rd1, [where]; ld.u32 %r3, [%rd1]; st.global.u32 [%a+20], %r3;
    cvta.to.shared.u64 %rd4, %rd2; ld.shared.u32 %r3, [%rd4+8]; st.global.u32 [%a+24], %r3;
    isspacep.shared %p1, %rd2; isspacep.global %p2, %rd2; isspacep.local %p3, %rd2;
    selp.u32 %r3, 1, 0, %p1; selp.u32 %r4, 2, 0, %p2; selp.u32 %r5, 4, 0, %p3; add.u32 %r3, %r3, %r4; add.u32 %r3, %r3, %r5;
    st.global.u32 [%a+28], %r3;)",
                                              before));
  void* params[] = {const_cast<CUdeviceptr*>(&out)};
  EXPECT_CALL(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 32, nullptr, params, nullptr));
  EXPECT_CALL(cuCtxSynchronize());
  EXPECT_EQ(m.download<uint32_t>(out, 8), (std::vector<uint32_t>{5, 5, 1, 5, 22, 33, 5, 1}));
}

/// A parameter that is a structure, read at its name, at a register that holds its address, and as a generic address.
TEST(Memory, ParametersAreRead) {
  Machine m;
  const CUdeviceptr out = m.allocate(16);
  const std::string ptx = R"(.version 8.0
.target sm_75
.address_size 64
.visible .entry f(.param .align 8 .b8 f_0[24], .param .u16 f_1, .param .u64 f_2) {
  .reg .b64 %rd<8>; .reg .b32 %r<8>; .reg .b16 %h<3>;
  ld.param.u64 %rd1, [f_2];
  mov.b64 %rd2, f_0;
  ld.param.u32 %r1, [%rd2+20];
  ld.param.v2.u32 {%r2, %r3}, [f_0+8];
  ld.param.u16 %h1, [f_1];
  cvta.param.u64 %rd3, %rd2;
  ld.u32 %r4, [%rd3+4];
  cvt.u32.u16 %r5, %h1;
  st.global.v4.u32 [%rd1], {%r1, %r3, %r4, %r5};
  ret;
})";
  const CUfunction f = m.function(ptx);
  struct {
    uint32_t words[6] = {10, 11, 12, 13, 14, 15};
  } block;
  EXPECT_CALL(m.run(f, 1, 1, block, uint16_t{77}, out));
  EXPECT_EQ(m.download<uint32_t>(out, 4), (std::vector<uint32_t>{15, 13, 11, 77}));
}

class Atomics : public testing::Test {
 protected:
  /// All of 64 threads at one word; what is left there.
  template <class T>
  T left(const std::string& op, T start, const std::string& operand) {
    const CUdeviceptr p = m.upload(std::vector<T>{start});
    EXPECT_CALL(
        m.run(m.function(kernel_text(
                  1,
                  "cvt.rn.f32.u32 %f1, %t; cvt.rn.f64.u32 %fd1, %t; mov.b16 %h2, 0x3c00; mov.b32 %r2, 0x3c003c00; " +
                      op + " [%a], " + operand + ";",
                  "", 90)),
              1, 64, p));
    return m.download<T>(p, 1)[0];
  }
  Machine m;
};

TEST_F(Atomics, ReduceInMemory) {
  EXPECT_EQ(left<uint32_t>("red.global.add.u32", 5, "%t"), 5 + 63 * 32u);
  EXPECT_EQ(left<uint64_t>("red.global.add.u64", 5, "%i"), 5 + 63 * 32u);
  EXPECT_EQ(left<float>("red.global.add.f32", 0.5f, "%f1"), 0.5f + 63 * 32);
  EXPECT_EQ(left<double>("red.relaxed.gpu.global.add.f64", 0.5, "%fd1"), 0.5 + 63 * 32);
  EXPECT_EQ(left<int32_t>("red.global.min.s32", 5, "%t"), 0);
  EXPECT_EQ(left<int32_t>("red.global.max.s32", -5, "%t"), 63);
  EXPECT_EQ(left<uint32_t>("red.global.max.u32", ~0u, "%t"), ~0u);
  EXPECT_EQ(left<uint32_t>("red.global.and.b32", 0xff, "%t"), 0u);
  EXPECT_EQ(left<uint32_t>("red.global.or.b32", 0x100, "%t"), 0x13fu);
  EXPECT_EQ(left<uint32_t>("red.global.xor.b32", 1, "%t"), 1u);
  EXPECT_EQ(left<uint32_t>("red.global.inc.u32", 0, "9"), 4u);
  EXPECT_EQ(left<uint32_t>("red.global.dec.u32", 0, "9"), 6u);
}

TEST_F(Atomics, GiveWhatWasThere) {
  const CUdeviceptr p = m.upload(std::vector<uint32_t>{7, 0, 0, 0});
  EXPECT_CALL(m.run(m.function(kernel_text(1, R"(
    atom.global.add.u32 %r2, [%a], 3; st.global.u32 [%a+4], %r2;
    atom.global.cas.b32 %r2, [%a], 10, 20; st.global.u32 [%a+8], %r2;
    atom.global.cas.b32 %r2, [%a], 10, 30;
    atom.exch.b32 %r2, [%a], 40; st.global.u32 [%a+12], %r2;)")),
                    1, 1, p));
  EXPECT_EQ(m.download<uint32_t>(p, 4), (std::vector<uint32_t>{40, 7, 10, 20}));
}

TEST_F(Atomics, OfHalves) {
  EXPECT_EQ(left<uint16_t>("red.global.add.noftz.f16", 0x3c00, "%h2"), 0x5410);  // 65
  EXPECT_EQ(left<uint32_t>("red.global.add.noftz.f16x2", 0x3c000000, "%r2"), 0x54105400u);
}

}  // namespace
}  // namespace cudasim
