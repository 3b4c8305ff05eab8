// How many threads there are: none for small work, and no more than allowed for large work, products included. Runs in
// a process of its own, without the compiler's thread.
#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

long threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

double work_on(const Array& x) {
  const Array y = np::exp(x * 0.5) / (1.0 + np::abs(x));
  return double(np::sum(y)) + double(np::max(np::cumsum(y))) + double(np::sort(y)[0]);
}

#ifdef __SANITIZE_THREAD__
constexpr int kOthers = 1;  // the sanitizer's own, from some moment on
#else
constexpr int kOthers = 0;
#endif

TEST(ThreadCount, SmallWorkStartsNoThread) {
  tarry::runtime::set_num_threads(4);
  for (const int n : {1, 8, 100, 1000, 4000}) work_on(np::linspace(-1.0, 1.0, n));
  const Array m = np::ones({16, 16});
  EXPECT_EQ(double(np::sum(np::matmul(m, m + 1.0))), 16 * 16 * 32.0);
  EXPECT_LE(threads_of_this_process(), 1 + kOthers);
}

TEST(ThreadCount, LargeWorkAndProductsShareTheThreads) {
  tarry::runtime::set_num_threads(4);
  work_on(np::linspace(-1.0, 1.0, 3'000'000));
  for (const tarry::DType t : {tarry::float32, tarry::float64}) {
    const Array m = np::linspace(0.0, 1.0, 700 * 700).reshape({700, 700}).astype(t);
    EXPECT_GT(double(np::sum(np::matmul(m, m))), 0.0);
  }
  EXPECT_GT(threads_of_this_process(), 1);
  EXPECT_LE(threads_of_this_process(), 4 + kOthers);
}

}  // namespace
