// The n-th request for memory is refused, for every n of a program: a typed exception, what was there stays as it was,
// nothing leaks, and the same value can be had afterwards.
#include "failing_programs.h"

#include <tarry/insight.h>
#include <tarry/runtime/buffer.h>

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace failing;
using tarry::runtime::fail_allocation;

constexpr uint64_t kMost = 400;

/// The bits that a program gives once memory is there again, when its n-th allocation failed; nothing when it needed
/// fewer. An array that was made before the failure has to give them itself.
std::optional<std::string> bits_after_failure(const Failing& program, Inputs& in, uint64_t n) {
  std::optional<Array> made;
  bool failed = false;
  fail_allocation(n);
  try {
    made = program.run(in);
    (void)bits(*made);
  } catch (const tarry::MemoryError&) {
    failed = true;
  }
  fail_allocation(0);
  if (!failed) return {};
  return bits(made ? *made : program.run(in));
}

TEST(Allocation, AnyRequestOfAProgramMayBeRefused) {
  Inputs in;
  const std::string before = bits(in.x) + bits(in.i);
  for (const Failing& program : programs(testing::TempDir())) {
    const std::string expected = bits(program.run(in));
    const uint64_t live = tarry::stats().bytes_live;
    uint64_t n = 1;
    for (; n < kMost; ++n) {
      const std::optional<std::string> after = bits_after_failure(program, in, n);
      if (!after) break;
      ASSERT_TRUE(*after == expected) << program.name << ", allocation " << n;
      ASSERT_TRUE(bits(in.x) + bits(in.i) == before) << program.name << ", allocation " << n;
      ASSERT_EQ(tarry::stats().bytes_live, live) << program.name << ", allocation " << n;
      ASSERT_TRUE(bits(program.run(in)) == expected) << program.name << ", allocation " << n;
    }
    EXPECT_GT(n, 1u) << program.name << " asks for no memory";
    EXPECT_LT(n, kMost) << program.name;
  }
}

TEST(Allocation, AWriteWaitsUntilThereIsMemory) {
  Inputs in;
  for (uint64_t n = 1; n < kMost; ++n) {
    Array y = in.x.copy(), v = y[1];
    tarry::eval(y);
    v += 1;
    y[{np::all, 0}] = y[{np::all, 1}] * 2;
    fail_allocation(n);
    bool failed = false;
    try {
      (void)bits(y);
    } catch (const tarry::MemoryError&) {
      failed = true;
    }
    fail_allocation(0);
    EXPECT_EQ(y.to_vector<double>(), (std::vector<double>{-2, -1, 2.5, 10, 5, -1, 14, 7, -0.25}));
    EXPECT_EQ(v.to_vector<double>(), (std::vector<double>{10, 5, -1}));
    if (!failed) return;
  }
  FAIL() << "always refused";
}

TEST(Allocation, TheLimitIsKeptAndLiftedAgain) {
  const Array x = np::arange(100000) * 1.0;
  tarry::eval(x);
  tarry::runtime::set_memory_limit(tarry::stats().bytes_live + 100000);
  const Array y = np::sum(x * 2);
  Array z;
  EXPECT_THROW(
      {
        z = np::concatenate({x, x});
        tarry::eval(z);
      },
      tarry::MemoryError);
  EXPECT_EQ(double(y), 99999.0 * 100000);
  tarry::runtime::set_memory_limit(0);
  EXPECT_EQ(double(np::sum(np::concatenate({x, x}))), 99999.0 * 100000);
}

}  // namespace
