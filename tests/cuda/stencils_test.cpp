// Stencils by overlapping slices, on the stand-in for libcuda: the host's bits, no compile for other bounds, and of
// what a thread read a step before it reads nothing again.
#include <gtest/gtest.h>
#include <tarry/tarry.h>

#include <cstring>
#include <functional>

#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using np::slice;
using tarry::Array;
using tarry::cpu;
using tarry::DType;
using tarry::gpu;

/// Runs of the function that keeps what it read.
uint64_t carried() { return tarry::test::stand_in_counters("carried").launches; }

uint64_t compiled() { return tarry::stats().kernels_compiled; }

/// Values that are exact in every type.
Array small_numbers(const tarry::Shape& shape, DType t = tarry::float32) {
  return np::random::integers(0, 100, shape).astype(t);
}

using Program = std::function<Array(const std::vector<Array>&)>;

/// A program of arrays that are made on the host, computed there and on a GPU, which leaves nothing to the host.
void expect_same(const Program& f, std::vector<Array> arguments) {
  const Array expected = f(arguments);
  const std::vector<double> on_host = expected.to_vector<double>();
  for (Array& a : arguments) a = a.to(gpu(0));
  tarry::PolicyScope strict(tarry::Policy::device_only);
  tarry::ContextScope with(gpu(0));
  const Array there = f(arguments);
  EXPECT_EQ(there.context(), gpu(0));
  ASSERT_EQ(there.shape(), expected.shape());
  EXPECT_EQ(there.to_vector<double>(), on_host);
}

Array five_points(const Array& x) {
  const auto all = slice(1, -1);
  return 0.25f * (x[{slice(0, -2), all}] + x[{slice(2, np::none), all}] + x[{all, slice(0, -2)}] +
                  x[{all, slice(2, np::none)}]) -
         x[{all, all}];
}

/// From so many rows and columns on, against so many further on.
Array difference(const Array& x, int64_t rows, int64_t columns) {
  return x[{slice(rows, np::none), slice(columns, -1)}] - x[{slice(0, -rows), slice(0, -1 - columns)}];
}

class Stencils : public testing::Test {
  void SetUp() override { np::random::seed(5); }
  /// Nothing that the library asks of the driver breaks the driver's rules.
  void TearDown() override { EXPECT_EQ(tarry::test::stand_in_violations(), ""); }
};

TEST_F(Stencils, HaveTheHostsBits) {
  for (DType t : {tarry::float32, tarry::float64, tarry::float16, tarry::int32, tarry::complex64})
    for (const tarry::Shape& shape : {tarry::Shape{131, 1031}, {41, 4099}, {9, 50}, {3, 3}, {1000, 13}}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(t)) + " " + std::to_string(shape[0]) + " by " +
                   std::to_string(shape[1]));
      const uint64_t before = carried();
      expect_same(
          [](const std::vector<Array>& a) {
            const Array y = five_points(a[0]);
            return np::iscomplexobj(y) ? np::real(y) + np::imag(y) : y;
          },
          {small_numbers(shape, t)});
      EXPECT_EQ(carried() - before, shape[1] > 1000 ? 1u : 0u);
    }
}

/// What the host has, ahead of what a GPU is asked for: so that no kernel of the host's is among those counted.
struct Case {
  Program program;
  std::vector<Array> arguments;
  std::vector<double> on_host;
  Case(Program f, std::vector<Array> a) : program(std::move(f)), arguments(std::move(a)) {
    on_host = program(arguments).to_vector<double>();
    for (Array& x : arguments) {
      x = x.to(gpu(0));
      tarry::eval(x);
    }
  }
  void expect_same() const { EXPECT_EQ(program(arguments).to_vector<double>(), on_host); }
};

TEST_F(Stencils, OtherBoundsAndExtentsCompileNothing) {
  auto of = [](int64_t rows, int64_t columns, int64_t height) {
    return Case([=](const std::vector<Array>& a) { return difference(a[0], rows, columns); },
                {small_numbers({height, 1031})});
  };
  const Case first = of(1, 1, 30);
  const std::vector<Case> overlap{of(1, 0, 200), of(2, 0, 200), of(3, 0, 211)}, others{of(1, 2, 200), of(150, 0, 200)};
  first.expect_same();  // nothing is carried there
  const uint64_t before = compiled(), kept = carried();
  for (const Case& c : overlap) c.expect_same();
  EXPECT_EQ(carried() - kept, overlap.size());
  for (const Case& c : others) c.expect_same();
  EXPECT_EQ(carried() - kept, overlap.size()) << "of what does not overlap along columns";
  EXPECT_EQ(compiled(), before);
}

TEST_F(Stencils, OtherArraysAreNotTakenForOverlappingOnes) {
  const Program one = [](const std::vector<Array>& a) { return difference(a[0], 1, 0); };
  const Program two = [](const std::vector<Array>& a) {
    return a[1][{slice(1, np::none), slice(0, -1)}] - a[0][{slice(0, -1), slice(0, -1)}];
  };
  auto numbers = [](int64_t rows) { return small_numbers({rows, 1031}); };
  const Case overlapping(one, {numbers(200)}), apart(two, {numbers(200), numbers(200)});
  const Case larger(one, {numbers(203)}), larger_apart(two, {numbers(203), numbers(203)});
  for (int turn = 0; turn < 2; ++turn) {
    const uint64_t before = carried();
    overlapping.expect_same();
    EXPECT_EQ(carried() - before, 1u);
    apart.expect_same();
    EXPECT_EQ(carried() - before, 1u);
  }
  const uint64_t before = compiled();
  larger_apart.expect_same();
  larger.expect_same();
  EXPECT_EQ(compiled(), before);
}

TEST_F(Stencils, WriteIntoWhatTheyRead) {
  const auto inner = slice(1, -1);
  const std::vector<std::pair<const char*, Program>> programs{
      {"all at once",
       [&](const std::vector<Array>& a) {
         Array x = a[0].copy();
         x[{inner, inner}] = five_points(x);
         return x;
       }},
      {"several times",
       [&](const std::vector<Array>& a) {
         Array x = a[0].copy();
         for (int i = 0; i < 3; ++i) {
           x[{inner, inner}] += 0.5f * five_points(x);
           if (i == 1) tarry::eval(x);
         }
         return x;
       }},
      {"through a view",
       [&](const std::vector<Array>& a) {
         Array x = a[0].copy();
         Array part = x[{slice(np::none, np::none, -1), slice(3, np::none)}];
         part[{inner, inner}] = five_points(part);
         return x;
       }},
      {"a row further on",
       [&](const std::vector<Array>& a) {
         Array x = a[0].copy();
         x[{slice(2, np::none), slice(0, -1)}] = difference(x, 1, 0)[{slice(1, np::none)}];
         return x;
       }},
      {"into an argument that dies", [&](const std::vector<Array>& a) {
         Array z = a[1] * 2.0f;
         tarry::eval(z);
         z = z + five_points(a[0]);
         tarry::eval(z);
         z = z + five_points(a[0]);
         return z;
       }}};
  for (const auto& [name, program] : programs) {
    SCOPED_TRACE(name);
    expect_same(program, {small_numbers({131, 1031}), small_numbers({129, 1029})});
  }
}

TEST_F(Stencils, OfReversedTransposedAndSolidArrays) {
  const Array x = small_numbers({131, 1031}), cube = small_numbers({40, 50, 61}, tarry::float64);
  const auto whole = slice(np::none, np::none), back = slice(np::none, np::none, -1), inner = slice(1, -1);
  const std::vector<std::pair<Array, Program>> programs{
      {x,
       [&](const std::vector<Array>& a) {
         return five_points(a[0][{back, whole}]);
       }},
      {x,
       [&](const std::vector<Array>& a) {
         return five_points(a[0][{back, back}]);
       }},
      {x, [&](const std::vector<Array>& a) { return five_points(a[0].T()); }},
      {x,
       [&](const std::vector<Array>& a) {
         return five_points(a[0][{slice(0, np::none, 2), whole}]);
       }},
      {x, [&](const std::vector<Array>& a) { return np::diff(a[0], 2, 0); }},
      {x, [&](const std::vector<Array>& a) { return np::gradient(a[0])[0]; }},
      {cube, [&](const std::vector<Array>& a) {
         const Array& c = a[0];
         return c[{slice(0, -2), inner, inner}] + c[{slice(2, np::none), inner, inner}] +
                c[{inner, slice(0, -2), inner}] + c[{inner, slice(2, np::none), inner}] +
                c[{inner, inner, slice(0, -2)}] + c[{inner, inner, slice(2, np::none)}] - 6 * c[{inner, inner, inner}];
       }}};
  for (size_t i = 0; i < programs.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same(programs[i].second, {programs[i].first});
  }
}

/// Beside what changes along other axes, along one of them, along none, and by place.
TEST_F(Stencils, AmongOtherThings) {
  const Array x = small_numbers({131, 1031}), row = small_numbers({1029}), column = small_numbers({129, 1}),
              one = small_numbers({}), flat = small_numbers({150 * 1031});
  const std::vector<Program> programs{
      [](const std::vector<Array>& a) { return five_points(a[0]) * a[1] + a[2] - a[3]; },
      [](const std::vector<Array>& a) {
        const auto inner = slice(1, -1);
        return np::where(a[0][{inner, inner}] > 50.0f, five_points(a[0]), a[1]) * np::arange(1029);
      },
      [](const std::vector<Array>& a) {
        return np::pad(five_points(a[0]), {{1, 1}, {1, 1}}) - a[0];
      },
      [](const std::vector<Array>& a) { return np::sin(five_points(a[0]) * 1e4f); },
      [](const std::vector<Array>& a) {
        return (a[4][{slice(1031, np::none)}] - a[4][{slice(0, -1031)}]) * a[3] + np::arange(149 * 1031);
      }};
  for (size_t i = 0; i < programs.size(); ++i) {
    SCOPED_TRACE(i);
    const uint64_t before = carried();
    expect_same(programs[i], {x, row, column, one, flat});
    if (i != 2) {
      EXPECT_EQ(carried() - before, 1u);
    }
  }
}

/// Several values of one pass, some of them of the same reads.
TEST_F(Stencils, WithSeveralResults) {
  const auto inner = slice(1, -1);
  auto both = [&](const Array& x) {
    const Array lap = five_points(x), dy = x[{slice(2, np::none), inner}] - x[{slice(0, -2), inner}];
    tarry::eval(lap, dy);
    return lap * dy + lap;
  };
  expect_same([&](const std::vector<Array>& a) { return both(a[0]); }, {small_numbers({131, 1031})});
}

}  // namespace
