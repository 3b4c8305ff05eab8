// mul0 and div0 of a whole kernel: plain, and looked at where they end.

#include "guards.h"

#include <tarry/ir/literal.h>
#include <tarry/passes/expand.h>

#include <algorithm>
#include <vector>

namespace tarry::passes {

using ir::DType;
using ir::Graph;
using ir::Op;
using ir::Value;

namespace {

bool is_guard(Op op) { return op == Op::mul0 || op == Op::div0; }

/// Whether a NaN among the operands is sure to be the result, if it is used at all.
bool hands_on_nan(const Graph& g, Value v) {
  const Op op = g.op(v);
  if (is_guard(op)) return true;
  if (!ir::is_elementwise(op) || !ir::is_float(g.dtype(v)) || op == Op::bitcast) return false;
  switch (op) {
    case Op::select:
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::max:
    case Op::min:
    case Op::fma: return true;
    default: return ir::info(op).arity == 1 && ir::is_float(g.dtype(g.operand(v, 0)));
  }
}

class GuardExpander {
 public:
  explicit GuardExpander(const ir::Kernel& kernel) : kernel_(kernel), from_(kernel.body), result_(kernel) {
    result_.body = Graph();
    find_suspects();
  }

  ir::Kernel run() {
    fast_.resize(from_.size());
    slow_.resize(from_.size());
    for (uint32_t id = 0; id < from_.size(); ++id) {
      if (id == first_store_ && !stored_.empty()) repair_stored();
      fast_[id] = written({id}, plain_op(from_.op({id})), fast_);
      if (suspect_[id] && ends_[id]) fast_[id] = repaired({id}, is_nan(fast_[id]));
    }
    for (Value v : from_.outputs) result_.body.outputs.push_back(fast_[v.id]);
    return std::move(result_);
  }

 private:
  /// Which values may be a NaN that the guards would have kept away, and which of them are looked at.
  void find_suspects() {
    constexpr uint32_t kShared = 32;  // nodes; a longer stretch that several others need is not computed in each
    const size_t n = from_.size();
    std::vector<uint32_t> uses(n, 0), length(n, 0);
    suspect_.assign(n, false);
    find_ends(&uses);
    for (uint32_t id = 0; id < n; ++id) {
      const Value v{id};
      suspect_[id] = is_guard(from_.op(v));
      length[id] = 1;
      for (Value o : from_.operands(v)) {
        if (!goes_on_from(o) || !hands_on_nan(from_, v)) continue;
        suspect_[id] = true;
        length[id] = std::min(length[id] + length[o.id], 2 * kShared);
      }
      if (suspect_[id] && uses[id] > 1 && length[id] > kShared) ends_[id] = true;
    }
  }

  /// What somebody reads to whom a NaN is not a NaN, or for whom it would have to be computed at another level.
  void find_ends(std::vector<uint32_t>* uses) {
    const bool together = stores_together();
    level_.assign(from_.size(), ir::Level::uniform);
    std::vector<bool> reached(from_.size(), false);
    ends_.assign(from_.size(), false);
    for (uint32_t id = 0; id < from_.size(); ++id) {
      const Value v{id};
      level_[id] = ir::level_of(kernel_, level_, v);
      reached[id] = is_guard(from_.op(v));
      for (Value o : from_.operands(v)) {
        ++(*uses)[o.id];
        if (!reached[o.id]) continue;
        if (hands_on_nan(from_, v) && level_[id] == level_[o.id])
          reached[id] = true;
        else if (together && from_.op(v) == Op::store)
          stored_.push_back(o);
        else
          ends_[o.id] = true;
      }
    }
    std::ranges::sort(stored_);
    stored_.erase(std::unique(stored_.begin(), stored_.end()), stored_.end());
    std::erase_if(stored_, [&](Value v) { return ends_[v.id]; });
  }

  /// Whether what is stored can be looked at all at once: no more than a few values, when everything is computed.
  bool stores_together() {
    constexpr uint32_t kFew = 4;
    uint32_t stores = 0;
    for (uint32_t id = 0; id < from_.size(); ++id) stores += from_.op({id}) == Op::store;
    if (kernel_.schedule != ir::Schedule::map || stores > kFew) return false;
    first_store_ = static_cast<uint32_t>(from_.size()) - stores;
    for (uint32_t id = first_store_; id < from_.size(); ++id)
      if (from_.op({id}) != Op::store) return false;
    return true;
  }

  bool goes_on_from(Value o) const { return suspect_[o.id] && !ends_[o.id]; }

  static Op plain_op(Op op) { return op == Op::mul0 ? Op::mul : op == Op::div0 ? Op::div : op; }

  Value written(Value v, Op op, const std::vector<Value>& operands) {
    operands_.clear();
    for (Value o : from_.operands(v)) operands_.push_back(operands[o.id].valid() ? operands[o.id] : fast_[o.id]);
    return result_.body.add(op, from_.dtype(v), {}, operands_, from_.attrs(v), from_.location(v));
  }

  Value add(Op op, DType dtype, std::initializer_list<Value> operands, std::initializer_list<int64_t> attrs = {}) {
    return result_.body.add(op, dtype, {}, operands, attrs, where_);
  }

  /// The value with guards wherever the plain one is a NaN. All arithmetic between what the kernel read and the
  /// value is done again on copies: what the plain way made on its way need not be kept for a rare case.
  Value repaired(Value v, Value if_any) {
    const Value fast = fast_[v.id];
    literal_zero(from_.dtype(v));  // outside the region, where it is found again
    where_ = from_.location(v);
    const Value begin = add(Op::cold_begin, DType::bool_, {if_any});
    find_stretch(v);
    for (Value s : stretch_) {
      if (!is_redone(s, v))
        slow_[s.id] = ir::is_float(from_.dtype(s)) ? add(Op::bits, from_.dtype(s), {fast_[s.id]}) : fast_[s.id];
      else
        slow_[s.id] = is_guard(from_.op(s)) ? guarded(s) : written(s, from_.op(s), slow_);
    }
    redone_ += stretch_.size();
    const Value slow = slow_[v.id];
    for (Value s : stretch_) slow_[s.id] = {};
    return add(Op::cold_end, from_.dtype(v), {begin, slow, fast});
  }

  Value is_nan(Value v) { return add(Op::ne, DType::bool_, {v, v}); }

  void repair_stored() {
    Value any;
    for (Value v : stored_)
      if (suspect_[v.id])
        any = any.valid() ? add(Op::or_, DType::bool_, {any, is_nan(fast_[v.id])}) : is_nan(fast_[v.id]);
    std::vector<Value> all;
    for (Value v : stored_) all.push_back(suspect_[v.id] ? repaired(v, any) : fast_[v.id]);
    for (size_t i = 0; i < stored_.size(); ++i) fast_[stored_[i].id] = all[i];
  }

  /// Whether a repair of `v` computes `s` again: what is suspect it has to, and what is cheap it should.
  bool is_redone(Value s, Value v) const {
    if (s == v || goes_on_from(s)) return true;
    constexpr size_t kMuch = 1500;  // nodes
    return redone_ < kMuch && !ends_[s.id] && level_[s.id] == level_[v.id] && ir::is_elementwise(from_.op(s)) &&
           is_primitive(from_, s);
  }

  /// The nodes of a repair of `v`, ascending: those done again, and where they begin.
  void find_stretch(Value v) {
    stretch_.assign(1, v);
    slow_[v.id] = v;  // seen
    for (size_t i = 0; i < stretch_.size(); ++i) {
      if (!is_redone(stretch_[i], v)) continue;
      for (Value o : from_.operands(stretch_[i])) {
        if (slow_[o.id].valid() || level_[o.id] != level_[v.id]) continue;
        slow_[o.id] = o;
        stretch_.push_back(o);
      }
    }
    for (Value s : stretch_) slow_[s.id] = {};
    std::ranges::sort(stretch_);
  }

  Value literal_zero(DType type) { return add(Op::constant, type, {}, {static_cast<int64_t>(ir::bits_of(type, 0.0))}); }

  Value guarded(Value v) {
    const DType type = from_.dtype(v);
    const auto operand = [&](int i) {
      const Value o = from_.operand(v, i);
      return slow_[o.id].valid() ? slow_[o.id] : fast_[o.id];
    };
    const Value a = operand(0), b = operand(1), zero = literal_zero(type);
    const Value plain = add(plain_op(from_.op(v)), type, {a, b});
    Value is_zero = add(Op::eq, DType::bool_, {a, zero});
    if (from_.op(v) == Op::mul0) is_zero = add(Op::or_, DType::bool_, {is_zero, add(Op::eq, DType::bool_, {b, zero})});
    const Value wrong = add(Op::and_, DType::bool_, {is_zero, add(Op::ne, DType::bool_, {plain, plain})});
    return add(Op::select, type, {wrong, zero, plain});
  }

  const ir::Kernel& kernel_;
  const Graph& from_;
  ir::Kernel result_;
  ir::Location where_;
  std::vector<ir::Level> level_;
  std::vector<bool> suspect_, ends_;
  std::vector<Value> fast_, slow_;  // by value
  std::vector<Value> stretch_, operands_;
  std::vector<Value> stored_;  // values that are looked at together
  uint32_t first_store_ = UINT32_MAX;
  size_t redone_ = 0;
};

}  // namespace

ir::Kernel expand_guards(const ir::Kernel& kernel) {
  const Graph& g = kernel.body;
  bool any = false;
  for (uint32_t id = 0; id < g.size(); ++id) {
    if (g.op({id}) == Op::cold_begin) return kernel;  // what stands in a region is guarded one by one
    any |= is_guard(g.op({id}));
  }
  return any ? GuardExpander(kernel).run() : kernel;
}

}  // namespace tarry::passes
