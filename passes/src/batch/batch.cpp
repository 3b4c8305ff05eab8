#include <tarry/passes/batch.h>

#include "autodiff/builder.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <vector>

namespace tarry::passes {

using ir::Graph;
using ir::Ints;
using ir::Op;
using ir::Shape;
using ir::Value;

namespace {

class Batcher {
 public:
  Batcher(const Graph& g, int64_t count) : out_(g), b_(out_), count_(count), batched_(g.size()), own_(g.size()) {}

  Graph run(std::span<const Value> mapped) {
    const std::vector<Value> outputs = std::move(out_.outputs);
    out_.outputs.clear();
    int64_t slot = 0;
    for (uint32_t id = 0; id < own_; ++id)
      if (out_.op({id}) == Op::parameter) slot = std::max(slot, out_.attr({id}) + 1);
    for (Value v : mapped) {
      batched_[v.id] = out_.append(Op::parameter, out_.dtype(v), with_batch(out_.shape(v)), std::span(&slot, 1), {});
      ++slot;
    }
    for (uint32_t id = 0; id < own_; ++id)
      if (!batched_[id].valid() && depends({id})) batched_[id] = rule({id});
    for (Value v : outputs) out_.outputs.push_back(whole(v));
    return std::move(out_);
  }

 private:
  Shape with_batch(const Shape& shape) const {
    Shape s(shape);
    s.insert(0, count_);
    return s;
  }

  bool depends(Value v) const {
    return std::ranges::any_of(out_.operands(v), [&](Value o) { return batched_[o.id].valid(); });
  }

  /// With the batch as first axis, repeated where it does not depend on it.
  Value whole(Value v) {
    return batched_[v.id].valid() ? batched_[v.id] : b_.broadcast(v, with_batch(Shape(out_.shape(v))));
  }

  /// An operand that broadcasts against results of this rank (without the batch).
  Value aligned(Value o, size_t rank) {
    if (!batched_[o.id].valid()) return o;
    Shape s(out_.shape(o));
    while (s.size() < rank) s.insert(0, 1);
    return b_.reshape(batched_[o.id], with_batch(s));
  }

  Value rule(Value v) {
    b_.where = out_.location(v);
    const Value x = out_.operand(v, 0);
    const Shape to = with_batch(Shape(out_.shape(v)));
    switch (out_.op(v)) {
      case Op::parameter:
      case Op::scalar:
      case Op::constant:
      case Op::iota:
      case Op::empty: throw InternalError("a source depends on nothing");
      case Op::reshape: return b_.reshape(batched_[x.id], to);
      case Op::broadcast: return b_.broadcast(aligned(x, out_.shape(v).size()), to);
      case Op::transpose: return b_.transpose(batched_[x.id], shifted(v, 0));
      case Op::slice: return b_.slice(batched_[x.id], led(v, 0, 1), to);
      case Op::pad: return pad(v);
      case Op::update: return b_.update(whole(x), whole(out_.operand(v, 1)), led(v, 0, 1));
      case Op::reduce_sum:
      case Op::reduce_prod:
      case Op::reduce_min:
      case Op::reduce_max: return b_.reduce(out_.op(v), batched_[x.id], shifted(v, -1));
      case Op::scan_sum:
      case Op::scan_prod: return b_.scan(out_.op(v), batched_[x.id], out_.attr(v) + 1);
      case Op::matmul: return matmul(v);
      case Op::gather: return gather(v);
      case Op::scatter:
      case Op::scatter_add:
      case Op::scatter_mul:
      case Op::scatter_min:
      case Op::scatter_max: return scatter(v);
      case Op::argsort: return out_.add(Op::argsort, out_.dtype(v), to, {batched_[x.id]}, {out_.attr(v) + 1}, b_.where);
      case Op::search_left:
      case Op::search_right: return search(v);
      case Op::custom: return custom(v);
      case Op::add:
      case Op::sub:
      case Op::mul:
      case Op::div:
      case Op::floor_div:
      case Op::mod:
      case Op::fmod:
      case Op::pow:
      case Op::max:
      case Op::min:
      case Op::atan2:
      case Op::hypot:
      case Op::copysign:
      case Op::nextafter:
      case Op::fma:
      case Op::neg:
      case Op::abs:
      case Op::sign:
      case Op::sqrt:
      case Op::cbrt:
      case Op::exp:
      case Op::exp2:
      case Op::expm1:
      case Op::log:
      case Op::log2:
      case Op::log10:
      case Op::log1p:
      case Op::sin:
      case Op::cos:
      case Op::tan:
      case Op::asin:
      case Op::acos:
      case Op::atan:
      case Op::sinh:
      case Op::cosh:
      case Op::tanh:
      case Op::asinh:
      case Op::acosh:
      case Op::atanh:
      case Op::erf:
      case Op::floor:
      case Op::ceil:
      case Op::trunc:
      case Op::rint:
      case Op::eq:
      case Op::ne:
      case Op::lt:
      case Op::le:
      case Op::gt:
      case Op::ge:
      case Op::isnan:
      case Op::isinf:
      case Op::isfinite:
      case Op::signbit:
      case Op::and_:
      case Op::or_:
      case Op::xor_:
      case Op::not_:
      case Op::shl:
      case Op::shr:
      case Op::popcount:
      case Op::gcd:
      case Op::select:
      case Op::cast:
      case Op::bitcast:
      case Op::complex:
      case Op::real:
      case Op::imag:
      case Op::mark:
      case Op::stop:
      case Op::checkpoint:
      case Op::move:
      case Op::mul0:
      case Op::div0: return elementwise(v);
      case Op::load:
      case Op::index:
      case Op::store:
      case Op::load_at:
      case Op::store_at:
      case Op::add_at:
      case Op::mul_at:
      case Op::min_at:
      case Op::max_at:
      case Op::bits:
      case Op::within:
      case Op::cold_begin:
      case Op::cold_end: break;
    }
    throw InternalError("an op of the kernel level in a program");
  }

  Value elementwise(Value v) {
    const Shape own(out_.shape(v));
    std::vector<Value> operands(out_.operands(v).begin(), out_.operands(v).end());
    for (Value& o : operands) o = aligned(o, own.size());
    const Ints attrs(out_.attrs(v));
    return out_.add(out_.op(v), out_.dtype(v), with_batch(own), operands, attrs, b_.where);
  }

  /// The user's rule is for single elements: what asks for it later finds the op, and refuses.
  Value custom(Value v) {
    std::vector<Value> operands(out_.operands(v).begin(), out_.operands(v).end());
    for (Value& o : operands) o = whole(o);
    const Ints attrs(out_.attrs(v));
    return out_.add(Op::custom, out_.dtype(v), with_batch(Shape(out_.shape(v))), operands, attrs, b_.where);
  }

  /// The attributes, those of the batch axis first.
  Ints led(Value v, int64_t first, int64_t second) const {
    Ints attrs{first, second};
    for (int64_t a : out_.attrs(v)) attrs.push_back(a);
    return attrs;
  }
  /// Axes counted with the batch; `first` leads unless negative.
  Ints shifted(Value v, int64_t first) const {
    Ints axes;
    if (first >= 0) axes.push_back(first);
    for (int64_t a : out_.attrs(v)) axes.push_back(a + 1);
    return axes;
  }

  Value pad(Value v) {
    const Value x = out_.operand(v, 0), value = out_.operand(v, 1);
    if (!batched_[value.id].valid()) return b_.pad(batched_[x.id], value, led(v, 0, 0));
    // Each element of the batch has a value of its own: pad with anything, and choose.
    const Ints widths(out_.attrs(v));
    const Value inside =
        b_.pad(b_.filled(ir::DType::bool_, Shape(out_.shape(x)), 1), b_.literal(ir::DType::bool_, 0), widths);
    const Value padded = b_.pad(whole(x), b_.literal(out_.dtype(v), 0), led(v, 0, 0));
    return b_.op(Op::select, {inside, padded, aligned(value, out_.shape(v).size())});
  }

  /// Index arrays that pick each element of the batch for itself: its own number leads.
  std::vector<Value> batched_indices(std::span<const Value> indices) {
    std::vector<Value> all{b_.iota(with_batch(Shape(out_.shape(indices[0]))), 0)};
    for (Value i : indices) all.push_back(whole(i));
    return all;
  }

  Value gather(Value v) {
    const Value x = out_.operand(v, 0);
    const std::vector<Value> indices(out_.operands(v).begin() + 1, out_.operands(v).end());
    const Ints axes(out_.attrs(v));
    const bool varies = std::ranges::any_of(indices, [&](Value i) { return batched_[i.id].valid(); });
    if (varies && batched_[x.id].valid()) return b_.gather(batched_[x.id], batched_indices(indices), shifted(v, 0));
    if (varies) {
      std::vector<Value> own;
      for (Value i : indices) own.push_back(whole(i));
      return b_.gather(x, own, axes);
    }
    // The batch is the first of the axes that are left, behind those of the indices.
    const Value read = b_.gather(batched_[x.id], indices, shifted(v, -1));
    const auto ahead = static_cast<int64_t>(out_.shape(indices[0]).size());
    Ints perm{ahead};
    for (int64_t a = 0; a < static_cast<int64_t>(out_.shape(read).size()); ++a)
      if (a != ahead) perm.push_back(a);
    return b_.transpose(read, perm);
  }

  Value scatter(Value v) {
    const std::vector<Value> indices(out_.operands(v).begin() + 2, out_.operands(v).end());
    const Value x = whole(out_.operand(v, 0)), value = whole(out_.operand(v, 1));
    return b_.scatter(out_.op(v), x, value, batched_indices(indices), shifted(v, 0));
  }

  /// Where the sorted array varies too, by counting.
  Value search(Value v) {
    const Value sorted = out_.operand(v, 0), x = out_.operand(v, 1);
    const Shape own(out_.shape(v));
    if (!batched_[sorted.id].valid())
      return out_.add(out_.op(v), out_.dtype(v), with_batch(own), {sorted, batched_[x.id]}, {}, b_.where);
    Shape each(own.size(), 1);
    each.push_back(out_.shape(sorted)[0]);
    Shape one(own);
    one.push_back(1);
    const Value a = b_.reshape(batched_[sorted.id], with_batch(each)), b = b_.reshape(whole(x), with_batch(one));
    const bool left = out_.op(v) == Op::search_left;
    Value before = b_.op(left ? Op::lt : Op::le, {a, b});
    if (ir::is_float(out_.dtype(x))) {  // NaNs stand last
      const Value unordered = b_.op(Op::isnan, {b});
      const Value last = left ? b_.op(Op::and_, {unordered, b_.op(Op::not_, {b_.op(Op::isnan, {a})})}) : unordered;
      before = b_.op(Op::or_, {before, last});
    }
    return b_.reduce(Op::reduce_sum, b_.cast(before, ir::DType::int64), Ints{static_cast<int64_t>(own.size()) + 1});
  }

  /// One product of larger matrices where one side is the same for the whole batch.
  Value matmul(Value v) {
    const Value x = out_.operand(v, 0), y = out_.operand(v, 1);
    const Shape p(out_.shape(x)), q(out_.shape(y));
    const bool matrices = p.size() == 2;
    const Shape to = with_batch(Shape(out_.shape(v)));
    if (matrices && !batched_[y.id].valid()) {
      const Value rows = b_.reshape(batched_[x.id], Shape{count_ * p[0], p[1]});
      return b_.reshape(b_.matmul(rows, y), to);
    }
    if (matrices && !batched_[x.id].valid()) {
      const Value columns = b_.reshape(b_.transpose(batched_[y.id], Ints{1, 0, 2}), Shape{q[0], count_ * q[1]});
      return b_.transpose(b_.reshape(b_.matmul(x, columns), Shape{p[0], count_, q[1]}), Ints{1, 0, 2});
    }
    return b_.matmul(whole(x), whole(y));
  }

  Graph out_;
  Builder b_;
  int64_t count_;
  std::vector<Value> batched_;  // of the nodes of the graph given
  uint32_t own_;
};

}  // namespace

Graph batch(const Graph& g, std::span<const Value> mapped, int64_t count) { return Batcher(g, count).run(mapped); }

}  // namespace tarry::passes
