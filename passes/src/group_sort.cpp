// Sorting and searching: groups that call the library on operands as they lie.
//
// To sort is recorded as a gather along its own order: so it has derivatives and batches. Where nobody else needs the
// order, the library sorts the elements themselves, which is less work and less memory.

#include "group_builder.h"

namespace tarry::passes {

using ir::Graph;
using ir::Op;
using ir::Value;

namespace {

/// Whether each point of this shape finds in v where it stands along an axis itself.
bool is_own_place(const Graph& g, Value v, const ir::Shape& shape, size_t axis) {
  if (g.op(v) == Op::broadcast) v = g.operand(v, 0);
  const ir::Shape& own = g.shape(v);
  const size_t added = shape.size() - own.size();
  if (g.op(v) != Op::iota || axis < added || g.attr(v) != static_cast<int64_t>(axis - added)) return false;
  return own[axis - added] == shape[axis];
}

/// The argsort along which a gather puts the operand of both in order, if it does nothing else.
Value order_read_by(const Graph& g, Value v) {
  const Value x = g.operand(v, 0);
  const ir::Shape& shape = g.shape(x);
  if (g.attrs(v).size() != shape.size() || !(g.shape(v) == shape)) return {};
  Value order;
  for (size_t a = 0; a < shape.size(); ++a) {
    const Value places = g.operand(v, static_cast<int>(a) + 1);
    const bool sorts =
        g.op(places) == Op::argsort && g.operand(places, 0) == x && g.attr(places) == static_cast<int64_t>(a);
    if (sorts ? order.valid() : !is_own_place(g, places, shape, a)) return {};
    if (sorts) order = places;
  }
  return order;
}

}  // namespace

void Context::find_sorts() {
  order_of.resize(g.size());
  std::vector<bool> is_output(g.size(), false);
  for (Value v : g.outputs) is_output[v.id] = true;
  for (uint32_t id = 0; id < g.size(); ++id) {
    if (!needed[id] || g.op({id}) != Op::gather) continue;
    const Value order = order_read_by(g, {id});
    if (order.valid() && users_of(order).size() == 1 && !is_output[order.id]) order_of[id] = order;
  }
}

/// Each axis of each operand, and then of the result, is a coordinate of its own.
void GroupBuilder::build_sort(Value v) {
  group_.kind = Group::Kind::sort;
  group_.order = c_.order_of[v.id];
  auto coordinates = [&](Value x) {
    group_.first_coordinate.push_back(static_cast<uint32_t>(group_.space.extent.size()));
    IndexMap map;
    for (int64_t extent : g_.shape(x)) map.push_back(LinearForm::of(group_.space.add(extent)));
    return map;
  };
  for (Value x : g_.operands(group_.order.valid() ? group_.order : v)) {
    IndexMap map = coordinates(x);
    const uint32_t storage = place_of(x, &map, "the library reads it from storage");
    group_.arrays.push_back({storage, std::move(map)});
    if (std::find(group_.reads.begin(), group_.reads.end(), storage) == group_.reads.end())
      group_.reads.push_back(storage);
  }
  const IndexMap result = coordinates(v);
  const uint32_t id = static_cast<uint32_t>(c_.fusion.groups.size());
  for (uint32_t s : c_.storages_of[v.id]) {
    group_.roots.push_back({0, s, result});
    c_.fusion.storages[s].writer = id;
  }
  c_.pending.erase(v.id);
  for (uint32_t s : group_.reads) c_.fusion.storages[s].readers.push_back(id);
  c_.fusion.groups.push_back(std::move(group_));
}

}  // namespace tarry::passes
