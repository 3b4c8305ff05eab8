// A fault of the driver at each of its calls: a typed error, and the host goes on.
#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/tarry.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "../child.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using List = std::vector<double>;

/// Loss and gradient of a small network, and one step.
List training_step(tarry::Context context) {
  tarry::ContextScope with(context);
  np::random::seed(3);
  const Array x = np::random::standard_normal({16, 8}), target = np::random::uniform(0, 1, {16});
  Array w = np::random::standard_normal({8}) * 0.1;
  const auto loss = [&](const Array& p) {
    const Array y = 1.0 / (1.0 + np::exp(-np::sum(x * p, 1)));
    return np::mean((y - target) * (y - target));
  };
  const auto [value, gradient] = tarry::value_and_grad(loss)(w);
  w -= 0.5 * gradient;
  w[w > 1.0] = 1.0;
  List result = w.to_vector<double>();
  result.push_back(double(value));
  return result;
}

enum Outcome { right = 10, refused, wrong_answer, wrong_exception, host_broken, not_again };

/// A process in which the driver fails as `fault` says.
int outcome(const std::string& fault, const List& expected, bool once) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    setenv("CUDASIM_FAIL", fault.c_str(), 1);
    setenv("CUDASIM_LOG", "/dev/null", 1);
    int result = right;
    try {
      if (training_step(tarry::gpu(0)) != expected) result = wrong_answer;
    } catch (const tarry::DeviceError& e) {
      result = *e.what() ? refused : wrong_exception;
    } catch (const tarry::MemoryError& e) {
      result = *e.what() ? refused : wrong_exception;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s: %s\n", fault.c_str(), e.what());
      result = wrong_exception;
    }
    try {
      if (tarry::current_context() != tarry::cpu() || training_step(tarry::cpu()) != expected) result = host_broken;
      // The fault was one only: a new session works.
      if (once && result == refused && training_step(tarry::gpu(0)) != expected) result = not_again;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s: %s\n", fault.c_str(), e.what());
      result = host_broken;
    }
    _exit(result);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Faults : public testing::TestWithParam<std::string> {};

TEST_P(Faults, EachIsATypedErrorAndTheHostGoesOn) {
  const List expected = training_step(tarry::cpu());
  const std::string kind = GetParam();
  // Pinned memory and events are conveniences; memory is asked for again when what is kept was given back.
  const bool can_do_without = kind == "host" || kind == "event", tries_again = kind == "alloc";
  int refusals = 0;
  // Until there is no n-th such call any more.
  for (int n = 1, unnoticed = 0; n < 200 && unnoticed < 3; ++n) {
    const int result = outcome(kind + "@" + std::to_string(n), expected, kind != "lost");
    ASSERT_TRUE(result == refused || result == right) << kind << "@" << n << ": " << result;
    refusals += result == refused;
    unnoticed = result == right ? unnoticed + 1 : 0;
  }
  EXPECT_EQ(refusals > 0, !can_do_without && !tries_again);
  EXPECT_EQ(outcome(kind + "@1+", expected, false), can_do_without ? right : refused);
}

INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Values("alloc", "host", "copy", "launch", "refuse", "sync", "stream", "event",
                                         "module", "lost"),
                         [](const auto& p) { return p.param; });

TEST(FaultMessages, NameTheCallTheKernelAndTheLine) {
  EXPECT_TRUE(tarry::test::child_succeeds([] {
    setenv("CUDASIM_FAIL", "launch@2", 1);
    setenv("CUDASIM_LOG", "/dev/null", 1);
    const Array x = np::arange(4.0).to(tarry::gpu(0));
    tarry::eval(x);
    std::string first, second;
    try {
      (np::exp(x) * 2.0).to_vector<double>();
    } catch (const tarry::DeviceError& e) {
      first = e.what();
    }
    try {
      (x + 1.0).to_vector<double>();
    } catch (const tarry::DeviceError& e) {
      second = e.what();
    }
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    const bool good = has(first, "gpu(0): cu") && has(first, "CUDA_ERROR_") && has(first, "faults_test.cpp:") &&
                      has(second, "was lost by an earlier error");
    if (!good) std::fprintf(stderr, "%s\n%s\n", first.c_str(), second.c_str());
    return good;
  }));
}

}  // namespace
