// Outputs that go around the cache, and inputs that are asked for ahead: the same bits at every alignment, nothing
// beside them touched, in the interpreter and in compiled kernels.
#include <tarry/tarry.h>

#include <tarry/runtime/config.h>
#include <tarry/runtime/cpu_cache.h>

#include <gtest/gtest.h>

#include <thread>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::runtime::Tier;

namespace {

constexpr int64_t kFloats = (int64_t{16} << 20) / 4 + 4099;  // just enough to be worth it, and no whole lines

/// As on a machine whose caches hold nothing.
class Streaming : public testing::TestWithParam<Tier> {
 protected:
  void SetUp() override {
    tarry::runtime::set_cache_bytes(1);
    tarry::runtime::set_tier(GetParam());
  }
  void TearDown() override {
    tarry::runtime::set_cache_bytes(0);
    tarry::runtime::set_tier(before_);
  }

 private:
  const Tier before_ = tarry::runtime::config().tier;
};

std::vector<float> ramp(int64_t n) {
  std::vector<float> x(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) x[static_cast<size_t>(i)] = static_cast<float>(i % 8191);
  return x;
}

TEST_P(Streaming, AtEveryAlignmentOfTheOutput) {
  const Array x = np::array(ramp(kFloats));
  for (int64_t start = 0; start < 16; ++start) {
    Array base = np::zeros({kFloats + 32}, tarry::float32);
    tarry::eval(base);
    base[{np::slice(start, start + kFloats)}] = x * 2 + 1;
    const std::vector<float> all = base.to_vector<float>();
    for (int64_t i = 0; i < kFloats + 32; ++i) {
      const int64_t from = i - start;
      const float expected = from < 0 || from >= kFloats ? 0.0f : static_cast<float>(from % 8191) * 2 + 1;
      ASSERT_EQ(all[static_cast<size_t>(i)], expected) << "element " << i << " of a view from " << start;
    }
  }
}

TEST_P(Streaming, OfAnArrayOnItself) {
  Array x = np::array(ramp(kFloats));
  x += 1;
  x[{np::slice(1, np::none)}] = x[{np::slice(np::none, -1)}] * 2;
  const std::vector<float> all = x.to_vector<float>();
  ASSERT_EQ(all[0], 1.0f);
  for (int64_t i = 1; i < kFloats; ++i)
    ASSERT_EQ(all[static_cast<size_t>(i)], (static_cast<float>((i - 1) % 8191) + 1) * 2) << i;
}

TEST_P(Streaming, OutputsOfSeveralDtypesInOneKernel) {
  const Array x = np::array(ramp(kFloats));
  Array wide = x.astype(tarry::float64) * 0.5, narrow = (x + 1).astype(tarry::int16);
  tarry::eval(wide, narrow);
  const std::vector<double> w = wide.to_vector<double>();
  const std::vector<int16_t> n = narrow.to_vector<int16_t>();
  for (int64_t i = 0; i < kFloats; ++i) {
    ASSERT_EQ(w[static_cast<size_t>(i)], static_cast<double>(i % 8191) * 0.5) << i;
    ASSERT_EQ(n[static_cast<size_t>(i)], i % 8191 + 1) << i;
  }
}

/// Rows of whole lines stream, the others do not; both as if they did not.
TEST_P(Streaming, OfRows) {
  for (const int64_t columns : {1024, 1000, 8192}) {
    const int64_t rows = kFloats / columns + 1;
    std::vector<float> values = ramp(rows * columns);
    const Array x = np::array(std::span(values), {rows, columns});
    const auto normalised = [&] {
      return np::exp(x * -0.001 - np::max(x, 1, tarry::keepdims)) / np::sum(x, 1, tarry::keepdims);
    };
    const std::vector<float> around = normalised().to_vector<float>();
    tarry::runtime::set_cache_bytes(int64_t{1} << 50);
    const std::vector<float> through = normalised().to_vector<float>();
    tarry::runtime::set_cache_bytes(1);
    ASSERT_EQ(around, through) << columns;
  }
}

TEST_P(Streaming, AnotherThreadSeesAllOfIt) {
  for (int round = 0; round < 5; ++round) {
    Array y = np::array(ramp(kFloats)) + round;
    tarry::eval(y);
    std::thread([&] {
      const std::vector<float> all = y.to_vector<float>();
      for (int64_t i = 0; i < kFloats; ++i)
        ASSERT_EQ(all[static_cast<size_t>(i)], static_cast<float>(i % 8191) + static_cast<float>(round)) << i;
    }).join();
  }
}

INSTANTIATE_TEST_SUITE_P(Tiers, Streaming, testing::Values(Tier::interpreter, Tier::llvm),
                         [](const auto& info) { return info.param == Tier::llvm ? "Compiled" : "Interpreted"; });

}  // namespace
