// Kernels of long traces stay small enough for a compiler: however many ops there are, each kernel has a bounded number
// of primitives and of arrays, so that all of them together cost what the trace is long.
#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>
#include <tarry/passes/autodiff.h>
#include <tarry/passes/expand.h>
#include <tarry/passes/plan.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace ir = tarry::ir;
namespace passes = tarry::passes;
using ir::DType;
using ir::Op;
using ir::Value;

namespace {

using StepOf = std::function<Value(ir::Graph&, Value y, Value x)>;

Value add(ir::Graph& g, Op op, std::initializer_list<Value> operands) {
  return g.add(op, g.dtype(*operands.begin()), g.shape(*operands.begin()),
               std::span(operands.begin(), operands.size()));
}

ir::Program chain(int length, DType t, const StepOf& step) {
  ir::Program p;
  const ir::Shape shape{1000};
  const int64_t slot = 0;
  const Value x = p.graph.append(Op::parameter, t, shape, std::span(&slot, 1), {});
  Value y = x;
  for (int i = 0; i < length; ++i) y = step(p.graph, y, x);
  p.graph.outputs = {y};
  return p;
}

/// With the layouts that its parameters have as arrays of their own.
passes::Plan plan_of(ir::Graph graph) {
  ir::Program p;
  p.graph = std::move(graph);
  for (uint32_t id = 0; id < p.graph.size(); ++id)
    if (p.graph.op({id}) == Op::parameter) {
      const auto slot = static_cast<size_t>(p.graph.attr({id}));
      p.inputs.resize(std::max(p.inputs.size(), slot + 1));
      p.inputs[slot].buffer = static_cast<uint32_t>(slot);
      p.inputs[slot].strides = ir::c_strides(p.graph.shape({id}));
      p.inputs[slot].buffer_elements = ir::num_elements(p.graph.shape({id}));
    }
  return passes::compile(p);
}

struct Sizes {
  size_t steps = 0;
  uint32_t primitives = 0, all_primitives = 0;  // of the largest kernel, of all
  size_t arrays = 0;                            // of the kernel with most
};

Sizes sizes_of(const passes::Plan& plan) {
  Sizes s;
  s.steps = plan.steps.size();
  for (const passes::Step& step : plan.steps) {
    const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
    if (!kernel) continue;
    const uint32_t primitives = passes::expand(*kernel->kernel).body.size();
    s.primitives = std::max(s.primitives, primitives);
    s.all_primitives += primitives;
    s.arrays = std::max(s.arrays, kernel->kernel->accesses.size());
  }
  return s;
}

/// Of a chain and of its derivatives, first and second.
std::vector<ir::Graph> with_derivatives(const ir::Program& p) {
  const Value x{0};
  std::vector<ir::Graph> graphs{p.graph};
  graphs.push_back(passes::vjp(p.graph, std::span(&x, 1)));
  graphs.push_back(passes::jvp(graphs.back(), std::span(&x, 1)));
  return graphs;
}

void expect_bounded(DType t, const StepOf& step) {
  const std::vector<ir::Graph> shorter = with_derivatives(chain(250, t, step)),
                               longer = with_derivatives(chain(1000, t, step));
  for (size_t order = 0; order < longer.size(); ++order) {
    SCOPED_TRACE("derivative " + std::to_string(order));
    const Sizes one = sizes_of(plan_of(shorter[order])), four = sizes_of(plan_of(longer[order]));
    // The limits are asked between ops, and what is guarded stands twice.
    EXPECT_LE(four.primitives, 8000u);
    EXPECT_LE(four.arrays, 300u);
    EXPECT_LE(four.all_primitives, 5 * one.all_primitives);
    EXPECT_LE(four.steps, 5 * one.steps + 5);
  }
}

TEST(KernelSize, OfChainsOfElementaryFunctions) {
  for (const Op op : {Op::sin, Op::exp, Op::tanh, Op::log})
    for (const DType t : {DType::float32, DType::float64})
      expect_bounded(t, [op](ir::Graph& g, Value y, Value) { return add(g, op, {y}); });
}

TEST(KernelSize, OfChainsThatReadAnArrayInEachStep) {
  expect_bounded(DType::float64, [](ir::Graph& g, Value y, Value x) {
    return add(g, Op::mul, {add(g, Op::sin, {y}), x});
  });
  expect_bounded(DType::float32, [](ir::Graph& g, Value y, Value x) {
    return add(g, Op::div, {x, add(g, Op::add, {y, x})});
  });
  expect_bounded(DType::float64, [](ir::Graph& g, Value y, Value x) {
    return add(g, Op::pow, {add(g, Op::add, {y, x}), x});
  });
}

TEST(KernelSize, OrdinaryFormulasAreOneKernel) {
  const auto steps = [](int length, DType t, const StepOf& step) {
    return sizes_of(plan_of(chain(length, t, step).graph)).steps;
  };
  EXPECT_EQ(steps(12, DType::float64, [](ir::Graph& g, Value y, Value) { return add(g, Op::sin, {y}); }), 1u);
  EXPECT_EQ(steps(60, DType::float64, [](ir::Graph& g, Value y, Value) { return add(g, Op::exp, {y}); }), 1u);
  EXPECT_EQ(steps(900, DType::float64, [](ir::Graph& g, Value y, Value x) { return add(g, Op::mul, {y, x}); }), 1u);
}

}  // namespace
