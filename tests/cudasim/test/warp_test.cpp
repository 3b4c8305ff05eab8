/// What lanes do together: ways that part and meet, shuffles, votes, barriers, calls.

#include "test/lanes.h"

namespace cudasim {
namespace {

/// Runs under every order of the warps.
class Warps : public testing::TestWithParam<const char*> {
 protected:
  /// One word for each thread: what the code leaves in %r9.
  std::vector<uint32_t> run(const std::string& code, unsigned threads = 32, const std::string& before = "") {
    const CUdeviceptr out = m.allocate(threads * 4);
    const CUfunction f =
        m.function(kernel_text(1, code + "\nmad.lo.u64 %rd1, %i, 4, %a; st.global.u32 [%rd1], %r9;", before, 90));
    EXPECT_CALL(m.run(f, 1, threads, out));
    return m.download<uint32_t>(out, threads);
  }
  template <class F>
  void expect(const std::vector<uint32_t>& got, F f) {
    for (uint32_t t = 0; t < got.size(); ++t) EXPECT_EQ(got[t], static_cast<uint32_t>(f(t))) << "thread " << t;
  }
  Machine m{Machine::Settings{{"WARPS", GetParam()}}};
};
INSTANTIATE_TEST_SUITE_P(Orders, Warps, testing::Values("ahead", "lockstep", "reversed"),
                         [](auto& info) { return std::string(info.param); });

TEST_P(Warps, PartAndMeet) {
  // Collatz steps: every lane leaves the loop in a turn of its own.
  expect(run(R"(
    add.u32 %r2, %t, 1; mov.u32 %r9, 0;
  LOOP: setp.eq.u32 %p1, %r2, 1; @%p1 bra DONE;
    and.b32 %r3, %r2, 1; setp.ne.u32 %p2, %r3, 0; @%p2 bra ODD;
    shr.u32 %r2, %r2, 1; bra.uni NEXT;
  ODD: mad.lo.u32 %r2, %r2, 3, 1;
  NEXT: add.u32 %r9, %r9, 1; bra.uni LOOP;
  DONE: activemask.b32 %r4; setp.ne.u32 %p3, %r4, 0xffffffff; @%p3 add.u32 %r9, %r9, 1000;)"),
         [](uint32_t t) {
           uint32_t n = 0;
           for (uint64_t x = t + 1; x != 1; ++n) x = x % 2 ? 3 * x + 1 : x / 2;
           return n;  // and all lanes met behind the loop
         });
}

TEST_P(Warps, JumpThroughTables) {
  expect(run(R"(
    and.b32 %r2, %t, 3; mov.u32 %r9, 0;
    TABLE: .branchtargets ZERO, ONE, TWO, THREE;
    brx.idx %r2, TABLE;
  THREE: add.u32 %r9, %r9, 30;
  TWO: add.u32 %r9, %r9, 20;
  ONE: add.u32 %r9, %r9, 10;
  ZERO: add.u32 %r9, %r9, 1;)"),
         [](uint32_t t) {
           return std::array{1, 11, 31, 61}[t % 4];
         });
}

TEST_P(Warps, LeaveOneByOne) {
  const CUdeviceptr out = m.allocate(32 * 4);
  EXPECT_CALL(cuMemsetD32_v2(out, 7, 32));
  const CUfunction f = m.function(kernel_text(1, R"(
    mad.lo.u64 %rd1, %i, 4, %a; setp.lt.u32 %p1, %t, 10; @%p1 exit;
    setp.gt.u32 %p2, %t, 20; @%p2 ret;
    st.global.u32 [%rd1], %t;)"));
  EXPECT_CALL(m.run(f, 1, 32, out));
  expect(m.download<uint32_t>(out, 32), [](uint32_t t) { return t >= 10 && t <= 20 ? t : 7; });
}

TEST_P(Warps, CallFunctions) {
  const std::string before = R"(
.func (.param .b32 result) twice(.param .b32 x, .param .align 4 .b8 pair[8])
{ .reg .b32 %r<5>; .reg .b64 %rd<2>; .reg .pred %p1;
  ld.param.b32 %r1, [x]; mov.b64 %rd1, pair; ld.param.b32 %r2, [%rd1+4];
  setp.gt.u32 %p1, %r1, 15; @%p1 bra BIG;
  add.u32 %r3, %r1, %r2; st.param.b32 [result], %r3; ret;
BIG: mov.u32 %r3, 1000; st.param.b32 [result+0], %r3; ret; })";
  expect(run(R"(
    mov.u32 %r9, 3;
    setp.ne.u32 %p1, %t, 5;
    { .param .b32 p0; .param .align 4 .b8 p1[8]; .param .b32 r;
      st.param.b32 [p0], %t; st.param.b32 [p1], %t; mov.u32 %r2, 100; st.param.b32 [p1+4], %r2;
      @%p1 call.uni (r), twice, (p0, p1);
      @!%p1 bra SKIP; ld.param.b32 %r9, [r];
    SKIP: })",
             32, before),
         [](uint32_t t) { return t == 5   ? 3
                                 : t > 15 ? 1000
                                          : t + 100; });
}

TEST_P(Warps, Shuffle) {
  expect(run("mul.lo.u32 %r2, %t, 3; shfl.sync.down.b32 %r9|%p1, %r2, 5, 31, -1; @!%p1 add.u32 %r9, %r9, 1000;"),
         [](uint32_t t) { return t + 5 < 32 ? 3 * (t + 5) : 3 * t + 1000; });
  expect(run("mul.lo.u32 %r2, %t, 3; shfl.sync.up.b32 %r9|%p1, %r2, 5, 0, -1; @!%p1 add.u32 %r9, %r9, 1000;"),
         [](uint32_t t) { return t >= 5 ? 3 * (t - 5) : 3 * t + 1000; });
  expect(run("shfl.sync.bfly.b32 %r9, %t, 9, 31, 0xffffffff;"), [](uint32_t t) { return t ^ 9; });
  expect(run("shfl.sync.idx.b32 %r9, %t, %r0, 31, -1;"), [](uint32_t) { return 0; });
  // In segments of eight: c holds ~7 above and the last lane below.
  expect(run("shfl.sync.idx.b32 %r9, %t, 3, 0x181f, -1;"), [](uint32_t t) { return t / 8 * 8 + 3; });
  expect(run("shfl.sync.down.b32 %r9, %t, 2, 0x1807, -1;"), [](uint32_t t) { return t % 8 < 6 ? t + 2 : t; });
}

TEST_P(Warps, ShufflesWaitForTheirMembersAndNoOthers) {
  // Two halves on different ways, each among its own; a lane beyond gives nothing that may be used.
  expect(run(R"(
    setp.lt.u32 %p1, %t, 16; @%p1 bra LOW;
    shfl.sync.down.b32 %r9, %t, 1, 31, 0xffff0000; bra.uni END;
  LOW: shfl.sync.down.b32 %r9, %t, 1, 31, 0x0000ffff;
  END: )"),
         [](uint32_t t) { return t == 15   ? 0xCBCBCBCBu
                                 : t == 31 ? 31
                                           : t + 1; });
  // The same instruction, its members come at different times.
  expect(run(R"(
    mov.u32 %r2, %t; and.b32 %r3, %t, 1; setp.eq.u32 %p1, %r3, 0; @%p1 bra MEET;
    add.u32 %r2, %r2, 100; mov.u32 %r4, 0;
  SPIN: add.u32 %r4, %r4, 1; setp.lt.u32 %p2, %r4, 50; @%p2 bra SPIN;
  MEET: shfl.sync.bfly.b32 %r9, %r2, 1, 31, -1;)"),
         [](uint32_t t) { return (t ^ 1) + (t % 2 ? 0 : 100); });
}

TEST_P(Warps, VoteMatchReduceElect) {
  const std::string odd = "and.b32 %r2, %t, 1; setp.ne.u32 %p1, %r2, 0; ";
  expect(run(odd + "vote.sync.ballot.b32 %r9, %p1, -1;"), [](uint32_t) { return 0xaaaaaaaau; });
  expect(run(odd + "vote.sync.any.pred %p2, %p1, -1; vote.sync.all.pred %p3, %p1, -1; vote.sync.uni.pred %p4, %p1, -1; "
                   "vote.sync.all.pred %p5, !%p1, 0xffffffff;"
                   "selp.u32 %r3, 1, 0, %p2; selp.u32 %r4, 2, 0, %p3; selp.u32 %r5, 4, 0, %p4; selp.u32 %r6, 8, 0, "
                   "%p5; or.b32 %r9, %r3, %r4; or.b32 %r9, %r9, %r5; or.b32 %r9, %r9, %r6;"),
         [](uint32_t) { return 1; });
  expect(run("shr.u32 %r2, %t, 3; match.any.sync.b32 %r9, %r2, -1;"), [](uint32_t t) { return 0xffu << t / 8 * 8; });
  expect(run("mov.u64 %rd2, 5; match.all.sync.b64 %r9|%p1, %rd2, -1;"), [](uint32_t) { return ~0u; });
  expect(run("redux.sync.add.u32 %r9, %t, -1;"), [](uint32_t) { return 31 * 16; });
  expect(run("sub.u32 %r2, %t, 9; redux.sync.min.s32 %r9, %r2, -1;"), [](uint32_t) { return -9; });
  expect(run("redux.sync.xor.b32 %r9, %t, -1;"), [](uint32_t) { return 0; });
  expect(run("elect.sync %r9|%p1, -1; @%p1 add.u32 %r9, %r9, 100;"), [](uint32_t t) { return t == 0 ? 100 : 0; });
}

TEST_P(Warps, MeetAtBarriers) {
  const std::string before = ".shared .align 4 .b32 tile[256];";
  // Reversed through shared memory, over and over.
  expect(run(R"(
    mov.u32 %r9, %t; mov.u32 %r8, 0; mov.u32 %r2, tile; shl.b32 %r3, %t, 2; add.u32 %r4, %r2, %r3; sub.u32 %r5, %r1, %t;
    sub.u32 %r5, %r5, 1; shl.b32 %r5, %r5, 2; add.u32 %r5, %r5, %r2;
  AGAIN: st.shared.u32 [%r4], %r9; bar.sync 0; ld.shared.u32 %r9, [%r5]; barrier.sync 0; add.u32 %r8, %r8, 1;
    setp.lt.u32 %p1, %r8, 5; @%p1 bra AGAIN;)",
             200, before),
         [](uint32_t t) { return 199 - t; });
  expect(run("setp.gt.u32 %p1, %t, 10; bar.red.popc.u32 %r9, 0, %p1;", 96), [](uint32_t) { return 85; });
  expect(run("setp.gt.u32 %p1, %t, 10; bar.red.and.pred %p2, 0, %p1; bar.red.or.pred %p3, 0, !%p1; selp.u32 %r9, 1, 0, "
             "%p2; @%p3 add.u32 %r9, %r9, 2;",
             96),
         [](uint32_t) { return 2; });
  // Half of the warps among themselves.
  expect(run("mov.u32 %r9, 1; setp.ge.u32 %p1, %t, 64; @%p1 bra HIGH; bar.sync 1, 64; bra.uni END; HIGH: bar.sync 2, "
             "64; END: bar.sync 0;",
             128),
         [](uint32_t) { return 1; });
  // Whoever has left is not waited for.
  expect(run("mov.u32 %r9, 4; mad.lo.u64 %rd1, %i, 4, %a; st.global.u32 [%rd1], %r9; setp.ge.u32 %p1, %t, 40; @%p1 "
             "exit; bar.sync 0;",
             96),
         [](uint32_t) { return 4; });
}

TEST_P(Warps, WaitForOthersInLoops) {
  // The first warp spins until the last one writes: no order of the warps may starve it.
  const std::string before = ".shared .align 4 .b32 flag;";
  expect(run(R"(
    mov.u32 %r9, 0; mov.u32 %r2, 0; setp.eq.u32 %p1, %t, 0; @%p1 st.volatile.shared.u32 [flag], %r2; bar.sync 0;
    setp.eq.u32 %p2, %t, 95; mov.u32 %r3, 77; @%p2 st.volatile.shared.u32 [flag], %r3;
  SPIN: ld.volatile.shared.u32 %r9, [flag]; setp.eq.u32 %p3, %r9, 0; @%p3 bra SPIN;)",
             96, before),
         [](uint32_t) { return 77; });
  // Likewise between lanes of one warp.
  expect(run(R"(
    mov.u32 %r9, 0; mov.u32 %r2, 0; setp.eq.u32 %p1, %t, 0; @%p1 st.volatile.shared.u32 [flag], %r2; bar.warp.sync -1;
    setp.eq.u32 %p2, %t, 31; @%p2 bra WRITE;
  SPIN: ld.volatile.shared.u32 %r9, [flag]; setp.eq.u32 %p3, %r9, 0; @%p3 bra SPIN; bra.uni END;
  WRITE: mov.u32 %r9, 77; st.volatile.shared.u32 [flag], %r9;
  END: )",
             32, before),
         [](uint32_t) { return 77; });
}

TEST_P(Warps, KnowTheirPlace) {
  const CUdeviceptr out = m.allocate(2 * 3 * 2 * 40 * 4);
  const CUfunction f = m.function(kernel_text(1, R"(
    mov.u32 %r2, %tid.x; mov.u32 %r3, %tid.y; mov.u32 %r4, %ctaid.y; mov.u32 %r5, %nctaid.x; mov.u32 %r6, %ctaid.x; mov.u32 %r7, %ntid.y;
    mad.lo.u32 %r8, %r4, %r5, %r6; mov.u32 %r9, %ntid.x; mul.lo.u32 %r10, %r9, %r7; mad.lo.u32 %r11, %r3, %r9, %r2;
    mad.lo.u32 %r12, %r8, %r10, %r11; mul.wide.u32 %rd1, %r12, 4; add.u64 %rd1, %rd1, %a;
    mov.u32 %r13, %laneid; mov.u32 %r14, %warpid; mov.u32 %r15, %lanemask_lt; mad.lo.u32 %r13, %r14, 100, %r13; mad.lo.u32 %r13, %r8, 1000, %r13;
    popc.b32 %r15, %r15; sub.u32 %r13, %r13, %r15; st.global.u32 [%rd1], %r13;)"));
  CUdeviceptr p = out;
  void* params[] = {&p};
  EXPECT_CALL(cuLaunchKernel(f, 2, 3, 1, 20, 4, 1, 0, nullptr, params, nullptr));
  EXPECT_CALL(cuCtxSynchronize());
  const auto got = m.download<uint32_t>(out, 6 * 80);
  for (uint32_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], i / 80 * 1000 + i % 80 / 32 * 100);
}

}  // namespace
}  // namespace cudasim
