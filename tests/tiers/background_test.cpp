/// Compiling in the background: an answer at once, the same bits afterwards, and no part in how a process ends.

#include "kernels.h"

#include <tarry/tarry.h>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {
bool is_child = false;
}

/// The leak checker asks this at the end of a process. In a child it takes what threads of the parent were at for lost,
/// and what a thread is at that does not outlive its process.
extern "C" [[gnu::visibility("default")]] int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() { return is_child; }

namespace tarry::test {
namespace {

/// Runs body in a child of this process, which ends as a program does, and gives its exit status.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    is_child = true;
    std::exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

TEST(Background, AKernelIsAnsweredBeforeItIsCompiled) {
  const Array x = np::linspace(-3.0, 3.0, 300001);
  tarry::eval(x);
  reset_stats();
  const std::vector<double> first = long_formula(x, 1).to_vector<double>();
  EXPECT_EQ(stats().kernels_interpreted, stats().kernels_launched);
  EXPECT_EQ(stats().kernels_compiled, stats().kernels_launched);  // counted at the first launch
  until_requested([&] { return long_formula(x, 1); });
  finish_compiling();
  const uint64_t interpreted = stats().kernels_interpreted;
  EXPECT_EQ(long_formula(x, 1).to_vector<double>(), first);
  EXPECT_EQ(stats().kernels_interpreted, interpreted);
}

TEST(Background, ASmallKernelIsNotCompiledBeforeItHasWorked) {
  const Array x = np::ones({8});
  EXPECT_EQ(np::sum(long_formula(x, 2)).item<double>(), np::sum(long_formula(x, 2)).item<double>());
  finish_compiling();
  reset_stats();
  tarry::eval(long_formula(x, 2));
  EXPECT_EQ(stats().kernels_interpreted, stats().kernels_launched);
}

TEST(Background, ExplainSaysWhoRuns) {
  const Array x = np::linspace(0.0, 1.0, 300001);
  tarry::eval(x);
  EXPECT_NE(explain(long_formula(x, 3)).find("has done 0 % of the work"), std::string::npos)
      << explain(long_formula(x, 3));
  until_requested([&] { return long_formula(x, 3); });
  finish_compiling();
  EXPECT_NE(explain(long_formula(x, 3)).find("runs compiled"), std::string::npos) << explain(long_formula(x, 3));
}

TEST(Background, ShortRowsStayInTheInterpreter) {
  const auto shares = [](int columns) {
    const Array x = np::linspace(0.0, 1.0, 300000).reshape({300000 / columns, columns});
    tarry::eval(x);
    return x / np::sum(np::exp(x), 1, keepdims);
  };
  until_requested([&] { return shares(100); });
  finish_compiling();
  const Array wide = shares(100), narrow = shares(4);
  EXPECT_NE(explain(wide).find("runs compiled"), std::string::npos) << explain(wide);
  EXPECT_NE(explain(narrow).find("takes rows as short as these side by side"), std::string::npos) << explain(narrow);
  reset_stats();
  tarry::eval(wide);
  EXPECT_EQ(stats().kernels_interpreted, 0u);
  tarry::eval(narrow);
  EXPECT_EQ(stats().kernels_interpreted, 1u);
  EXPECT_EQ(stats().kernels_launched, 2u);
  EXPECT_EQ(stats().kernels_compiled, 0u);
}

/// Exits while the compiler is at work, after more and more of a compile.
TEST(Background, AProcessMayEndAtAnyMomentOfACompile) {
  finish_compiling();
  for (int microseconds = 0; microseconds < 60000; microseconds += 3000) {
    const int status = in_child([&] {
      const Array x = np::linspace(0.0, 1.0, 16);
      double sum = 0;
      for (int i = 10; i < 12; ++i) {
        until_requested([&] { return long_formula(x, i); });
        sum += np::sum(long_formula(x, i)).item<double>();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
      return sum > 0 ? 0 : 1;
    });
    ASSERT_EQ(status, 0) << "after " << microseconds << " microseconds";
  }
}

/// The same, where the thread that ends the process never asked for a compile.
TEST(Background, AProcessMayEndWhileOthersCompile) {
  for (int microseconds = 0; microseconds < 60000; microseconds += 2000) {
    const int status = in_child([&] {
      std::thread([] {
        const Array x = np::linspace(0.0, 1.0, 16);
        for (int i = 10; i < 12; ++i) until_requested([&] { return long_formula(x, i); });
      }).join();
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
      return 0;
    });
    ASSERT_EQ(status, 0) << "after " << microseconds << " microseconds";
  }
}

TEST(Background, AChildCompilesWhatItsParentWasAt) {
  const Array x = np::linspace(0.0, 1.0, 3001);
  tarry::eval(x);
  for (int i = 20; i < 24; ++i) until_requested([&] { return long_formula(x, i); });  // the last of them wait
  EXPECT_EQ(in_child([&] {
              for (int i = 20; i < 24; ++i) tarry::eval(long_formula(x, i));
              finish_compiling();
              reset_stats();
              for (int i = 20; i < 24; ++i) tarry::eval(long_formula(x, i));
              return static_cast<int>(stats().kernels_interpreted);
            }),
            0);
  finish_compiling();
}

TEST(Background, ThreadsThatAskForTheSameKernelGetTheSameBits) {
  const Array x = np::linspace(0.0, 2.0, 200001);
  tarry::eval(x);
  std::vector<double> sums(4);
  std::vector<std::thread> threads;
  for (double& sum : sums)
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) sum = np::sum(long_formula(x, 30)).item<double>();
    });
  for (std::thread& t : threads) t.join();
  for (double sum : sums) EXPECT_EQ(sum, sums[0]);
}

}  // namespace
}  // namespace tarry::test
