#include "group_builder.h"

#include "kernel_limits.h"

#include <tarry/ir/error.h>
#include <tarry/passes/expand.h>

#include <algorithm>
#include <utility>

namespace tarry::passes {

using ir::Op;
using ir::OpClass;
using ir::Value;

namespace {

constexpr size_t kMaxArrays = 128;  // of a kernel of many ops; code generation compares each with all others
constexpr int kMaxMaps = 16;        // index maps one producer is emitted for
constexpr int kStoreCost = 10;      // a store and a load, in additions: what recomputing is weighed against
constexpr int kBroadcastCost = 4;   // dearer values are not computed again for each broadcast copy
constexpr int kSiblingWalk = 32;    // values looked at in search of a shared leaf
constexpr const char* kByLibrary = "the library writes to storage";

}  // namespace

void GroupBuilder::build(Value v) {
  head_ = v;
  group_.where = g_.location(v);
  group_.masks.push_back({});
  if (g_.op(v) == Op::matmul) return build_matmul(v);
  if (is_library(v)) return build_sort(v);
  if (g_.op(v) == Op::update) {
    start_update(v);
  } else if (ir::is_scatter(g_.op(v))) {
    start_scatter(v);
  } else {
    start_kernel(v);
  }
  drain();
  finish();
}

// ---- starting ----

void GroupBuilder::start_kernel(Value v) {
  group_.kind = Group::Kind::kernel;
  const ir::Shape& shape = g_.shape(v);
  std::vector<uint32_t> coordinates;
  for (int64_t extent : shape) coordinates.push_back(group_.space.add(extent));
  group_.space.outer = coordinates;
  if (ir::class_of(g_.op(v)) == OpClass::scan) {
    const int64_t axis = g_.attr(v);
    group_.space.outer.erase(group_.space.outer.begin() + axis);
    group_.space.row = {coordinates[axis]};
    group_.has_rows = group_.is_scan = true;
  }
  roots_.push_back(v.id);
  demand(v, identity_map(coordinates), 0, group_.is_scan);
  if (!group_.is_scan && c_.allow_merging) add_siblings(v);
}

void GroupBuilder::start_update(Value v) {
  group_.kind = Group::Kind::update;
  const Value fresh = g_.operand(v, 1);
  std::vector<uint32_t> coordinates;
  for (int64_t extent : g_.shape(fresh)) coordinates.push_back(group_.space.add(extent));
  group_.space.outer = coordinates;
  const uint32_t node = demand(fresh, identity_map(coordinates), 0, false);
  IndexMap target;
  for (size_t d = 0; d < coordinates.size(); ++d)
    target.push_back(offset(scale(LinearForm::of(coordinates[d]), g_.attr(v, static_cast<int>(2 * d) + 1)),
                            g_.attr(v, static_cast<int>(2 * d))));
  const Value base = c_.peel(g_.operand(v, 0));
  const size_t known = c_.fusion.storages.size();
  group_.base = c_.request(base, base != g_.operand(v, 0));
  if (group_.base == known) c_.fusion.storages[known].why = "an update writes to it";
  for (uint32_t s : c_.storages_of[v.id]) group_.roots.push_back({node, s, target});
  c_.pending.erase(v.id);
}

std::unordered_set<uint32_t> GroupBuilder::near_leaves(Value v) const {
  std::unordered_set<uint32_t> leaves, seen;
  std::vector<uint32_t> stack{v.id};
  for (int walked = 0; !stack.empty() && walked < kSiblingWalk; ++walked) {
    const uint32_t id = stack.back();
    stack.pop_back();
    if (id != v.id && (g_.op({id}) == Op::parameter || !c_.storages_of[id].empty())) {
      if (!g_.shape({id}).empty()) leaves.insert(id);
      continue;
    }
    for (Value o : g_.operands({id}))
      if (seen.insert(o.id).second) stack.push_back(o.id);
  }
  return leaves;
}

bool GroupBuilder::shares_leaf(const std::unordered_set<uint32_t>& leaves, Value v) const {
  for (uint32_t l : near_leaves(v))
    if (leaves.count(l)) return true;
  return false;
}

/// Other pending values over the same space that read what v reads: one pass over memory for all.
void GroupBuilder::add_siblings(Value v) {
  const bool reduces = ir::is_reduce(g_.op(v));
  std::unordered_set<uint32_t> leaves = near_leaves(v);
  int looked = 0;
  std::vector<uint32_t> joined;
  for (auto it = c_.pending.rbegin(); it != c_.pending.rend() && looked < kSiblingWalk; ++it, ++looked) {
    const Value s{*it};
    const OpClass cls = ir::class_of(g_.op(s));
    if (s == v || cls == OpClass::update || is_library(s) || cls == OpClass::scan) continue;
    if (ir::is_reduce(g_.op(s)) != reduces || !(g_.shape(s) == g_.shape(v))) continue;
    if (reduces &&
        (!(g_.shape(g_.operand(s, 0)) == g_.shape(g_.operand(v, 0))) || !std::ranges::equal(g_.attrs(s), g_.attrs(v))))
      continue;
    if (!shares_leaf(leaves, s)) continue;
    bool independent = true;
    for (uint32_t r : roots_) {
      const uint32_t one[] = {s.id}, other[] = {r};
      independent = independent && !c_.reaches(std::span(c_.storages_of[r]).first(1), one, kReachBudget) &&
                    !c_.reaches(std::span(c_.storages_of[s.id]).first(1), other, kReachBudget);
    }
    if (independent) {
      roots_.push_back(s.id);
      joined.push_back(s.id);
    }
  }
  for (uint32_t s : joined) {
    c_.lowest_merged = std::min(c_.lowest_merged, s);
    demand({s}, identity_map(group_.space.outer), 0, false);
  }
}

// ---- demands ----

uint32_t GroupBuilder::intern_map(IndexMap map) {
  // Nearly every map of a group is one of the last few.
  for (size_t i = group_.maps.size(), tried = 0; i-- > 0 && tried < 64; ++tried)
    if (group_.maps[i] == map) return static_cast<uint32_t>(i);
  group_.maps.push_back(std::move(map));
  return static_cast<uint32_t>(group_.maps.size() - 1);
}

uint32_t GroupBuilder::intern_mask(Mask mask) {
  for (size_t i = 0; i < group_.masks.size(); ++i)
    if (group_.masks[i] == mask) return static_cast<uint32_t>(i);
  group_.masks.push_back(std::move(mask));
  return static_cast<uint32_t>(group_.masks.size() - 1);
}

uint32_t GroupBuilder::identity_map(std::span<const uint32_t> coordinates) {
  IndexMap map;
  for (uint32_t c : coordinates) map.push_back(LinearForm::of(c));
  return intern_map(std::move(map));
}

uint32_t GroupBuilder::demand(Value v, uint32_t map, uint32_t mask, bool element) {
  std::vector<uint32_t>& nodes = nodes_of(v);
  for (uint32_t n : nodes) {
    if (group_.nodes[n].map == map && group_.nodes[n].mask == mask) {
      group_.nodes[n].element |= element;
      return n;
    }
  }
  if (nodes.empty()) queue_.push(v.id);
  Node node;
  node.value = v;
  node.map = map;
  node.mask = mask;
  node.element = element;
  group_.nodes.push_back(node);
  node_operands_.emplace_back();
  nodes.push_back(static_cast<uint32_t>(group_.nodes.size() - 1));
  return nodes.back();
}

void GroupBuilder::drain() {
  while (!queue_.empty()) {
    const Value v{queue_.top()};
    queue_.pop();
    process(v);
  }
}

void GroupBuilder::process(Value v) {
  const Op op = g_.op(v);
  if (op == Op::parameter) {
    process_as_root(v);
    return read(v, "");
  }
  switch (ir::class_of(op)) {
    case OpClass::source: process_as_root(v); return;
    case OpClass::movement: return process_movement(v);
    case OpClass::gather: return is_library(v) ? read(v, kByLibrary) : process_gather(v);
    case OpClass::update: return read(v, "an update writes to storage");
    case OpClass::library: return read(v, kByLibrary);
    case OpClass::scan: {
      if (!(v == head_ && group_.is_scan)) return read(v, "a scan runs in order");
      for (uint32_t n : std::vector<uint32_t>(nodes_of(v)))
        node_operands_[n] = {demand(g_.operand(v, 0), group_.nodes[n].map, group_.nodes[n].mask, true)};
      make_root(nodes_of(v)[0]);
      return;
    }
    case OpClass::reduce: return process_reduce(v);
    case OpClass::elementwise: return process_elementwise(v);
    case OpClass::transform:
      throw InternalError("an op of transforms after legalize: " + std::string(ir::info(op).name));
    case OpClass::kernel: throw InternalError("a kernel-level op in a program: " + std::string(ir::info(op).name));
  }
}

/// Stores v from this group when it needs storage anyway and is computed here for every point.
/// False when it must be read from where another group writes it.
bool GroupBuilder::process_as_root(Value v) {
  const bool head = is_root(v);
  if (!head && !c_.pending.count(v.id)) return g_.op(v) == Op::parameter || c_.storages_of[v.id].empty();
  const std::vector<uint32_t>& nodes = nodes_of(v);
  uint32_t whole = UINT32_MAX;
  for (uint32_t n : nodes)
    if (covers_space(n)) whole = n;
  if (head) {
    make_root(nodes[0]);
    return true;
  }
  if (is_full() && g_.op(v) != Op::parameter) return false;
  if (!c_.allow_merging || whole == UINT32_MAX || (nodes.size() > 1 && g_.op(v) != Op::parameter)) return false;
  if (group_.kind == Group::Kind::update) return false;
  // What this group reads must not need v, or the group would wait for itself.
  const uint32_t target[] = {v.id};
  if (!group_.reads.empty() && c_.reaches(group_.reads, target, kReachBudget)) return false;
  c_.lowest_merged = std::min(c_.lowest_merged, v.id);
  roots_.push_back(v.id);
  make_root(whole);
  return true;
}

void GroupBuilder::make_root(uint32_t node) {
  const Value v = group_.nodes[node].value;
  for (uint32_t s : c_.storages_of[v.id]) {
    if (c_.fusion.storages[s].is_input || c_.fusion.storages[s].writer != UINT32_MAX) continue;
    group_.roots.push_back({node, s, {}});
  }
  c_.pending.erase(v.id);
}

void GroupBuilder::read(Value v, const char* why, bool c_order) {
  for (uint32_t n : nodes_of(v)) read_node(n, why, c_order);
}

void GroupBuilder::read_node(uint32_t node, const char* why, bool c_order) {
  const Value v = group_.nodes[node].value;
  const bool known = !c_.storages_of[v.id].empty();
  const uint32_t s = c_.request(v, c_order);
  if (!known && *why) c_.fusion.storages[s].why = why;
  group_.nodes[node].leaf = true;
  group_.nodes[node].storage = s;
  if (std::find(group_.reads.begin(), group_.reads.end(), s) == group_.reads.end()) group_.reads.push_back(s);
}

void GroupBuilder::process_movement(Value v) {
  const bool stored = is_root(v) || c_.pending.count(v.id);
  if (stored && !process_as_root(v)) return read(v, "");
  const Value x = g_.operand(v, 0);
  for (uint32_t n : std::vector<uint32_t>(nodes_of(v))) {
    if (g_.op(v) == Op::reshape) {
      if (!push_reshape(n)) {
        // The elements of x in C order are those of v: with x stored so, any map of v is an address.
        const Value s = c_.peel(v);
        const size_t known = c_.fusion.storages.size();
        const uint32_t storage = c_.request(s, true);
        if (storage == known) c_.fusion.storages[storage].why = "no affine index map goes through a reshape";
        group_.nodes[n].leaf = true;
        group_.nodes[n].storage = storage;
        if (std::find(group_.reads.begin(), group_.reads.end(), storage) == group_.reads.end())
          group_.reads.push_back(storage);
      }
      continue;
    }
    Mask mask = group_.masks[group_.nodes[n].mask];
    const IndexMap map = through_movement(g_, v, group_.maps[group_.nodes[n].map], &mask);
    const uint32_t map_id = intern_map(map), mask_id = intern_mask(std::move(mask));
    const bool element = group_.nodes[n].element;
    const uint32_t operand = demand(x, map_id, mask_id, element);
    node_operands_[n] = {operand};
    if (g_.op(v) == Op::pad) {
      const uint32_t fill = demand(g_.operand(v, 1), intern_map({}), group_.nodes[n].mask, element);
      node_operands_[n].push_back(fill);
    }
  }
}

/// Whether a reshape gives a reduction's axes back with extent 1. Among others of extent 1 its shape alone does not say
/// which they are.
bool GroupBuilder::gives_back_axes(Value v) const {
  const Value r = g_.operand(v, 0);
  if (!ir::is_reduce(g_.op(r))) return false;
  ir::Shape kept = g_.shape(g_.operand(r, 0));
  for (int64_t axis : g_.attrs(r)) kept[axis] = 1;
  return kept == g_.shape(v);
}

bool GroupBuilder::push_reshape(uint32_t node) {
  const Value v = group_.nodes[node].value, x = g_.operand(v, 0);
  if (gives_back_axes(v)) {
    IndexMap map;
    const std::span<const int64_t> given = g_.attrs(x);
    for (size_t a = 0; a < g_.shape(v).size(); ++a)
      if (std::ranges::find(given, static_cast<int64_t>(a)) == given.end())
        map.push_back(group_.maps[group_.nodes[node].map][a]);
    node_operands_[node] = {demand(x, intern_map(std::move(map)), group_.nodes[node].mask, group_.nodes[node].element)};
    return true;
  }
  for (;;) {
    ReshapeResult r = through_reshape(group_.space, group_.maps[group_.nodes[node].map], g_.shape(x), g_.shape(v));
    if (r.kind == ReshapeResult::Kind::failed) return false;
    if (r.kind == ReshapeResult::Kind::split) {
      split_coordinate(r.coordinate, r.inner_extent);
      continue;
    }
    const uint32_t map = intern_map(std::move(r.map));
    node_operands_[node] = {demand(x, map, group_.nodes[node].mask, group_.nodes[node].element)};
    return true;
  }
}

void GroupBuilder::split_coordinate(uint32_t coordinate, int64_t inner_extent) {
  Space& space = group_.space;
  Split split{coordinate, 0, 0, inner_extent};
  split.first = space.add(space.extent[coordinate] / inner_extent);
  split.second = space.add(inner_extent);
  for (std::vector<uint32_t>* list : {&space.outer, &space.row}) {
    auto at = std::find(list->begin(), list->end(), coordinate);
    if (at == list->end()) continue;
    *at = split.first;
    list->insert(at + 1, split.second);
  }
  for (IndexMap& map : group_.maps)
    for (LinearForm& form : map) form = substitute(form, split);
  for (Mask& mask : group_.masks)
    for (Bound& bound : mask) bound.form = substitute(bound.form, split);
  for (Group::Root& root : group_.roots)
    for (LinearForm& form : root.map) form = substitute(form, split);
}

bool GroupBuilder::needed_elsewhere(Value v) const {
  for (uint32_t u : c_.users_of(v)) {
    auto at = by_value_.find(u);
    if (at == by_value_.end()) {
      if (group_.kind == Group::Kind::update && u == head_.id) continue;
      return true;
    }
    for (uint32_t n : at->second)
      if (group_.nodes[n].leaf) return true;
  }
  return false;
}

const char* GroupBuilder::reason_to_store(Value v) {
  const int cost = c_.tree_cost[v.id];
  const std::vector<uint32_t>& nodes = by_value_.at(v.id);
  if (is_full()) return "the kernel has reached its size";
  if (cost >= kStoreCost && needed_elsewhere(v)) return "another kernel needs it as well";
  if (nodes.size() > kMaxMaps || static_cast<int>(nodes.size() - 1) * cost >= 2 * kStoreCost)
    return "it is read through several index maps";
  // Computing a broadcast value at every point repeats work, unless it is uniform or once per row,
  // as what follows from a reduction is likely to be once the reduction turns this into a row kernel.
  if (cost >= kBroadcastCost && (group_.has_rows || !c_.over_reduction[v.id])) {
    for (uint32_t n : nodes) {
      std::unordered_set<uint32_t> used;
      for (const LinearForm& form : group_.maps[group_.nodes[n].map])
        for (auto [c, k] : form.terms)
          if (group_.space.extent[c] > 1) used.insert(c);
      const auto is_row = [&](uint32_t c) {
        return std::find(group_.space.row.begin(), group_.space.row.end(), c) != group_.space.row.end();
      };
      const bool once_per_row = group_.has_rows && std::none_of(used.begin(), used.end(), is_row);
      if (!used.empty() && !once_per_row &&
          used.size() < wide(group_.space.outer).size() + wide(group_.space.row).size())
        return "it is broadcast";
    }
  }
  return nullptr;
}

bool GroupBuilder::is_full() {
  if (computed_ <= kFewOps) return false;
  for (Value v : std::exchange(uncounted_, {}))
    primitives_ += g_.operands(v).empty() ? 1 : expanded_size(g_.op(v), g_.dtype(g_.operand(v, 0)), g_.dtype(v));
  if (computed_ >= kMaxOps || primitives_ >= kMaxPrimitives) return true;
  // What is asked for and not looked at yet would have to be read. Kernels of fewer ops would only be more of them.
  const size_t arrays = group_.reads.size() + group_.roots.size() + queue_.size();
  return computed_ >= kManyOps && arrays >= kMaxArrays;
}

void GroupBuilder::count_computed(Value v) {
  ++computed_;
  uncounted_.push_back(v);
}

void GroupBuilder::process_elementwise(Value v) {
  const bool stored = is_root(v) || c_.pending.count(v.id) || !c_.storages_of[v.id].empty();
  if (stored) {
    if (!process_as_root(v)) return read(v, "");
  } else if (!(group_.kind == Group::Kind::update && v == g_.operand(head_, 1))) {
    if (const char* why = reason_to_store(v)) return read(v, why);
  }
  for (uint32_t n : std::vector<uint32_t>(nodes_of(v))) {
    count_computed(v);
    std::vector<uint32_t> operands;
    for (Value o : g_.operands(v)) {
      uint32_t map = group_.nodes[n].map;
      if (!(g_.shape(o) == g_.shape(v)))
        map = intern_map(through_broadcast(group_.maps[map], g_.shape(o), g_.shape(v)));
      operands.push_back(demand(o, map, group_.nodes[n].mask, group_.nodes[n].element));
    }
    node_operands_[n] = std::move(operands);
  }
}

// ---- the end ----

/// An update writes one storage, in place where it can. What else is to hold the new version copies it from there.
void GroupBuilder::write_one_version() {
  for (size_t i = 1; i < group_.roots.size(); ++i) {
    const uint32_t from = group_.roots[0].storage, to = group_.roots[i].storage;
    Group copy = copy_group(c_.program, c_.fusion, from, to);
    copy.where = group_.where;
    const uint32_t id = static_cast<uint32_t>(c_.fusion.groups.size());
    c_.fusion.storages[to].writer = id;
    c_.fusion.storages[from].readers.push_back(id);
    c_.fusion.groups.push_back(std::move(copy));
  }
  group_.roots.resize(1);
}

void GroupBuilder::finish() {
  if (group_.kind == Group::Kind::update && retry_through_temporaries()) return;
  if (group_.kind == Group::Kind::update) write_one_version();
  std::vector<uint32_t> order(group_.nodes.size()), place(group_.nodes.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(group_.nodes[a].value.id, a) < std::pair(group_.nodes[b].value.id, b);
  });
  for (uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  for (uint32_t& i : group_.indices) i = place[i];
  std::vector<Node> sorted;
  group_.operands.clear();
  for (uint32_t old : order) {
    Node n = group_.nodes[old];
    n.first_operand = static_cast<uint32_t>(group_.operands.size());
    n.num_operands = static_cast<uint32_t>(node_operands_[old].size());
    for (uint32_t o : node_operands_[old]) group_.operands.push_back(place[o]);
    sorted.push_back(n);
  }
  group_.nodes = std::move(sorted);
  const uint32_t id = static_cast<uint32_t>(c_.fusion.groups.size());
  for (Group::Root& root : group_.roots) {
    root.node = place[root.node];
    if (root.map.empty()) root.map = group_.maps[group_.nodes[root.node].map];
    c_.fusion.storages[root.storage].writer = id;
  }
  for (uint32_t s : group_.reads) c_.fusion.storages[s].readers.push_back(id);
  if (group_.base != UINT32_MAX) c_.fusion.storages[group_.base].readers.push_back(id);
  c_.fusion.groups.push_back(std::move(group_));
}

}  // namespace tarry::passes
