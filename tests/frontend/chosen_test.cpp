// What a mask chooses: every size of element, and masks of every length, full, empty and in between.
#include <gtest/gtest.h>

#include <tarry/tarry.h>

#include <random>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

std::vector<bool> mask_of(int64_t n, unsigned percent) {
  std::mt19937 g(static_cast<unsigned>(n) + percent);
  std::vector<bool> mask;
  for (int64_t i = 0; i < n; ++i) mask.push_back(g() % 100 < percent);
  return mask;
}

Array array_of(const std::vector<bool>& mask) {
  std::vector<int64_t> numbers(mask.begin(), mask.end());
  return np::array(numbers).astype(tarry::bool_);
}

std::vector<int64_t> places_of(const std::vector<bool>& mask) {
  std::vector<int64_t> places;
  for (size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) places.push_back(static_cast<int64_t>(i));
  return places;
}

TEST(Chosen, EveryLengthAndShare) {
  for (const unsigned percent : {0u, 1u, 50u, 99u, 100u})
    for (const int64_t n : {0, 1, 7, 8, 9, 15, 16, 17, 64, 1001}) {
      const std::vector<bool> mask = mask_of(n, percent);
      const std::vector<int64_t> places = places_of(mask);
      EXPECT_EQ(np::nonzero(array_of(mask))[0].to_vector<int64_t>(), places) << n << ", " << percent;
      EXPECT_EQ((np::arange(n)[array_of(mask)].to_vector<int64_t>()), places) << n << ", " << percent;
    }
}

TEST(Chosen, PlacesOfSeveralAxes) {
  for (const unsigned percent : {3u, 60u}) {
    const std::vector<bool> mask = mask_of(3 * 5 * 11, percent);
    const std::vector<Array> places = np::nonzero(array_of(mask).reshape({3, 5, 11}));
    ASSERT_EQ(places.size(), 3u);
    EXPECT_EQ(((places[0] * 5 + places[1]) * 11 + places[2]).to_vector<int64_t>(), places_of(mask));
    EXPECT_TRUE((np::all(places[1] < 5) & np::all(places[2] < 11)).item<bool>());
    const std::vector<Array> turned = np::nonzero(array_of(mask).reshape({3, 5, 11}).T());
    EXPECT_EQ(np::sort(turned[0] + 11 * (turned[1] + 5 * turned[2])).to_vector<int64_t>(), places_of(mask));
  }
  EXPECT_EQ(np::nonzero(np::zeros({4, 0, 3}))[2].size(), 0);
}

TEST(Chosen, ElementsOfEverySizeReadAndWritten) {
  constexpr int64_t kElements = 77;
  const std::vector<bool> mask = mask_of(kElements, 40);
  const std::vector<int64_t> places = places_of(mask);
  const auto chosen = static_cast<int64_t>(places.size());
  for (const tarry::DType t :
       {tarry::bool_, tarry::int8, tarry::float16, tarry::float32, tarry::int64, tarry::complex64, tarry::complex128})
    for (const int64_t run : {0, 1, 3, 4}) {
      const Array x = (np::arange(kElements * run) % 120).astype(t).reshape({kElements, run});
      const Array taken = x[array_of(mask)], expected = np::take(x, np::array(places), 0);
      EXPECT_TRUE(np::array_equal(taken, expected)) << "runs of " << run;
      EXPECT_EQ(taken.shape(), (tarry::Shape{chosen, run}));
      const Array values = (np::arange(chosen * run) % 7).astype(t).reshape({chosen, run});
      Array written = x.copy();
      written[array_of(mask)] = values;
      Array by_places = x.copy();
      by_places[np::array(places)] = values;
      EXPECT_TRUE(np::array_equal(written, by_places)) << "runs of " << run;
    }
}

TEST(Chosen, OfRowsThatLieBackwards) {
  const Array x = np::arange(40.0).reshape({8, 5});
  const std::vector<bool> mask = mask_of(8, 50);
  const Array reversed = x[np::slice(np::none, np::none, -1)];
  EXPECT_TRUE(np::array_equal(reversed[array_of(mask)], np::take(reversed, np::array(places_of(mask)), 0)));
}

/// Many elements are compared with each of a few, few are searched for: the answer is the same.
TEST(Chosen, IsinOfManyIsThatOfEachPart) {
  constexpr int64_t kMany = 5000, kPart = 1000;
  for (const tarry::DType t : {tarry::int8, tarry::uint64, tarry::float32, tarry::complex64})
    for (const tarry::DType among_type : {t, tarry::int64, tarry::float32})
      for (const int64_t count : {0, 1, 9, 32, 33}) {
        Array x = (np::arange(kMany) * 7 % 120).astype(t), among = (np::arange(count) * 5).astype(among_type);
        if (tarry::ir::is_float(t)) x[3] = NAN;
        if (tarry::ir::is_float(among_type) && count > 1) among[1] = NAN;
        for (const bool invert : {false, true}) {
          const Array all = np::isin(x, among, invert);
          std::vector<Array> parts;
          for (int64_t i = 0; i < kMany; i += kPart)
            parts.push_back(np::isin(x[np::slice(i, i + kPart)], among, invert));
          EXPECT_TRUE(np::array_equal(all, np::concatenate(parts)))
              << tarry::ir::info(t).name << " among " << tarry::ir::info(among_type).name << " of " << count;
          EXPECT_EQ(all.dtype(), tarry::bool_);
        }
      }
  EXPECT_TRUE(
      np::array_equal(np::isin(np::arange(6000).reshape({60, 100}), 3), np::arange(6000).reshape({60, 100}) == 3));
}

}  // namespace
