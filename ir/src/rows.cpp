#include <tarry/ir/kernel.h>
#include <tarry/ir/reduction.h>

#include <algorithm>

namespace tarry::ir {
namespace {

constexpr int kKeepCost = 8;  // dearer than a store and a load of L1

Level level_of(const Kernel& k, const std::vector<Level>& level, Value v) {
  const Graph& g = k.body;
  switch (g.op(v)) {
    case Op::load:
    case Op::index:
    case Op::store: return k.accesses[g.attr(v)].in_row ? Level::element : Level::row;
    default: break;
  }
  if (is_reduce(g.op(v))) return Level::row;
  if (class_of(g.op(v)) == OpClass::scan) return Level::element;
  Level l = Level::uniform;
  for (Value o : g.operands(v)) l = std::max(l, level[o.id]);
  return l;
}

/// For each node the cold_begin of the region it stands in, or invalid.
std::vector<Value> enclosing_regions(const Graph& g) {
  std::vector<Value> region(g.size());
  std::vector<Value> open;
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (g.op(v) == Op::cold_end) open.pop_back();
    if (!open.empty()) region[id] = open.back();
    if (g.op(v) == Op::cold_begin) open.push_back(v);
  }
  return region;
}

}  // namespace

int cost(Op op, DType dtype) {
  if (class_of(op) != OpClass::elementwise) return 1;
  const int wide = dtype == DType::float64 ? 2 : 1;
  switch (op) {
    case Op::div:
    case Op::sqrt: return 4 * wide;
    case Op::exp: case Op::exp2: case Op::expm1: case Op::log: case Op::log2: case Op::log10: case Op::log1p:
    case Op::sin: case Op::cos: case Op::tan: case Op::asin: case Op::acos: case Op::atan: case Op::sinh:
    case Op::cosh: case Op::tanh: case Op::asinh: case Op::acosh: case Op::atanh: case Op::erf: case Op::cbrt:
    case Op::hypot: case Op::nextafter: case Op::floor_div: case Op::mod: case Op::fmod: return 16 * wide;
    case Op::pow:
    case Op::atan2: return 40 * wide;
    default: return 1;
  }
}

RowPlan plan_rows(const Kernel& k) {
  const Graph& g = k.body;
  const uint32_t n = g.size();
  RowPlan plan;
  plan.level.resize(n);
  plan.phase.assign(n, 0);
  int last = 0;
  for (uint32_t id = 0; id < n; ++id) {
    Value v{id};
    plan.level[id] = level_of(k, plan.level, v);
    for (Value o : g.operands(v)) plan.phase[id] = std::max(plan.phase[id], plan.phase[o.id]);
    if (is_reduce(g.op(v))) {
      last = std::max(last, plan.phase[id]);
      ++plan.phase[id];
    } else if (plan.level[id] == Level::element) {
      last = std::max(last, plan.phase[id]);
    }
  }
  // A region is walked whole: its nodes, begin and end share the phase of the end.
  const std::vector<Value> region = enclosing_regions(g);

  // The walks that must produce each element value: those of its own sinks, then, from users to
  // operands, those of its users; a kept value is produced once and restored elsewhere.
  std::vector<uint64_t> walks(n, 0);  // bit p: needed in walk p
  std::vector<bool> kept(n, false);
  std::vector<int> total(n, 0);
  for (uint32_t id = 0; id < n; ++id) {
    Value v{id};
    if (plan.level[id] != Level::element) continue;
    total[id] = cost(g.op(v), g.dtype(v));
    for (Value o : g.operands(v))
      if (plan.level[o.id] == Level::element) total[id] += total[o.id];
    total[id] = std::min(total[id], 1 << 20);
  }
  for (uint32_t id = n; id-- > 0;) {
    Value v{id};
    const bool reduces = is_reduce(g.op(v));
    if (g.op(v) == Op::store && plan.level[id] == Level::element) walks[id] |= 1ull << plan.phase[id];
    if (class_of(g.op(v)) == OpClass::scan) walks[id] = walks[id] ? 1ull << plan.phase[id] : 0;
    uint64_t needed = reduces ? 1ull << (plan.phase[id] - 1) : walks[id];
    if (!reduces && plan.level[id] != Level::element) continue;
    const bool many = (needed & (needed - 1)) != 0 || (needed && needed != 1ull << plan.phase[id]);
    const bool is_scan = class_of(g.op(v)) == OpClass::scan;
    if (!reduces && many && !region[id].valid() && g.op(v) != Op::cold_begin && g.op(v) != Op::load &&
        (total[id] >= kKeepCost || is_scan)) {
      kept[id] = true;
      plan.kept.push_back(v);
      needed = 1ull << plan.phase[id];
      walks[id] |= needed;
    }
    for (Value o : g.operands(v))
      if (plan.level[o.id] == Level::element || g.op(o) == Op::cold_begin) walks[o.id] |= needed;
    if (region[id].valid()) walks[region[id].id] |= needed;
  }
  std::reverse(plan.kept.begin(), plan.kept.end());

  plan.phases.resize(last + 1);
  for (uint32_t id = 0; id < n; ++id) {
    Value v{id};
    if (is_reduce(g.op(v))) {
      plan.phases[plan.phase[id] - 1].elements.push_back(v);
    } else if (plan.level[id] == Level::element) {
      for (int p = 0; p <= last; ++p) {
        if (!(walks[id] >> p & 1)) continue;
        if (kept[id] && p != plan.phase[id]) plan.phases[p].restored.push_back(v);
        else plan.phases[p].elements.push_back(v);
      }
    } else if (plan.level[id] == Level::row) {
      if (plan.phase[id] <= last && g.op(v) != Op::store) plan.phases[plan.phase[id]].before.push_back(v);
      else plan.after.push_back(v);
    }
  }
  return plan;
}

}  // namespace tarry::ir
