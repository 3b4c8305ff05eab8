#include "index_range.h"

#include "scalar.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <span>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::Value;
using Range = std::optional<IndexRange>;

constexpr size_t kMostNodes = 64;

/// Corners of a product of intervals, where the function is monotonic in each of them; nothing where one overflows.
template <class F>
Range of_corners(IndexRange a, IndexRange b, const F& f) {
  IndexRange r{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (int64_t x : {a.low, a.high})
    for (int64_t y : {b.low, b.high}) {
      int64_t z;
      if (f(x, y, &z)) return {};
      r = {std::min(r.low, z), std::max(r.high, z)};
    }
  return r;
}

bool floor_divided(int64_t x, int64_t y, int64_t* z) {
  *z = x / y - (x % y < 0);
  return false;
}

Range either(IndexRange a, IndexRange b) { return IndexRange{std::min(a.low, b.low), std::max(a.high, b.high)}; }

/// Of an op of one operand or none.
Range unary(Op op, IndexRange a) {
  switch (op) {
    case Op::neg: return of_corners({0, 0}, a, [](auto x, auto y, auto* z) { return __builtin_sub_overflow(x, y, z); });
    case Op::abs:
      if (a.low == std::numeric_limits<int64_t>::min()) return {};
      return IndexRange{a.low > 0 ? a.low : a.high < 0 ? -a.high : 0, std::max(a.high, -a.low)};
    default: return a;
  }
}

Range binary(Op op, IndexRange a, IndexRange b) {
  switch (op) {
    case Op::add: return of_corners(a, b, [](auto x, auto y, auto* z) { return __builtin_add_overflow(x, y, z); });
    case Op::sub: return of_corners(a, b, [](auto x, auto y, auto* z) { return __builtin_sub_overflow(x, y, z); });
    case Op::mul: return of_corners(a, b, [](auto x, auto y, auto* z) { return __builtin_mul_overflow(x, y, z); });
    case Op::min: return IndexRange{std::min(a.low, b.low), std::min(a.high, b.high)};
    case Op::max: return IndexRange{std::max(a.low, b.low), std::max(a.high, b.high)};
    case Op::mod: return b.low > 0 ? Range(IndexRange{0, b.high - 1}) : Range();
    case Op::floor_div: return b.low > 0 ? of_corners(a, b, floor_divided) : Range();
    default: return {};
  }
}

/// The operands of an op whose bounds tell those of its result.
std::span<const Value> telling(const ir::Graph& g, Value v) {
  const std::span<const Value> operands = g.operands(v);
  switch (g.op(v)) {
    case Op::neg:
    case Op::abs:
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::min:
    case Op::max:
    case Op::mod:
    case Op::floor_div:
    case Op::cast:
    case Op::broadcast:
    case Op::reshape:
    case Op::transpose:
    case Op::slice:
    case Op::pad:
    case Op::reduce_min:
    case Op::reduce_max:
    case Op::mark:
    case Op::stop:
    case Op::checkpoint:
    case Op::move: return operands;
    case Op::select: return operands.last(2);
    case Op::update: return operands.first(2);
    default: return {};
  }
}

/// What an op without operands that tell has for elements.
Range of_source(const Trace& t, Value v) {
  const ir::Graph& g = t.graph;
  const auto number = [&](uint64_t bits) {
    const auto x = static_cast<int64_t>(convert_element(g.dtype(v), bits, DType::int64));
    return IndexRange{x, x};
  };
  const auto below = [](int64_t extent) { return extent > 0 ? Range(IndexRange{0, extent - 1}) : Range(); };
  switch (g.op(v)) {
    case Op::constant: return number(static_cast<uint64_t>(g.attr(v)));
    case Op::scalar: return number(t.scalar_bits(v));
    case Op::iota:
    case Op::argsort: return below(g.shape(v)[static_cast<size_t>(g.attr(v))]);
    case Op::search_left:
    case Op::search_right: return IndexRange{0, g.shape(g.operand(v, 0))[0]};
    default: return {};
  }
}

/// Without wrapping around.
bool fits(IndexRange r, DType t) {
  const int bits = static_cast<int>(8 * ir::size_of(t));
  if (bits == 64) return ir::is_signed_int(t) || r.low >= 0;
  const int64_t below = int64_t{1} << (ir::is_signed_int(t) ? bits - 1 : bits);
  return r.low >= (ir::is_signed_int(t) ? -below : 0) && r.high < below;
}

class Ranges {
 public:
  Ranges(const Trace& trace, std::vector<Value>* unseen) : t_(trace), unseen_(unseen) {}

  Range of(Value root) {
    std::vector<Value> waiting{root};
    while (!waiting.empty()) {
      const Value v = waiting.back();
      if (!find(v)) {
        if (known_.size() + waiting.size() > kMostNodes) return {};
        const size_t before = waiting.size();
        for (Value o : operands(v))
          if (!find(o)) waiting.push_back(o);
        if (waiting.size() != before) continue;
        const Range r = evaluate(v);
        if (!r && !unseen_) return {};
        known_.push_back({v, r});
      }
      waiting.pop_back();
    }
    return find(root)->range;
  }

 private:
  struct Known {
    Value value;
    Range range;
  };

  const Known* find(Value v) const {
    const auto at = std::ranges::find(known_, v, &Known::value);
    return at == known_.end() ? nullptr : &*at;
  }

  bool is_leaf(Value v) const {
    return t_.known_range(v) || t_.stored(v) || t_.failed(v) || t_.abstract(v) || !ir::is_int(t_.graph.dtype(v));
  }

  std::span<const Value> operands(Value v) const {
    return is_leaf(v) ? std::span<const Value>() : telling(t_.graph, v);
  }

  Range evaluate(Value v) {
    const DType dtype = t_.graph.dtype(v);
    if (const IndexRange* known = t_.known_range(v)) return known->low <= known->high ? Range(*known) : Range();
    if (dtype == DType::bool_) return IndexRange{0, 1};
    if (is_leaf(v)) {
      if (unseen_ && t_.stored(v) && ir::is_int(dtype)) unseen_->push_back(v);
      return {};
    }
    const std::span<const Value> from = telling(t_.graph, v);
    Range r;
    if (from.empty()) {
      r = of_source(t_, v);
    } else {
      const Range a = find(from[0])->range, b = find(from.back())->range;
      if (!a || !b) return {};
      const Op op = t_.graph.op(v);
      const bool joins = op == Op::select || op == Op::update || op == Op::pad;
      r = from.size() == 1 ? unary(op, *a) : joins ? either(*a, *b) : binary(op, *a, *b);
    }
    return r && fits(*r, dtype) ? r : Range();
  }

  const Trace& t_;
  std::vector<Value>* unseen_;
  std::vector<Known> known_;
};

}  // namespace

std::optional<IndexRange> range_of(const Trace& trace, Value v, std::vector<Value>* unseen) {
  return Ranges(trace, unseen).of(v);
}

}  // namespace tarry::frontend
