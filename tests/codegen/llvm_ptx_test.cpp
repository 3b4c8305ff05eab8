/// PTX: strict arithmetic, and text that NVIDIA's assembler takes.

#include "random_kernel.h"

#include <tarry/ir/error.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <regex>

namespace tarry::test {
namespace {

std::string find_assembler() {
  for (const char* command : {"ptxas", "/usr/local/cuda/bin/ptxas"})
    if (std::system((std::string(command) + " --version > /dev/null 2>&1").c_str()) == 0) return command;
  return "";
}

/// An empty string, or what the assembler complains of.
std::string assemble(const std::string& assembler, const std::string& ptx, int sm) {
  char name[] = "/tmp/tarry-ptx-XXXXXX";
  const int file = mkstemp(name);
  if (file < 0) return "no temporary file";
  close(file);
  const std::string path = name;
  std::ofstream(path) << ptx;
  const std::string command =
      assembler + " -arch=sm_" + std::to_string(sm) + " -o /dev/null " + path + " > " + path + ".log 2>&1";
  const bool fine = std::system(command.c_str()) == 0;
  std::ifstream log(path + ".log");
  const std::string complaint{std::istreambuf_iterator<char>(log), {}};
  unlink(path.c_str());
  unlink((path + ".log").c_str());
  return fine ? "" : complaint + "\n" + ptx;
}

/// Kernels of every schedule with all that bodies can hold.
std::vector<ir::Kernel> some_kernels() {
  std::vector<ir::Kernel> all;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    RandomKernel random(seed);
    random.classify();
    ir::Kernel kernel = random.kernel();
    if (ir::is_ordered(kernel)) continue;
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

ir::Kernel with_every_float_op(DType t) {
  KernelMaker maker;
  const Value x = maker.read(t), y = maker.read(t);
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::cast || op == Op::bitcast || op == Op::select)
      continue;
    const ir::Accepts accepts = ir::info(op).accepts;
    if (accepts == ir::Accepts::boolean || accepts == ir::Accepts::integer || accepts == ir::Accepts::bool_or_int)
      continue;
    const DType result = ir::info(op).dtype_rule == ir::DTypeRule::boolean ? DType::bool_ : t;
    switch (ir::info(op).arity) {
      case 1: maker.write(maker.add(op, result, {x})); break;
      case 2: maker.write(maker.add(op, result, {x, y})); break;
      default: maker.write(maker.add(op, result, {x, y, x}));
    }
  }
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  return maker.kernel;
}

/// Without .rn the assembler contracts a product and a sum into one fma.
TEST(Ptx, RoundsEveryOperation) {
  const std::regex loose(R"((add|sub|mul|fma|div|sqrt)(\.ftz)?\.f(32|64)|\.(approx|ftz|full)\b)");
  for (DType t : {DType::float32, DType::float64}) {
    const std::string ptx = codegen::emit_ptx(with_every_float_op(t), 75);
    std::smatch found;
    EXPECT_FALSE(std::regex_search(ptx, found, loose)) << found.str();
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
  EXPECT_THROW(codegen::emit_ptx(with_every_float_op(DType::float32), 61), ValueError);
  EXPECT_THROW(codegen::emit_ptx(with_every_float_op(DType::float32), 900), ValueError);
}

class PtxAssembler : public testing::TestWithParam<int> {};

TEST_P(PtxAssembler, TakesEveryKernel) {
  const std::string assembler = find_assembler();
  if (assembler.empty()) GTEST_SKIP() << "SKIPPED: there is no ptxas on this machine, so nothing here was assembled";
  std::vector<ir::Kernel> kernels = some_kernels();
  for (DType t : {DType::float32, DType::float64, DType::float16}) kernels.push_back(with_every_float_op(t));
  for (const ir::Kernel& kernel : kernels)
    ASSERT_EQ(assemble(assembler, codegen::emit_ptx(kernel, GetParam()), GetParam()), "");
}
INSTANTIATE_TEST_SUITE_P(Sm, PtxAssembler, testing::Values(75, 80, 90));

/// Newer chips take what was written for older ones.
TEST(Ptx, TextForOldGpusFitsNewOnes) {
  const std::string assembler = find_assembler();
  if (assembler.empty()) GTEST_SKIP() << "SKIPPED: there is no ptxas on this machine, so nothing here was assembled";
  EXPECT_EQ(assemble(assembler, codegen::emit_ptx(with_every_float_op(DType::float32), 75), 90), "");
}

}  // namespace
}  // namespace tarry::test
