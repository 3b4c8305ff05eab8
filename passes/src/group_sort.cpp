// Sorting and searching: groups that call the library on operands as they lie.

#include "group_builder.h"

namespace tarry::passes {

using ir::Value;

/// Each axis of each operand, and then of the result, is a coordinate of its own.
void GroupBuilder::build_sort(Value v) {
  group_.kind = Group::Kind::sort;
  auto coordinates = [&](Value x) {
    group_.first_coordinate.push_back(static_cast<uint32_t>(group_.space.extent.size()));
    IndexMap map;
    for (int64_t extent : g_.shape(x)) map.push_back(LinearForm::of(group_.space.add(extent)));
    return map;
  };
  for (Value x : g_.operands(v)) {
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
