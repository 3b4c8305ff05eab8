#include "lower.h"

#include "memory.h"

#include <algorithm>

namespace tarry::passes {

using ir::Op;
using ir::Value;

namespace {

class Lowering {
 public:
  Lowering(const Program& program, Fusion fusion) : program_(program), g_(program.graph), f_(std::move(fusion)) {}

  Plan run() {
    make_input_buffers();
    position_.resize(f_.groups.size());
    for (uint32_t i = 0; i < f_.order.size(); ++i) position_[f_.order[i]] = i;
    for (uint32_t g : f_.order) lower_group(g);
    for (size_t i = 0; i < f_.output_storage.size(); ++i) {
      Storage& s = f_.storages[f_.output_storage[i]];
      if (s.buffer == UINT32_MAX) s.buffer = fresh_buffer(f_.output_storage[i]);
      // A reshaped output is stored as what it reshapes, in C order.
      const bool reshaped = !(s.value == g_.outputs[i]);
      plan_.outputs.push_back({s.buffer, s.offset, reshaped ? ir::c_strides(g_.shape(g_.outputs[i])) : s.strides});
    }
    plan_memory(plan_);
    return std::move(plan_);
  }

 private:
  void make_input_buffers() {
    std::vector<std::pair<uint32_t, uint32_t>> known;  // program buffer, plan buffer
    for (Storage& s : f_.storages) {
      if (!s.is_input) continue;
      const ir::InputLayout& in = program_.inputs[g_.attr(s.value)];
      auto at = std::find_if(known.begin(), known.end(), [&](auto& k) { return k.first == in.buffer; });
      if (at == known.end()) {
        PlanBuffer b;
        b.kind = PlanBuffer::Kind::input;
        b.input = in.buffer;
        b.dtype = g_.dtype(s.value);
        b.elements = in.buffer_elements;
        known.push_back({in.buffer, static_cast<uint32_t>(plan_.buffers.size())});
        plan_.buffers.push_back(b);
        owner_.push_back(UINT32_MAX);
        at = known.end() - 1;
      }
      s.buffer = at->second;
      const uint32_t id = static_cast<uint32_t>(&s - f_.storages.data());
      // Inputs that share a buffer have no single owner, so it is never handed on.
      owner_[s.buffer] = owner_[s.buffer] == UINT32_MAX ? id : UINT32_MAX - 1;
    }
  }

  uint32_t fresh_buffer(uint32_t storage) {
    PlanBuffer b;
    b.dtype = g_.dtype(f_.storages[storage].value);
    b.elements = ir::num_elements(g_.shape(f_.storages[storage].value));
    plan_.buffers.push_back(b);
    owner_.push_back(storage);
    return static_cast<uint32_t>(plan_.buffers.size() - 1);
  }

  void lower_group(uint32_t id) {
    Group& group = f_.groups[id];
    if (group.kind == Group::Kind::matmul) return lower_matmul(group);
    if (group.kind == Group::Kind::sort) return lower_sort(group);
    if (group.kind == Group::Kind::update) place_update(group);
    // A root that is `empty` needs a buffer, but nothing to fill it.
    for (const Group::Root& root : group.roots)
      if (f_.storages[root.storage].buffer == UINT32_MAX && g_.op(group.nodes[root.node].value) == Op::empty)
        f_.storages[root.storage].buffer = fresh_buffer(root.storage);
    std::erase_if(group.roots, [&](const Group::Root& r) { return g_.op(group.nodes[r.node].value) == Op::empty; });
    if (group.roots.empty()) return;

    for (uint32_t r = 0; r < group.roots.size(); ++r) {
      Storage& s = f_.storages[group.roots[r].storage];
      if (s.buffer != UINT32_MAX) continue;
      const uint32_t dying = dying_input(id, group, r);
      if (dying != UINT32_MAX) {
        s.buffer = f_.storages[dying].buffer;
        owner_[s.buffer] = group.roots[r].storage;
      } else {
        s.buffer = fresh_buffer(group.roots[r].storage);
      }
    }
    emit(group);
  }

  template <class Work>
  void add_step(Work work, const Group& group, std::string reason) {
    Step& step = plan_.steps.emplace_back();
    step.work = std::move(work);
    step.where = group.where;
    step.reason = std::move(reason);
  }

  void emit(const Group& group) {
    for (uint32_t c : group.space.outer)
      if (group.space.extent[c] == 0) return;
    LoweredKernel k = lower_kernel(program_, f_, group);
    for (size_t a = 0; a < k.access_storage.size(); ++a)
      if (k.access_storage[a] != UINT32_MAX) k.step.operands[a].buffer = f_.storages[k.access_storage[a]].buffer;
    add_step(std::move(k.step), group, f_.storages[group.roots[0].storage].why);
  }

  /// In place, or into a copy of the old version.
  void place_update(Group& group) {
    const Storage& base = f_.storages[group.base];
    for (const Group::Root& root : group.roots) {
      Storage& s = f_.storages[root.storage];
      if (!group.copy_base) {
        s.buffer = base.buffer;
        owner_[s.buffer] = root.storage;
        continue;
      }
      s.buffer = fresh_buffer(root.storage);
      if (base.buffer == UINT32_MAX || ir::num_elements(g_.shape(s.value)) == 0) continue;
      Group copy = copy_group(program_, f_, group.base, root.storage);
      copy.where = group.where;
      emit(copy);
      plan_.steps.back().reason = "the version before an update is still needed";
    }
  }

  /// A storage that this group reads last, at the very elements where the root is written: its
  /// memory becomes the root's.
  uint32_t dying_input(uint32_t id, const Group& group, uint32_t root_index) const {
    const Group::Root& root = group.roots[root_index];
    const Storage& target = f_.storages[root.storage];
    if (group.has_rows || group.kind == Group::Kind::update) return UINT32_MAX;
    const LinearForm wanted = store_address(f_, root);
    const size_t bytes = ir::size_of(g_.dtype(target.value));
    for (uint32_t s : group.reads) {
      const Storage& from = f_.storages[s];
      if (from.buffer == UINT32_MAX || from.is_output || owner_[from.buffer] != s) continue;
      if (from.is_input && !program_.inputs[g_.attr(from.value)].donated) continue;
      const PlanBuffer& b = plan_.buffers[from.buffer];
      if (b.elements != ir::num_elements(g_.shape(target.value)) || ir::size_of(g_.dtype(from.value)) != bytes ||
          ir::size_of(b.dtype) != bytes)
        continue;
      bool last = true, meets = true;
      for (uint32_t r : from.readers) last &= position_[r] <= position_[id];
      for (const Node& n : group.nodes) {
        meets &= n.source != s;
        if (n.leaf && n.storage == s) meets &= n.mask == 0 && read_address(program_, f_, group, n) == wanted;
      }
      if (last && meets) return s;
    }
    return UINT32_MAX;
  }

  void lower_matmul(Group& group) {
    MatmulStep step;
    const Storage& out = f_.storages[group.roots[0].storage];
    const ir::Shape& shape = g_.shape(out.value);
    step.dtype = g_.dtype(out.value);
    const std::vector<uint32_t>& c = group.space.outer;
    step.m = shape[shape.size() - 2];
    step.n = shape[shape.size() - 1];
    step.k = group.space.extent.back();
    std::vector<uint32_t> batch(c.begin(), c.end() - 2);
    for (uint32_t b : batch) step.batch *= group.space.extent[b];
    const uint32_t inner = static_cast<uint32_t>(group.space.extent.size() - 1);
    auto matrix = [&](const Storage& s, const LinearForm& form, uint32_t row, uint32_t column) {
      MatmulStep::Matrix m;
      m.buffer = s.buffer;
      m.offset = form.constant;
      for (uint32_t b : batch)
        if (group.space.extent[b] != 1) m.batch_stride = form.coefficient(b);  // the innermost wins
      m.row_stride = form.coefficient(row);
      m.column_stride = form.coefficient(column);
      return m;
    };
    auto operand = [&](const Group::Matrix& x, uint32_t row, uint32_t column) {
      const Storage& s = f_.storages[x.storage];
      return matrix(s, address(x.map, s.strides, s.offset), row, column);
    };
    step.a = operand(group.a, c[c.size() - 2], inner);
    step.b = operand(group.b, inner, c.back());
    for (const Group::Root& root : group.roots) {
      Storage& s = f_.storages[root.storage];
      s.buffer = fresh_buffer(root.storage);
      // The library writes rows; another order is a copy away.
      s.strides = ir::c_strides(shape);
      step.c = matrix(s, store_address(f_, root), c[c.size() - 2], c.back());
      add_step(step, group, "a library call");
    }
  }

  void lower_sort(Group& group) {
    const Value v = f_.storages[group.roots[0].storage].value;
    SortStep step;
    step.elements = group.order.valid();
    const Value called = step.elements ? group.order : v;
    step.op = g_.op(called);
    step.dtype = g_.dtype(g_.operand(called, 0));
    if (step.op == Op::argsort) step.axis = g_.attr(called);
    auto place = [&](const Storage& s, const LinearForm& form, const ir::Shape& shape, uint32_t first) {
      SortStep::Operand o{s.buffer, form.constant, shape, {}};
      for (size_t a = 0; a < shape.size(); ++a) o.strides.push_back(form.coefficient(first + static_cast<uint32_t>(a)));
      return o;
    };
    for (size_t i = 0; i < group.arrays.size(); ++i) {
      Storage& s = f_.storages[group.arrays[i].storage];
      if (s.buffer == UINT32_MAX) s.buffer = fresh_buffer(group.arrays[i].storage);  // nothing in it
      step.operands.push_back(place(s, address(group.arrays[i].map, s.strides, s.offset),
                                    g_.shape(g_.operand(called, static_cast<int>(i))), group.first_coordinate[i]));
    }
    for (const Group::Root& root : group.roots) {
      Storage& s = f_.storages[root.storage];
      s.buffer = fresh_buffer(root.storage);
      step.result = place(s, store_address(f_, root), g_.shape(v), group.first_coordinate.back());
      add_step(step, group, "a library call");
    }
  }

  const Program& program_;
  const ir::Graph& g_;
  Fusion f_;
  Plan plan_;
  std::vector<uint32_t> position_;  // by group
  std::vector<uint32_t> owner_;     // by plan buffer: the storage whose content it holds
};

}  // namespace

Plan lower(const Program& program, Fusion fusion) { return Lowering(program, std::move(fusion)).run(); }

}  // namespace tarry::passes
