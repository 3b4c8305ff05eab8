// Derivatives and batches of what reads, writes and sorts by index.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
List list(const Array& a) { return a.to_vector<double>(); }

Array noise(const tarry::Shape& shape) {
  return np::sin(np::arange(static_cast<double>(tarry::ir::num_elements(shape))) * 1.7 + 0.7).reshape(shape);
}

const Array repeated() { return np::array({2, 0, 2, -1}); }

struct Case {
  const char* name;
  std::function<Array(const Array&)> f;  // of a (4, 3) array
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case kCases[] = {
    {"ReadByArray", [](const Array& x) { return x[repeated()] * x; }},
    {"ReadByArrays",
     [](const Array& x) {
       return x[{repeated(), np::array({0, 1, 0, 2})}];
     }},
    {"ReadBesideASlice",
     [](const Array& x) {
       return x[{np::slice(1, 3), np::array({{2, 0}, {2, 2}})}];
     }},
    {"Take",
     [](const Array& x) {
       return np::take(x, repeated(), 0) + np::take(x, np::array({1, 1, 0}), 1);
     }},
    {"TakeAlongAxis", [](const Array& x) { return np::take_along_axis(x, np::argsort(x, 0), 0); }},
    {"Sort",
     [](const Array& x) {
       return np::sort(x, 0) * np::array({1.0, 2.0, 3.0});
     }},
    {"Median", [](const Array& x) { return np::median(x); }},
    {"WriteByArray",
     [](const Array& x) {
       Array y = x * 2.0;
       y[np::array({0, 3, 1})] = np::exp(x[{np::slice(1, 4)}]);
       return y * y;
     }},
    {"TheLastWriteCounts",
     [](const Array& x) {
       Array y = np::zeros({5});
       y[np::array({1, 3, 1, 1})] = x[{np::all, 0}] * x[{np::all, 1}];
       return y;
     }},
    {"AddAt",
     [](const Array& x) {
       Array y = np::sin(x);
       np::add_at(y, repeated(), x * x);
       return y;
     }},
    {"PutAlongAxis",
     [](const Array& x) {
       Array y = x * 1.0;
       np::put_along_axis(y, np::array({{1}, {0}, {2}, {1}}), x[{np::all, np::slice(0, 1)}] * 3.0, 1);
       return y;
     }},
    {"IndexFromTheData",
     [](const Array& x) {
       return x[{np::arange(4), np::argmax(x, 1)}];
     }},
    {"Diagonals", [](const Array& x) { return np::trace(x) * np::diagonal(x) + np::sum(np::tril(x)); }},
    {"Einsum",
     [](const Array& x) {
       return np::einsum("ij,kj->ik", {x, x});
     }},
    {"Tensordot", [](const Array& x) { return np::tensordot(x, x, 1 + 1) * np::outer(x[0], x[1]); }},
};

class Indexed : public testing::TestWithParam<Case> {};

TEST_P(Indexed, AgreesWithDifferences) { EXPECT_NO_THROW(tarry::check_grads(GetParam().f, noise({4, 3}), 2)); }

TEST_P(Indexed, VmapIsALoop) {
  const Array xs = noise({3, 4, 3});
  std::vector<Array> rows;
  for (int i = 0; i < 3; ++i) rows.push_back(GetParam().f(xs[i].copy()));
  const Array expected = np::stack(rows), found = tarry::vmap(GetParam().f)(xs);
  ASSERT_EQ(found.shape(), expected.shape());
  const List a = list(found), b = list(expected);
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13) << "element " << i;
}

TEST_P(Indexed, GradOfVmapIsVmapOfGrad) {
  const Array xs = noise({3, 4, 3});
  const auto loss = [](const Array& x) { return np::sum(GetParam().f(x)); };
  const List inside = list(tarry::vmap(tarry::grad(loss))(xs));
  const List outside = list(tarry::grad([&](const Array& x) { return np::sum(tarry::vmap(loss)(x)); })(xs));
  for (size_t i = 0; i < inside.size(); ++i) EXPECT_NEAR(inside[i], outside[i], 1e-12) << "element " << i;
}

INSTANTIATE_TEST_SUITE_P(All, Indexed, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(IndexedDerivatives, OverwrittenValuesHaveNone) {
  const auto f = [](const Array& v) {
    Array y = np::zeros({2});
    y[np::array({0, 1, 0})] = v;
    return np::sum(y * np::array({10.0, 100.0}));
  };
  EXPECT_EQ(list(tarry::grad(f)(np::array({1.0, 2.0, 3.0}))), (List{0, 100, 10}));
}

TEST(IndexedDerivatives, RepeatedReadsAddUp) {
  const auto f = [](const Array& x) { return np::sum(x[np::array({1, 1, 1, 0})]); };
  EXPECT_EQ(list(tarry::grad(f)(np::array({5.0, 6.0, 7.0}))), (List{1, 3, 0}));
}

TEST(IndexedDerivatives, WhatAMaskSelects) {
  const Array x = noise({3, 4});
  const auto select = [](const Array& a) {
    const Array chosen = a[a > 0];  // as many as there are
    return np::sum(chosen * chosen * np::arange(chosen.shape()[0]).astype(tarry::float64));
  };
  EXPECT_NO_THROW(tarry::check_grads(select, {x}, 2));
  const auto rows = [](const Array& a) {
    Array whole = a * 2.0;
    const Array chosen = whole[np::array({true, false, true})];
    whole[np::ellipsis] = 100.0;  // the selection is what was there before
    return np::sum(np::sin(chosen), 0) + np::sum(whole);
  };
  EXPECT_NO_THROW(tarry::check_grads(rows, {x}, 2));
  const auto none = [](const Array& a) { return np::sum(a[a > 100]) + np::sum(a); };
  EXPECT_EQ(list(tarry::grad(none)(x)), List(12, 1.0));
}

TEST(IndexedDerivatives, ValuesWrittenThroughAMask) {
  const Array x = noise({3, 4});
  const auto write = [](const Array& a) {
    const Array mask = a > 0;
    const int64_t count = np::count_nonzero(mask).item<int64_t>();
    Array y = np::sin(a);
    y[mask] = np::arange(count).astype(tarry::float64) * np::ravel(a)[{np::slice(count)}];
    y[mask] *= np::exp(a[mask]);
    return y * y;
  };
  EXPECT_NO_THROW(tarry::check_grads(write, {x}, 2));
  const auto rows = [](const Array& a) {
    Array y = a * a;
    y[np::array({false, true, true})] = a[{np::slice(2)}] * 3.0;
    y[np::array({false, false, false})] = a[0];
    return y;
  };
  EXPECT_NO_THROW(tarry::check_grads(rows, {x}, 2));
}

TEST(IndexedDerivatives, WhatIsNotFollowedSaysSo) {
  const Array x = noise({3, 3});
  EXPECT_THROW(tarry::grad([](const Array& a) {
                 Array y = a * 1.0;
                 np::multiply_at(y, np::array({0, 0}), a[{np::slice(0, 2)}]);
                 return np::sum(y);
               })(x),
               tarry::TypeError);
}

TEST(IndexedDerivatives, OfAValueThatFailed) {
  const auto f = [](const Array& x) {
    const Array bad = x[np::array({7}) * np::array({1})];
    EXPECT_THROW(tarry::eval(bad), tarry::IndexError);
    return np::sum(x * x) + np::sum(bad);
  };
  EXPECT_THROW(tarry::grad(f)(np::arange(3.0)), tarry::IndexError);
  EXPECT_EQ(list(tarry::grad([](const Array& x) { return np::sum(x * x); })(np::arange(3.0))), (List{0, 2, 4}));
}

TEST(VmapOfSearch, WhereTheSortedArrayVaries) {
  const Array sorted = np::sort(noise({4, 6}), 1), x = noise({4, 5});
  const auto f = [](const Array& s, const Array& v) { return np::searchsorted(s, v); };
  const List found = list(tarry::vmap(f)(sorted, x));
  for (int64_t i = 0; i < 4; ++i) {
    const List expected = list(f(sorted[i].copy(), x[i].copy()));
    for (size_t k = 0; k < expected.size(); ++k) EXPECT_EQ(found[static_cast<size_t>(i) * 5 + k], expected[k]);
  }
}

TEST(IndexedDerivatives, MasksOfNoDimensions) {
  const Array x = np::array({1.0, 2.0, 3.0});
  for (const bool all : {true, false}) {
    const auto f = [all](const Array& v) {
      const Array chosen = v[np::array(all)];
      EXPECT_EQ(chosen.shape(), (tarry::Shape{all ? 1 : 0, 3}));
      return np::sum(chosen * chosen);
    };
    EXPECT_EQ(tarry::grad(f)(x).to_vector<double>(),
              all ? (std::vector<double>{2, 4, 6}) : std::vector<double>(3, 0.0));
  }
}

/// The gradient of a table that is looked up again and again is one table.
TEST(IndexedDerivatives, LookupsAddToOneArray) {
  const Array table = np::ones({5000, 2}), places = (np::arange(400.0) * 12.0).astype(tarry::int64).reshape({100, 4});
  const auto sine =
      tarry::custom_jvp([](const Array& x) { return np::sin(x); },
                        [](const Array& x, const Array& t) { return std::pair(np::sin(x), t * np::cos(x)); });
  for (const bool calls : {false, true}) {
    const auto f = [&](const Array& e) {
      Array h = np::zeros({4, 2});
      for (int i = 0; i < 100; ++i) {
        const Array next = h * 0.5 + e[places[i]];
        h = calls ? sine(next) : np::tanh(next);
      }
      return np::sum(h);
    };
    const uint64_t before = tarry::stats().bytes_live;
    tarry::reset_stats();
    tarry::eval(tarry::grad(f)(table));
    EXPECT_LT(tarry::stats().bytes_peak - before, uint64_t{5 * 5000 * 2 * sizeof(double)}) << calls;
  }
}

}  // namespace
