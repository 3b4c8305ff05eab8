/// Random kernels over random layouts, against the naive executor, bit by bit and for several thread counts.

#include "interp_naive.h"
#include "random_kernel.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

void check(RandomKernel kernel) {
  SCOPED_TRACE(kernel.describe());
  ir::verify(kernel.kernel());
  const auto executable = codegen::interpreter().compile(kernel.kernel());
  const auto expected = kernel.run([&](const codegen::Launch& launch) { run_naively(kernel.kernel(), launch); });
  for (int threads : {1, 2, 3}) {
    SCOPED_TRACE("threads " + std::to_string(threads));
    runtime::set_num_threads(threads);
    expect_same(expected, kernel.run([&](const codegen::Launch& launch) { executable->run(launch); }));
  }
}

TEST(InterpreterRandom, KernelsGiveTheNaiveBits) {
  for (uint64_t seed = 1; seed <= 400 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    check(RandomKernel(seed));
  }
}

}  // namespace
}  // namespace tarry::test
