#include "flush.h"

#include "plan_cache.h"
#include "selection.h"

#include <tarry/codegen/execute.h>
#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <cstdio>

namespace tarry::frontend {
namespace {

void dump(std::string_view title, const std::string& text) {
  std::fprintf(stderr, "; ---- %.*s\n%s\n", static_cast<int>(title.size()), title.data(), text.c_str());
}

passes::Plan make_plan(const ir::Program& program) {
  const runtime::Config& config = runtime::config();
  passes::PipelineOptions options;
  std::string_view names = config.passes;
  while (!names.empty()) {
    const size_t comma = std::min(names.find(','), names.size());
    if (comma) options.passes.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  if (config.dumps("trace")) dump("trace", ir::print(program, "trace", {.locations = true}));
  if (config.dumps("passes"))
    options.observer.changed = [](std::string_view pass, const ir::Graph& g) { dump(pass, ir::print(g)); };
  passes::Plan plan = passes::compile(program, options);
  if (config.dumps("plan")) dump("plan", passes::explain(plan));
  if (config.dumps("kernel"))
    for (const passes::Step& step : plan.steps)
      if (auto* kernel = std::get_if<passes::KernelStep>(&step.work)) dump("kernel", ir::print(*kernel->kernel));
  return plan;
}

std::vector<runtime::Buffer> run(const Trace& trace, const Selection& s, const CachedPlan& cached) {
  std::vector<codegen::InputMemory> inputs(s.buffers.size());
  for (size_t i = 0; i < s.inputs.size(); ++i) {
    const ir::Value v = s.inputs[i];
    const int64_t size = static_cast<int64_t>(ir::size_of(trace.graph.dtype(v)));
    inputs[s.buffer_of[i]] = {trace.buffer(trace.input(v)).buffer, s.buffers[s.buffer_of[i]].start * size};
  }
  std::vector<uint64_t> scalars;
  for (ir::Value v : s.scalars) scalars.push_back(trace.scalar_bits(v));
  const auto choose = [&](const passes::KernelStep& step) {
    const auto at =
        reinterpret_cast<const std::byte*>(&step) - reinterpret_cast<const std::byte*>(cached.plan.steps.data());
    return cached.kernels[static_cast<size_t>(at) / sizeof(passes::Step)]->choose(ir::num_elements(step.extents));
  };
  return codegen::execute(cached.plan, inputs, scalars, choose);
}

void refuse_holes(const Trace& trace, std::span<const ir::Value> roots) {
  for (ir::Value r : roots) {
    if (!trace.abstract(r)) continue;
    const std::string where = trace.graph.location(r).text();
    throw ValueError("inside vmap a value that depends on the batch cannot be looked at" +
                     (where.empty() ? "" : " (recorded at " + where + ")") +
                     ": there is one for each element of the batch. Use where() in place of a branch, and look at the "
                     "result of vmap");
  }
}

void run_selection(Trace& trace, const Selection& s) {
  runtime::counters().ops_recorded.fetch_add(std::exchange(trace.ops_recorded, 0), std::memory_order_relaxed);
  runtime::counters().flushes.fetch_add(1, std::memory_order_relaxed);
  const std::shared_ptr<const CachedPlan> cached =
      plan_for(structure(trace, s), [&] { return make_plan(make_program(trace, s)); });
  std::vector<runtime::Buffer> results = run(trace, s, *cached);

  for (ir::Value v : s.skipped) trace.set_skipped(v);
  for (size_t i = 0; i < s.outputs.size(); ++i) {
    const passes::PlanOutput& out = cached->plan.outputs[i];
    trace.store(s.outputs[i], results[i], out.offset, out.strides);
    for (Cell* cell = trace.cells(s.outputs[i]); cell; cell = cell->next) show_stored(trace, *cell);
  }
}

}  // namespace

void flush(Trace& trace, std::span<const ir::Value> roots) {
  refuse_holes(trace, roots);
  const Selection s = select(trace, roots, true);
  if (!s.outputs.empty()) run_selection(trace, s);
  for (ir::Value r : roots)
    if (trace.graph.op(r) == ir::Op::mark)
      for (Cell* cell = trace.cells(r); cell; cell = cell->next) show_stored(trace, *cell);
}

void flush_all(Trace& trace) {
  std::vector<ir::Value> roots;
  for (uint32_t id = 0; id < trace.graph.size(); ++id)
    if (trace.alive({id}) && trace.cells({id}) && !trace.stored({id}) && !trace.abstract({id})) roots.push_back({id});
  if (!roots.empty()) flush(trace, roots);
}

void cut(Trace& trace) {
  // What is filled with one value needs no memory before somebody writes to it.
  const auto is_filled = [&](ir::Value v) {
    const ir::Op op = trace.graph.op(v);
    return ir::class_of(op) == ir::OpClass::source ||
           (op == ir::Op::broadcast && ir::class_of(trace.graph.op(trace.graph.operand(v, 0))) == ir::OpClass::source);
  };
  std::vector<ir::Value> roots;
  for (uint32_t id = 0; id < trace.graph.size(); ++id) {
    const ir::Value v{id};
    if (trace.alive(v) && trace.cells(v) && !trace.stored(v) && !trace.abstract(v) && !is_filled(v)) roots.push_back(v);
  }
  if (!roots.empty()) flush(trace, roots);
  trace.reset_limits();
}

}  // namespace tarry::frontend
