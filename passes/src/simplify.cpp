#include <tarry/ir/reduction.h>
#include <tarry/passes/pass.h>

#include <algorithm>
#include <numeric>

namespace tarry::passes {

using ir::DType;
using ir::Graph;
using ir::Ints;
using ir::Op;
using ir::Value;

namespace {

/// Whether every value of `from` has an exact counterpart in `to`.
bool widens(DType from, DType to) {
  if (from == to) return true;
  if (ir::is_bool(from)) return true;
  const size_t a = ir::size_of(from), b = ir::size_of(to);
  if (ir::is_int(from) && ir::is_int(to)) return ir::is_unsigned_int(from) ? a < b : ir::is_signed_int(to) && a < b;
  if (ir::is_float(from) && ir::is_float(to)) return a < b;
  if (ir::is_int(from) && to == DType::float64) return a <= 4;
  if (ir::is_int(from) && to == DType::float32) return a <= 2;
  return false;
}

class Simplifier {
 public:
  explicit Simplifier(const Graph& from) : from_(from), seen_(&from) {}

  /// Whether there is anything to do: a walk that makes nothing.
  bool changes() {
    find_needed();
    if (std::ranges::find(needed_, false) != needed_.end()) return true;
    std::vector<Value> operands;
    for (uint32_t id = 0; id < from_.size() && !changed_; ++id) {
      operands.assign(from_.operands({id}).begin(), from_.operands({id}).end());
      changed_ |= rewrite({id}, operands) != Value{id};
    }
    return changed_;
  }

  Graph run() {
    seen_ = &to_;
    to_.reserve(from_.size());
    made_.resize(from_.size());
    std::vector<Value> operands;
    for (uint32_t id = 0; id < from_.size(); ++id) {
      if (!needed_[id]) continue;
      operands.clear();
      for (Value o : from_.operands({id})) operands.push_back(made_[o.id]);
      made_[id] = rewrite({id}, operands);
    }
    for (Value v : from_.outputs) to_.outputs.push_back(made_[v.id]);
    return std::move(to_);
  }

 private:
  void find_needed() {
    needed_.assign(from_.size(), false);
    for (Value v : from_.outputs) needed_[v.id] = true;
    for (uint32_t id = from_.size(); id-- > 0;)
      if (needed_[id])
        for (Value o : from_.operands({id})) needed_[o.id] = true;
  }

  /// The graph that operands of what is rewritten belong to.
  const Graph& seen() const { return *seen_; }

  Value make(Op op, DType dtype, std::span<const int64_t> shape, std::initializer_list<Value> operands,
             std::initializer_list<int64_t> attrs, ir::Location where) {
    if (seen_ == &to_) return to_.add(op, dtype, shape, operands, attrs, where);
    changed_ = true;
    return {};
  }

  /// A value without elements needs none of what it was made of: a kernel that computed those on its way to no element
  /// would have no point at which to store them.
  bool is_nothing(Value v) const {
    const ir::OpClass c = ir::class_of(from_.op(v));
    if (c == ir::OpClass::source || c == ir::OpClass::transform || ir::is_complex(from_.dtype(v))) return false;
    return ir::num_elements(from_.shape(v)) == 0;
  }

  Value rewrite(Value v, std::vector<Value>& x) {
    if (is_nothing(v)) return all_equal(v, 0);
    switch (from_.op(v)) {
      case Op::reshape:
        if (seen().op(x[0]) == Op::reshape) x[0] = seen().operand(x[0], 0);
        if (same_shape(v, x[0])) return x[0];
        break;
      case Op::broadcast:
        if (seen().op(x[0]) == Op::broadcast) x[0] = seen().operand(x[0], 0);
        if (same_shape(v, x[0])) return x[0];
        break;
      case Op::transpose: return transpose(v, x);
      case Op::slice: return slice(v, x);
      case Op::pad:
        if (std::ranges::all_of(from_.attrs(v), [](int64_t a) { return a == 0; })) return x[0];
        break;
      case Op::update: return update(v, x);
      case Op::real:
      case Op::imag: return part(v, x);
      case Op::scatter:
      case Op::scatter_add:
      case Op::scatter_mul:
      case Op::scatter_min:
      case Op::scatter_max:
        if (ir::num_elements(seen().shape(x[1])) == 0) return x[0];
        break;
      case Op::cast: return cast(v, x);
      case Op::matmul:
        if (seen().shape(x[0]).back() == 0) return all_equal(v, 0);
        break;
      case Op::reduce_sum:
      case Op::reduce_prod:
      case Op::reduce_min:
      case Op::reduce_max:
        if (from_.attrs(v).empty()) return x[0];
        if (ir::num_elements(seen().shape(x[0])) == 0 && !ir::is_complex(from_.dtype(v))) return fold_of_nothing(v);
        break;
      default: return elementwise(v, x);
    }
    return add(v, x, from_.attrs(v));
  }

  Value elementwise(Value v, std::vector<Value>& x) {
    switch (from_.op(v)) {
      case Op::complex:
        // A number taken apart and put together again.
        if (seen().op(x[0]) == Op::real && seen().op(x[1]) == Op::imag &&
            seen().operand(x[0], 0) == seen().operand(x[1], 0) && same_shape(v, x[0]))
          return seen().operand(x[0], 0);
        break;
      case Op::neg:
      case Op::not_:
        if (seen().op(x[0]) == from_.op(v)) return seen().operand(x[0], 0);
        break;
      case Op::abs:
        if (seen().op(x[0]) == Op::abs) return x[0];
        break;
      case Op::select:
        if (x[1] == x[2] && same_shape(v, x[1])) return x[1];
        break;
      case Op::and_:
      case Op::or_:
      case Op::max:
      case Op::min:
        if (x[0] == x[1]) return x[0];
        break;
      default: break;
    }
    return add(v, x, from_.attrs(v));
  }

  bool same_shape(Value old, Value now) const { return from_.shape(old) == seen().shape(now); }

  Value add(Value v, std::span<const Value> operands, std::span<const int64_t> attrs) {
    if (seen_ == &to_) return to_.add(from_.op(v), from_.dtype(v), from_.shape(v), operands, attrs, from_.location(v));
    changed_ |= !std::ranges::equal(operands, from_.operands(v)) || !std::ranges::equal(attrs, from_.attrs(v));
    return v;
  }

  /// A value whose elements, or their two parts, all have these bits.
  Value all_equal(Value v, int64_t bits) {
    const DType t = from_.dtype(v);
    Value one = make(Op::constant, ir::is_complex(t) ? ir::part_of(t) : t, {}, {}, {bits}, from_.location(v));
    if (ir::is_complex(t)) one = make(Op::complex, t, {}, {one, one}, {}, from_.location(v));
    if (from_.shape(v).empty()) return one;
    return make(Op::broadcast, from_.dtype(v), from_.shape(v), {one}, {}, from_.location(v));
  }

  /// What a reduction gives where there is nothing to fold.
  Value fold_of_nothing(Value v) {
    const Op op = from_.op(v);
    return all_equal(v, op == Op::reduce_sum ? 0 : static_cast<int64_t>(ir::identity_bits(op, from_.dtype(v))));
  }

  Value transpose(Value v, std::vector<Value>& x) {
    Ints perm(from_.attrs(v));
    if (seen().op(x[0]) == Op::transpose) {
      for (int64_t& p : perm) p = seen().attr(x[0], static_cast<int>(p));
      x[0] = seen().operand(x[0], 0);
    }
    bool identity = true;
    for (size_t i = 0; i < perm.size(); ++i) identity &= perm[i] == static_cast<int64_t>(i);
    if (identity) return x[0];
    return add(v, x, perm);
  }

  Value slice(Value v, std::vector<Value>& x) {
    Ints attrs(from_.attrs(v));
    if (seen().op(x[0]) == Op::slice) {
      for (size_t d = 0; d < attrs.size(); d += 2) {
        const int64_t start = seen().attr(x[0], static_cast<int>(d)), step = seen().attr(x[0], static_cast<int>(d) + 1);
        attrs[d] = start + attrs[d] * step;
        attrs[d + 1] *= step;
      }
      x[0] = seen().operand(x[0], 0);
    }
    if (same_shape(v, x[0]) && whole(attrs, from_.shape(v))) return x[0];
    // What was just written there: whoever reads it later needs no version of the whole.
    if (seen().op(x[0]) == Op::update && std::ranges::equal(seen().attrs(x[0]), attrs))
      if (const Value written = seen().operand(x[0], 1); same_shape(v, written)) return written;
    return add(v, x, attrs);
  }

  /// Whether a region of the array's own shape is the array as it stands.
  static bool whole(std::span<const int64_t> attrs, std::span<const int64_t> shape) {
    for (size_t d = 0; d < shape.size(); ++d)
      if (attrs[2 * d] != 0 || (attrs[2 * d + 1] != 1 && shape[d] > 1)) return false;
    return true;
  }

  Value update(Value v, std::vector<Value>& x) {
    if (seen().shape(x[1]) == from_.shape(v) && whole(from_.attrs(v), from_.shape(v))) return x[1];
    if (ir::num_elements(seen().shape(x[1])) == 0) return x[0];
    return add(v, x, from_.attrs(v));
  }

  /// A part of what was put together from parts.
  Value part(Value v, std::vector<Value>& x) {
    const bool imaginary = from_.op(v) == Op::imag;
    if (seen().op(x[0]) == Op::complex) {
      const Value p = seen().operand(x[0], imaginary ? 1 : 0);
      if (same_shape(v, p)) return p;
      return make(Op::broadcast, from_.dtype(v), from_.shape(v), {p}, {}, from_.location(v));
    }
    return add(v, x, from_.attrs(v));
  }

  Value cast(Value v, std::vector<Value>& x) {
    const DType to = from_.dtype(v);
    if (seen().op(x[0]) == Op::cast) {
      const Value inner = seen().operand(x[0], 0);
      if (widens(seen().dtype(inner), seen().dtype(x[0]))) x[0] = inner;
    }
    if (seen().dtype(x[0]) == to && same_shape(v, x[0])) return x[0];
    return add(v, x, from_.attrs(v));
  }

  const Graph& from_;
  Graph to_;
  const Graph* seen_;
  bool changed_ = false;
  std::vector<bool> needed_;
  std::vector<Value> made_;
};

}  // namespace

Graph simplify(Graph graph) {
  // The second walk leaves behind what the first made and then went around.
  for (int walk = 0; walk < 2; ++walk) {
    Simplifier simplifier(graph);
    if (!simplifier.changes()) break;
    graph = simplifier.run();
  }
  return graph;
}

}  // namespace tarry::passes
