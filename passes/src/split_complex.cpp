#include "split_complex.h"

#include <tarry/ir/error.h>

#include <array>
#include <map>

namespace tarry::passes {

using ir::DType;
using ir::Op;
using ir::Value;

namespace {

/// Sets of parts.
constexpr uint8_t kReal = 1, kImag = 2, kBoth = 3;

class Splitter {
 public:
  explicit Splitter(LoweredKernel* lowered) : lowered_(*lowered), old_(*lowered->step.kernel), g_(old_.body) {}

  void run() {
    find_needed();
    kernel_.name = old_.name;
    kernel_.schedule = old_.schedule;
    kernel_.outer_rank = old_.outer_rank;
    kernel_.row_rank = old_.row_rank;
    kernel_.scalars = old_.scalars;
    made_.resize(g_.size());
    for (uint32_t id = 0; id < g_.size(); ++id)
      if (needed_[id] || ir::is_store(g_.op({id}))) rewrite({id});
    lowered_.step.kernel = std::make_shared<const ir::Kernel>(std::move(kernel_));
    lowered_.step.operands = std::move(bindings_);
    lowered_.access_storage = std::move(storages_);
  }

 private:
  using Parts = std::array<Value, 2>;  // of a real value: itself

  bool is_complex(Value v) const { return ir::is_complex(g_.dtype(v)); }

  /// Which parts of an operand the needed parts of its user take.
  uint8_t parts_for(Value user, size_t operand, uint8_t needed) const {
    const Value o = g_.operands(user)[operand];
    switch (g_.op(user)) {
      case Op::real: return kReal;
      case Op::imag: return kImag;
      case Op::complex: return needed >> operand & 1;  // the operands are real
      case Op::cast:
        if (!is_complex(user)) return is_complex(o) && ir::is_bool(g_.dtype(user)) ? kBoth : kReal;
        return is_complex(o) ? needed : needed & kReal;
      default: break;
    }
    if (!is_complex(o)) return kReal;
    return is_complex(user) && !ir::is_store(g_.op(user)) ? needed : kBoth;
  }

  void find_needed() {
    needed_.assign(g_.size(), 0);
    for (uint32_t id = g_.size(); id-- > 0;) {
      const Value v{id};
      if (!needed_[id] && !ir::is_store(g_.op(v))) continue;
      for (size_t i = 0; i < g_.operands(v).size(); ++i) needed_[g_.operands(v)[i].id] |= parts_for(v, i, needed_[id]);
    }
  }

  static ir::StrideClass doubled(ir::StrideClass c) { return c == ir::StrideClass::unit ? ir::StrideClass::two : c; }

  /// The access to one part, or to a real array as it was.
  int64_t access(int64_t from, int part) {
    const auto [at, fresh] = accesses_.try_emplace({from, part}, static_cast<int64_t>(kernel_.accesses.size()));
    if (!fresh) return at->second;
    ir::Access a = old_.accesses[from];
    AccessBinding b = lowered_.step.operands[from];
    if (ir::is_complex(a.dtype)) {
      a.dtype = ir::part_of(a.dtype);
      a.outer = doubled(a.outer);
      a.row = doubled(a.row);
      b.offset = 2 * b.offset + part;
      for (int64_t& stride : b.strides) stride *= 2;
    }
    kernel_.accesses.push_back(a);
    bindings_.push_back(b);
    storages_.push_back(lowered_.access_storage[from]);
    return at->second;
  }

  Value add(Op op, DType dtype, std::span<const Value> operands, std::span<const int64_t> attrs, Value from) {
    return kernel_.body.add(op, dtype, {}, operands, attrs, g_.location(from));
  }
  Value binary(Op op, DType dtype, Value a, Value b, Value from) {
    const Value operands[] = {a, b};
    return add(op, dtype, operands, {}, from);
  }

  /// A distance in complex elements as one in parts.
  Value twice(Value distance, Value from) {
    const int64_t two = 2;
    return binary(Op::mul, DType::int64, distance, add(Op::constant, DType::int64, {}, std::span(&two, 1), from), from);
  }

  /// The node itself on one part of each complex operand.
  Value on_part(Value v, int part) {
    const Op op = g_.op(v);
    std::vector<Value> operands;
    for (Value o : g_.operands(v)) operands.push_back(made_[o.id][is_complex(o) ? part : 0]);
    int64_t attrs[1] = {g_.attrs(v).empty() ? 0 : g_.attr(v)};
    if (ir::info(op).attrs == ir::AttrKind::access) {
      const bool pairs = ir::is_complex(old_.accesses[attrs[0]].dtype);
      if (pairs && op == Op::load_at) operands[0] = twice(operands[0], v);
      if (pairs && ir::is_store_at(op)) operands[1] = twice(operands[1], v);
      attrs[0] = access(attrs[0], pairs ? part : 0);
    }
    return add(op, ir::part_of(g_.dtype(v)), operands, std::span(attrs, g_.attrs(v).size()), v);
  }

  Value zero(DType dtype, Value from) {
    const int64_t bits = 0;
    return add(Op::constant, dtype, {}, std::span(&bits, 1), from);
  }

  Value cast(Value v, int part) {
    const Value o = g_.operand(v, 0);
    const DType to = ir::part_of(g_.dtype(v));
    if (part == 1 && !is_complex(o)) return zero(to, v);
    const Value x = made_[o.id][part];
    return to == ir::part_of(g_.dtype(o)) ? x : add(Op::cast, to, std::span(&x, 1), {}, v);
  }

  /// A real result of complex operands.
  Value combine(Value v) {
    const Value o = g_.operand(v, 0);
    switch (g_.op(v)) {
      case Op::real: return made_[o.id][0];
      case Op::imag: return made_[o.id][1];
      case Op::eq: return binary(Op::and_, DType::bool_, on_part(v, 0), on_part(v, 1), v);
      case Op::ne: return binary(Op::or_, DType::bool_, on_part(v, 0), on_part(v, 1), v);
      case Op::cast:
        if (!ir::is_bool(g_.dtype(v))) return cast(v, 0);
        return binary(Op::or_, DType::bool_, cast(v, 0), cast(v, 1), v);
      default: throw InternalError("no kernel has complex operands of " + std::string(ir::info(g_.op(v)).name));
    }
  }

  void rewrite(Value v) {
    const Op op = g_.op(v);
    bool reads_complex = false;
    for (Value o : g_.operands(v)) reads_complex |= is_complex(o);
    if (!is_complex(v)) {
      made_[v.id][0] = reads_complex ? combine(v) : on_part(v, 0);
      return;
    }
    const uint8_t wanted = ir::is_store(op) ? kBoth : needed_[v.id];
    for (int part = 0; part < 2; ++part) {
      if (!(wanted >> part & 1)) continue;
      Value& made = made_[v.id][part];
      switch (op) {
        case Op::complex: made = made_[g_.operand(v, part).id][0]; break;
        case Op::cast: made = cast(v, part); break;
        case Op::constant: made = zero(ir::part_of(g_.dtype(v)), v); break;  // undefined content: any value
        default: made = on_part(v, part);
      }
    }
  }

  LoweredKernel& lowered_;
  const ir::Kernel& old_;
  const ir::Graph& g_;
  ir::Kernel kernel_;
  std::vector<AccessBinding> bindings_;
  std::vector<uint32_t> storages_;
  std::map<std::pair<int64_t, int>, int64_t> accesses_;
  std::vector<uint8_t> needed_;  // by value
  std::vector<Parts> made_;
};

}  // namespace

void split_complex(LoweredKernel* kernel) {
  const std::shared_ptr<const ir::Kernel> before = kernel->step.kernel;  // outlives the rewriting
  for (uint32_t id = 0; id < before->body.size(); ++id)
    if (ir::is_complex(before->body.dtype({id}))) return Splitter(kernel).run();
}

}  // namespace tarry::passes
