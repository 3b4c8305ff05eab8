/// In which walk along a row each value of a kernel is evaluated.

#include <tarry/ir/kernel.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "random_graph.h"

namespace tarry::ir {
namespace {

using Ids = std::vector<uint32_t>;

Ids ids(const std::vector<Value>& values) {
  Ids result;
  for (Value v : values) result.push_back(v.id);
  return result;
}

Kernel kernel(std::string_view accesses, std::string_view body) {
  const Kernel k =
      parse_kernel("kernel @k schedule row, outer 1, row 1 {" + std::string(accesses) + std::string(body) + "}");
  verify(k);
  return k;
}

constexpr std::string_view kInOut =
    "access 0: read f32 any|unit in_row access 1: write f32 any|unit in_row access 2: write f32 unit|zero scalar 0: "
    "f32\n";

TEST(Rows, ASumHasOneWalk) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = reduce_sum %0 : f32
    %2 = sqrt %1 : f32
    %3 = store %2, access 2)"));
  ASSERT_EQ(plan.phases.size(), 1u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 1}));
  EXPECT_EQ(ids(plan.phases[0].before), Ids{});
  EXPECT_EQ(ids(plan.after), (Ids{2, 3}));
  EXPECT_EQ(plan.level[0], Level::element);
  EXPECT_EQ(plan.level[1], Level::row);
}

TEST(Rows, SoftmaxKeepsItsExponentials) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = reduce_max %0 : f32
    %2 = sub %0, %1 : f32
    %3 = exp %2 : f32
    %4 = reduce_sum %3 : f32
    %5 = div %3, %4 : f32
    %6 = store %5, access 1)"));
  ASSERT_EQ(plan.phases.size(), 3u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 1}));
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{0, 2, 3, 4}));
  EXPECT_EQ(ids(plan.phases[2].elements), (Ids{5, 6}));
  EXPECT_EQ(ids(plan.phases[2].restored), Ids{3});
  EXPECT_EQ(ids(plan.kept), Ids{3});
}

TEST(Rows, LayernormEvaluatesWhatIsCheapAgain) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = scalar 0 : f32
    %2 = reduce_sum %0 : f32
    %3 = mul %2, %1 : f32
    %4 = sub %0, %3 : f32
    %5 = mul %4, %4 : f32
    %6 = reduce_sum %5 : f32
    %7 = mul %6, %1 : f32
    %8 = sqrt %7 : f32
    %9 = div %4, %8 : f32
    %10 = store %9, access 1
    %11 = store %8, access 2)"));
  ASSERT_EQ(plan.phases.size(), 3u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 2}));
  EXPECT_EQ(ids(plan.phases[1].before), Ids{3});
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{0, 4, 5, 6}));
  EXPECT_EQ(ids(plan.phases[2].before), (Ids{7, 8}));
  EXPECT_EQ(ids(plan.phases[2].elements), (Ids{0, 4, 9, 10}));
  EXPECT_EQ(ids(plan.after), Ids{11});
  EXPECT_EQ(ids(plan.kept), Ids{});
}

TEST(Rows, WhereKeepingIsCheapMoreIsKept) {
  const Kernel k = kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = reduce_max %0 : f32
    %2 = sub %0, %1 : f32
    %3 = mul %2, %2 : f32
    %4 = reduce_sum %3 : f32
    %5 = div %3, %4 : f32
    %6 = store %5, access 1)");
  EXPECT_EQ(ids(plan_rows(k).kept), Ids{});
  const RowPlan plan = plan_rows(k, 4);
  EXPECT_EQ(ids(plan.kept), Ids{3});
  EXPECT_EQ(ids(plan.phases[2].restored), Ids{3});
  EXPECT_EQ(ids(plan.phases[2].elements), (Ids{5, 6}));
}

TEST(Rows, WhatOneLaterWalkNeedsIsEvaluatedThereAlone) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = exp %0 : f32
    %2 = reduce_sum %0 : f32
    %3 = mul %1, %2 : f32
    %4 = store %3, access 1)"));
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 2}));
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{0, 1, 3, 4}));
  EXPECT_EQ(ids(plan.kept), Ids{});
}

TEST(Rows, AScanRunsOnce) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = scan_sum %0 : f32
    %2 = reduce_max %1 : f32
    %3 = sub %1, %2 : f32
    %4 = store %3, access 1)"));
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 1, 2}));
  EXPECT_EQ(ids(plan.phases[1].restored), Ids{1});
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{3, 4}));
}

TEST(Rows, AColdRegionIsWalkedWhole) {
  // The predicate is known before the sum that the region uses.
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = scalar 0 : f32
    %2 = gt %0, %1 : bool
    %3 = reduce_sum %0 : f32
    %4 = cold_begin %2
      %5 = constant 7 : f32
      %6 = mul %1, %5 : f32
      %7 = mul %3, %6 : f32
      %8 = neg %0 : f32
    %9 = cold_end %4, %7, %0 : f32
    %10 = store %9, access 1)"));
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 3}));
  // %8 is dead; the constant stands everywhere.
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{0, 2, 4, 6, 7, 9, 10}));
  EXPECT_EQ(ids(plan.phases[1].before), Ids{});
  EXPECT_EQ(plan.level[5], Level::uniform);
}

TEST(Rows, ARegionHasTheLevelOfItsEnd) {
  // A row-level predicate, element-level values; then a region at row level.
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = scalar 0 : f32
    %2 = reduce_max %0 : f32
    %3 = gt %2, %1 : bool
    %4 = cold_begin %3
      %5 = neg %2 : f32
      %6 = mul %0, %5 : f32
    %7 = cold_end %4, %6, %0 : f32
    %8 = store %7, access 1
    %9 = cold_begin %3
      %10 = abs %2 : f32
    %11 = cold_end %9, %10, %2 : f32
    %12 = reduce_sum %7 : f32
    %13 = add %11, %12 : f32
    %14 = store %13, access 2)"));
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 2}));
  EXPECT_EQ(ids(plan.phases[1].before), (Ids{3, 9, 10, 11}));
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{0, 4, 5, 6, 7, 8, 12}));
  EXPECT_EQ(ids(plan.after), (Ids{13, 14}));
}

TEST(Rows, ARegionMayBeKeptButNotItsInside) {
  const RowPlan plan = plan_rows(kernel(kInOut, R"(
    %0 = load access 0 : f32
    %1 = scalar 0 : f32
    %2 = gt %0, %1 : bool
    %3 = cold_begin %2
      %4 = exp %0 : f32
    %5 = cold_end %3, %4, %0 : f32
    %6 = reduce_sum %5 : f32
    %7 = div %5, %6 : f32
    %8 = store %7, access 1)"));
  EXPECT_EQ(ids(plan.kept), Ids{5});
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 2, 3, 4, 5, 6}));
  EXPECT_EQ(ids(plan.phases[1].restored), Ids{5});
  EXPECT_EQ(ids(plan.phases[1].elements), (Ids{7, 8}));
}

TEST(Rows, ALoadVariesWithItsPredicate) {
  const Kernel k =
      kernel("access 0: read f32 unit|zero access 1: read bool any|unit in_row access 2: write f32 unit|zero",
             "%0 = load access 1 : bool %1 = load %0, access 0 : f32 %2 = reduce_sum %1 : f32 %3 = store %2, access 2");
  const RowPlan plan = plan_rows(k);
  EXPECT_EQ(plan.level[1], Level::element);
  EXPECT_EQ(ids(plan.phases[0].elements), (Ids{0, 1, 2}));
}

TEST(Rows, MoreWalksThanBitsInAWord) {
  std::string body = "%0 = load access 0 : f32\n";
  uint32_t x = 0;
  for (int i = 0; i < 100; ++i, x += 2)
    body += "%" + std::to_string(x + 1) + " = reduce_max %" + std::to_string(x) + " : f32 %" + std::to_string(x + 2) +
            " = sub %" + std::to_string(x) + ", %" + std::to_string(x + 1) + " : f32\n";
  body += "%" + std::to_string(x + 1) + " = store %" + std::to_string(x) + ", access 1";
  const RowPlan plan = plan_rows(kernel(kInOut, body));
  ASSERT_EQ(plan.phases.size(), 101u);
  size_t evaluated = 0;
  for (const auto& phase : plan.phases) evaluated += phase.elements.size();
  EXPECT_LT(evaluated, 1500u) << "long chains are kept, not evaluated again and again";
  EXPECT_EQ(plan.phases[100].elements.back().id, x + 1);
}

/// What any executor relies on: when a node is evaluated, its operands are there.
void expect_executable(const Kernel& k) {
  const Graph& g = k.body;
  const RowPlan plan = plan_rows(k);
  std::set<uint32_t> row, kept;
  auto row_level = [&](Value v) {
    for (Value o : g.operands(v))
      ASSERT_TRUE(plan.level[o.id] == Level::uniform || row.contains(o.id)) << print(g, v) << "\n" << print(k);
    row.insert(v.id);
  };
  std::set<uint32_t> ended;  // reductions of walks that are over
  for (const auto& phase : plan.phases) {
    row.insert(ended.begin(), ended.end());
    for (Value v : phase.before) row_level(v);
    std::set<uint32_t> here;
    for (Value v : phase.restored) {
      ASSERT_TRUE(kept.contains(v.id)) << print(k);
      here.insert(v.id);
    }
    EXPECT_TRUE(std::ranges::is_sorted(phase.elements));
    for (Value v : phase.elements) {
      for (Value o : g.operands(v))
        ASSERT_TRUE(plan.level[o.id] == Level::uniform || row.contains(o.id) || here.contains(o.id))
            << print(g, v) << "\n"
            << print(k);
      if (is_reduce(g.op(v)))
        ended.insert(v.id);
      else
        here.insert(v.id);
      if (std::ranges::find(plan.kept, v) != plan.kept.end()) kept.insert(v.id);
      if (g.op(v) == Op::cold_end) {
        ASSERT_TRUE(here.contains(g.operand(v, 0).id));
      }
    }
  }
  row.insert(ended.begin(), ended.end());
  for (Value v : plan.after) row_level(v);
}

TEST(Rows, EveryOperandIsThereWhenItIsNeeded) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Kernel k = test::random_kernel(seed);
    if (k.row_rank == 0) continue;
    expect_executable(k);
    if (HasFatalFailure()) return;
  }
}

TEST(Rows, EveryStoreIsDoneOnce) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const Kernel k = test::random_kernel(seed);
    if (k.row_rank == 0) continue;
    const RowPlan plan = plan_rows(k);
    std::multiset<uint32_t> done;
    auto count = [&](const std::vector<Value>& list) {
      for (Value v : list)
        if (k.body.op(v) == Op::store) done.insert(v.id);
    };
    for (const auto& phase : plan.phases) {
      count(phase.elements);
      count(phase.before);
    }
    count(plan.after);
    for (uint32_t id = 0; id < k.body.size(); ++id)
      if (k.body.op({id}) == Op::store) {
        ASSERT_EQ(done.count(id), 1u) << print(k);
      }
  }
}

}  // namespace
}  // namespace tarry::ir
