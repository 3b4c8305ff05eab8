/// Every elementwise op as PTX.

#include "every_op.h"
#include "ptx_runner.h"

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

class PtxElementwise : public testing::TestWithParam<DType> {};

TEST_P(PtxElementwise, OpsGiveTheInterpretersBits) { expect_interpreted_ops(GetParam(), ptx_backend()); }
TEST_P(PtxElementwise, CastsGiveTheInterpretersBits) { expect_interpreted_casts(GetParam(), ptx_backend()); }

INSTANTIATE_TEST_SUITE_P(DTypes, PtxElementwise, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

}  // namespace
}  // namespace tarry::test
