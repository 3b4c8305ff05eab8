// Reads and writes at computed places: gathers within a group, and groups that scatter.
//
// An index operand counts as a coordinate of its own, with the extent of its axis: so the place that a
// gather reads is an index map like any other, and goes through views to the memory behind them. Where all indices are
// sums of multiples of positions, as in x[i + j], the places are linear forms as those of a view, and nothing is
// computed.

#include "group_builder.h"

namespace tarry::passes {

using ir::Op;
using ir::OpClass;
using ir::Value;

namespace {

constexpr int kScatterCost = 10;  // dearer values are computed in vectors first
constexpr int kIndexDepth = 8;    // ops between an index and the positions that it is made of

struct Bounds {
  int64_t low, high;
};

/// Of a form of coordinates; nothing where they are too large for 32 bits, or there are no coordinates.
std::optional<Bounds> bounds_of(const LinearForm& form, const Space& space) {
  constexpr int64_t kLimit = INT32_MAX;
  const auto is_large = [](int64_t x) { return x < -kLimit || x > kLimit; };
  if (is_large(form.constant)) return {};
  Bounds b{form.constant, form.constant};
  for (const auto& [coordinate, k] : form.terms) {
    const int64_t last = space.extent[coordinate] - 1;
    if (last < 0 || is_large(last) || is_large(k)) return {};
    (k < 0 ? b.low : b.high) += k * last;
    if (is_large(b.low) || is_large(b.high)) return {};
  }
  return b;
}

}  // namespace

uint32_t GroupBuilder::place_of(Value v, IndexMap* map, const char* why) {
  IndexMap form = *map;
  const Value at = behind_views(v, &form);
  const Value s = g_.op(at) == Op::reshape ? c_.peel(v) : at;
  const size_t known = c_.fusion.storages.size();
  const uint32_t id = c_.request(s, s != at);
  if (id == known) c_.fusion.storages[id].why = why;
  if (s != at) {
    // In C order the elements of s are those of v: addressed as v's shape, along the last axis of s.
    form.assign(g_.shape(s).size(), {});
    if (!form.empty()) form.back() = address(*map, ir::c_strides(g_.shape(v)), 0);
  }
  *map = std::move(form);
  return id;
}

/// An index as a form of the coordinates of `map`, where it is one and no op on the way is too large for its type.
std::optional<LinearForm> GroupBuilder::linear_index(Value v, IndexMap map, int depth) const {
  v = behind_views(v, &map);
  const ir::DType t = g_.dtype(v);
  if (depth == 0 || (t != ir::DType::int64 && t != ir::DType::int32)) return {};
  const auto operand = [&](int i) {
    const Value o = g_.operand(v, i);
    return linear_index(o, through_broadcast(map, g_.shape(o), g_.shape(v)), depth - 1);
  };
  std::optional<LinearForm> form;
  switch (g_.op(v)) {
    case Op::iota: form = map[static_cast<size_t>(g_.attr(v))]; break;
    case Op::constant:
      form = LinearForm{t == ir::DType::int32 ? static_cast<int32_t>(g_.attr(v)) : g_.attr(v), {}};
      break;
    case Op::cast: form = operand(0); break;
    case Op::add:
    case Op::sub:
    case Op::mul: {
      const std::optional<LinearForm> a = operand(0), b = a ? operand(1) : std::nullopt;
      if (!b) return {};
      if (g_.op(v) != Op::mul)
        form = add(*a, g_.op(v) == Op::add ? *b : scale(*b, -1));
      else if (a->terms.empty() || b->terms.empty())
        form = a->terms.empty() ? scale(*b, a->constant) : scale(*a, b->constant);
      break;
    }
    default: break;
  }
  return form && bounds_of(*form, group_.space) ? form : std::nullopt;
}

/// Where a gather reads, by axis of what it reads, if that is the same as for a view.
std::optional<IndexMap> GroupBuilder::linear_places(Value gather, const IndexMap& map) const {
  const ir::Shape& shape = g_.shape(g_.operand(gather, 0));
  const auto axes = g_.attrs(gather);
  const size_t index_axes = g_.shape(g_.operand(gather, 1)).size();
  const IndexMap index_map(map.begin(), map.begin() + static_cast<long>(index_axes));
  IndexMap places;
  size_t rest = index_axes;
  for (size_t a = 0, next = 0; a < shape.size(); ++a) {
    if (next == axes.size() || axes[next] != static_cast<int64_t>(a)) {
      places.push_back(map[rest++]);
      continue;
    }
    std::optional<LinearForm> form = linear_index(g_.operand(gather, static_cast<int>(++next)), index_map, kIndexDepth);
    if (!form) return {};
    const std::optional<Bounds> bounds = bounds_of(*form, group_.space);
    if (!bounds || bounds->low < 0 || bounds->high >= shape[a]) return {};
    places.push_back(std::move(*form));
  }
  return places;
}

void GroupBuilder::process_gather(Value v) {
  const bool stored = is_root(v) || c_.pending.count(v.id) || !c_.storages_of[v.id].empty();
  if (stored) {
    if (!process_as_root(v)) return read(v, "");
  } else if (!(group_.kind == Group::Kind::update && v == g_.operand(head_, 1))) {
    if (const char* why = reason_to_store(v)) return read(v, why);
  }
  const Value x = g_.operand(v, 0);
  const auto axes = g_.attrs(v);
  const size_t index_axes = g_.shape(g_.operand(v, 1)).size();
  for (uint32_t n : std::vector<uint32_t>(nodes_of(v))) {
    ++computed_;
    const IndexMap map = group_.maps[group_.nodes[n].map];
    std::optional<IndexMap> linear = linear_places(v, map);
    IndexMap from = linear.value_or(IndexMap{});
    const uint32_t first = static_cast<uint32_t>(group_.space.extent.size());
    size_t rest = index_axes;
    for (size_t a = 0, next = 0; !linear && a < g_.shape(x).size(); ++a) {
      const bool indexed = next < axes.size() && axes[next] == static_cast<int64_t>(a);
      next += indexed;
      from.push_back(indexed ? LinearForm::of(group_.space.add(g_.shape(x)[a])) : map[rest++]);
    }
    const uint32_t source = place_of(x, &from, "it is read at computed places");
    if (std::find(group_.reads.begin(), group_.reads.end(), source) == group_.reads.end())
      group_.reads.push_back(source);
    const uint32_t source_map = intern_map(std::move(from));
    const uint32_t index_map = intern_map(IndexMap(map.begin(), map.begin() + static_cast<long>(index_axes)));
    std::vector<uint32_t> operands;
    for (size_t i = 0; !linear && i < axes.size(); ++i)
      operands.push_back(
          demand(g_.operand(v, static_cast<int>(i) + 1), index_map, group_.nodes[n].mask, group_.nodes[n].element));
    node_operands_[n] = std::move(operands);
    group_.nodes[n].source = source;
    group_.nodes[n].source_map = source_map;
    group_.nodes[n].first_index = first;
  }
}

/// The space is that of the new elements; its order is that of the writes.
void GroupBuilder::start_scatter(Value v) {
  group_.kind = Group::Kind::update;
  const Value x = g_.operand(v, 0), fresh = g_.operand(v, 1);
  std::vector<uint32_t> coordinates;
  for (int64_t extent : g_.shape(fresh)) coordinates.push_back(group_.space.add(extent));
  group_.space.outer = coordinates;
  const size_t index_axes = g_.shape(g_.operand(v, 2)).size();
  const uint32_t node = demand(fresh, identity_map(coordinates), 0, false);
  const uint32_t index_map = identity_map(std::span(coordinates).first(index_axes));
  for (size_t i = 2; i < g_.operands(v).size(); ++i)
    group_.indices.push_back(demand(g_.operand(v, static_cast<int>(i)), index_map, 0, false));
  if (c_.tree_cost[fresh.id] >= kScatterCost && c_.storages_of[fresh.id].empty())
    read(fresh, "a scatter visits its points one by one");

  IndexMap target;
  group_.first_index = static_cast<uint32_t>(group_.space.extent.size());
  size_t rest = index_axes;
  for (size_t a = 0, next = 0; a < g_.shape(x).size(); ++a) {
    const bool indexed = next < g_.attrs(v).size() && g_.attrs(v)[next] == static_cast<int64_t>(a);
    next += indexed;
    target.push_back(LinearForm::of(indexed ? group_.space.add(g_.shape(x)[a]) : coordinates[rest++]));
  }
  const Value base = c_.peel(x);
  const size_t known = c_.fusion.storages.size();
  group_.base = c_.request(base, base != x);
  if (group_.base == known) c_.fusion.storages[known].why = "a scatter writes to it";
  for (uint32_t s : c_.storages_of[v.id]) group_.roots.push_back({node, s, target});
  c_.pending.erase(v.id);
}

/// Whether a node reads the version that an update overwrites, at other places than it overwrites.
bool GroupBuilder::reads_base(const Node& node) const {
  if (node.source == group_.base) return true;
  if (!node.leaf || node.storage != group_.base) return false;
  if (ir::is_scatter(g_.op(head_))) return true;
  const Value base_value = c_.fusion.storages[group_.base].value;
  return !(node.value == base_value && group_.maps[node.map] == group_.roots[0].map);
}

/// What reads the version that is overwritten is computed into a temporary first: then this group is
/// formed again, and true returned. Where an operand is the old version itself, the update is never in place.
bool GroupBuilder::retry_through_temporaries() {
  // Operands are older than their users.
  std::vector<uint32_t> order(group_.nodes.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return group_.nodes[a].value < group_.nodes[b].value; });
  std::vector<bool> touches(group_.nodes.size());
  bool any = false;
  for (uint32_t n : order) {
    bool t = reads_base(group_.nodes[n]);
    any |= t;
    if (!group_.nodes[n].leaf)
      for (uint32_t o : node_operands_[n]) t = t || touches[o];
    touches[n] = t;
  }
  if (!any) return false;
  std::vector<Value> through;
  for (size_t i = 1; i < g_.operands(head_).size(); ++i) {
    const Value operand = g_.operand(head_, static_cast<int>(i));
    for (uint32_t n : nodes_of(operand)) {
      if (!touches[n]) continue;
      if (group_.nodes[n].leaf || !c_.storages_of[operand.id].empty())
        group_.reads_base = true;
      else
        through.push_back(operand);
      break;
    }
  }
  if (through.empty()) return false;
  GroupBuilder again(&c_);
  again.head_ = head_;
  again.group_.where = group_.where;
  again.group_.masks.push_back({});
  if (ir::is_scatter(g_.op(head_)))
    again.start_scatter(head_);
  else
    again.start_update(head_);
  for (Value v : through)
    if (c_.storages_of[v.id].empty()) again.read(v, "it reads what the update overwrites");
  again.drain();
  again.finish();
  return true;
}

}  // namespace tarry::passes
