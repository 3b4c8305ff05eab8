// Indices that only the data can tell: reported when somebody looks, by what needs them alone; and what an index
// remembers of where it came from.
#include <gtest/gtest.h>

#include <ctime>
#include <thread>

#include <tarry/tarry.h>

namespace {

namespace np = tarry::numpy;
using tarry::Array;

/// Indices that are not known yet.
Array pending(std::initializer_list<np::Nested> values) { return np::array(np::Nested(values)) * 1; }

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const tarry::IndexError& e) {
    return e.what();
  }
  return "";
}

void expect_values(const Array& x, const std::vector<int64_t>& values) { EXPECT_EQ(x.to_vector<int64_t>(), values); }

/// Random sums, products and casts of positions and of numbers that are stored: as an index the formula selects what
/// its elements do when they are known, or is refused with the same words.
TEST(IndexErrors, FormulasOfIndicesSelectWhatTheirElementsDo) {
  uint64_t state = 11;
  const auto random = [&](int64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>(state >> 33) % below;
  };
  const Array x = np::arange(60.0) * 0.5, square = np::arange(64.0).reshape({8, 8}).T();
  const tarry::DType types[] = {tarry::int8, tarry::int32, tarry::int64, tarry::uint8};
  int selected = 0, refused = 0;
  for (int program = 0; program < 400; ++program) {
    std::vector<Array> terms{np::arange(6), np::arange(10, 40, 5), np::array({5, 0, 3, 1, 2, 4}) * 1, np::array(7)};
    terms.push_back(np::array({9, -3, 0, 1, 20, 4}));
    tarry::eval(terms.back());
    for (int step = 0; step < 4; ++step) {
      const Array a = terms[static_cast<size_t>(random(static_cast<int64_t>(terms.size())))];
      const Array b = terms[static_cast<size_t>(random(static_cast<int64_t>(terms.size())))];
      const Array number = np::array(random(9) + 1);
      switch (random(10)) {
        case 0: terms.push_back(a + b); break;
        case 1: terms.push_back(a - b); break;
        case 2: terms.push_back(a * number); break;
        case 3: terms.push_back(a % number); break;
        case 4: terms.push_back(np::floor_divide(a, number)); break;
        case 5: terms.push_back(np::minimum(np::abs(a), b)); break;
        case 6: terms.push_back(np::where(a > b, a, -b)); break;
        case 7: terms.push_back(a.astype(types[random(4)])); break;
        case 8: terms.push_back(a.ndim() == 1 ? a[{np::slice(np::none, np::none, -1)}] : a); break;
        default: terms.push_back(a * 20 + number); break;
      }
    }
    const Array index = terms.back();
    Array elements = index.copy();
    tarry::eval(elements);
    const auto select = [&](const Array& i) {
      std::string text;
      try {
        text = tarry::to_string(x[i]) + tarry::to_string(square[{i, np::slice(0, 3)}]);
      } catch (const tarry::IndexError& e) {
        text = std::string(e.what()).substr(0, std::string(e.what()).find(" ("));
      }
      return text;
    };
    const std::string found = select(index);
    EXPECT_EQ(found, select(elements)) << program;
    (found[0] == '[' ? selected : refused)++;
  }
  EXPECT_GT(selected, 100);
  EXPECT_GT(refused, 50);
}

/// A formula that was inside for one number is looked at anew for the next.
TEST(IndexErrors, FormulasAreLookedAtForEachNumber) {
  const Array x = np::arange(20.0);
  tarry::eval(x);
  for (int turn = 0; turn < 3; ++turn)
    for (int by = 0; by < 14; ++by) {
      const auto sum = [&] { return double(np::sum(x[np::arange(10) + by])); };
      if (by <= 10)
        EXPECT_EQ(sum(), 45.0 + 10 * by);
      else
        EXPECT_THROW(sum(), tarry::IndexError) << by;
    }
}

/// Sliding windows take no memory for their places, or for themselves.
TEST(IndexErrors, WindowsAreReadWhereTheyLie) {
  const Array x = np::arange(3000.0);
  tarry::eval(x);
  const auto sums = [&] { return np::sum(x[np::arange(2000).reshape({2000, 1}) + np::arange(1000)], 1); };
  tarry::reset_stats();
  const Array found = sums();
  tarry::eval(found);
  EXPECT_EQ(tarry::stats().kernels_launched, 1u);
  EXPECT_LT(tarry::stats().bytes_peak, 1u << 20);
  EXPECT_EQ(double(found[7]), 1000 * 7 + 499500.0);
}

TEST(IndexErrors, KnownIndicesAreRefusedAtTheCall) {
  Array x = np::arange(5);
  EXPECT_EQ(error_of([&] { x[np::array({1, 5})]; }), "index 5 is out of bounds for axis 0 with size 5");
  EXPECT_EQ(error_of([&] { x[np::array({-6})] = 1; }), "index -6 is out of bounds for axis 0 with size 5");
  EXPECT_EQ(error_of([&] { x[std::vector{0, 9}] = 1; }), "index 9 is out of bounds for axis 0 with size 5");
  EXPECT_EQ(error_of([&] {
              np::take(x.reshape({5, 1}), np::array({1}), 1);
            }),
            "index 1 is out of bounds for axis 1 with size 1");
  EXPECT_EQ(error_of([&] { np::add_at(x, np::array({7}), 1); }), "index 7 is out of bounds for axis 0 with size 5");
  EXPECT_EQ(error_of([&] { np::zeros({0})[pending({0})]; }), "index 0 is out of bounds for axis 0 with size 0");
  EXPECT_NE(error_of([&] { x[np::array({0.5})]; }), "");
  expect_values(x, {0, 1, 2, 3, 4});
}

TEST(IndexErrors, BoundsOfSlicesMayBeAnyNumber) {
  const Array x = np::arange(5);
  const size_t last = SIZE_MAX;
  expect_values(x[np::slice(1, last)], {1, 2, 3, 4});
  expect_values(x[np::slice(last)], {0, 1, 2, 3, 4});
  expect_values(x[np::slice(last, np::none)], {});
  expect_values(x[np::slice(1, np::none, last)], {1});
}

TEST(IndexErrors, PendingIndicesAreReportedToWhoeverLooks) {
  Array x = np::arange(5), good = pending({0, 4}), bad = pending({0, 7});
  Array taken = x[good];
  Array wrong = x[bad];
  const int line = __LINE__ - 1;
  Array after = wrong * 2, beside = taken + 1;
  expect_values(beside, {1, 5});
  for (int i = 0; i < 2; ++i) {
    for (const Array* a : {&wrong, &after}) {
      const std::string text = error_of([&] { tarry::to_string(*a); });
      EXPECT_TRUE(text.starts_with("index 7 is out of bounds for axis 0 with size 5")) << text;
      EXPECT_NE(text.find("index_errors_test.cpp:" + std::to_string(line)), std::string::npos) << text;
    }
  }
  expect_values(x, {0, 1, 2, 3, 4});
}

/// A search may give the number of elements, which is no index: whether it has is to be looked at.
TEST(IndexErrors, WhatIsFoundBySearchingIsAnIndex) {
  const Array x = np::array({10, 20, 30}), within = np::array({5, 20, 29}), beyond = np::array({31});
  for (const bool looked : {false, true}) {
    const Array at = np::searchsorted(x, within), end = np::searchsorted(x, beyond);
    if (looked) tarry::eval(at, end);
    expect_values(x[at], {10, 20, 30});
    EXPECT_TRUE(error_of([&] { tarry::eval(x[end]); }).starts_with("index 3 is out of bounds for axis 0 with size 3"));
  }
}

TEST(IndexErrors, AFailedWriteChangesNothingElse) {
  Array x = np::arange(6), old = x * 1, other = np::zeros({3}, tarry::int64);
  Array view = other[np::slice(1, 3)];
  tarry::eval(x, other);
  x[1] = 50;
  Array before = x + 0;
  x[pending({2, 6})] = -1;
  view[pending({0, -1})] = 9;
  x[0] = 3;
  Array later = x + 1;
  expect_values(before, {0, 50, 2, 3, 4, 5});
  expect_values(other, {0, 9, 9});
  expect_values(old, {0, 1, 2, 3, 4, 5});
  EXPECT_NE(error_of([&] { x.to_vector<int64_t>(); }), "");
  EXPECT_NE(error_of([&] { later.to_vector<int64_t>(); }), "");
  EXPECT_NE(error_of([&] { static_cast<void>(Array(x[2]).item<int>()); }), "");
  x = np::arange(2);
  expect_values(x, {0, 1});
}

TEST(IndexErrors, LookingAtSeveralComputesTheSoundOnes) {
  Array x = np::arange(5), sound = x[pending({1})] + 1, wrong = x[pending({5})];
  EXPECT_NE(error_of([&] { tarry::eval(wrong, sound); }), "");
  tarry::reset_stats();
  expect_values(sound, {2});
  EXPECT_EQ(tarry::stats().kernels_launched, 0u) << "it was computed beside the one that failed";
}

TEST(IndexErrors, WhatNobodyLooksAtIsNotReportedAndKeepsNothing) {
  Array x = np::arange(100), bad = pending({100}), sum = np::array(0);
  int known = 0;  // a long trace is cut now and then; what is computed by that is known to the next call
  std::vector<Array> kept;
  for (int i = 0; i < 30000; ++i) {
    sum = sum + 1;
    try {
      Array y = x[bad + 0] + i;
      if (i % 2) kept.push_back(y);
    } catch (const tarry::IndexError&) {
      ++known;
    }
  }
  EXPECT_LT(known, 20);
  EXPECT_EQ(sum.item<int>(), 30000);
  EXPECT_NE(error_of([&] { tarry::eval(kept[9]); }), "");
  EXPECT_NE(error_of([&] { tarry::eval(kept.back()); }), "");
  kept.clear();
  expect_values(x[np::array({3})], {3});
}

TEST(IndexErrors, OtherThreadsAreToldToo) {
  Array x = np::arange(5), wrong = x[pending({5})];
  std::string text;
  std::thread([&] { text = error_of([&] { tarry::to_string(wrong + 1); }); }).join();
  EXPECT_TRUE(text.starts_with("index 5 is out of bounds")) << text;
}

TEST(IndexErrors, IndicesOutOfIndicesTakeLinearTime) {
  auto run = [&](int steps, int factor) {
    Array x = np::arange(1000) * factor % 1000;
    const std::clock_t start = std::clock();  // of this process: others may be busy
    Array i = x;
    for (int s = 0; s < steps; ++s) i = x[i];
    tarry::eval(i);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  run(200, 3);
  const double few = run(200, 7), many = run(1600, 9);
  EXPECT_LT(many, 8 * 6 * few + 0.05);
}

TEST(Selected, ANameIsACopy) {
  Array x = np::arange(5), i = np::array({1, 3});
  Array z = x[i];
  z += 10;
  z[0] = 7;
  z.fill(4);
  expect_values(x, {0, 1, 2, 3, 4});
  Array m = x[x > 2];
  m.fill(0);
  expect_values(x, {0, 1, 2, 3, 4});
  x[i] += 10;
  expect_values(x, {0, 11, 2, 13, 4});
  x[i] = x[np::array({3, 1})];
  expect_values(x, {0, 13, 2, 11, 4});
  x[np::array({0, 0, 0})] += 1;
  EXPECT_EQ(x.to_vector<int64_t>()[0], 1);
  x[np::array(4)] = 40;
  EXPECT_EQ(x.to_vector<int64_t>()[4], 40);
}

TEST(Selected, DoesNotKeepItsSourceAlive) {
  Array z;
  const auto before = tarry::stats().bytes_live;
  {
    Array big = np::zeros({1 << 20});
    big += 1;
    tarry::eval(big);
    z = big[np::array({1, 2, 3})];
    tarry::eval(z);
  }
  EXPECT_LT(tarry::stats().bytes_live, before + (1 << 20));
  std::move(z) = 5;  // its source is no more: it is a place like any other
  EXPECT_EQ(z.to_vector<double>(), (std::vector<double>{5, 5, 5}));
}

TEST(Selected, WritesOneByOneInLinearTime) {
  Array x = np::zeros({100000});
  tarry::eval(x);
  tarry::reset_stats();
  for (int i = 0; i < 200; ++i) {
    x[np::array({i, i + 1})] += 1;
    if (i % 50 != 0) continue;
    EXPECT_EQ(Array(x[i]).item<double>(), i ? 2.0 : 1.0);
  }
  EXPECT_EQ(np::sum(x).item<double>(), 400.0);
}

}  // namespace
