// A machine without a GPU: only who asks for one notices.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <sstream>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

TEST(NoGpu, AskingSaysWhatWasLookedForAndWhere) {
  EXPECT_EQ(tarry::num_gpus(), 0);
  try {
    tarry::gpu(0);
    ADD_FAILURE() << "there is a GPU";
  } catch (const tarry::DeviceError& e) {
    const std::string why = e.what();
    EXPECT_NE(why.find("/nowhere/libcuda.so.1"), std::string::npos) << why;
    EXPECT_NE(why.find("TARRY_CUDA_LIBRARY"), std::string::npos) << why;
  }
  EXPECT_THROW(tarry::set_context(tarry::gpu(1)), tarry::DeviceError);
  EXPECT_EQ(tarry::current_context(), tarry::cpu());
}

TEST(NoGpu, TheHostIsAContextLikeAnyOther) {
  Array x = np::array({1.0, 2.0});
  EXPECT_EQ(x.context(), tarry::cpu());
  EXPECT_EQ((x + 1.0).context(), tarry::cpu());
  Array same = x.to(tarry::cpu());
  same[0] = 5.0;
  EXPECT_EQ(double(x[0]), 5.0) << "to() of an array that is there is that array";
  tarry::ContextScope with(tarry::cpu());
  EXPECT_EQ(np::zeros({3}).context(), tarry::cpu());
  std::ostringstream out;
  out << tarry::current_context();
  EXPECT_EQ(out.str(), "cpu");
}

TEST(NoGpu, PoliciesNestAndComeBack) {
  EXPECT_EQ(tarry::current_policy(), tarry::Policy::prefer_device);
  try {
    tarry::PolicyScope outer(tarry::Policy::host_only);
    {
      tarry::PolicyScope inner(tarry::Policy::device_only);
      EXPECT_EQ(tarry::current_policy(), tarry::Policy::device_only);
      EXPECT_EQ(double(np::sum(np::arange(5))), 10.0) << "of the host's arrays nothing is asked";
    }
    EXPECT_EQ(tarry::current_policy(), tarry::Policy::host_only);
    throw 1;
  } catch (int) {
  }
  EXPECT_EQ(tarry::current_policy(), tarry::Policy::prefer_device);
}

}  // namespace
