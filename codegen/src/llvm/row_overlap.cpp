#include "llvm/row_overlap.h"

#include <algorithm>

namespace tarry::codegen {
namespace {

using ir::Op;
using Nodes = std::vector<ir::Value>;

template <class Predicate>
bool any_of(const Nodes& nodes, Predicate&& p) {
  return std::any_of(nodes.begin(), nodes.end(), p);
}

bool folds_or_scans(const ir::Graph& g, const Nodes& elements) {
  return any_of(elements,
                [&](ir::Value v) { return ir::is_reduce(g.op(v)) || ir::class_of(g.op(v)) == ir::OpClass::scan; });
}

bool is_heavy(const ir::Graph& g, const Nodes& elements) {
  int cost = 0;
  for (ir::Value v : elements) cost += ir::cost(g.op(v), g.dtype(v));
  return cost >= kHeavyWalk;
}

bool waits_for_divisions(const ir::Graph& g, const Nodes& elements) {
  return any_of(elements, [&](ir::Value v) {
    const Op op = g.op(v);
    return ir::is_float(g.dtype(v)) && (op == Op::div || op == Op::div0 || op == Op::sqrt);
  });
}

/// Whether a phase reads, computes and folds, and does nothing else but what `allowed` says.
template <class Allowed>
bool folds(const ir::Kernel& k, const ir::RowPlan::Phase& phase, Allowed&& allowed) {
  const ir::Graph& g = k.body;
  const auto does_more = [&](ir::Value v) {
    const bool reads = g.op(v) == Op::load && g.operands(v).empty();
    const bool computes = ir::class_of(g.op(v)) == ir::OpClass::elementwise || ir::is_reduce(g.op(v));
    return !(reads || computes || allowed(g.op(v)));
  };
  return phase.restored.empty() && any_of(phase.elements, [&](ir::Value v) { return ir::is_reduce(g.op(v)); }) &&
         !any_of(phase.elements, does_more);
}

bool is_part_of_function(Op op) { return op == Op::bits || op == Op::cold_begin || op == Op::cold_end; }

}  // namespace

bool only_folds(const ir::Kernel& k, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase) {
  const auto kept = [&](ir::Value v) { return std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end(); };
  return folds(k, phase, [](Op) { return false; }) && !any_of(phase.elements, kept);
}

bool goes_in_stages(const ir::Kernel& k, const ir::RowPlan& plan, const std::vector<bool>& live) {
  if (k.schedule != ir::Schedule::row || k.row_rank != 1 || plan.phases.size() != 3) return false;
  const ir::RowPlan::Phase &first = plan.phases[0], &middle = plan.phases[1], &last = plan.phases[2];
  if (any_of(first.before, [&](ir::Value v) { return live[v.id]; }) || !only_folds(k, plan, first) ||
      !folds(k, middle, is_part_of_function) || folds_or_scans(k.body, last.elements) ||
      !waits_for_divisions(k.body, last.elements))
    return false;
  const size_t nodes = first.elements.size() + middle.elements.size() + last.elements.size();
  return nodes <= (is_heavy(k.body, middle.elements) ? kUnrolledInStages : kUnrolledNodes);
}

int64_t longest_in_stages(const ir::Kernel& k, const ir::RowPlan& plan) {
  // As measured: where a walk computes much, what comes from a cache that is not the nearest is there in time.
  return is_heavy(k.body, plan.phases[1].elements) ? 32 * 1024 : 4096;
}

bool stages_take_whole_blocks(const ir::Kernel& k, const ir::RowPlan& plan) {
  return !is_heavy(k.body, plan.phases[1].elements);
}

}  // namespace tarry::codegen
