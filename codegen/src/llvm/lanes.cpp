#include <tarry/ir/reduction.h>

#include <algorithm>

#include "llvm/schedules.h"

namespace tarry::codegen {

int choose_lanes(const ir::Kernel& kernel, const std::vector<bool>& live, int vector_bytes) {
  if (ir::is_ordered(kernel)) return 1;
  const ir::Graph& g = kernel.body;
  int of_size[9] = {};
  for (uint32_t id = 0; id < g.size(); ++id) {
    const ir::Value v{id};
    const ir::Op op = g.op(v);
    if (!live[id] || op == ir::Op::constant || op == ir::Op::scalar || ir::is_bool(g.dtype(v))) continue;
    if (op == ir::Op::cold_begin || ir::is_store(op) || op == ir::Op::index) continue;
    const size_t size = ir::size_of(ir::is_reduce(op) ? ir::accumulator(g.dtype(v)) : g.dtype(v));
    ++of_size[std::min<size_t>(size, 8)];
  }
  int best = 1;
  for (int size = 1; size <= 8; size *= 2)
    if (of_size[size] >= of_size[best]) best = size;
  // Reductions have 32 lanes in all.
  return std::min(vector_bytes / best, ir::kReduceLanes);
}

namespace {

/// A region is evaluated whole: what stands in it (but constants and scalars, which stand everywhere)
/// and its begin get the level of its end. Outer regions end later, and hand down theirs first.
void unite_regions(const ir::Graph& g, std::vector<ir::Level>& level) {
  std::vector<ir::Value> open;  // ends of the regions around, outermost first
  for (uint32_t id = g.size(); id-- > 0;) {
    const ir::Value v{id};
    if (!open.empty() && ir::class_of(g.op(v)) != ir::OpClass::source) level[id] = level[open.back().id];
    if (g.op(v) == ir::Op::cold_end) open.push_back(v);
    if (g.op(v) == ir::Op::cold_begin) open.pop_back();
  }
}

}  // namespace

std::vector<ir::Level> levels_along_outer(const ir::Kernel& kernel) {
  const ir::Graph& g = kernel.body;
  std::vector<ir::Level> level(g.size(), ir::Level::uniform);
  for (uint32_t id = 0; id < g.size(); ++id) {
    const ir::Value v{id};
    const ir::Op op = g.op(v);
    if (op == ir::Op::load || op == ir::Op::index || op == ir::Op::load_at) {
      const bool along = kernel.accesses[g.attr(v)].outer != ir::StrideClass::zero;
      level[id] = along ? ir::Level::element : ir::Level::row;
    } else if (ir::is_store(op)) {
      level[id] = ir::Level::element;
    }
    for (ir::Value o : g.operands(v)) level[id] = std::max(level[id], level[o.id]);
  }
  unite_regions(g, level);
  return level;
}

}  // namespace tarry::codegen
