// After each test: what TARRY_TIER asked for is what ran. A compiler that is missing, or that refuses a kernel, would
// otherwise go unnoticed, since the interpreter steps in.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstdlib>
#include <string>

namespace {

class TierCheck : public testing::Environment {
  void TearDown() override {
    const char* asked = std::getenv("TARRY_TIER");
    const std::string tier = asked ? asked : "auto";
    const tarry::Stats stats = tarry::stats();
    if (tier == "interp") {
      EXPECT_EQ(stats.kernels_compiled, 0u);
      EXPECT_EQ(stats.kernels_interpreted, stats.kernels_launched);
    } else if (tier == "llvm") {
      EXPECT_EQ(stats.kernels_interpreted, 0u);
    }
  }
};

const testing::Environment* const kTierCheck = testing::AddGlobalTestEnvironment(new TierCheck);

}  // namespace
