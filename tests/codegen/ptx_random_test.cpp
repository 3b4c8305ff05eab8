/// Random kernels over random layouts: PTX on the stand-in for a GPU against the interpreter, bit by bit, for every
/// schedule that fits, both widths of indices, several sizes of the device and orders of warps.

#include "ptx_runner.h"
#include "random_kernel.h"

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

std::vector<ir::Schedule> schedules_for(const RandomKernel& random, const ir::Kernel& kernel) {
  if (!random.has_rows()) return {ir::Schedule::map};
  std::vector<ir::Schedule> all{ir::Schedule::row, ir::Schedule::column};
  if (ir::plan_rows(kernel).phases.size() == 1 && !random.has_scans()) all.push_back(ir::Schedule::split);
  return all;
}

/// Devices that cut the work in other ways: few blocks and many, much shared memory and hardly any.
PtxOptions some_options(uint64_t seed) {
  PtxOptions o;
  o.index_bits = seed % 3 ? 32 : 64;
  o.multiprocessors = seed % 5 == 0 ? 64 : seed % 2 ? 1 : 4;
  o.shared_bytes = seed % 7 == 0 ? 9 * 1024 : 48 * 1024;
  o.order = static_cast<cudasim::WarpOrder>(seed % 3);
  return o;
}

class PtxRandom : public testing::TestWithParam<int> {};

TEST_P(PtxRandom, KernelsGiveTheInterpretersBits) {
  for (uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomKernel random(10000 + 1000 * GetParam() + seed);
    random.classify();
    ir::Kernel& kernel = random.kernel();
    if (!codegen::why_not_on_gpu(kernel).empty()) continue;
    const auto interpreted = codegen::interpreter().compile(kernel);
    const auto expected = random.run([&](const codegen::Launch& launch) { interpreted->run(launch); });
    for (ir::Schedule schedule : schedules_for(random, kernel)) {
      kernel.schedule = schedule;
      SCOPED_TRACE(random.describe());
      const PtxOptions options = some_options(seed);
      try {
        const codegen::GpuKernel compiled = codegen::compile_ptx(kernel, options.sm, options.index_bits);
        expect_strict(compiled.ptx);
        expect_same(expected, random.run([&](const codegen::Launch& launch) {
          run_ptx(compiled, launch, random.memory(), options);
        }));
      } catch (const std::exception& e) {
        ADD_FAILURE() << e.what();
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, PtxRandom, testing::Range(0, 4));

}  // namespace
}  // namespace tarry::test
