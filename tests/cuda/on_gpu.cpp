// Before any other file's arrays are made: this process works on the first GPU. (Not where its cases are only listed.)
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstdlib>

namespace {

struct OnGpu {
  OnGpu() {
    if (std::getenv("TARRY_CUDA_LIBRARY")) tarry::set_context(tarry::gpu(0));
  }
};
[[gnu::init_priority(1000)]] const OnGpu on_gpu;

class ContextCheck : public testing::Environment {
  void TearDown() override { EXPECT_EQ(tarry::current_context(), tarry::gpu(0)); }
};
const testing::Environment* const kContextCheck = testing::AddGlobalTestEnvironment(new ContextCheck);

}  // namespace
