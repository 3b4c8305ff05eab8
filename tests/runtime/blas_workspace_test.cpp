/// A BLAS whose allocator cannot be replaced as a whole works as before.
#include "blas_workspace.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace tarry::runtime {
namespace {

TEST(BlasWorkspace, IsReplacedAsAWholeOrNotAtAll) {
  void* const library = dlopen(TARRY_ODD_BLAS, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto function_that_frees = reinterpret_cast<void* (*)()>(dlsym(library, "function_that_frees"));
  const auto areas_of_threads = reinterpret_cast<int (*)()>(dlsym(library, "areas_of_threads"));
  void* const before = function_that_frees();
  EXPECT_EQ(before, dlsym(library, "blas_memory_free"));
  EXPECT_FALSE(replace_blas_workspace(library));
  EXPECT_EQ(function_that_frees(), before);
  prepare_blas_workspace();
  EXPECT_EQ(areas_of_threads(), 0);
}

}  // namespace
}  // namespace tarry::runtime
