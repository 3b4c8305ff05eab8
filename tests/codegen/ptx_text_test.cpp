/// PTX: strict arithmetic, and text that NVIDIA's assembler takes.

#include "ptx_assembler.h"
#include "ptx_runner.h"
#include "random_kernel.h"

#include <tarry/codegen/nvptx.h>
#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

/// Kernels of every schedule with all that bodies can hold.
std::vector<ir::Kernel> some_kernels() {
  std::vector<ir::Kernel> all;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    RandomKernel random(seed);
    random.classify();
    ir::Kernel kernel = random.kernel();
    if (!codegen::why_not_on_gpu(kernel).empty()) continue;
    if (random.has_rows()) {
      const bool one_walk = ir::plan_rows(kernel).phases.size() == 1 && !random.has_scans();
      constexpr ir::Schedule kTurns[] = {ir::Schedule::row, ir::Schedule::column, ir::Schedule::split};
      kernel.schedule = kTurns[seed % 3];
      if (kernel.schedule == ir::Schedule::split && !one_walk) kernel.schedule = ir::Schedule::row;
    }
    all.push_back(kernel);
  }
  return all;
}

/// A kernel for each op, and one with all that are no functions.
std::vector<ir::Kernel> with_every_float_op(DType t) {
  std::vector<ir::Kernel> all;
  KernelMaker every;
  const Value all_x = every.read(t), all_y = every.read(t);
  auto add = [&](KernelMaker& maker, Op op, Value x, Value y) {
    const DType result = ir::info(op).dtype_rule == ir::DTypeRule::boolean ? DType::bool_ : t;
    switch (ir::info(op).arity) {
      case 1: return maker.write(maker.add(op, result, {x}));
      case 2: return maker.write(maker.add(op, result, {x, y}));
      default: return maker.write(maker.add(op, result, {x, y, x}));
    }
  };
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::cast || op == Op::bitcast || op == Op::select)
      continue;
    const ir::Accepts accepts = ir::info(op).accepts;
    if (accepts == ir::Accepts::boolean || accepts == ir::Accepts::integer || accepts == ir::Accepts::bool_or_int)
      continue;
    if (ir::cost(op, t) == 1) {
      add(every, op, all_x, all_y);
      continue;
    }
    KernelMaker maker;
    const Value x = maker.read(t);
    add(maker, op, x, ir::info(op).arity > 1 ? maker.read(t) : x);
    all.push_back(maker.kernel);
  }
  all.push_back(every.kernel);
  for (ir::Kernel& kernel : all)
    for (ir::Access& a : kernel.accesses) a.outer = ir::StrideClass::unit;
  return all;
}

TEST(Ptx, RoundsEveryOperation) {
  for (DType t : {DType::float32, DType::float64}) {
    const std::string ptx = codegen::emit_ptx(with_every_float_op(t).back(), 75);
    expect_strict(ptx);
    EXPECT_NE(ptx.find("mul.rn.f"), ptx.npos);
    EXPECT_NE(ptx.find("fma.rn.f"), ptx.npos);
  }
}

TEST(Ptx, ReadsSixteenBytesAtOnceWhereNeighboursLieTogether) {
  KernelMaker maker;
  maker.write(maker.same(Op::neg, maker.read(DType::float32)));
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  const std::string ptx = codegen::emit_ptx(maker.kernel, 75);
  EXPECT_NE(ptx.find("ld.global.v4.f32"), ptx.npos) << ptx;
  EXPECT_NE(ptx.find("st.global.v4.f32"), ptx.npos) << ptx;
}

TEST(Ptx, FoldsRowsInWarps) {
  KernelMaker maker(1, 1);
  maker.write(maker.same(Op::reduce_sum, maker.read(DType::float32, true)));
  const std::string ptx = codegen::emit_ptx(maker.kernel, 75);
  EXPECT_NE(ptx.find("shfl.sync.down"), ptx.npos) << ptx;
  EXPECT_NE(ptx.find("bar.sync"), ptx.npos) << ptx;
  EXPECT_NE(ptx.find(".shared"), ptx.npos) << ptx;
}

TEST(Ptx, RefusesUnknownCapabilities) {
  EXPECT_THROW(codegen::emit_ptx(KernelMaker().kernel, 61), ValueError);
  EXPECT_THROW(codegen::emit_ptx(KernelMaker().kernel, 900), ValueError);
}

class PtxAssembler : public testing::TestWithParam<int> {
 protected:
  /// A text for a capability fits that, and an old one new chips.
  void expect_assembled(const ir::Kernel& kernel, int index_bits) {
    const std::string ptx = codegen::compile_ptx(kernel, GetParam(), index_bits).ptx;
    expect_strict(ptx);
    EXPECT_EQ(complaint(assembler_, ptx, GetParam()), "");
    if (GetParam() == 75) {
      EXPECT_EQ(complaint(assembler_, ptx, 100), "");
    }
  }
  const std::string assembler_ = find_assembler();
};

#define SKIP_WITHOUT_ASSEMBLER() \
  if (assembler_.empty()) GTEST_SKIP() << "SKIPPED: there is no ptxas on this machine, so nothing here was assembled"

TEST_P(PtxAssembler, TakesEverySchedule) {
  SKIP_WITHOUT_ASSEMBLER();
  int number = 0;
  for (const ir::Kernel& kernel : some_kernels()) {
    SCOPED_TRACE(ir::print(kernel));
    expect_assembled(kernel, ++number % 4 ? 32 : 64);
  }
}

TEST_P(PtxAssembler, TakesEveryFloatOp) {
  SKIP_WITHOUT_ASSEMBLER();
  for (DType t : {DType::float32, DType::float64, DType::float16, DType::bfloat16})
    for (const ir::Kernel& kernel : with_every_float_op(t)) {
      SCOPED_TRACE(ir::print(kernel));
      expect_assembled(kernel, 32);
    }
}
/// Read for this alone, in as many lanes as there are for results of one byte.
TEST_P(PtxAssembler, TakesWideCastsOfFloats) {
  SKIP_WITHOUT_ASSEMBLER();
  constexpr DType kFloats[] = {DType::float16, DType::bfloat16, DType::float32, DType::float64};
  for (DType from : kFloats)
    for (DType to : kFloats) {
      KernelMaker maker;
      const Value x = maker.add(Op::cast, to, {maker.read(from)});
      for (Op compare : {Op::lt, Op::le, Op::ne}) maker.write(maker.add(compare, DType::bool_, {x, x}));
      for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
      SCOPED_TRACE(ir::print(maker.kernel));
      expect_assembled(maker.kernel, 32);
    }
}
INSTANTIATE_TEST_SUITE_P(Sm, PtxAssembler, testing::Values(75, 80, 90));

}  // namespace
}  // namespace tarry::test
