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

}  // namespace

bool only_folds(const ir::Kernel& k, const ir::RowPlan& plan, const ir::RowPlan::Phase& phase) {
  const ir::Graph& g = k.body;
  const auto leaves_more = [&](ir::Value v) {
    const bool reads = g.op(v) == Op::load && g.operands(v).empty();
    const bool computes = ir::class_of(g.op(v)) == ir::OpClass::elementwise || ir::is_reduce(g.op(v));
    return !(reads || computes) || std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end();
  };
  const auto folds = [&](ir::Value v) { return ir::is_reduce(g.op(v)); };
  return phase.restored.empty() && any_of(phase.elements, folds) && !any_of(phase.elements, leaves_more);
}

int rows_at_once(const ir::Kernel& k, const ir::RowPlan& plan, const std::vector<bool>& live) {
  if (k.schedule != ir::Schedule::row || k.row_rank != 1 || plan.phases.size() < 3) return 1;
  const ir::RowPlan::Phase &first = plan.phases.front(), &last = plan.phases.back();
  if (any_of(first.before, [&](ir::Value v) { return live[v.id]; }) || !only_folds(k, plan, first) ||
      folds_or_scans(k.body, last.elements) || !waits_for_divisions(k.body, last.elements))
    return 1;
  size_t nodes = first.elements.size() + last.elements.size();
  if (nodes > kUnrolledNodes) return 1;
  const auto heavy = [&](const ir::RowPlan::Phase& p) { return is_heavy(k.body, p.elements); };
  if (std::any_of(plan.phases.begin() + 1, plan.phases.end() - 1, heavy)) return 2;
  nodes += plan.phases[1].elements.size();
  return plan.phases.size() == 3 && only_folds(k, plan, plan.phases[1]) && nodes <= kUnrolledNodes ? 3 : 1;
}

}  // namespace tarry::codegen
