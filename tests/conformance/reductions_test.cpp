// Every reduction and scan of the op table, on every dtype, over every set of axes of many shapes and
// layouts: the same bits interpreted and compiled, and NumPy's values.

#include "execute_both.h"
#include "layouts.h"
#include "numpy_values.h"

#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

#include <set>

namespace tarry::test {
namespace {

bool folds(Op op) { return ir::is_reduce(op) || ir::class_of(op) == ir::OpClass::scan; }

std::vector<Op> folding_ops() {
  std::vector<Op> ops;
  for (int i = 0; i < ir::kNumOps; ++i)
    if (folds(static_cast<Op>(i))) ops.push_back(static_cast<Op>(i));
  return ops;
}

/// Appends the op over these axes; a scan takes one.
Value add_fold(ir::Graph& g, Op op, Value x, const ir::Ints& axes) {
  ir::Shape shape = g.shape(x);
  if (ir::is_reduce(op))
    for (size_t i = axes.size(); i-- > 0;) shape.erase(static_cast<size_t>(axes[i]));
  return g.add(op, g.dtype(x), shape, std::span(&x, 1), axes);
}

/// Around vectors, lanes, blocks, rows per turn; one long row is split among threads.
const std::vector<ir::Shape>& shapes() {
  static const std::vector<ir::Shape> all = {
      {},       {0},      {1},      {2},       {7},        {31},      {32},      {33},      {63},        {65},   {511},
      {512},    {513},    {1025},   {5000},    {150001},   {3, 4},    {0, 3},    {3, 0},    {1, 9},      {9, 1}, {9, 5},
      {5, 700}, {700, 5}, {33, 65}, {2, 3, 4}, {5, 6, 70}, {3, 1, 5}, {2, 0, 3}, {70, 600}, {3, 2, 2, 9}};
  return all;
}

/// Every axis, all, and the first and last together.
std::vector<ir::Ints> axes_of(Op op, const ir::Shape& shape) {
  std::vector<ir::Ints> all;
  const auto rank = static_cast<int64_t>(shape.size());
  for (int64_t axis = 0; axis < rank; ++axis) all.push_back({axis});
  if (!ir::is_reduce(op)) return all;
  ir::Ints every;
  for (int64_t axis = 0; axis < rank; ++axis) every.push_back(axis);
  if (rank != 1) all.push_back(every);
  if (rank > 2) all.push_back({0, rank - 1});
  return all;
}

bool is_empty_extreme(Op op, const ir::Shape& shape, const ir::Ints& axes) {
  if (op != Op::reduce_min && op != Op::reduce_max) return false;
  for (int64_t axis : axes)
    if (shape[static_cast<size_t>(axis)] == 0) return true;
  return false;
}

/// Moderate numbers, and in every second case the special ones among them.
Data values_for(DType t, int64_t n, bool special) {
  Data d = random_values(t, static_cast<size_t>(n), static_cast<uint64_t>(n) + 1);
  const Data rare = special_values(t);
  if (special)
    for (size_t i = 3; i < d.size(); i += 17) d.set(i, rare.bits(i / 17 % rare.size()));
  return d;
}

class Folds : public testing::TestWithParam<DType> {
 protected:
  void SetUp() override { runtime::set_num_threads(2); }
};

void check(Op op, DType t, const ir::Shape& shape, const ir::Ints& axes, const Laid& layout, bool special) {
  SCOPED_TRACE(case_name(ir::info(op).name, t, layout.name) + " " + ir::tuple_text(shape) + " over " +
               ir::tuple_text(axes));
  Placed p{values_for(t, ir::num_elements(shape), special), shape, layout.strides};
  ir::Program program;
  const Value x = add_input(program, p);
  program.graph.outputs = {add_fold(program.graph, op, x, axes)};
  execute_both(std::move(program), {p});
}

TEST_P(Folds, GiveTheSameBitsEverywhere) {
  const DType t = GetParam();
  int turn = 0;
  for (Op op : folding_ops())
    for (const ir::Shape& shape : shapes())
      for (const ir::Ints& axes : axes_of(op, shape)) {
        if (is_empty_extreme(op, shape, axes)) continue;
        for (const Laid& layout : layouts_of(shape)) {
          check(op, t, shape, axes, layout, ++turn % 2);
          if (HasFailure()) return;
        }
      }
  EXPECT_GT(turn, 1000);
}

INSTANTIATE_TEST_SUITE_P(DTypes, Folds, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

/// Intended differences: a sum of negative zeros alone is a negative zero, and float16 accumulates in float32.
bool differs_on_purpose(const NumpyReduction& r) {
  return (r.numpy_name == "sum" && r.what.find("zeros") != std::string::npos) ||
         (r.numpy_name == "cumprod" && r.pattern.dtype == DType::float16);
}

/// The program as the front end makes it: the elements in the dtype of the result, then the op.
ir::Program program_of(Op op, const NumpyReduction& r, const Placed& p) {
  ir::Program program;
  ir::Graph& g = program.graph;
  Value x = add_input(program, p);
  if (g.dtype(x) != r.results.dtype) x = g.add(Op::cast, r.results.dtype, p.shape, {x});
  ir::Ints axes = r.axes;
  if (r.flattened && !ir::is_reduce(op)) {
    x = g.add(Op::reshape, r.results.dtype, ir::Shape{ir::num_elements(p.shape)}, {x});
    axes = {0};
  } else if (r.flattened) {
    for (size_t axis = 0; axis < p.shape.size(); ++axis) axes.push_back(static_cast<int64_t>(axis));
  }
  g.outputs = {add_fold(g, op, x, axes)};
  return program;
}

TEST(FoldsAsNumPy, InEveryLayout) {
  runtime::set_num_threads(2);
  std::set<Op> seen;
  for (const NumpyReduction& r : numpy_reductions()) {
    for (Op op : folding_ops()) {
      if (ir::info(op).numpy_name != r.numpy_name || differs_on_purpose(r)) continue;
      seen.insert(op);
      const uint64_t places = !r.near ? 0 : r.numpy_name == "prod" ? 16 : 4;
      for (const Laid& layout : layouts_of(r.shape)) {
        if (layout.name == "broadcast") continue;  // has other elements
        SCOPED_TRACE(r.what + layout.name);
        Placed p{Data(r.pattern.dtype), r.shape, layout.strides};
        for (int64_t i = 0; i < ir::num_elements(r.shape); ++i)
          p.elements.push(r.pattern.bits(static_cast<size_t>(i) % r.pattern.size()));
        const Data got = execute_both(program_of(op, r, p), {p}).interpreted;
        ASSERT_EQ(got.size(), r.results.size());
        for (size_t i = 0; i < got.size(); ++i)
          ASSERT_LE(places_apart(got.dtype, got.bits(i), r.results.bits(i), false), places)
              << "element " << i << std::hex << " is " << got.bits(i) << ", NumPy has " << r.results.bits(i);
      }
    }
  }
  EXPECT_EQ(seen.size(), folding_ops().size()) << "tests/data/reference_reductions.py makes no values of some op";
}

}  // namespace
}  // namespace tarry::test
