#pragma once
/// Passes and the list of them that a program goes through.

#include <tarry/ir/program.h>
#include <tarry/passes/plan.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarry::passes {

/// A pass over array-level graphs: a pure function from graph to graph with the same outputs.
struct Pass {
  std::string_view name;
  std::string_view contract;  // what it does, needs, keeps, and why LLVM cannot do it
  ir::Graph (*run)(ir::Graph);
};

/// Every pass that can be named.
std::span<const Pass> all_passes();
/// Null when there is none of this name.
const Pass* find_pass(std::string_view name);

/// What watches a pipeline run. All optional.
struct Observer {
  /// After a pass that changed the graph: its name and the new graph.
  std::function<void(std::string_view pass, const ir::Graph&)> changed;
  /// After each stage: its name and its wall time.
  std::function<void(std::string_view stage, double microseconds)> timed;
};

struct PipelineOptions {
  std::vector<std::string> passes;  // by name, in order; empty: the default list
#ifdef NDEBUG
  bool verify = false;
#else
  bool verify = true;  // after every pass and of every kernel
#endif
  Observer observer;
};

/// Runs the passes alone. Throws ValueError for an unknown name.
ir::Program run_passes(ir::Program program, const PipelineOptions& options = {});

/// Dead code is dropped; movement ops are composed; what is an identity bit for bit is removed:
/// transposes, slices, reshapes, broadcasts and casts that change nothing, double negation, selects of
/// equal values, updates of a whole array, reads of just what an update wrote; values without elements become
/// constants. Keeps every bit of every output.
/// LLVM sees neither arrays nor views, so it cannot do this.
ir::Graph simplify(ir::Graph graph);

/// Groups as text: which values each step computes, reads and stores, and why it is a step of its own; and what
/// `remark` has to say of it.
std::string explain(const Plan& plan, const std::function<std::string(const Step&)>& remark = {});

}  // namespace tarry::passes
