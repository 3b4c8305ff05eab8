/// Every elementwise op compiled for the host.

#include "every_op.h"
#include "interp_support.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

class LlvmElementwise : public testing::TestWithParam<DType> {
 protected:
  void SetUp() override { runtime::set_num_threads(1); }
};

TEST_P(LlvmElementwise, OpsGiveTheInterpretersBits) { expect_interpreted_ops(GetParam(), codegen::llvm_cpu()); }
TEST_P(LlvmElementwise, CastsGiveTheInterpretersBits) { expect_interpreted_casts(GetParam(), codegen::llvm_cpu()); }

INSTANTIATE_TEST_SUITE_P(DTypes, LlvmElementwise, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

}  // namespace
}  // namespace tarry::test
