#include <tarry/ir/verify.h>

#include <tarry/ir/error.h>
#include <tarry/ir/text.h>

#include "verify_node.h"

namespace tarry::ir {
namespace {

void verify_graph(const Graph& g) {
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (class_of(g.op(v)) == OpClass::kernel) broken(v, "is an op of the kernel level");
    verify_types(g, v);
    verify_shape(g, v);
  }
  for (Value v : g.outputs)
    if (v.id >= g.size()) broken({}, "output %" + std::to_string(v.id) + " does not exist");
}

/// Every parameter has a layout, and those of one slot one type. Gives each slot's parameter.
std::vector<Value> verify_slots(const Program& p) {
  const Graph& g = p.graph;
  std::vector<Value> parameter(p.inputs.size());
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (g.op(v) == Op::scalar && g.attr(v) >= p.num_scalars) broken(v, "there are fewer scalars");
    if (g.op(v) != Op::parameter) continue;
    if (g.attr(v) >= static_cast<int64_t>(parameter.size())) broken(v, "there is no such input");
    Value& first = parameter[g.attr(v)];
    if (!first.valid())
      first = v;
    else if (g.dtype(first) != g.dtype(v) || !(g.shape(first) == g.shape(v)))
      broken(v, "another parameter of this slot has another type");
  }
  return parameter;
}

void verify_input(const Program& p, uint32_t slot, Value parameter) {
  const InputLayout& layout = p.inputs[slot];
  const std::string input = "input " + std::to_string(slot);
  if (layout.buffer >= p.inputs.size()) broken({}, input + ": buffers are numbered as inputs are");
  if (!parameter.valid()) return;
  std::optional<Reach> touched;
  try {
    touched = reach(layout, p.graph.shape(parameter));
  } catch (const ValueError& e) {
    broken(parameter, input + ": " + e.what());
  }
  if (touched && (touched->first < 0 || touched->last >= layout.buffer_elements))
    broken(parameter, input + " reaches outside its buffer");
}

void verify_order(const Program& p, size_t output) {
  const Ints& order = p.output_order[output];
  if (order.empty()) return;
  const size_t rank = p.graph.shape(p.graph.outputs[output]).size();
  Ints seen(rank, 0);
  bool right = order.size() == rank;
  for (size_t i = 0; right && i < rank; ++i)
    right = order[i] >= 0 && order[i] < static_cast<int64_t>(rank) && !seen[order[i]]++;
  if (!right) broken(p.graph.outputs[output], "the order of output " + std::to_string(output) + " is no permutation");
}

void verify_program(const Program& p) {
  verify_graph(p.graph);
  const std::vector<Value> parameter = verify_slots(p);
  for (uint32_t slot = 0; slot < p.inputs.size(); ++slot) verify_input(p, slot, parameter[slot]);
  if (p.output_order.size() > p.graph.outputs.size()) broken({}, "there are more orders than outputs");
  for (size_t i = 0; i < p.output_order.size(); ++i) verify_order(p, i);
}

}  // namespace

void throw_report(const Graph& g, const Broken& b, const std::string& whole) {
  const std::string node = b.node.valid() ? print(g, b.node) + ": " : "";
  throw InternalError("verify: " + node + b.what + "\n" + whole);
}

void verify(const Graph& g) {
  report(
      g, [&] { verify_graph(g); }, [&] { return print(g); });
}

void verify(const Program& p) {
  report(
      p.graph, [&] { verify_program(p); }, [&] { return print(p); });
}

}  // namespace tarry::ir
