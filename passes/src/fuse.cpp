#include "fuse.h"

#include "group_builder.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <utility>

namespace tarry::passes {

using ir::Op;
using ir::Value;

Context::Context(const Program& p, bool merge) : program(p), g(p.graph), allow_merging(merge) {
  const uint32_t n = g.size();
  storages_of.resize(n);
  needed.assign(n, false);
  over_reduction.assign(n, false);
  tree_cost.assign(n, 0);
  for (Value v : g.outputs) needed[v.id] = true;
  for (uint32_t id = n; id-- > 0;)
    if (needed[id])
      for (Value o : g.operands({id})) needed[o.id] = true;
  first_user.assign(n + 1, 0);
  for (uint32_t id = 0; id < n; ++id)
    if (needed[id])
      for (Value o : g.operands({id})) ++first_user[o.id + 1];
  for (uint32_t id = 0; id < n; ++id) first_user[id + 1] += first_user[id];
  users.resize(first_user[n]);
  find_sorts();
  std::vector<uint32_t> at(first_user.begin(), first_user.end() - 1);
  for (uint32_t id = 0; id < n; ++id) {
    if (!needed[id]) continue;
    for (Value o : g.operands({id})) users[at[o.id]++] = id;
    tree_cost[id] = cost_of({id});
    over_reduction[id] = ir::is_reduce(g.op({id}));
    if (ir::is_elementwise(g.op({id})) || ir::is_movement(g.op({id})))
      for (Value o : g.operands({id})) over_reduction[id] = over_reduction[id] || over_reduction[o.id];
  }
}

int Context::cost_of(Value v) const {
  const Op op = g.op(v);
  if (order_of[v.id].valid()) return 1;
  switch (ir::class_of(op)) {
    case ir::OpClass::source: return op == Op::parameter || op == Op::iota ? 1 : 0;
    case ir::OpClass::movement: return tree_cost[g.operand(v, 0).id] + (op == Op::pad ? 2 : 0);
    case ir::OpClass::elementwise: {
      int64_t c = ir::cost(op, g.dtype(v));
      for (Value o : g.operands(v)) c += tree_cost[o.id];
      return static_cast<int>(std::min<int64_t>(c, 1 << 20));
    }
    case ir::OpClass::gather: {
      int64_t c = ir::cost(Op::load_at, g.dtype(v));
      for (Value o : g.operands(v).subspan(1)) c += tree_cost[o.id];
      return static_cast<int>(std::min<int64_t>(c, 1 << 20));
    }
    default: return 1;  // materialised
  }
}

Value Context::peel(Value v) const {
  while (g.op(v) == Op::reshape) v = g.operand(v, 0);
  return v;
}

uint32_t Context::add_storage(Value v, ir::Strides strides, int64_t offset) {
  Storage s;
  s.value = v;
  s.strides = std::move(strides);
  s.offset = offset;
  fusion.storages.push_back(std::move(s));
  const uint32_t id = static_cast<uint32_t>(fusion.storages.size() - 1);
  storages_of[v.id].push_back(id);
  return id;
}

uint32_t Context::request(Value v, bool c_order) {
  for (uint32_t s : storages_of[v.id]) {
    if (c_order && !(fusion.storages[s].strides == ir::c_strides(g.shape(v)))) continue;
    fusion.storages[s].in_c_order |= c_order;
    return s;
  }
  const uint32_t s = add_storage(v, ir::c_strides(g.shape(v)), 0);
  fusion.storages[s].in_c_order = c_order;
  if (ir::num_elements(g.shape(v)) > 0) pending.insert(v.id);
  return s;
}

bool Context::reaches(std::span<const uint32_t> from_storages, std::span<const uint32_t> target_values,
                      int budget) const {
  // Everything a storage needs: what its group reads once it has one, else its value's operands.
  std::vector<uint32_t>& stack = walk_.stack;
  stack.clear();
  walk_.seen.resize(g.size());
  ++walk_.number;
  uint32_t lowest = UINT32_MAX;
  for (uint32_t t : target_values) lowest = std::min(lowest, t);
  auto push = [&](uint32_t v) {
    if (std::exchange(walk_.seen[v], walk_.number) != walk_.number) stack.push_back(v);
  };
  for (uint32_t s : from_storages) push(fusion.storages[s].value.id);
  while (!stack.empty()) {
    const uint32_t v = stack.back();
    stack.pop_back();
    if (std::find(target_values.begin(), target_values.end(), v) != target_values.end()) return true;
    if (--budget < 0) return true;
    bool grouped = false;
    for (uint32_t s : storages_of[v]) {
      const Storage& storage = fusion.storages[s];
      if (storage.writer == UINT32_MAX) continue;
      grouped = true;
      for (uint32_t r : fusion.groups[storage.writer].reads) push(fusion.storages[r].value.id);
    }
    // Below every target and every merged root there is nothing to find.
    if (!grouped && v > std::min(lowest, lowest_merged))
      for (Value o : g.operands({v})) push(o.id);
  }
  return false;
}

namespace {

void make_input_storages(Context* c) {
  for (uint32_t id = 0; id < c->g.size(); ++id) {
    if (c->g.op({id}) != Op::parameter || !c->needed[id]) continue;
    const ir::InputLayout& in = c->program.inputs[c->g.attr({id})];
    c->fusion.storages[c->add_storage({id}, in.strides, in.offset)].is_input = true;
  }
}

ir::Strides strides_in_order(std::span<const int64_t> shape, std::span<const int64_t> order) {
  if (order.empty()) return ir::c_strides(shape);
  ir::Strides strides(shape.size(), 1);
  int64_t stride = 1;
  for (size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = stride;
    stride *= std::max<int64_t>(shape[order[i]], 1);
  }
  return strides;
}

void request_outputs(Context* c) {
  for (size_t i = 0; i < c->g.outputs.size(); ++i) {
    const Value v = c->g.outputs[i];
    const bool ordered = i < c->program.output_order.size() && !c->program.output_order[i].empty();
    const Value s = ordered ? v : c->peel(v);
    const ir::Shape& shape = c->g.shape(s);
    uint32_t id = c->add_storage(
        s, strides_in_order(shape, ordered ? c->program.output_order[i] : std::span<const int64_t>{}), 0);
    c->fusion.storages[id].is_output = true;
    c->fusion.storages[id].in_c_order = !(s == v);
    c->fusion.output_storage.push_back(id);
    if (ir::num_elements(shape) > 0) c->pending.insert(s.id);
  }
}

Fusion run(const Program& program, bool merge, bool* ordered) {
  Context c(program, merge);
  make_input_storages(&c);
  request_outputs(&c);
  while (!c.pending.empty()) {
    const uint32_t id = *c.pending.rbegin();
    GroupBuilder(&c).build({id});
  }
  *ordered = order_groups(program, &c.fusion);
  return std::move(c.fusion);
}

}  // namespace

Group copy_group(const Program& program, const Fusion& fusion, uint32_t from, uint32_t to) {
  Group group;
  const Value v = fusion.storages[to].value;
  IndexMap map;
  for (int64_t extent : program.graph.shape(v)) {
    group.space.outer.push_back(group.space.add(extent));
    map.push_back(LinearForm::of(group.space.outer.back()));
  }
  group.maps = {map};
  group.masks = {{}};
  Node node;
  // Read in the shape of the target: the same value, or one that reshapes it in C order.
  node.value = fusion.storages[from].value;
  if (!(program.graph.shape(node.value) == program.graph.shape(v))) node.value = v;
  node.leaf = true;
  node.storage = from;
  group.nodes = {node};
  group.reads = {from};
  group.roots = {{0, to, map}};
  return group;
}

Fusion fuse(const Program& program) {
  bool ordered = false;
  Fusion fusion = run(program, true, &ordered);
  // Merging looks ahead a bounded way only; without it the groups follow the graph and always have an order.
  if (!ordered) fusion = run(program, false, &ordered);
  if (!ordered) throw InternalError("the groups of a program form a cycle");
  return fusion;
}

}  // namespace tarry::passes
