#include "tarry_opt/transform.h"

#include <tarry/ir/error.h>
#include <tarry/passes/autodiff.h>
#include <tarry/passes/batch.h>

#include <charconv>
#include <vector>

namespace tarry::tools {

using ir::Op;
using ir::Value;

namespace {

std::vector<Value> parameters(const ir::Graph& g, bool floats_only) {
  std::vector<Value> found;
  for (uint32_t id = 0; id < g.size(); ++id)
    if (g.op({id}) == Op::parameter && (!floats_only || passes::is_differentiable(g.dtype({id}))))
      found.push_back({id});
  return found;
}

ir::Graph transformed(const ir::Graph& g, const std::string& how) {
  if (how == "jvp") return passes::jvp(g, parameters(g, true));
  if (how == "vjp") return passes::vjp(g, parameters(g, true));
  int64_t count = 0;
  const std::string prefix = "batch=";
  const char* end = how.data() + how.size();
  if (!how.starts_with(prefix) || std::from_chars(how.data() + prefix.size(), end, count).ptr != end || count < 1)
    throw ValueError("--transform takes jvp, vjp and batch=N, not '" + how + "'");
  return passes::batch(g, parameters(g, false), count);
}

}  // namespace

ir::Program transform(const ir::Program& program, const std::string& how) {
  ir::Program result = program;
  result.graph = transformed(program.graph, how);
  result.output_order.clear();
  uint32_t buffers = 0;
  for (const ir::InputLayout& in : result.inputs) buffers = std::max(buffers, in.buffer + 1);
  for (uint32_t id = program.graph.size(); id < result.graph.size(); ++id) {
    const Value v{id};
    if (result.graph.op(v) != Op::parameter) continue;
    ir::InputLayout layout;
    layout.strides = ir::c_strides(result.graph.shape(v));
    layout.buffer = buffers++;
    layout.buffer_elements = ir::num_elements(result.graph.shape(v));
    const auto slot = static_cast<size_t>(result.graph.attr(v));
    if (result.inputs.size() <= slot) result.inputs.resize(slot + 1);
    result.inputs[slot] = layout;
  }
  return result;
}

}  // namespace tarry::tools
