// The pipeline, and the driver that times, verifies and shows it.

#include "fuse.h"
#include "lower.h"
#include "straight.h"

#include <tarry/ir/error.h>
#include <tarry/ir/verify.h>
#include <tarry/passes/autodiff.h>
#include <tarry/passes/pass.h>

#include <chrono>
#include <utility>

namespace tarry::passes {
namespace {

constexpr Pass kPasses[] = {
    {"legalize", "spells out what only transforms record; keeps every bit; LLVM sees no arrays", legalize},
    {"simplify",
     "composes movement ops and removes what is an identity bit for bit; keeps every bit; LLVM sees no arrays",
     simplify},
};

constexpr std::string_view kDefaultPasses[] = {"legalize", "simplify"};

/// Whether a list of passes left nothing that fusion does not know.
bool is_legal(const ir::Graph& g) {
  for (uint32_t id = 0; id < g.size(); ++id)
    if (ir::class_of(g.op({id})) == ir::OpClass::transform) return false;
  return true;
}

class Stopwatch {
 public:
  explicit Stopwatch(const PipelineOptions& options) : options_(options) {}
  void lap(std::string_view stage) {
    if (!options_.observer.timed) return;
    const auto now = std::chrono::steady_clock::now();
    options_.observer.timed(stage, std::chrono::duration<double, std::micro>(now - last_).count());
    last_ = std::chrono::steady_clock::now();
  }

 private:
  const PipelineOptions& options_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void run_one(const Pass& pass, const PipelineOptions& options, ir::Program* program) {
  const ir::Graph before = options.observer.changed ? program->graph : ir::Graph();
  program->graph = pass.run(std::move(program->graph));
  if (options.observer.changed && !ir::equal(program->graph, before))
    options.observer.changed(pass.name, program->graph);
  if (options.verify) ir::verify(*program);
}

void verify_kernels(const Plan& plan, const PipelineOptions& options) {
  if (!options.verify) return;
  for (const Step& step : plan.steps)
    if (auto* kernel = std::get_if<KernelStep>(&step.work)) ir::verify(*kernel->kernel);
}

}  // namespace

std::span<const Pass> all_passes() { return kPasses; }

const Pass* find_pass(std::string_view name) {
  for (const Pass& p : kPasses)
    if (p.name == name) return &p;
  return nullptr;
}

ir::Program run_passes(ir::Program program, const PipelineOptions& options) {
  if (options.verify) ir::verify(program);
  Stopwatch watch(options);
  if (options.passes.empty()) {
    for (std::string_view name : kDefaultPasses) {
      run_one(*find_pass(name), options, &program);
      watch.lap(name);
    }
  }
  for (const std::string& name : options.passes) {
    const Pass* pass = find_pass(name);
    if (!pass) throw ValueError("there is no pass '" + name + "'");
    run_one(*pass, options, &program);
    watch.lap(name);
  }
  return program;
}

Plan compile(Program program) { return compile(std::move(program), PipelineOptions{}); }

Plan compile(Program input, const PipelineOptions& options) {
  ir::Program program = run_passes(std::move(input), options);
  if (!is_legal(program.graph)) program.graph = legalize(std::move(program.graph));
  Stopwatch watch(options);
  if (std::optional<Plan> plan = plan_straight(program)) {
    watch.lap("plan");
    verify_kernels(*plan, options);
    return std::move(*plan);
  }
  Fusion fusion = fuse(program);
  watch.lap("fuse");
  Plan plan = lower(program, std::move(fusion));
  watch.lap("lower");
  verify_kernels(plan, options);
  return plan;
}

}  // namespace tarry::passes
