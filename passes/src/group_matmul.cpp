// Matrix products: groups that call the library on operands in storage.

#include "group_builder.h"

namespace tarry::passes {

using ir::Op;
using ir::OpClass;
using ir::Value;

namespace {

/// Whether batch coordinates step through memory with one stride, as the library takes them.
bool one_batch_stride(const LinearForm& form, std::span<const uint32_t> batch, const Space& space) {
  int64_t expected = 0;
  bool any = false;
  for (size_t i = batch.size(); i-- > 0;) {
    if (space.extent[batch[i]] == 1) continue;
    const int64_t stride = form.coefficient(batch[i]);
    if (any && stride != expected) return false;
    expected = stride * space.extent[batch[i]];
    any = true;
  }
  return true;
}

/// Whether rows or columns of a matrix are neighbours in memory and lie one after the other, as BLAS and cuBLAS take
/// them. Products with a vector and those of integers are kernels, which take all.
bool lies_for_library(const LinearForm& form, ir::DType t, uint32_t row, uint32_t column, const Space& space) {
  const uint32_t m = space.outer[space.outer.size() - 2], n = space.outer.back();
  const bool with_vector = space.extent[m] < 2 || space.extent[n] < 2 || space.extent.back() < 2;
  if (with_vector || !(ir::is_float(t) || ir::is_complex(t))) return true;
  const int64_t down = form.coefficient(row), across = form.coefficient(column);
  return (across == 1 && down >= space.extent[column]) || (down == 1 && across >= space.extent[row]);
}

}  // namespace

Value GroupBuilder::behind_views(Value v, IndexMap* map) const {
  while (ir::is_movement(g_.op(v)) && g_.op(v) != Op::pad && c_.storages_of[v.id].empty()) {
    if (g_.op(v) == Op::reshape) {
      ReshapeResult r = through_reshape(group_.space, *map, g_.shape(g_.operand(v, 0)), g_.shape(v));
      if (r.kind != ReshapeResult::Kind::done) break;
      *map = std::move(r.map);
    } else {
      *map = through_movement(g_, v, *map, nullptr);
    }
    v = g_.operand(v, 0);
  }
  return v;
}

/// Where an operand lies: movement ops between it and its storage become strides, so that
/// transposed and sliced operands are not copied, unless neither rows nor columns are left whole.
Group::Matrix GroupBuilder::matmul_operand(Value v, const IndexMap& map, uint32_t row, uint32_t column) {
  IndexMap form = map;
  const Value at = behind_views(v, &form);
  std::vector<uint32_t> batch(group_.space.outer.begin(), group_.space.outer.end() - 2);
  if (!(g_.op(at) == Op::reshape)) {
    const size_t known = c_.fusion.storages.size();
    const uint32_t s = c_.request(at, false);
    if (s == known) c_.fusion.storages[s].why = "the library reads it from storage";
    const Storage& storage = c_.fusion.storages[s];
    const LinearForm place = address(form, storage.strides, storage.offset);
    if (one_batch_stride(place, batch, group_.space) && lies_for_library(place, g_.dtype(v), row, column, group_.space))
      return {s, form};
  }
  const Value s = c_.peel(v);
  const uint32_t id = c_.request(s, true);
  if (s == v) return {id, map};
  // The peeled value in C order has the elements of v in order: address it as v's shape.
  LinearForm linear;
  const ir::Strides strides = ir::c_strides(g_.shape(v));
  linear = address(map, strides, 0);
  IndexMap flat(g_.shape(s).size());
  if (!flat.empty()) flat.back() = linear;
  return {id, flat};
}

void GroupBuilder::build_matmul(Value v) {
  group_.kind = Group::Kind::matmul;
  const Value a = g_.operand(v, 0), b = g_.operand(v, 1);
  const ir::Shape& shape = g_.shape(v);
  Space& space = group_.space;
  std::vector<uint32_t> coordinates;
  for (int64_t extent : shape) coordinates.push_back(space.add(extent));
  const uint32_t k = space.add(g_.shape(a).back());
  space.outer = coordinates;
  IndexMap batch;
  for (size_t i = 0; i + 2 < coordinates.size(); ++i) batch.push_back(LinearForm::of(coordinates[i]));
  const LinearForm row = LinearForm::of(coordinates[coordinates.size() - 2]),
                   column = LinearForm::of(coordinates.back()), inner = LinearForm::of(k);
  auto with = [&](const LinearForm& i, const LinearForm& j) {
    IndexMap map = batch;
    map.push_back(i);
    map.push_back(j);
    return map;
  };
  group_.a = matmul_operand(a, with(row, inner), coordinates[coordinates.size() - 2], k);
  group_.b = matmul_operand(b, with(inner, column), k, coordinates.back());
  group_.reads = {group_.a.storage};
  if (group_.b.storage != group_.a.storage) group_.reads.push_back(group_.b.storage);
  const uint32_t id = static_cast<uint32_t>(c_.fusion.groups.size());
  for (uint32_t s : c_.storages_of[v.id]) {
    group_.roots.push_back({0, s, with(row, column)});
    c_.fusion.storages[s].writer = id;
  }
  c_.pending.erase(v.id);
  for (uint32_t s : group_.reads) c_.fusion.storages[s].readers.push_back(id);
  c_.fusion.groups.push_back(std::move(group_));
}

}  // namespace tarry::passes
