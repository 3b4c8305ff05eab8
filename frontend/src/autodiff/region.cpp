#include "autodiff/region.h"

#include "scalar.h"

#include <tarry/ir/error.h>
#include <tarry/ir/hash.h>
#include <tarry/passes/autodiff.h>
#include <tarry/passes/batch.h>
#include <tarry/runtime/cache.h>

#include <algorithm>
#include <cmath>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::Value;

/// What lies between the targets and the roots, ascending, and which of it depends on the targets.
struct Between {
  std::vector<Value> nodes;
  std::vector<bool> dependent, target;
};

Between collect(Trace& trace, const Targets& targets, std::span<const Value> roots) {
  Between b;
  const uint32_t first = targets.first().id;
  trace.begin_walk();
  for (Value r : roots)
    if (trace.visit(r)) b.nodes.push_back(r);
  for (size_t i = 0; i < b.nodes.size(); ++i) {
    const Value v = b.nodes[i];
    if (trace.failed(v)) throw IndexError(trace.failure(v));  // it has forgotten its operands
    if (v.id <= first || !trace.taped(v) || targets.is_end(v)) continue;
    for (Value o : trace.graph.operands(v))
      if (trace.visit(o)) b.nodes.push_back(o);
  }
  std::ranges::sort(b.nodes);
  for (uint32_t i = 0; i < b.nodes.size(); ++i) trace.set_number(b.nodes[i], i);
  b.dependent.resize(b.nodes.size(), false);
  b.target.resize(b.nodes.size(), false);
  for (size_t i = 0; i < b.nodes.size(); ++i) {
    const Value v = b.nodes[i];
    if (v.id < first || !trace.taped(v)) continue;
    b.dependent[i] = b.target[i] = targets.number(v).has_value();
    if (targets.is_end(v)) continue;
    for (Value o : trace.graph.operands(v))
      if (o.id >= first && trace.taped(o)) b.dependent[i] = b.dependent[i] || b.dependent[trace.number(o)];
  }
  return b;
}

/// Independent values count only where a dependent one reads them.
std::vector<bool> needed_of(const Trace& trace, const Between& b, std::span<const Value> roots) {
  std::vector<bool> needed(b.nodes.size(), false);
  for (Value r : roots) needed[trace.number(r)] = true;
  for (size_t i = b.nodes.size(); i-- > 0;) {
    if (!needed[i] || !b.dependent[i] || b.target[i]) continue;
    for (Value o : trace.graph.operands(b.nodes[i])) needed[trace.number(o)] = true;
  }
  return needed;
}

}  // namespace

/// A number of the user's that is finite and not 0: then derivatives need not guard products with it.
bool is_plain_scalar(const Trace& trace, Value v) {
  if (trace.stored(v) || trace.graph.op(v) != Op::scalar) return false;
  const double x = as_double(trace.graph.dtype(v), trace.scalar_bits(v));
  return std::isfinite(x) && x != 0;
}

Region take_region(Trace& trace, const Targets& targets, std::span<const Value> roots) {
  Region region;
  ir::Graph& g = region.graph;
  const auto parameter = [&](Value v) {
    const auto slot = static_cast<int64_t>(g.size());
    region.values.push_back(v);
    return g.append(Op::parameter, trace.graph.dtype(v), trace.graph.shape(v), std::span(&slot, 1), {});
  };
  const Between b = collect(trace, targets, roots);
  const std::vector<bool> needed = needed_of(trace, b, roots);
  std::vector<Value> made(b.nodes.size()), operands;
  std::vector<std::pair<uint32_t, size_t>> reached;
  for (size_t i = 0; i < b.nodes.size(); ++i)
    if (b.target[i]) reached.emplace_back(*targets.number(b.nodes[i]), i);
  std::ranges::sort(reached);
  for (const auto& [number, i] : reached) {
    region.targets.push_back(number);
    made[i] = parameter(b.nodes[i]);
  }
  const auto number = [&](Value v) {
    const auto slot = static_cast<int64_t>(g.size());
    region.values.push_back(v);
    return g.append(Op::scalar, trace.graph.dtype(v), {}, std::span(&slot, 1), {});
  };
  constexpr int64_t kAnyMark = 0;
  for (size_t i = 0; i < b.nodes.size(); ++i) {
    const Value v = b.nodes[i];
    const Op op = trace.graph.op(v);
    if (!needed[i] || made[i].valid()) continue;
    if (!b.dependent[i] && op != Op::constant) {
      made[i] = is_plain_scalar(trace, v) ? number(v) : parameter(v);
      continue;
    }
    operands.clear();
    for (Value o : trace.graph.operands(v)) operands.push_back(made[trace.number(o)]);
    const std::span<const int64_t> attrs = op == Op::mark ? std::span(&kAnyMark, 1) : trace.graph.attrs(v);
    made[i] = g.add(op, trace.graph.dtype(v), trace.graph.shape(v), operands, attrs, trace.graph.location(v));
    if (made[i].id == region.values.size())
      region.values.push_back(v);
    else if (trace.stored(v))  // twice in the trace, once here
      region.values[made[i].id] = v;
  }
  for (Value r : roots) {
    g.outputs.push_back(made[trace.number(r)]);
    region.depends.push_back(b.dependent[trace.number(r)]);
  }
  return region;
}

Transformed prepare(ir::Graph graph, uint32_t own_nodes, size_t seeds) {
  Transformed t;
  t.own_nodes = own_nodes;
  for (size_t i = 0; i < seeds; ++i) t.seeds.push_back({static_cast<uint32_t>(own_nodes + i)});
  t.uses.assign(graph.size(), 0);
  for (Value v : graph.outputs) ++t.uses[v.id];
  for (uint32_t id = graph.size(); id-- > own_nodes + seeds;) {
    if (t.uses[id] == 0) continue;
    t.order.push_back({id});
    for (Value o : graph.operands({id})) ++t.uses[o.id];
  }
  std::ranges::reverse(t.order);
  t.graph = std::move(graph);
  return t;
}

namespace {

struct Key {
  Transform kind;
  int64_t count;
  size_t num_targets;
  ir::Graph graph;
};

/// What a transform takes goes by the nodes that it is of.
struct NodesAndTransform {
  size_t operator()(const Key& key) const { return key.graph.size() + 256; }
};

uint64_t hash_of(Transform kind, const Region& r, int64_t count) {
  const uint64_t rest = (r.targets.size() * 4 + static_cast<uint64_t>(kind)) * 31 + static_cast<uint64_t>(count);
  return ir::hash(r.graph) ^ rest * ir::kGolden;
}

ir::Graph graph_of(Transform kind, const Region& r, std::span<const Value> targets, int64_t count) {
  switch (kind) {
    case Transform::forward: return passes::jvp(r.graph, targets);
    case Transform::reverse: return passes::vjp(r.graph, targets);
    case Transform::batch: return passes::batch(r.graph, targets, count);
  }
  return {};
}

std::shared_ptr<const Transformed> transform(Transform kind, const Region& r, int64_t count) {
  std::vector<Value> targets;
  for (uint32_t i = 0; i < r.targets.size(); ++i) targets.push_back({i});
  const size_t seeds = kind == Transform::reverse ? r.graph.outputs.size() : targets.size();
  return std::make_shared<const Transformed>(prepare(graph_of(kind, r, targets, count), r.graph.size(), seeds));
}

}  // namespace

std::shared_ptr<const Transformed> transformed(Transform kind, const Region& r, int64_t count) {
  constexpr size_t kKeep = size_t{1} << 18, kLargest = 10000;  // nodes of all; of one
  if (r.graph.size() > kLargest) return transform(kind, r, count);
  using Transforms = runtime::Cache<Key, const Transformed, NodesAndTransform>;
  static constinit runtime::MadeOnce<Transforms> cache;
  return cache.get([] { return new Transforms(kKeep); })
      .find_or_make(
          hash_of(kind, r, count),
          [&](const Key& k) {
            return k.kind == kind && k.count == count && k.num_targets == r.targets.size() &&
                   ir::equal(k.graph, r.graph);
          },
          [&] {
            return Key{kind, count, r.targets.size(), r.graph};
          },
          [&] { return transform(kind, r, count); });
}

}  // namespace tarry::frontend
