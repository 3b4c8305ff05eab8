// The n-th operator new of this thread is refused, for every n of a program: an exception, what was there stays as it
// was, and the program gives the same bits afterwards.
#include "../child.h"
#include "../operator_new.h"
#include "../tiers/kernels.h"
#include "failing_programs.h"

#include <tarry/insight.h>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace {

thread_local uint64_t until_failure = 0;  // 0: none is due

bool is_refused() { return until_failure && --until_failure == 0; }

using namespace failing;

constexpr uint64_t kMost = 20000;

/// The bits that a program gives once memory is there again, when its n-th request was refused; nothing when it made
/// fewer. An array that was made before the failure has to give them itself.
std::optional<std::string> bits_after_failure(const Failing& program, Inputs& in, uint64_t n) {
  std::optional<Array> made;
  bool failed = false;
  until_failure = n;
  try {
    made = program.run(in);
    (void)bits(*made);
  } catch (const tarry::Error&) {
    failed = true;
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  failed |= until_failure == 0;
  until_failure = 0;
  if (!failed) return {};
  return bits(made ? *made : program.run(in));
}

class OperatorNew : public testing::TestWithParam<Failing> {};

TEST_P(OperatorNew, MayFailAnywhere) {
  const Failing& program = GetParam();
  Inputs in;
  const std::string before = bits(in.x) + bits(in.i), expected = bits(program.run(in));
  uint64_t n = 1;
  for (; n < kMost; ++n) {
    const std::optional<std::string> after = bits_after_failure(program, in, n);
    if (!after) break;
    ASSERT_TRUE(*after == expected) << "request " << n;
    ASSERT_TRUE(bits(in.x) + bits(in.i) == before) << "request " << n;
    ASSERT_TRUE(bits(program.run(in)) == expected) << "request " << n;
  }
  EXPECT_LT(n, kMost);
}

INSTANTIATE_TEST_SUITE_P(Programs, OperatorNew, testing::ValuesIn(programs(testing::TempDir())),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(OperatorNew, IsNotAskedForTheOptionsOfPrintingThatHeldBefore) {
  namespace np = tarry::numpy;
  const std::string text = "a text that is too long to lie in the string itself";
  np::set_printoptions({.nanstr = text});
  auto with = std::make_unique<np::printoptions>(np::PrintOptions{.nanstr = "none", .infstr = text});
  until_failure = 1;
  with.reset();
  EXPECT_EQ(until_failure, 1u);
  until_failure = 0;
  EXPECT_EQ(*np::get_printoptions().nanstr, text);
  EXPECT_EQ(*np::get_printoptions().infstr, "inf");
  np::set_printoptions({.nanstr = "nan"});
}

// A request that failed for want of memory is made again: the kernel does not wait for ever.
TEST(OperatorNew, AKernelWhoseRequestFailedIsAskedForAgain) {
  const Array x = tarry::numpy::linspace(0.0, 1.0, 100'000);
  tarry::eval(x);
  for (uint64_t n = 1; n <= 40; ++n) {
    // In a child there is no thread that compiles yet.
    EXPECT_TRUE(tarry::test::child_succeeds([&] {
      const auto look = [&] { tarry::eval(tarry::test::long_formula(x, 7)); };
      look();
      for (int turn = 0; turn < 60; ++turn) {
        until_failure = n;
        try {
          look();
        } catch (const std::exception&) {
        }
      }
      until_failure = 0;
      for (int turn = 0; turn < 60; ++turn) look();
      tarry::finish_compiling();
      tarry::reset_stats();
      look();
      return tarry::stats().kernels_interpreted == 0;
    })) << "request "
        << n;
  }
}

}  // namespace
