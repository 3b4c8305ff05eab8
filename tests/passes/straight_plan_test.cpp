// A plan that is made without forming groups is the one that forming them gives, to the last stride.
#include "fuse.h"
#include "kernel_limits.h"
#include "lower.h"
#include "straight.h"

#include <tarry/ir/kernel.h>
#include <tarry/ir/text.h>
#include <tarry/passes/expand.h>
#include <tarry/passes/pass.h>

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

namespace ir = tarry::ir;
namespace passes = tarry::passes;
using ir::DType;
using ir::Op;
using ir::Value;

namespace {

/// Programs of which many, but not all, are straight.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  ir::Program program() {
    shape_ = one_of<ir::Shape>({{8}, {1}, {3, 4}, {1, 4}, {4, 1}, {1, 1}, {2, 1, 3}, {2, 3, 1}, {1, 5, 1}, {0}});
    dtype_ = one_of<DType>({DType::float32, DType::float64, DType::int32, DType::int8, DType::bool_});
    const int arrays = pick(1, 4), numbers = pick(0, 2);
    for (int i = 0; i < arrays; ++i) parameter(shape_);
    for (int i = 0; i < numbers; ++i) number();
    if (rarely()) parameter({});
    for (int left = pick(1, rarely() ? 40 : 6); left > 0; --left) op();
    p_.graph.outputs = {values_.back()};
    if (rarely()) p_.graph.outputs.push_back(values_[values_.size() / 2]);
    order();
    p_.graph = passes::simplify(p_.graph);
    return std::move(p_);
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  bool rarely() { return pick(0, 7) == 0; }
  template <class T>
  T one_of(std::initializer_list<T> list) {
    return list.begin()[pick(0, static_cast<int>(list.size()) - 1)];
  }
  Value any() { return values_[static_cast<size_t>(pick(0, static_cast<int>(values_.size()) - 1))]; }

  void parameter(const ir::Shape& shape) {
    const auto slot = static_cast<int64_t>(p_.inputs.size());
    ir::InputLayout in;
    in.strides = ir::c_strides(shape);
    in.buffer = !p_.inputs.empty() && rarely() ? p_.inputs.back().buffer : static_cast<uint32_t>(slot);
    in.donated = pick(0, 1);
    in.buffer_elements = ir::num_elements(shape);
    if (rarely()) in.offset = 2, in.buffer_elements += 2;
    if (rarely() && in.strides.size() > 1) std::swap(in.strides[0], in.strides[1]);
    if (rarely()) in.buffer_elements += 1;
    p_.inputs.push_back(in);
    values_.push_back(p_.graph.add(Op::parameter, dtype_, shape, {}, {slot}));
  }

  void number() {
    if (pick(0, 1))
      values_.push_back(p_.graph.add(Op::constant, dtype_, {}, {}, {1}));
    else
      values_.push_back(p_.graph.add(Op::scalar, dtype_, {}, {}, {static_cast<int64_t>(p_.num_scalars++)}));
  }

  void op() {
    const Value x = any(), y = any();
    const auto& shape = p_.graph.shape(x).empty() ? p_.graph.shape(y) : p_.graph.shape(x);
    if (ir::is_bool(dtype_)) {
      const Op op = one_of({Op::and_, Op::or_, Op::xor_, Op::not_});
      values_.push_back(op == Op::not_ ? p_.graph.add(op, dtype_, p_.graph.shape(x), {x})
                                       : p_.graph.add(op, dtype_, shape, {x, y}));
      return;
    }
    if (rarely()) {
      values_.push_back(p_.graph.add(Op::neg, dtype_, p_.graph.shape(x), {x}));
    } else if (rarely()) {
      const Value less = p_.graph.add(Op::lt, DType::bool_, shape, {x, y});
      values_.push_back(p_.graph.add(Op::select, dtype_, shape, {less, x, y}));
    } else if (rarely() && ir::is_float(dtype_)) {
      values_.push_back(p_.graph.add(Op::sin, dtype_, p_.graph.shape(x), {x}));
    } else {
      values_.push_back(p_.graph.add(one_of({Op::add, Op::mul, Op::sub, Op::max}), dtype_, shape, {x, y}));
    }
  }

  void order() {
    for (Value v : p_.graph.outputs) {
      ir::Ints axes;
      for (size_t a = 0; a < p_.graph.shape(v).size(); ++a) axes.push_back(static_cast<int64_t>(a));
      if (rarely() && axes.size() > 1) std::swap(axes[0], axes[1]);
      p_.output_order.push_back(pick(0, 1) ? axes : ir::Ints{});
    }
  }

  std::mt19937 random_;
  ir::Program p_;
  ir::Shape shape_;
  DType dtype_ = DType::float32;
  std::vector<Value> values_;
};

void expect_same_buffers(const passes::Plan& a, const passes::Plan& b) {
  ASSERT_EQ(a.buffers.size(), b.buffers.size());
  for (size_t i = 0; i < a.buffers.size(); ++i) {
    const passes::PlanBuffer &x = a.buffers[i], &y = b.buffers[i];
    EXPECT_EQ(x.kind, y.kind);
    EXPECT_EQ(x.input, y.input);
    EXPECT_EQ(x.dtype, y.dtype);
    EXPECT_EQ(x.elements, y.elements);
    EXPECT_EQ(x.first_step, y.first_step);
    EXPECT_EQ(x.last_step, y.last_step);
    EXPECT_EQ(x.memory, y.memory);
  }
}

void expect_same_step(const passes::Step& a, const passes::Step& b) {
  const auto &x = std::get<passes::KernelStep>(a.work), &y = std::get<passes::KernelStep>(b.work);
  EXPECT_TRUE(ir::equal(*x.kernel, *y.kernel)) << ir::print(*x.kernel) << ir::print(*y.kernel);
  EXPECT_EQ(x.extents, y.extents);
  ASSERT_EQ(x.operands.size(), y.operands.size());
  for (size_t i = 0; i < x.operands.size(); ++i) {
    EXPECT_EQ(x.operands[i].buffer, y.operands[i].buffer);
    EXPECT_EQ(x.operands[i].offset, y.operands[i].offset);
    EXPECT_EQ(x.operands[i].strides, y.operands[i].strides);
  }
  ASSERT_EQ(x.scalars.size(), y.scalars.size());
  for (size_t i = 0; i < x.scalars.size(); ++i) {
    EXPECT_EQ(x.scalars[i].literal, y.scalars[i].literal);
    EXPECT_EQ(x.scalars[i].value, y.scalars[i].value);
  }
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.where.bits, b.where.bits);
}

void expect_same(const passes::Plan& a, const passes::Plan& b) {
  expect_same_buffers(a, b);
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) expect_same_step(a.steps[i], b.steps[i]);
  ASSERT_EQ(a.outputs.size(), b.outputs.size());
  for (size_t i = 0; i < a.outputs.size(); ++i) {
    EXPECT_EQ(a.outputs[i].buffer, b.outputs[i].buffer);
    EXPECT_EQ(a.outputs[i].offset, b.outputs[i].offset);
    EXPECT_EQ(a.outputs[i].strides, b.outputs[i].strides);
  }
}

TEST(StraightPlan, IsTheOneOfGroups) {
  constexpr uint32_t kPrograms = 4000;
  uint32_t straight = 0;
  for (uint32_t seed = 0; seed < kPrograms; ++seed) {
    const ir::Program p = Generator(seed).program();
    const std::optional<passes::Plan> plan = passes::plan_straight(p);
    if (!plan) continue;
    ++straight;
    expect_same(*plan, passes::lower(p, passes::fuse(p)));
    if (HasFailure()) FAIL() << "seed " << seed << "\n" << ir::print(p);
  }
  EXPECT_GT(straight, kPrograms / 8);
  EXPECT_LT(straight, kPrograms);
}

/// Where they are few, nobody counts what the ops of a kernel expand to.
TEST(StraightPlan, FewOpsFitWhateverTheyAre) {
  for (int op = 0; op < ir::kNumOps; ++op)
    for (int t = 0; t < ir::kNumDTypes; ++t) {
      const auto o = static_cast<Op>(op);
      const auto dtype = static_cast<DType>(t);
      if (!ir::is_elementwise(o) || o == Op::cast || o == Op::select || o == Op::bitcast) continue;
      try {
        const int size = passes::expanded_size(o, dtype, ir::elementwise_dtype(o, dtype));
        EXPECT_LT(passes::kFewOps * size, passes::kMaxPrimitives) << ir::info(o).name;
      } catch (const std::exception&) {  // the op does not take the dtype
      }
    }
}

}  // namespace
