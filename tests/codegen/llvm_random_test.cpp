/// Random kernels over random layouts: compiled code against the interpreter, bit by bit, for every
/// schedule that fits, several thread counts and vector widths.

#include "random_kernel.h"

#include "cpu/executable.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

std::vector<ir::Schedule> schedules_for(const RandomKernel& random, const ir::Kernel& kernel) {
  if (!random.has_rows()) return {ir::Schedule::map};
  std::vector<ir::Schedule> all{ir::Schedule::row, ir::Schedule::column};
  if (ir::plan_rows(kernel).phases.size() == 1 && !random.has_scans()) all.push_back(ir::Schedule::split);
  return all;
}

void check(RandomKernel random, int vector_bytes) {
  random.classify();
  ir::Kernel& kernel = random.kernel();
  ir::verify(kernel);
  const auto interpreted = codegen::interpreter().compile(kernel);
  const auto expected = random.run([&](const codegen::Launch& launch) { interpreted->run(launch); });
  for (ir::Schedule schedule : schedules_for(random, kernel)) {
    kernel.schedule = schedule;
    SCOPED_TRACE(random.describe());
    const auto compiled = codegen::compile_for_width(kernel, vector_bytes);
    for (int threads : {1, 2}) {
      SCOPED_TRACE("threads " + std::to_string(threads));
      runtime::set_num_threads(threads);
      expect_same(expected, random.run([&](const codegen::Launch& launch) { compiled->run(launch); }));
    }
  }
}

class LlvmRandom : public testing::TestWithParam<int> {};

TEST_P(LlvmRandom, KernelsGiveTheInterpretersBits) {
  for (uint64_t seed = 1; seed <= 120 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    check(RandomKernel(1000 * GetParam() + seed), GetParam());
  }
}
/// 0 is what suits this machine. The wider ones are split by LLVM where the machine has no such registers.
INSTANTIATE_TEST_SUITE_P(VectorBytes, LlvmRandom, testing::Values(0, 16, 32, 64));

}  // namespace
}  // namespace tarry::test
