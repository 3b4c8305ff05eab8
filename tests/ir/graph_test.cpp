/// The graph: interning, regions, and that its size does not matter.

#include <tarry/ir/error.h>
#include <tarry/ir/graph.h>
#include <tarry/ir/kernel.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tarry::ir {
namespace {

constexpr DType kF32 = DType::float32;

TEST(Graph, FindsWhatIsThere) {
  Graph g;
  const Value x = g.add(Op::parameter, kF32, Shape{3}, {}, {0});
  const Value y = g.add(Op::neg, kF32, Shape{3}, std::vector{x}, {}, Location::of("a.cpp", 1));
  EXPECT_EQ(g.add(Op::neg, kF32, Shape{3}, std::vector{x}, {}, Location::of("b.cpp", 2)), y);
  EXPECT_EQ(g.location(y).text(), "a.cpp:1");
  EXPECT_NE(g.add(Op::abs, kF32, Shape{3}, {x}), y);
  EXPECT_NE(g.add(Op::neg, DType::float64, Shape{3}, {x}), y);
  EXPECT_NE(g.add(Op::neg, kF32, Shape{3, 1}, {x}), y);
  EXPECT_NE(g.add(Op::neg, kF32, Shape{3}, {y}), y);
  EXPECT_NE(g.add(Op::neg, kF32, Shape{3}, {x}, {1}), y);
  EXPECT_EQ(g.size(), 7u);
}

TEST(Graph, OrderOfOperandsMatters) {
  Graph g;
  const Value a = g.add(Op::parameter, kF32, Shape{}, {}, {0}), b = g.add(Op::parameter, kF32, Shape{}, {}, {1});
  EXPECT_NE(g.add(Op::add, kF32, Shape{}, {a, b}), g.add(Op::add, kF32, Shape{}, {b, a}));
}

TEST(Graph, EmptyAndStoresAreAlwaysNew) {
  Graph g;
  const Value a = g.add(Op::empty, kF32, Shape{3});
  EXPECT_NE(g.add(Op::empty, kF32, Shape{3}), a);
  EXPECT_NE(g.add(Op::store, kF32, Shape{}, {a}, {0}), g.add(Op::store, kF32, Shape{}, {a}, {0}));
}

TEST(Graph, WhatARegionMadeIsNotFoundOutside) {
  Graph g;
  const Value p = g.add(Op::load, DType::bool_, Shape{}, {}, {0});
  const Value x = g.add(Op::load, kF32, Shape{}, {}, {1});
  const Value outer = g.add(Op::cold_begin, DType::bool_, Shape{}, {p});
  const Value a = g.add(Op::neg, kF32, Shape{}, {x});
  const Value inner = g.add(Op::cold_begin, DType::bool_, Shape{}, {p});
  const Value b = g.add(Op::abs, kF32, Shape{}, {x});
  EXPECT_EQ(g.add(Op::neg, kF32, Shape{}, {x}), a) << "an outer region's values are seen within";
  g.add(Op::cold_end, kF32, Shape{}, {inner, b, x});
  EXPECT_NE(g.add(Op::abs, kF32, Shape{}, {x}), b);
  EXPECT_EQ(g.add(Op::neg, kF32, Shape{}, {x}), a);
  g.add(Op::cold_end, kF32, Shape{}, {outer, a, x});
  EXPECT_NE(g.add(Op::neg, kF32, Shape{}, {x}), a);
  EXPECT_EQ(g.add(Op::load, kF32, Shape{}, {}, {1}), x) << "older values are still found";
}

TEST(Graph, HashAndEqualityIgnoreLocationsAlone) {
  auto make = [](DType t, int64_t extent, int64_t slot, bool output, const char* file) {
    Graph g;
    const Value x =
        g.add(Op::parameter, t, Shape{extent}, std::span<const Value>{}, std::vector{slot}, Location::of(file, 1));
    if (output) g.outputs = {x};
    return g;
  };
  const Graph g = make(kF32, 3, 0, true, "a.cpp"), same = make(kF32, 3, 0, true, "b.cpp");
  EXPECT_TRUE(equal(g, same));
  EXPECT_EQ(hash(g), hash(same));
  for (const Graph& other : {make(DType::int32, 3, 0, true, ""), make(kF32, 4, 0, true, ""), make(kF32, 3, 1, true, ""),
                             make(kF32, 3, 0, false, "")}) {
    EXPECT_FALSE(equal(g, other));
    EXPECT_NE(hash(g), hash(other));
  }
}

TEST(Kernel, HashAndEqualityTakeAllButTheName) {
  const Kernel k = parse_kernel(
      "kernel @k schedule row, outer 1, row 1 { access 0: read f32 any|unit in_row scalar 0: f32 %0 = load access 0 : "
      "f32 }");
  Kernel same = k;
  same.name = "another";
  EXPECT_TRUE(equal(k, same));
  EXPECT_EQ(hash(k), hash(same));
  std::vector<Kernel> others(10, k);
  others[0].schedule = Schedule::column;
  others[1].outer_rank = 2;
  others[2].row_rank = 2;
  others[3].accesses[0].kind = Access::Kind::write;
  others[4].accesses[0].dtype = DType::float64;
  others[5].accesses[0].outer = StrideClass::unit;
  others[6].accesses[0].row = StrideClass::any;
  others[7].accesses[0].in_row = false;
  others[8].scalars.push_back(kF32);
  others[9].body.add(Op::load, kF32, Shape{}, {}, {1});
  for (const Kernel& other : others) {
    EXPECT_FALSE(equal(k, other)) << print(other);
    EXPECT_NE(hash(k), hash(other)) << print(other);
  }
}

TEST(Graph, AMillionNodesAreQuickAndSmall) {
  constexpr uint32_t kNodes = 1'000'000;
  Graph g;
  Value x = g.add(Op::parameter, kF32, Shape{4, 5}, {}, {0});
  while (g.size() < kNodes) x = g.add(g.size() % 2 ? Op::neg : Op::exp, kF32, Shape{4, 5}, {x});
  g.outputs = {x};
  EXPECT_LT(g.bytes() / kNodes, 200u);
  verify(g);
  const std::string text = print(g);
  EXPECT_TRUE(equal(parse_graph(text), g));
}

TEST(Graph, AShapeStaysWhereItIsWhileOthersAreAdded) {
  Graph g;
  const Value first = g.add(Op::empty, DType::float32, std::vector<int64_t>{7, 3});
  const Shape& shape = g.shape(first);
  for (int64_t n = 0; n < 1000; ++n) g.add(Op::empty, DType::float32, std::vector<int64_t>{n});
  EXPECT_EQ(&g.shape(first), &shape);
  EXPECT_EQ(shape, (Shape{7, 3}));
}

TEST(Graph, ListsOfItsOwnMayBeGivenBack) {
  Graph g;
  const std::vector<Value> operands(3, g.add(Op::empty, DType::float32, std::vector<int64_t>{4}));
  const std::vector<int64_t> attrs{5, 6, 7};
  Value last = g.add(Op::select, DType::float32, std::vector<int64_t>{4}, operands, attrs);
  for (int64_t n = 0; n < 1000; ++n) {
    last = g.add(Op::select, DType::float32, std::vector<int64_t>{n}, g.operands(last), g.attrs(last));
    ASSERT_TRUE(std::ranges::equal(g.operands(last), operands));
    ASSERT_TRUE(std::ranges::equal(g.attrs(last), attrs));
  }
}

TEST(Graph, ListsThatANodeCannotHoldAreRefused) {
  Graph g;
  const Value x = g.add(Op::parameter, kF32, Shape{}, {}, {0});
  const std::vector<Value> operands(65536, x);
  const std::vector<int64_t> attrs(65536, 7);
  EXPECT_THROW(g.add(Op::custom, kF32, Shape{}, operands, {}), InternalError);
  EXPECT_THROW(g.add(Op::slice, kF32, Shape{}, {}, attrs), InternalError);
  EXPECT_EQ(g.size(), 1u);
  const Value most = g.add(Op::slice, kF32, Shape{}, std::span(&x, 1), std::span(attrs).first(65535));
  EXPECT_EQ(g.attrs(most).size(), 65535u);
}

TEST(Graph, ManyShapesCostNoMoreThanTheirNodes) {
  Graph g;
  Value x = g.add(Op::parameter, kF32, Shape{1}, {}, {0});
  for (int64_t i = 0; i < 300'000; ++i) g.add(Op::broadcast, kF32, Shape{1 + i % 1000, 1 + i % 7, 1}, {x});
  EXPECT_EQ(g.size(), 7001u);
  EXPECT_LT(g.bytes(), size_t{4} << 20);
}

TEST(Graph, ManyColdRegionsStayLinear) {
  Graph g;
  const Value p = g.add(Op::load, DType::bool_, Shape{}, {}, {0});
  Value x = g.add(Op::load, kF32, Shape{}, {}, {1});
  for (int i = 0; i < 200'000; ++i) {
    const Value begin = g.add(Op::cold_begin, DType::bool_, Shape{}, {p});
    const Value slow = g.add(Op::neg, kF32, Shape{}, {x});
    x = g.add(Op::cold_end, kF32, Shape{}, {begin, slow, x});
  }
  EXPECT_EQ(g.size(), 600'002u);
}

TEST(Shape, ZeroExtentsDoNotHideAnOverflow) {
  EXPECT_EQ(num_elements(Shape{3, 0, 4}), 0);
  EXPECT_EQ(num_elements(Shape{}), 1);
  EXPECT_THROW(num_elements(Shape{int64_t{1} << 40, int64_t{1} << 40}), ValueError);
  EXPECT_THROW(num_elements(Shape{0, int64_t{1} << 40, int64_t{1} << 40}), ValueError);
  EXPECT_EQ(c_strides(Shape{2, 0, 4}), (Strides{4, 4, 1}));
}

}  // namespace
}  // namespace tarry::ir
