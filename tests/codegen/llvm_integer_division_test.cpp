/// Quotients of 64-bit integers, which vectors come to by way of float64: exact for every divisor.

#include "interp_support.h"

#include "cpu/executable.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace tarry::test {
namespace {

/// Rounded to minus infinity; by zero it is 0, and what does not fit wraps.
int64_t expected(int64_t x, int64_t y) {
  if (y == 0) return 0;
  if (y == -1) return static_cast<int64_t>(-static_cast<uint64_t>(x));
  const int64_t quotient = x / y;
  return quotient - (x % y != 0 && (x < 0) != (y < 0));
}
uint64_t expected(uint64_t x, uint64_t y) { return y == 0 ? 0 : x / y; }

template <class T>
constexpr DType kDType = std::is_signed_v<T> ? DType::int64 : DType::uint64;

template <class T>
class Divisions {
 public:
  Divisions(int width, bool by_number) : by_number_(by_number) {
    KernelMaker maker;
    const Value x = maker.read(kDType<T>);
    const Value y = by_number ? maker.scalar(kDType<T>) : maker.read(kDType<T>);
    maker.write(maker.same(Op::floor_div, x, y));
    for (ir::Access& access : maker.kernel.accesses) access.outer = ir::StrideClass::unit;
    executable_ = codegen::compile_for_width(maker.kernel, width);
  }

  void check(std::vector<T> x, std::vector<T> y) {
    std::vector<T> z(x.size());
    Launcher launcher({static_cast<int64_t>(x.size())});
    launcher.operand(x.data(), {1});
    if (by_number_)
      launcher.scalar(static_cast<uint64_t>(y[0]));
    else
      launcher.operand(y.data(), {1});
    launcher.operand(z.data(), {1}).run(*executable_);
    for (size_t i = 0; i < x.size(); ++i) {
      const T by = by_number_ ? y[0] : y[i];
      ASSERT_EQ(z[i], expected(x[i], by)) << x[i] << " // " << by;
    }
  }

 private:
  const bool by_number_;
  std::shared_ptr<const codegen::Executable> executable_;
};

/// Around every power of two, both ends and some random ones of every size.
template <class T>
std::vector<T> numbers(int random_ones) {
  std::vector<T> all;
  for (int power = 0; power < 64; ++power)
    for (int off = -2; off <= 2; ++off) {
      const uint64_t x = (uint64_t{1} << power) + static_cast<uint64_t>(off);
      all.push_back(static_cast<T>(x));
      all.push_back(static_cast<T>(-x));
    }
  std::mt19937_64 g(7);
  for (int i = 0; i < random_ones; ++i) all.push_back(static_cast<T>(g() >> (g() % 64)));
  return all;
}

template <class T>
class IntegerDivision : public testing::Test {};
using Integers = testing::Types<int64_t, uint64_t>;
TYPED_TEST_SUITE(IntegerDivision, Integers);

TYPED_TEST(IntegerDivision, EveryTwoNumbers) {
  const std::vector<TypeParam> all = numbers<TypeParam>(100);
  for (const int width : {16, 32, 64}) {
    Divisions<TypeParam> divisions(width, false);
    for (const TypeParam y : all) divisions.check(all, std::vector<TypeParam>(all.size(), y));
  }
}

// A multiple of the divisor, and what is one less: where an estimate that is off by one shows.
TYPED_TEST(IntegerDivision, AroundMultiples) {
  std::mt19937_64 g(11);
  for (const int width : {32, 64}) {
    Divisions<TypeParam> divisions(width, false);
    std::vector<TypeParam> x, y;
    for (int i = 0; i < 200'000; ++i) {
      const uint64_t divisor = g() >> (g() % 64) | 1;
      const uint64_t most = static_cast<uint64_t>(std::numeric_limits<TypeParam>::max()) / divisor;
      const uint64_t multiple = divisor * (g() % 4 ? g() % (most | 1) : most);
      x.push_back(static_cast<TypeParam>(multiple - g() % 3 + 1));
      y.push_back(static_cast<TypeParam>(divisor));
    }
    divisions.check(x, y);
  }
}

TYPED_TEST(IntegerDivision, ByOneNumber) {
  const std::vector<TypeParam> all = numbers<TypeParam>(0), some = numbers<TypeParam>(60);
  for (const int width : {16, 32, 64}) {
    Divisions<TypeParam> divisions(width, true);
    for (const TypeParam y : some) divisions.check(all, {y});
  }
}

}  // namespace
}  // namespace tarry::test
