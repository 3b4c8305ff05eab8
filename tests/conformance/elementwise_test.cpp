// Every elementwise op of the op table, on every dtype that it takes, in every layout: the same bits
// interpreted and compiled, and NumPy's values. A new row of the table is tried without being named here.

#include "execute_both.h"
#include "layouts.h"
#include "numpy_values.h"

#include <tarry/ir/verify.h>
#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

#include <set>

namespace tarry::test {
namespace {

/// Ops whose NumPy function is no universal function, so that no file has values of it; and `cast`,
/// which has a table of its own.
const std::set<Op> kNoUfunc = {Op::select, Op::bitcast, Op::cast};

/// One op on operands of one dtype.
struct Case {
  Op op;
  DType result;
  std::vector<Data> lists;           // the elements that each operand takes
  std::optional<NumpyValues> numpy;  // of all combinations of them

  int64_t combinations() const {
    int64_t n = 1;
    for (const Data& list : lists) n *= static_cast<int64_t>(list.size());
    return n;
  }
};

Case case_of(Op op, DType t, DType result, std::optional<NumpyValues> numpy) {
  Case c{op, result, {}, std::move(numpy)};
  const int arity = ir::info(op).arity;
  if (c.numpy) {
    c.lists = c.numpy->lists;
    return c;
  }
  for (int i = 0; i < arity; ++i) {
    const DType dtype = op == Op::select && i == 0 ? DType::bool_ : t;
    const Data all = special_values(dtype);
    // Three operands go through a part of their combinations.
    Data some(dtype);
    for (size_t k = 0; k < all.size(); k += arity < 3 ? 1 : 3) some.push(all.bits(k));
    c.lists.push_back(arity < 3 || ir::is_bool(dtype) ? all : some);
  }
  return c;
}

/// Which combination element i of a layout is: row-major over the lists; in a grid operand 0 is that of
/// the row and the others are that of the column.
std::vector<size_t> combination(const Case& c, const Layout& layout, int64_t i) {
  std::vector<size_t> at(c.lists.size());
  if (layout.grid) {
    const int64_t columns = layout.shape[1];
    for (size_t k = 0; k < at.size(); ++k)
      at[k] = static_cast<size_t>(k ? i % columns : i / columns) % c.lists[k].size();
    return at;
  }
  auto rest = static_cast<size_t>(i % c.combinations());
  for (size_t k = at.size(); k-- > 0;) {
    at[k] = rest % c.lists[k].size();
    rest /= c.lists[k].size();
  }
  return at;
}

void compare_with_numpy(const Case& c, const Layout& layout, const Data& got) {
  for (size_t i = 0; i < got.size(); ++i) {
    const std::vector<size_t> at = combination(c, layout, static_cast<int64_t>(i));
    size_t place = 0;
    for (size_t k = 0; k < at.size(); ++k) place = place * c.lists[k].size() + at[k];
    const uint64_t wanted = c.numpy->results.bits(place);
    if (places_apart(c.result, got.bits(i), wanted, c.numpy->either_zero) <= c.numpy->places) continue;
    ADD_FAILURE() << "of " << std::hex << c.lists[0].bits(at[0]) << " and " << c.lists.back().bits(at.back()) << " is "
                  << got.bits(i) << ", NumPy has " << wanted;
    return;
  }
}

void check(const Case& c, const Layout& layout) {
  ir::Program program;
  std::vector<Placed> placed;
  std::vector<Value> operands;
  const int64_t n = ir::num_elements(layout.shape);
  for (size_t k = 0; k < c.lists.size(); ++k) {
    Placed p{Data(c.lists[k].dtype), layout.shape, layout.strides[std::min(k, layout.strides.size() - 1)]};
    for (int64_t i = 0; i < n; ++i) p.elements.push(c.lists[k].bits(combination(c, layout, i)[k]));
    operands.push_back(add_input(program, p));
    placed.push_back(std::move(p));
  }
  program.graph.outputs = {program.graph.add(c.op, c.result, layout.shape, operands)};
  const Both both = execute_both(std::move(program), placed);
  if (c.numpy) compare_with_numpy(c, layout, both.interpreted);
}

void check_all_layouts(const Case& c) {
  const auto rows = static_cast<int64_t>(c.lists.front().size()), columns = static_cast<int64_t>(c.lists.back().size());
  const int64_t n = std::min<int64_t>(c.combinations(), 1000);
  for (const Layout& layout : elementwise_layouts(n, rows, columns)) {
    SCOPED_TRACE(case_name(ir::info(c.op).name, c.lists.back().dtype, layout.name) + " to " +
                 std::string(ir::info(c.result).name));
    check(c, layout);
    if (testing::Test::HasFailure()) return;
  }
}

class Conformance : public testing::TestWithParam<DType> {
  void SetUp() override { runtime::set_num_threads(2); }
};

TEST_P(Conformance, ElementwiseOps) {
  const DType t = GetParam();
  int ops = 0, with_numpy = 0;
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::cast || op == Op::bitcast ||
        !ir::accepts(ir::info(op).accepts, t))
      continue;
    const DType result = ir::info(op).dtype_rule == ir::DTypeRule::boolean ? DType::bool_ : t;
    const std::string_view name = ir::info(op).numpy_name;
    const Case c = case_of(op, t, result, name.empty() ? std::nullopt : numpy_values(name, t, result));
    // bfloat16 is not NumPy's own.
    if (!name.empty() && !kNoUfunc.count(op) && t != DType::bfloat16) {
      EXPECT_TRUE(c.numpy) << "tests/data/reference_ufuncs.py makes no values of " << name << " in "
                           << ir::info(t).name;
    }
    check_all_layouts(c);
    ++ops;
    with_numpy += c.numpy.has_value();
  }
  std::printf("%d ops, %d of them with NumPy's values\n", ops, with_numpy);
  EXPECT_GE(ops, 13);
}

TEST_P(Conformance, Casts) {
  const DType from = GetParam();
  int with_numpy = 0;
  for (DType to : kRealDTypes) {
    const Case c = case_of(Op::cast, from, to, numpy_cast_values(from, to));
    with_numpy += c.numpy.has_value();
    check_all_layouts(c);
    // And every special value, for some of which NumPy's result depends on its compiler.
    check_all_layouts(case_of(Op::cast, from, to, {}));
    if (ir::size_of(to) == ir::size_of(from) && ir::is_bool(to) == ir::is_bool(from))
      check_all_layouts(case_of(Op::bitcast, from, to, {}));
  }
  if (from != DType::bfloat16) {
    EXPECT_GE(with_numpy, 12);
  }
}

INSTANTIATE_TEST_SUITE_P(DTypes, Conformance, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

}  // namespace
}  // namespace tarry::test
