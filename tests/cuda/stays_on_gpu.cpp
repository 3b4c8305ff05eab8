// No case has left the GPU that on_gpu.cpp chose.
#include <gtest/gtest.h>
#include <tarry/device.h>

namespace {

class ContextCheck : public testing::Environment {
  void TearDown() override { EXPECT_EQ(tarry::current_context(), tarry::gpu(0)); }
};
const testing::Environment* const kContextCheck = testing::AddGlobalTestEnvironment(new ContextCheck);

}  // namespace
