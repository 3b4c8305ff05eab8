// Indices on GPUs, on the stand-in for libcuda: kernels that gather see for themselves which lie outside, and what is
// told of that is what the host tells.
#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/tarry.h>

#include <functional>
#include <limits>

#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Context;
using tarry::cpu;
using tarry::gpu;

constexpr int64_t kMany = 50000;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The message of the IndexError that looking gives.
std::string told(const std::function<void()>& look) {
  try {
    look();
  } catch (const tarry::IndexError& e) {
    return e.what();
  }
  return "";
}

/// Indices along an axis of kMany elements, of which two may lie outside.
Array indices(int64_t first_bad = 0, int64_t second_bad = 0) {
  Array all = np::arange(kMany) * 7 % kMany - kMany / 2;
  all[kMany / 3] = first_bad;
  all[kMany - 1] = second_bad;
  return all;
}

class Indices : public testing::Test {
  void TearDown() override { EXPECT_EQ(tarry::test::stand_in_violations(), ""); }
};

struct Cost {
  uint64_t launches, bytes_to_host;
  bool operator==(const Cost&) const = default;
};
Cost cost_of(const std::function<void()>& f) {
  const cudasimCounters before = tarry::test::stand_in_counters();
  f();
  const cudasimCounters after = tarry::test::stand_in_counters();
  return {after.launches - before.launches, after.bytes_to_host - before.bytes_to_host};
}

TEST_F(Indices, TheKernelThatGathersLooksAtThem) {
  tarry::ContextScope with(gpu(0));
  const Array x = np::arange(double(kMany)) * 2, table = np::arange(double(8 * kMany)).reshape({kMany, 8});
  const auto stored = [](const Array& i) {
    tarry::eval(i);
    return i;
  };
  tarry::eval(x, table);
  const std::vector<std::pair<const char*, std::function<Array()>>> programs{
      {"take", [&, i = stored(indices(1))] { return np::take(x, i); }},
      {"int32", [&, i = stored(indices(2).astype(tarry::int32))] { return x[i]; }},
      {"int8", [&, i = stored((indices(3) % 100).astype(tarry::int8))] { return x[i]; }},
      {"computed", [&, i = stored(indices(4))] { return x[i ^ 1]; }},
      {"few that are computed", [&, i = stored(np::arange(100) * 3)] { return x[i ^ 1]; }},
      {"within a formula", [&, i = stored(indices(5))] { return np::sqrt(x[i] + 50000.0) * 0.5 - x; }},
      {"rows", [&, i = stored(indices(6)[np::slice(0, 3000)])] { return np::take(table, i, 0); }},
      {"columns", [&, i = stored(np::arange(3000) % 8)] { return np::take(table[np::slice(0, 4)], i, 1); }},
      {"rows and columns",
       [&, i = stored(indices(7))] {
         return table[{i, i % 8}];
       }},
      {"sums of rows", [&, i = stored(indices(8)[np::slice(0, 3000)])] { return np::sum(np::take(table, i, 0), 1); }},
      {"along an axis",
       [&, i = stored(np::arange(24000).reshape({3000, 8}) % 3000)] { return np::take_along_axis(table, i, 0); }}};
  for (const auto& [what, program] : programs)
    EXPECT_EQ(cost_of([&] { tarry::eval(program()); }), (Cost{1, 1})) << what;
  // Of a formula it is known without looking.
  EXPECT_EQ(cost_of([&] { tarry::eval(x[(np::arange(kMany) * 7 + 4) % kMany - 9]); }), (Cost{1, 0}));
  // What is added to is new: zeros are written, then added to.
  const Array i = stored(indices(9));
  EXPECT_EQ(cost_of([&] {
              Array sums = np::zeros({kMany}, tarry::int64);
              np::add_at(sums, i * 1, 1);
              tarry::eval(sums);
            }),
            (Cost{2, 1}));
}

TEST_F(Indices, KnownOnesAreNotLookedAtAgain) {
  tarry::ContextScope with(gpu(0));
  Array x = np::arange(double(kMany)), i = indices();
  tarry::eval(x, i);
  tarry::eval(x[i]);
  EXPECT_EQ(cost_of([&] { tarry::eval(x[i] + 1); }), (Cost{1, 0})) << "nobody waits";
  EXPECT_EQ(cost_of([&] { tarry::eval(x[i.reshape({2, -1})]); }).bytes_to_host, 1u) << "another array";
  EXPECT_LT(cost_of([&] {
              x[i] = 1.0;
              tarry::eval(x);
            }).bytes_to_host,
            1u)
      << "a write";
  // Inside a longer axis is not inside a shorter one.
  const Array shorter = np::arange(double(kMany / 2 - 1));
  EXPECT_TRUE(contains(told([&] { tarry::eval(shorter[i]); }), "for axis 0 with size 24999"));
  EXPECT_EQ(double(np::sum(x)), kMany - double(np::sum(x != 1.0)) + double(np::sum(np::where(x != 1.0, x, 0.0))));
}

/// The message where indices are computed for this, and of stored ones beyond what was told at the call.
std::string message_on(Context context, int64_t first_bad, int64_t second_bad, bool stored) {
  tarry::ContextScope with(context);
  const Array x = np::arange(double(kMany)), i = indices(first_bad, second_bad);
  if (stored) tarry::eval(i);
  return told([&] { tarry::eval(x[i * 1]); });
}

TEST_F(Indices, TheFirstOneOutsideIsNamedAsOnTheHost) {
  const int64_t least = std::numeric_limits<int64_t>::min(), largest = std::numeric_limits<int64_t>::max();
  for (const auto& [first, second] :
       {std::pair{kMany, int64_t{0}}, std::pair{-kMany - 1, int64_t{0}}, std::pair{kMany + 5, kMany + 9},
        std::pair{-kMany - 1, 2 * kMany}, std::pair{kMany, -9 * kMany}, std::pair{int64_t{0}, least},
        std::pair{int64_t{0}, largest}}) {
    const std::string expected = message_on(cpu(), first, second, false);
    EXPECT_TRUE(contains(expected, "is out of bounds for axis 0 with size 50000 (take at ")) << expected;
    EXPECT_TRUE(contains(expected, "indices_test.cpp:")) << expected;
    EXPECT_EQ(message_on(gpu(0), first, second, false), expected);
    EXPECT_EQ(message_on(gpu(0), first, second, true), expected);
  }
  EXPECT_EQ(message_on(gpu(0), -kMany, kMany - 1, false), "");
}

/// The host is told at the call where indices are stored; a GPU's are seen when the kernel runs.
TEST_F(Indices, StoredOnesAreToldWhenSomebodyLooks) {
  for (const int64_t bad : {kMany, -kMany - 1}) {
    tarry::ContextScope with(gpu(0));
    Array x = np::arange(double(kMany));
    const Array i = indices(0, bad), narrow = i.astype(tarry::int32);
    tarry::eval(x, i, narrow);
    const std::string expected = "index " + std::to_string(bad) + " is out of bounds for axis 0 with size 50000";
    const Array read = x[i], along = np::take_along_axis(x, narrow, 0);
    for (int k = 0; k < 2; ++k)
      for (const Array* a : {&read, &along}) {
        const std::string why = told([&] { tarry::eval(*a); });
        EXPECT_TRUE(contains(why, expected + " (take at ") && contains(why, "indices_test.cpp:")) << why;
      }
    // Writes look first: nothing is written, and nothing is lost.
    EXPECT_EQ(told([&] { x[i] = -1.0; }), expected);
    EXPECT_EQ(told([&] { np::add_at(x, narrow, 1.0); }), expected);
    EXPECT_EQ(told([&] { np::put(x, i, -1.0); }), expected);
    EXPECT_EQ(double(np::sum(x)), double(kMany) * double(kMany - 1) / 2);
  }
}

TEST_F(Indices, OneOfSeveralFailsAlone) {
  const auto program = [](Context context) {
    tarry::ContextScope with(context);
    Array x = np::arange(double(kMany)), y = x * 2;
    tarry::eval(x, y);
    const Array sound = x[indices(3)], first = x[indices(0, kMany)], second = y[indices(-kMany - 1)];
    const Array beside = x + y, after = first + second, later = sound * beside;
    x += 1;  // in place, where nobody else needs what was there
    y[np::slice(0, 2)] = 9.0;
    std::vector<std::string> all;
    for (int k = 0; k < 2; ++k) {
      all.push_back(told([&] { tarry::eval(sound, first, x, second, y, later); }));
      all.push_back(told([&] { tarry::eval(after, beside); }));
      all.push_back(told([&] { tarry::eval(second); }));
    }
    for (const Array& a : {sound, beside, later, x, y}) all.push_back(std::to_string(double(np::sum(a))));
    tarry::reset_stats();
    tarry::eval(sound, beside, later, x, y);
    EXPECT_EQ(tarry::stats().kernels_launched, 0u) << "they were computed beside those that failed";
    return all;
  };
  EXPECT_EQ(program(gpu(0)), program(cpu()));
}

/// What a flush reads for the last time it may write to: not before it is known that it will not have to be run again.
TEST_F(Indices, WhatIsReadForTheLastTimeStaysUntilAllIsKnown) {
  tarry::ContextScope with(gpu(0));
  const Array i = indices(0, kMany), x = np::arange(double(kMany));
  const double sum = double(kMany) * double(kMany - 1) / 2;
  Array y = np::arange(double(kMany)), z = y * 1.0;
  tarry::eval(i, x, y, z);
  const Array first = x[i], second = x[i + 0];
  y = y * 3.0;
  EXPECT_TRUE(contains(told([&] { tarry::eval(first, y); }), "index 50000 is out of bounds"));
  EXPECT_EQ(double(np::sum(y)), 3.0 * sum);
  z[np::slice(0, 10)] = z[np::slice(10, 20)] + 1.0;
  EXPECT_TRUE(contains(told([&] { tarry::eval(second, z); }), "index 50000 is out of bounds"));
  EXPECT_EQ(double(np::sum(z)), sum + 110);
}

/// A kernel would not visit the index outside, or a pass finds that nobody needs what is gathered.
TEST_F(Indices, OnesThatNobodyNeedsAreLookedAtAsOnTheHost) {
  using Program = std::function<Array(const Array& x, const Array& i)>;
  const auto last = [](const Array& a) { return a[np::slice(0, 10)]; };
  const std::vector<std::pair<const char*, Program>> programs{
      {"sound elements alone", [&](const Array& x, const Array& i) { return last(x[i]); }},
      {"and more of them", [&](const Array& x, const Array& i) { return last(np::exp(x[i]) * 2.0) + 1.0; }},
      {"an axis of one element", [](const Array& x, const Array& i) { return x[np::slice(0, 1)][i]; }},
      {"one element in many places",
       [](const Array& x, const Array& i) { return np::broadcast_to(x[np::slice(0, 1)], {kMany})[i]; }},
      {"no elements",
       [](const Array& x, const Array& i) {
         return np::take(np::zeros({kMany, 0}), i, 0) + x[0];
       }},
      {"nothing in sum",
       [](const Array& x, const Array& i) {
         return np::sum(np::take(np::zeros({kMany, 0}), i, 0), 1) + x;
       }},
      {"is finite by its make", [](const Array& x, const Array& i) { return np::isfinite(x.astype(tarry::int64)[i]); }},
      {"chosen from equals", [](const Array& x, const Array& i) { return np::where(x[i] > 0.0, x, x); }},
      {"a part", [](const Array& x, const Array& i) { return np::real(x[i] + 0.0 * x); }},
      {"real of two",
       [](const Array& x, const Array& i) {
         return np::real(x.astype(tarry::complex128) + x[i].astype(tarry::complex128));
       }},
      {"overwritten",
       [](const Array& x, const Array& i) {
         Array y = x[i];
         y[np::slice(1, np::none)] = 0.0;
         return y;
       }},
      {"times nothing", [](const Array& x, const Array& i) { return x.astype(tarry::int64)[i] * 0; }},
      {"to no power", [](const Array& x, const Array& i) { return np::power(x[i], 0.0); }},
      {"backwards", [](const Array& x, const Array& i) { return x[i][np::slice(np::none, np::none, -1)]; }},
      {"joined",
       [](const Array& x, const Array& i) {
         return np::concatenate({x, x[i]});
       }},
      {"indices of indices", [](const Array& x, const Array& i) { return x[np::arange(kMany)[i]]; }},
      {"sorted", [](const Array& x, const Array& i) { return np::sort(x[i]); }},
      {"multiplied",
       [](const Array& x, const Array& i) {
         return np::matmul(x[i].reshape({250, 200}), np::ones({200, 3}));
       }},
      {"running sums", [](const Array& x, const Array& i) { return np::cumsum(x[i]); }},
      {"a mean", [](const Array& x, const Array& i) { return np::mean(x[i]); }}};
  const auto message = [](Context context, const Program& program, int64_t bad, bool stored) {
    tarry::ContextScope with(context);
    const Array x = np::arange(double(kMany)), i = indices(0, bad);
    if (stored) tarry::eval(x, i);
    const std::string text = told([&] { tarry::eval(program(x, i)); });
    return text.substr(0, text.find(" ("));
  };
  for (const auto& [what, program] : programs)
    for (const int64_t bad : {kMany, -kMany - 1, int64_t{0}}) {
      const std::string expected = message(cpu(), program, bad, false);
      for (const bool stored : {false, true})
        EXPECT_EQ(message(gpu(0), program, bad, stored), expected) << what << (stored ? ", stored" : "");
    }
}

TEST_F(Indices, EveryPolicyTellsThem) {
  for (const tarry::Policy policy :
       {tarry::Policy::prefer_device, tarry::Policy::host_only, tarry::Policy::device_only}) {
    tarry::PolicyScope as(policy);
    EXPECT_EQ(message_on(gpu(0), kMany, 0, true), message_on(cpu(), kMany, 0, false));
    EXPECT_EQ(message_on(gpu(0), 0, 0, true), "");
  }
}

TEST_F(Indices, DerivativesOfGathers) {
  tarry::ContextScope with(gpu(0));
  const Array x = np::arange(double(kMany)) / double(kMany);
  for (const int64_t bad : {int64_t{0}, kMany}) {
    const Array i = indices(0, bad);
    tarry::eval(x, i);
    const auto loss = [&](const Array& v) { return np::sum(v[i] * v[i]); };
    const std::string why = told([&] { tarry::eval(tarry::grad(loss)(x)); });
    EXPECT_EQ(contains(why, "index 50000 is out of bounds for axis 0 with size 50000"), bad != 0) << why;
  }
}

/// What is gathered along the last axis has no stride to multiply with: also where another axis has one element.
TEST_F(Indices, NoExtentHasAKernelOfItsOwn) {
  tarry::ContextScope with(gpu(0));
  const auto take_all = [](int64_t rows, int64_t columns, int64_t count) {
    const Array x = np::arange(double(rows * columns)).reshape({rows, columns}), y = np::copy(x.T()).T();
    const Array i = np::arange(count) % rows, j = np::arange(count) % columns;
    tarry::eval(x, y, i, j);
    for (const Array& a : {x, y}) tarry::eval(np::take(a, i, 0), np::take(a, j, 1), Array(a[{i, j}]));
  };
  take_all(5, 7, 11);
  tarry::reset_stats();
  for (const auto& [rows, columns] : {std::pair{40, 30}, std::pair{9, 1}, std::pair{1, 9}, std::pair{1, 1}})
    take_all(rows, columns, 12);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

TEST_F(Indices, ALoopOfGathersPlansOnce) {
  tarry::ContextScope with(gpu(0));
  const Array x = np::arange(double(kMany));
  Array i = indices();
  const auto step = [&] {
    i = (i * 3 + 1) % kMany;
    return double(np::sum(x[i]));
  };
  for (int k = 0; k < 4; ++k) step();
  tarry::reset_stats();
  const uint64_t allocations = tarry::test::stand_in_counters().allocations;
  for (int k = 0; k < 20; ++k) step();
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
  EXPECT_EQ(tarry::test::stand_in_counters().allocations, allocations);
}

}  // namespace
