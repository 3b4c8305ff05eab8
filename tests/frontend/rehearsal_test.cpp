// What the library does before the first computation of a process, so that nobody has to wait for it then, cannot be
// seen.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

std::vector<float> numbers() { return {1, 2, 3, 4, 5, 6, 7, 8}; }

/// The first array of this process, and what is counted then.
struct Start {
  Array first = np::array(numbers());
  tarry::Stats stats = tarry::stats();
};
const Start start;

TEST(Rehearsal, IsNotCounted) {
  const tarry::Stats& s = start.stats;
  EXPECT_EQ(s.ops_recorded, 0u);
  EXPECT_EQ(s.flushes, 0u);
  EXPECT_EQ(s.plans_made, 0u);
  EXPECT_EQ(s.plans_hit, 0u);
  EXPECT_EQ(s.kernels_launched, 0u);
  EXPECT_EQ(s.kernels_interpreted, 0u);
  EXPECT_EQ(s.kernels_compiled, 0u);
  EXPECT_EQ(s.disk_hits, 0u);
  EXPECT_EQ(s.bytes_live, start.first.nbytes());
  EXPECT_EQ(s.bytes_peak, start.first.nbytes());
}

/// Rows, folded and divided, and a chain of what is done to each element: as much like it as a user's program gets.
TEST(Rehearsal, LeavesNoPlanForAnybody) {
  const auto plans_of = [](const auto& program) {
    const tarry::Stats before = tarry::stats();
    tarry::eval(program());
    return tarry::stats().plans_made - before.plans_made;
  };
  const Array x = start.first.reshape({2, 4}), y = np::array(numbers()).reshape({2, 4});
  EXPECT_EQ(plans_of([&] { return (x * y + 0.5) * x - np::maximum(x, y) / 2.0; }), 1u);
  EXPECT_EQ(plans_of([&] {
              const Array e = np::exp(x - np::max(x, 1, tarry::keepdims));
              return e / np::sum(e, 1, tarry::keepdims);
            }),
            1u);
}

TEST(Rehearsal, LeavesNothingInTheTrace) {
  const Array y = np::array(numbers()) * 2.0;
  const std::string text = tarry::ir_text(y);
  EXPECT_EQ(text.find("copysign"), std::string::npos) << text;
  EXPECT_NE(text.find("%0 = parameter 0"), std::string::npos) << text;
}

int threads_of_this_process() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  return 0;
}

/// What takes less time than to start a thread.
TEST(Rehearsal, AFirstComputationOfAFewElementsStartsNoThread) {
  const std::vector<float> many(100'000, 2);
  const Array x = np::array(many);
  EXPECT_EQ((x * 3.0 + 1.0).to_vector<float>().back(), 7);
  EXPECT_EQ(threads_of_this_process(), 1);
}

}  // namespace
