#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/lapack.h>

#include <complex>
#include <string>

namespace tarry::runtime {
namespace {

/// Rows that LAPACK's integers count, of a matrix whose work area they do not.
TEST(Lapack, NamesAWorkAreaThatIsTooBig) {
  constexpr int64_t kRows = 40'000;
  try {
    lapack::eigh<std::complex<double>>(kRows, true, nullptr, nullptr);
    ADD_FAILURE() << "it was taken";
  } catch (const ValueError& error) {
    EXPECT_EQ(std::string(error.what()), "a work area of 3200200001 numbers is too big for LAPACK");
  }
}

}  // namespace
}  // namespace tarry::runtime
