// One group to one kernel: the body is written, then the iteration space becomes loops.

#include "lower.h"
#include "nest.h"
#include "split_complex.h"

#include <algorithm>
#include <unordered_map>

namespace tarry::passes {

using ir::Op;
using ir::Value;

LinearForm read_address(const Program& program, const Fusion& fusion, const Group& group, const Node& node) {
  const Storage& s = fusion.storages[node.storage];
  const ir::Graph& g = program.graph;
  // A reshaped value is read from the C-order storage of what it reshapes.
  if (!(s.value == node.value)) return address(group.maps[node.map], ir::c_strides(g.shape(node.value)), s.offset);
  return address(group.maps[node.map], s.strides, s.offset);
}

LinearForm store_address(const Fusion& fusion, const Group::Root& root) {
  const Storage& s = fusion.storages[root.storage];
  return address(root.map, s.strides, s.offset);
}

namespace {

class KernelBuilder {
 public:
  KernelBuilder(const Program& program, const Fusion& fusion, const Group& group)
      : program_(program), g_(program.graph), fusion_(fusion), group_(group) {}

  LoweredKernel build() {
    for (const Group::Root& root : group_.roots) stores_.push_back(store_address(fusion_, root));
    write_body();
    finish_accesses(nest_of(group_, accesses_));
    split_complex(&result_);
    return std::move(result_);
  }

 private:
  uint32_t access(ir::Access::Kind kind, ir::DType dtype, uint32_t storage, LinearForm form, const IndexMap& map) {
    for (size_t i = 0; i < accesses_.size(); ++i)
      if (accesses_[i].kind == kind && accesses_[i].storage == storage && accesses_[i].form == form)
        return static_cast<uint32_t>(i);
    accesses_.push_back({kind, dtype, storage, std::move(form), {}});
    for (const LinearForm& axis : map)
      for (auto [coordinate, k] : axis.terms) accesses_.back().nesting.push_back(coordinate);
    return static_cast<uint32_t>(accesses_.size() - 1);
  }

  Value scalar(ir::DType dtype, ScalarBinding binding) {
    KernelStep& step = result_.step;
    size_t slot = 0;
    for (; slot < step.scalars.size(); ++slot)
      if (step.scalars[slot].literal == binding.literal && step.scalars[slot].value == binding.value &&
          kernel_.scalars[slot] == dtype && !binding.literal)
        break;
    if (slot == step.scalars.size()) {
      step.scalars.push_back(binding);
      kernel_.scalars.push_back(dtype);
    }
    return add(Op::scalar, dtype, {}, {static_cast<int64_t>(slot)});
  }

  Value add(Op op, ir::DType dtype, std::span<const Value> operands, std::initializer_list<int64_t> attrs = {},
            ir::Location where = {}) {
    return kernel_.body.add(op, dtype, {}, operands, std::span(attrs.begin(), attrs.size()), where);
  }

  Value index(const LinearForm& form) {
    const uint32_t a = access(ir::Access::Kind::index, ir::DType::int64, UINT32_MAX, form, {});
    return add(Op::index, ir::DType::int64, {}, {a});
  }

  /// Whether all bounds of a mask hold; extents are scalars, since no kernel depends on them.
  Value predicate(uint32_t mask) {
    auto [at, fresh] = predicates_.try_emplace(mask);
    if (!fresh) return at->second;
    Value all;
    for (const Bound& bound : group_.masks[mask]) {
      const Value i = index(bound.form);
      const Value zero = add(Op::constant, ir::DType::int64, {}, {0});
      const Value extent = scalar(ir::DType::int64, {true, static_cast<uint64_t>(bound.extent)});
      const Value from[] = {i, zero}, to[] = {i, extent};
      const Value both[] = {add(Op::ge, ir::DType::bool_, from), add(Op::lt, ir::DType::bool_, to)};
      const Value inside = add(Op::and_, ir::DType::bool_, both);
      const Value chain[] = {all, inside};
      all = all.valid() ? add(Op::and_, ir::DType::bool_, chain) : inside;
    }
    return predicates_[mask] = all;
  }

  /// What is read where there is nothing to read, and no memory to read from: nobody sees it.
  Value nothing(ir::DType dtype) {
    if (!ir::is_complex(dtype)) return add(Op::constant, dtype, {}, {0});
    const Value zero = add(Op::constant, ir::part_of(dtype), {}, {0});
    const Value parts[] = {zero, zero};
    return add(Op::complex, dtype, parts);
  }

  Value load(const Node& node) {
    const ir::DType dtype = g_.dtype(node.value);
    if (ir::num_elements(g_.shape(node.value)) == 0) return nothing(dtype);
    return load(node, node.storage, read_address(program_, fusion_, group_, node), node.map);
  }

  Value load(const Node& node, uint32_t storage, LinearForm form, uint32_t map) {
    const ir::DType dtype = g_.dtype(node.value);
    const uint32_t a = access(ir::Access::Kind::read, dtype, storage, std::move(form), group_.maps[map]);
    if (node.mask == 0) return add(Op::load, dtype, {}, {a}, g_.location(node.value));
    const Value p[] = {predicate(node.mask)};
    return add(Op::load, dtype, p, {a}, g_.location(node.value));
  }

  /// Whether an index is one by its make: the position along an axis that is not longer.
  bool is_inside(Value index, int64_t extent) const {
    while (ir::is_movement(g_.op(index)) && g_.op(index) != Op::pad) index = g_.operand(index, 0);
    return g_.op(index) == Op::iota && g_.shape(index)[g_.attr(index)] <= extent;
  }

  /// An index with the negative ones counted from the end, and none outside.
  Value inside(Value index, int64_t extent) {
    const ir::DType t = ir::DType::int64;
    return binary(Op::within, t, index, scalar(t, {true, static_cast<uint64_t>(extent)}));
  }

  Value binary(Op op, ir::DType dtype, Value a, Value b) {
    const Value operands[] = {a, b};
    return add(op, dtype, operands);
  }

  /// Whether an index along an axis is the distance itself. No extent is to have a kernel of its own: an axis of one
  /// place may have any stride, so that it passes for what it would be if it were longer, as do those in front of it.
  /// The points of one index walk along it where all behind it have one place.
  bool is_distance(Value array, std::span<const int64_t> axes, size_t i, int64_t stride) const {
    const ir::Shape& shape = g_.shape(array);
    const auto axis = static_cast<size_t>(axes[i]);
    const auto is_one = [](int64_t extent) { return extent == 1; };
    const bool last = axis + 1 == shape.size();
    const bool passes_for_last =
        last || (axes.size() == 1 && std::all_of(shape.begin() + axis + 1, shape.end(), is_one));
    return shape[axis] == 1 ? passes_for_last : stride == 1 && (last || axes.size() == 1);
  }

  /// Σ stride · index over the coordinates that stand for `indices`, which `form` loses: of `axes` of `array`. All
  /// indices are looked at, those along axes that have but one place in memory too: an index outside is one wherever it
  /// leads.
  Value computed_offset(LinearForm* form, uint32_t first_index, std::span<const uint32_t> indices, Value array,
                        std::span<const int64_t> axes) {
    const ir::DType t = ir::DType::int64;
    Value sum;
    for (size_t i = 0; i < indices.size(); ++i) {
      const uint32_t coordinate = first_index + static_cast<uint32_t>(i);
      const int64_t stride = form->coefficient(coordinate), extent = group_.space.extent[coordinate];
      const bool known = is_inside(group_.nodes[indices[i]].value, extent);
      if (stride == 0 && known) continue;
      std::erase_if(form->terms, [&](const auto& term) { return term.first == coordinate; });
      Value part = made_[indices[i]];
      if (!known) part = inside(part, extent);
      if (!is_distance(array, axes, i, stride))
        part = binary(Op::mul, t, part, scalar(t, {true, static_cast<uint64_t>(stride)}));
      sum = sum.valid() ? binary(Op::add, t, sum, part) : part;
    }
    return sum.valid() ? sum : add(Op::constant, t, {}, {0});
  }

  Value gather(const Node& node) {
    const ir::DType dtype = g_.dtype(node.value);
    const Storage& s = fusion_.storages[node.source];
    if (ir::num_elements(g_.shape(s.value)) == 0) return nothing(dtype);
    LinearForm form = address(group_.maps[node.source_map], s.strides, s.offset);
    if (node.num_operands == 0) return load(node, node.source, std::move(form), node.source_map);
    const std::span<const uint32_t> indices(group_.operands.data() + node.first_operand, node.num_operands);
    std::vector<Value> operands{
        computed_offset(&form, node.first_index, indices, g_.operand(node.value, 0), g_.attrs(node.value))};
    if (node.mask != 0) operands.push_back(predicate(node.mask));
    const uint32_t a =
        access(ir::Access::Kind::gather, dtype, node.source, std::move(form), group_.maps[node.source_map]);
    return add(Op::load_at, dtype, operands, {a}, g_.location(node.value));
  }

  static Op store_op(Op op) {
    switch (op) {
      case Op::scatter: return Op::store_at;
      case Op::scatter_add: return Op::add_at;
      case Op::scatter_mul: return Op::mul_at;
      case Op::scatter_min: return Op::min_at;
      case Op::scatter_max: return Op::max_at;
      default: return Op::store;
    }
  }

  void store(size_t r) {
    const Group::Root& root = group_.roots[r];
    const Value target = fusion_.storages[root.storage].value;
    std::vector<Value> operands{made_[root.node]};
    if (group_.indices.empty()) {
      const uint32_t a = access(ir::Access::Kind::write, g_.dtype(target), root.storage, stores_[r], root.map);
      add(Op::store, g_.dtype(target), operands, {a});
      return;
    }
    operands.push_back(computed_offset(&stores_[r], group_.first_index, group_.indices, target, g_.attrs(target)));
    const uint32_t a = access(ir::Access::Kind::scatter, g_.dtype(target), root.storage, stores_[r], root.map);
    add(store_op(g_.op(target)), g_.dtype(target), operands, {a}, group_.where);
  }

  Value source(const Node& node) {
    const Value v = node.value;
    const ir::DType dtype = g_.dtype(v);
    switch (g_.op(v)) {
      case Op::scalar: return scalar(dtype, {false, static_cast<uint64_t>(g_.attr(v))});
      case Op::constant: return add(Op::constant, dtype, {}, {g_.attr(v)});
      case Op::iota: return index(group_.maps[node.map][g_.attr(v)]);
      default: return add(Op::constant, dtype, {}, {0});  // empty: any value
    }
  }

  Value pad(const Node& node, Value inner, Value fill) {
    const Node& operand = group_.nodes[group_.operands[node.first_operand]];
    if (operand.mask == node.mask) return inner;
    const Value choice[] = {predicate(operand.mask), inner, fill};
    return add(Op::select, g_.dtype(node.value), choice);
  }

  /// Only what the roots need: demands that a later decision made void have left nodes behind.
  std::vector<bool> live_nodes() const {
    std::vector<bool> live(group_.nodes.size(), false);
    for (const Group::Root& root : group_.roots) live[root.node] = true;
    for (uint32_t i : group_.indices) live[i] = true;
    for (size_t i = group_.nodes.size(); i-- > 0;) {
      const Node& n = group_.nodes[i];
      if (!live[i] || n.leaf) continue;
      for (uint32_t o = 0; o < n.num_operands; ++o) live[group_.operands[n.first_operand + o]] = true;
    }
    return live;
  }

  void write_body() {
    const std::vector<bool> live = live_nodes();
    made_.resize(group_.nodes.size());
    std::vector<Value> operands;
    for (size_t i = 0; i < group_.nodes.size(); ++i) {
      const Node& n = group_.nodes[i];
      if (!live[i]) continue;
      if (n.leaf) {
        made_[i] = load(n);
        continue;
      }
      operands.clear();
      for (uint32_t o = 0; o < n.num_operands; ++o) operands.push_back(made_[group_.operands[n.first_operand + o]]);
      const Op op = g_.op(n.value);
      if (ir::class_of(op) == ir::OpClass::source)
        made_[i] = source(n);
      else if (op == Op::gather)
        made_[i] = gather(n);
      else if (op == Op::pad)
        made_[i] = pad(n, operands[0], operands[1]);
      else if (ir::is_movement(op))
        made_[i] = operands[0];
      else
        made_[i] = add(op, g_.dtype(n.value), operands, {}, g_.location(n.value));
    }
    for (size_t r = 0; r < group_.roots.size(); ++r) store(r);
  }

  /// What is walked along its rows comes to the next one as seldom as any: rows of one element, which follow each
  /// other, need no kernel of their own.
  void forget_distances_of_rows() {
    for (ir::Access& a : kernel_.accesses)
      if (a.in_row && a.outer == ir::StrideClass::unit) a.outer = ir::StrideClass::any;
  }

  void finish_accesses(const Nest& nest) {
    kernel_.outer_rank = static_cast<int>(nest.outer.size());
    kernel_.row_rank = static_cast<int>(nest.row.size());
    kernel_.schedule = nest.schedule;
    KernelStep& step = result_.step;
    for (const std::vector<Loop>* list : {&nest.outer, &nest.row})
      for (const Loop& loop : *list) step.extents.push_back(loop.extent);
    for (size_t i = 0; i < accesses_.size(); ++i) {
      ir::Access a;
      a.kind = accesses_[i].kind;
      a.dtype = accesses_[i].dtype;
      AccessBinding binding;
      binding.offset = accesses_[i].form.constant;
      for (const Loop& loop : nest.outer) binding.strides.push_back(stride_along(loop, i).step);
      for (const Loop& loop : nest.row) {
        binding.strides.push_back(stride_along(loop, i).step);
        a.in_row |= binding.strides.back() != 0;
      }
      a.outer = stride_class(stride_along(nest.outer.back(), i));
      a.row = nest.row.empty() ? ir::StrideClass::zero : stride_class(stride_along(nest.row.back(), i));
      kernel_.accesses.push_back(a);
      step.operands.push_back(binding);
      result_.access_storage.push_back(a.kind == ir::Access::Kind::index ? UINT32_MAX : accesses_[i].storage);
    }
    if (kernel_.schedule == ir::Schedule::row || kernel_.schedule == ir::Schedule::split) forget_distances_of_rows();
    step.kernel = std::make_shared<const ir::Kernel>(std::move(kernel_));
  }

  const Program& program_;
  const ir::Graph& g_;
  const Fusion& fusion_;
  const Group& group_;
  ir::Kernel kernel_;
  LoweredKernel result_;
  std::vector<AccessForm> accesses_;
  std::vector<LinearForm> stores_;
  std::vector<Value> made_;  // by node
  std::unordered_map<uint32_t, Value> predicates_;
};

}  // namespace

LoweredKernel lower_kernel(const Program& program, const Fusion& fusion, const Group& group) {
  return KernelBuilder(program, fusion, group).build();
}

}  // namespace tarry::passes
