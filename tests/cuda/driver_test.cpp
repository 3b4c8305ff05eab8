// The driver is loaded, or it is said what was missing.
#include "cuda/driver.h"
#include "cuda/pool.h"

#include <gtest/gtest.h>
#include <tarry/ir/error.h>

#include <algorithm>

namespace {

namespace cuda = tarry::runtime::cuda;

std::string refusal(const std::string& file) {
  try {
    cuda::open_driver(file);
  } catch (const tarry::DeviceError& e) {
    return e.what();
  }
  return "opened";
}

TEST(Driver, AFileThatIsNotThere) {
  EXPECT_NE(refusal("/nowhere/libcuda.so.1").find("/nowhere/libcuda.so.1"), std::string::npos);
}

TEST(Driver, ALibraryThatIsNoDriver) {
  const std::string why = refusal("libm.so.6");
  EXPECT_NE(why.find("libm.so.6 lacks cuInit, "), std::string::npos) << why;
  EXPECT_NE(why.find("cuLaunchKernel"), std::string::npos) << why;
}

TEST(DevicePool, GivesOutWhatWasGivenBack) {
  cuda::DevicePool pool;
  EXPECT_EQ(pool.take(512), 0u);
  ASSERT_TRUE(pool.give(0x1000, 512));
  ASSERT_TRUE(pool.give(0x2000, 1024));
  EXPECT_EQ(pool.kept_bytes(), 1536u);
  EXPECT_EQ(pool.take(256), 0u);
  EXPECT_EQ(pool.take(512), 0x1000u);
  EXPECT_EQ(pool.take(512), 0u);
  EXPECT_EQ(pool.drain(), std::vector<uint64_t>{0x2000});
  EXPECT_EQ(pool.kept_bytes(), 0u);
}

TEST(DevicePool, RoundsUpByAnEighthAtMost) {
  EXPECT_EQ(cuda::DevicePool::capacity_for(0), 0u);
  for (size_t bytes = 1; bytes < (size_t{1} << 40); bytes += bytes / 3 + 1) {
    const size_t capacity = cuda::DevicePool::capacity_for(bytes);
    EXPECT_GE(capacity, bytes);
    EXPECT_EQ(capacity % 256, 0u);
    EXPECT_LT(capacity - bytes, std::max<size_t>(256, bytes / 8 + 1)) << bytes;
    EXPECT_EQ(cuda::DevicePool::capacity_for(capacity), capacity);
  }
}

}  // namespace
