/// What is launched, and with what.

#include "ptx_runner.h"

#include <tarry/ir/text.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

ir::Kernel copy_kernel(int rank, int arrays) {
  KernelMaker maker(rank);
  Value sum = maker.read(DType::float32);
  for (int i = 2; i < arrays; ++i) sum = maker.same(Op::add, sum, maker.read(DType::float32));
  maker.write(sum);
  return maker.kernel;
}

int bits_for(std::vector<int64_t> extents, std::vector<int64_t> strides) {
  const ir::Kernel kernel = copy_kernel(static_cast<int>(extents.size()), 2);
  codegen::Launch::Operand operand;
  operand.data = nullptr;
  operand.strides = strides.data();
  const codegen::Launch::Operand both[] = {operand, operand};
  return codegen::index_bits(kernel, {extents, both, {}});
}

TEST(PtxPlan, PlacesThatDoNotFitIntoWordsNeedWiderIndices) {
  EXPECT_EQ(bits_for({1 << 20}, {1}), 32);
  EXPECT_EQ(bits_for({int64_t{2000} << 20}, {1}), 32);  // 8 GB: it is elements that are counted
  EXPECT_EQ(bits_for({int64_t{1} << 31}, {1}), 64);
  EXPECT_EQ(bits_for({1 << 16, 1 << 16}, {1 << 16, 1}), 64);
  EXPECT_EQ(bits_for({2, 4}, {int64_t{1} << 30, 1}), 64);
  EXPECT_EQ(bits_for({2, 4}, {-(int64_t{1} << 30), 1}), 64);
  EXPECT_EQ(bits_for({1, 4}, {int64_t{1} << 40, 1}), 32);  // nobody goes along that axis
}

/// Strides so large that a wrong width would leave the array.
TEST(PtxPlan, WideIndicesReachFar) {
  const ir::Kernel kernel = copy_kernel(2, 2);
  for (int bits : {32, 64}) {
    PtxOptions options;
    options.index_bits = bits;
    PlacedArray far{random_values(DType::float32, 40 << 10, 5), {-(36 << 10), 1}, 36 << 10, 0};
    expect_interpreted_bits(kernel, {2, 9}, {far, {random_values(DType::float32, 18, 6), {9, 1}, 0, 0}}, options);
  }
}

TEST(PtxPlan, ManyArgumentsNeedANewerVersionOfPtx) {
  const int arrays = 100;
  const ir::Kernel kernel = copy_kernel(5, arrays);
  std::vector<PlacedArray> placed;
  for (int i = 0; i < arrays; ++i)
    placed.push_back({random_values(DType::float32, 32, static_cast<uint64_t>(i)), {16, 8, 4, 2, 1}, 0, 0});
  expect_interpreted_bits(kernel, {2, 2, 2, 2, 2}, placed, {});
  EXPECT_NE(codegen::emit_ptx(kernel, 75).find(".version 8.1"), std::string::npos);
  EXPECT_NE(codegen::emit_ptx(copy_kernel(5, 3), 75).find(".version 7.0"), std::string::npos);
}

TEST(PtxPlan, MoreArgumentsThanALaunchCanCarryAreLeftToTheHost) {
  const ir::Kernel kernel = copy_kernel(5, 700);
  EXPECT_NE(codegen::why_not_on_gpu(kernel), "");
  EXPECT_THROW(codegen::compile_ptx(kernel, 75), codegen::NotOnDevice);
}

TEST(PtxPlan, AKeptTextIsLaunchedAsItWasCompiled) {
  KernelMaker maker(1, 1);
  maker.write(maker.same(Op::reduce_sum, maker.same(Op::exp, maker.read(DType::float32, true))));
  const codegen::GpuKernel compiled = codegen::compile_ptx(maker.kernel, 80, 64);
  const codegen::GpuKernel kept = codegen::with_ptx(maker.kernel, 80, 64, compiled.ptx);
  ASSERT_EQ(compiled.entries.size(), kept.entries.size());
  for (size_t i = 0; i < kept.entries.size(); ++i) {
    EXPECT_EQ(compiled.entries[i].name, kept.entries[i].name);
    EXPECT_NE(kept.ptx.find(".entry " + kept.entries[i].name + "("), std::string::npos);
  }
  EXPECT_NE(codegen::ptx_key(maker.kernel, 80, 64), codegen::ptx_key(maker.kernel, 80, 32));
  EXPECT_NE(codegen::ptx_key(maker.kernel, 80, 64), codegen::ptx_key(maker.kernel, 90, 64));
}

TEST(PtxPlan, ScratchWordsMoveWithTheMemory) {
  codegen::LaunchPlan plan;
  codegen::GpuLaunch launch;
  launch.words = {7, 0, 256};
  launch.scratch_words = {1, 2};
  plan.launches = {launch};
  plan.place_scratch(4096);
  EXPECT_EQ(plan.launches[0].words, (std::vector<uint64_t>{7, 4096, 4352}));
}

}  // namespace
}  // namespace tarry::test
