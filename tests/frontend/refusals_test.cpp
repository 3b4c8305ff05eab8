// What no memory holds is refused at the call, in NumPy's words (tests/data/refusals.txt), however little of it anybody
// would look at; and nothing is left behind.
#include <tarry/device.h>
#include <tarry/insight.h>

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;

constexpr int64_t kHuge = 10'000'000'000'000, kSide = 10'000'000, kTiB = int64_t{1} << 40;

Array wide(int64_t n = kHuge) { return np::broadcast_to(1.0, {n}); }

const std::map<std::string, std::function<void()>> kCalls = {
    {"zeros", [] { np::zeros({kHuge}); }},
    {"sum_of_zeros", [] { np::sum(np::zeros({kHuge})); }},
    {"empty",
     [] {
       np::empty({1'000'000, 1'000'000, 10});
     }},
    {"full", [] { np::full({kHuge}, 1.0, tarry::float32); }},
    {"full_like", [] { np::full_like(wide(), 2.0); }},
    {"arange", [] { np::arange(kHuge); }},
    {"linspace", [] { np::linspace(0, 1, kHuge); }},
    {"eye", [] { np::eye(kSide); }},
    {"bytes", [] { np::ones({int64_t{1} << 62}, tarry::int8); }},
    {"rounded_to_a_unit", [] { np::empty({1023 * kTiB + 1023 * (kTiB >> 10)}, tarry::int8); }},
    {"several_digits", [] { np::empty({1000 * kTiB}, tarry::int8); }},
    {"random", [] { np::random::rand(kHuge); }},
    {"result", [] { wide() + 1; }},
    {"function", [] { np::exp(wide()); }},
    {"compared", [] { wide(100 * kHuge) < 2; }},
    {"broadcast_result",
     [] {
       np::broadcast_to(1.0, {kSide, 1}) * np::broadcast_to(1.0, {kSide});
     }},
    {"where", [] { np::where(np::broadcast_to(true, {kHuge}), 1.0, 2.0); }},
    {"astype", [] { wide().astype(tarry::float32); }},
    {"copied", [] { wide().copy(); }},
    {"outer", [] { np::outer(np::zeros({kSide}), np::zeros({kSide})); }},
    {"matmul",
     [] {
       np::matmul(np::ones({kSide, 1}), np::ones({1, kSide}));
     }},
    {"cumsum", [] { np::cumsum(wide()); }},
    {"sort", [] { np::sort(wide()); }},
    {"gather", [] { (void)Array(np::zeros({10})[np::broadcast_to(np::array(0), {kHuge})]).shape(); }},
    {"repeat", [] { np::repeat(np::zeros({10}), kHuge / 10); }},
    {"pad", [] { np::pad(np::zeros({3}), kHuge); }},
    {"concatenate",
     [] {
       np::concatenate({wide(), wide()});
     }},
    {"stack",
     [] {
       np::stack({wide(), wide()});
     }},
    {"meshgrid",
     [] {
       np::meshgrid({np::zeros({kSide}), np::zeros({kSide})});
     }},
    {"too_big", [] { np::ones({int64_t{1} << 62}); }},
    {"too_big_product",
     [] {
       np::zeros({kTiB, kTiB});
     }},
    {"too_big_and_empty",
     [] {
       np::zeros({0, kTiB, kTiB});
     }},
    {"too_big_view", [] { np::broadcast_to(1.0, {int64_t{1} << 61}); }},
    {"too_big_tile", [] { np::tile(np::zeros({10}), {int64_t{1} << 62}); }},
    {"too_big_repeat", [] { np::repeat(np::zeros({5}), int64_t{1} << 62); }},
    {"too_big_repeats",
     [] {
       np::repeat(np::zeros({3}), {int64_t{1} << 61, 1, 1}, 0);
     }},
    {"repeats",
     [] {
       np::repeat(np::zeros({3}), {1, kHuge, 2}, 0);
     }},
};

template <class Error>
void expect_words(const std::string& name, const std::string& words) {
  try {
    kCalls.at(name)();
    ADD_FAILURE() << name << " is not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), words) << name;
  } catch (const std::exception& error) {
    ADD_FAILURE() << name << ": " << error.what();
  }
}

TEST(Refusals, ComeAtTheCallInNumPysWords) {
  const uint64_t live = tarry::stats().bytes_live;
  std::set<std::string> told;
  for (const auto& row : reference::rows("refusals.txt")) {
    told.insert(row[0]);
    std::string words;
    for (size_t i = 2; i < row.size(); ++i) words += (i > 2 ? " " : "") + row[i];
    if (row[1] == "MemoryError")
      expect_words<tarry::MemoryError>(row[0], words);
    else
      expect_words<tarry::ValueError>(row[0], words);
  }
  EXPECT_EQ(told.size(), kCalls.size());
  EXPECT_EQ(tarry::stats().bytes_live, live);
}

TEST(Refusals, AViewOfAnySizeIsFree) {
  Array one = np::array({1.0, 2.0});
  const Array rows = np::broadcast_to(one, {kHuge, 2});
  EXPECT_EQ(rows.shape(), (tarry::Shape{kHuge, 2}));
  one[0] = 5.0;
  const Array seen = rows[{np::slice(kHuge - 2, np::none), 0}];
  EXPECT_EQ(seen.to_vector<double>(), (std::vector<double>{5, 5}));
  EXPECT_EQ(double(np::sum(rows[kHuge / 2])), 7);
}

TEST(Refusals, InPlaceOnASmallArrayIsRefusedForItsShapeFirst) {
  Array x = np::ones({3});
  EXPECT_THROW(x += wide(), tarry::ValueError);
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{1, 1, 1}));
}

TEST(Refusals, ASortedArrayWithMoreKeysThanAddresses) {
  const tarry::ContextScope on_host(tarry::cpu());  // a GPU searches in place
  const Array sorted = np::broadcast_to(np::zeros({1}, tarry::int8), {int64_t{1} << 61});
  EXPECT_THROW(np::searchsorted(sorted, np::ones({2}, tarry::int8)).to_vector<int64_t>(), tarry::MemoryError);
}

TEST(Refusals, ABatchThatNoMemoryHolds) {
  const auto table = [](Array x) { return x * np::broadcast_to(1.0, {kSide}); };
  EXPECT_NO_THROW(tarry::vmap(table)(np::zeros({2})));
  EXPECT_THROW(tarry::vmap(table)(np::zeros({kSide})), tarry::MemoryError);
  EXPECT_EQ(double(np::sum(np::ones({4}))), 4);
}

TEST(Refusals, RepeatsWhoseNumberNoIntegerHolds) {
  const int64_t half = int64_t{1} << 62;
  EXPECT_THROW(np::repeat(np::zeros({3}, tarry::int8), {half, half, half}, 0), tarry::ValueError);
  EXPECT_THROW(np::repeat(np::zeros({3, 4}), half, 0), tarry::ValueError);
}

TEST(Refusals, CountsThatNoMemoryHolds) {
  EXPECT_THROW(np::polyint(np::ones({2}), INT64_MAX), tarry::Error);
  EXPECT_THROW(np::polyint(np::ones({2}), int64_t{1} << 44), tarry::MemoryError);
  EXPECT_TRUE(np::diag_indices(2, -5).empty());
}

TEST(Refusals, OverflowBetweenViews) {
  const Array tall = np::broadcast_to(1.0, {int64_t{1} << 32, 1}), broad = np::broadcast_to(1.0, {int64_t{1} << 32});
  EXPECT_THROW(tall + broad, tarry::ValueError);
  EXPECT_THROW(np::hypot(tall, broad * 1), tarry::Error);
  EXPECT_THROW(np::outer(broad, broad), tarry::ValueError);
}

}  // namespace
