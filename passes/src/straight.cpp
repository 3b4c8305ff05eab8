#include "straight.h"

#include "kernel_limits.h"
#include "memory.h"

#include <tarry/passes/expand.h>

#include <algorithm>

namespace tarry::passes {
namespace {

using ir::Op;
using ir::OpClass;
using ir::Value;

class Straight {
 public:
  explicit Straight(const Program& program)
      : program_(program), g_(program.graph), shape_(g_.shape(g_.outputs[0])), elements_(ir::num_elements(shape_)) {}

  bool fits() {
    if (shape_.empty() || elements_ == 0 || !ir::is_elementwise(g_.op(output()))) return false;
    const std::span<const ir::Ints> orders = program_.output_order;
    if (!orders.empty() && !std::ranges::is_sorted(orders[0])) return false;
    read_.assign(g_.size(), false);
    for (uint32_t id = 0; id < g_.size(); ++id)
      if (!node_fits({id})) return false;
    read_[output().id] = true;
    return std::ranges::find(read_, false) == read_.end() && fits_one_kernel();
  }

  Plan plan() {
    add_inputs();
    const uint32_t target = target_buffer();
    write_body();
    const uint32_t a = add_access(ir::Access::Kind::write, output(), target);
    add(Op::store, g_.dtype(output()), std::span(&made_.back(), 1), {a});
    step_.extents = {elements_};
    kernel_.outer_rank = 1;
    kernel_.schedule = ir::Schedule::map;
    step_.kernel = std::make_shared<const ir::Kernel>(std::move(kernel_));
    Step& step = plan_.steps.emplace_back();
    step.work = std::move(step_);
    step.where = g_.location(output());
    step.reason = "output";
    plan_.outputs.push_back({target, 0, ir::c_strides(shape_)});
    plan_memory(plan_);
    return std::move(plan_);
  }

 private:
  /// The last value, since it needs all others.
  Value output() const { return g_.outputs[0]; }

  bool node_fits(Value v) {
    if (ir::is_complex(g_.dtype(v))) return false;
    switch (ir::class_of(g_.op(v))) {
      case OpClass::source:
        if (g_.op(v) == Op::parameter) return parameter_fits(v);
        return (g_.op(v) == Op::scalar || g_.op(v) == Op::constant) && g_.shape(v).empty();
      case OpClass::elementwise:
        // A number that is computed is another matter: once for all.
        if (!(g_.shape(v) == shape_)) return false;
        for (Value o : g_.operands(v)) read_[o.id] = true;
        ++computed_;
        return true;
      default: return false;
    }
  }

  bool parameter_fits(Value v) const {
    const ir::InputLayout& in = program_.inputs[static_cast<size_t>(g_.attr(v))];
    if (in.offset != 0) return false;
    // A number among arrays of one element looks like one of them.
    if (g_.shape(v).empty()) return elements_ > 1;
    return g_.shape(v) == shape_ && in.strides == ir::c_strides(shape_);
  }

  bool fits_one_kernel() const {
    if (computed_ > kManyOps) return false;
    if (computed_ <= kFewOps) return true;
    int primitives = 0;
    for (uint32_t id = 0; id < g_.size(); ++id)
      if (ir::is_elementwise(g_.op({id})))
        primitives += expanded_size(g_.op({id}), g_.dtype(g_.operand({id}, 0)), g_.dtype({id}));
    return primitives < kMaxPrimitives;
  }

  void add_inputs() {
    buffer_.assign(g_.size(), kNoBuffer);
    plan_.buffers.reserve(program_.inputs.size() + 1);
    for (uint32_t id = 0; id < g_.size(); ++id) {
      if (g_.op({id}) != Op::parameter) continue;
      const ir::InputLayout& in = program_.inputs[static_cast<size_t>(g_.attr({id}))];
      const auto is_known = [&](const PlanBuffer& b) { return b.input == in.buffer; };
      const auto known = std::ranges::find_if(plan_.buffers, is_known);
      buffer_[id] = static_cast<uint32_t>(known - plan_.buffers.begin());
      if (known != plan_.buffers.end()) continue;
      PlanBuffer b;
      b.kind = PlanBuffer::Kind::input;
      b.input = in.buffer;
      b.dtype = g_.dtype({id});
      b.elements = in.buffer_elements;
      plan_.buffers.push_back(b);
    }
  }

  /// That of an input nobody needs afterwards, else a fresh one.
  uint32_t target_buffer() {
    const size_t bytes = ir::size_of(g_.dtype(output()));
    for (uint32_t id = g_.size(); id-- > 0;) {
      const uint32_t b = buffer_[id];
      if (b == kNoBuffer || g_.shape({id}).empty() || std::ranges::count(buffer_, b) != 1) continue;
      if (!program_.inputs[static_cast<size_t>(g_.attr({id}))].donated) continue;
      if (plan_.buffers[b].elements == elements_ && ir::size_of(g_.dtype({id})) == bytes) return b;
    }
    PlanBuffer fresh;
    fresh.dtype = g_.dtype(output());
    fresh.elements = elements_;
    plan_.buffers.push_back(fresh);
    return static_cast<uint32_t>(plan_.buffers.size() - 1);
  }

  Value add(Op op, ir::DType dtype, std::span<const Value> operands, std::initializer_list<int64_t> attrs = {},
            ir::Location where = {}) {
    return kernel_.body.add(op, dtype, {}, operands, std::span(attrs.begin(), attrs.size()), where);
  }

  int64_t add_access(ir::Access::Kind kind, Value v, uint32_t buffer) {
    const bool moves = !g_.shape(v).empty();
    ir::Access a;
    a.kind = kind;
    a.dtype = g_.dtype(v);
    a.outer = moves ? ir::StrideClass::unit : ir::StrideClass::zero;
    a.row = ir::StrideClass::zero;
    kernel_.accesses.push_back(a);
    step_.operands.push_back({buffer, 0, ir::Strides{moves ? 1 : 0}});
    return static_cast<int64_t>(kernel_.accesses.size() - 1);
  }

  Value source(Value v) {
    const ir::DType dtype = g_.dtype(v);
    if (g_.op(v) == Op::constant) return add(Op::constant, dtype, {}, {g_.attr(v)});
    if (g_.op(v) == Op::parameter)
      return add(Op::load, dtype, {}, {add_access(ir::Access::Kind::read, v, buffer_[v.id])}, g_.location(v));
    const auto number = static_cast<uint64_t>(g_.attr(v));
    size_t slot = 0;
    while (slot < step_.scalars.size() && (step_.scalars[slot].value != number || kernel_.scalars[slot] != dtype))
      ++slot;
    if (slot == step_.scalars.size()) {
      step_.scalars.push_back({false, number});
      kernel_.scalars.push_back(dtype);
    }
    return add(Op::scalar, dtype, {}, {static_cast<int64_t>(slot)});
  }

  void write_body() {
    kernel_.body.reserve(g_.size() + 1);
    kernel_.accesses.reserve(plan_.buffers.size() + 1);
    step_.operands.reserve(plan_.buffers.size() + 1);
    made_.reserve(g_.size());
    std::vector<Value> operands;
    operands.reserve(4);
    for (uint32_t id = 0; id < g_.size(); ++id) {
      const Value v{id};
      if (ir::class_of(g_.op(v)) == OpClass::source) {
        made_.push_back(source(v));
        continue;
      }
      operands.clear();
      for (Value o : g_.operands(v)) operands.push_back(made_[o.id]);
      made_.push_back(add(g_.op(v), g_.dtype(v), operands, {}, g_.location(v)));
    }
  }

  const Program& program_;
  const ir::Graph& g_;
  const ir::Shape& shape_;
  const int64_t elements_;
  std::vector<bool> read_;  // by value
  int computed_ = 0;
  Plan plan_;
  KernelStep step_;
  ir::Kernel kernel_;
  std::vector<uint32_t> buffer_;  // by value: of a parameter, in the plan
  std::vector<Value> made_;       // by value
};

}  // namespace

std::optional<Plan> plan_straight(const Program& program) {
  if (program.graph.outputs.size() != 1) return {};
  Straight straight(program);
  if (!straight.fits()) return {};
  return straight.plan();
}

}  // namespace tarry::passes
