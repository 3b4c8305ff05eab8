#include "random_graph.h"
#include <tarry/ir/verify.h>

#include <algorithm>
#include <random>
#include <set>

namespace tarry::test {
namespace {

using namespace ir;

constexpr DType kReal[] = {DType::bool_,    DType::int8,    DType::int16,  DType::int32,  DType::int64,
                           DType::uint8,    DType::uint16,  DType::uint32, DType::uint64, DType::float16,
                           DType::bfloat16, DType::float32, DType::float64};

Shape joined(const Shape& a, const Shape& b) {
  Shape result(a.size() > b.size() ? a : b);
  const Shape& shorter = a.size() > b.size() ? b : a;
  for (size_t i = 0; i < shorter.size(); ++i) {
    int64_t& extent = result[result.size() - shorter.size() + i];
    if (extent == 1) extent = shorter[i];
  }
  return result;
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int64_t roll(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool one_in(int64_t n) { return roll(1, n) == 1; }
  uint64_t bits() { return engine_(); }
  DType dtype() { return kReal[roll(0, std::size(kReal) - 1)]; }
  DType dtype(Accepts which) {
    for (;;)
      if (DType t = dtype(); accepts(which, t)) return t;
  }
  uint64_t element(DType t) {
    if (is_bool(t)) return bits() & 1;
    return size_of(t) == 8 ? bits() : bits() & ((1ull << 8 * size_of(t)) - 1);
  }

 private:
  std::mt19937_64 engine_;
};

class ProgramMaker {
 public:
  explicit ProgramMaker(uint64_t seed) : dice_(seed) {}
  Program make();

 private:
  Value fresh(DType t, const Shape& shape);
  /// A real one: most ops take no complex numbers.
  Value any() {
    for (;;)
      if (const Value v{static_cast<uint32_t>(dice_.roll(0, g_.size() - 1))}; !is_complex(g_.dtype(v))) return v;
  }
  void pair(Op op);
  Value value_of(DType t, const Shape& shape);
  Shape random_shape();
  void add(Op op);
  void elementwise(Op op);
  void slice(Op op);
  void indexed(Op op);
  void layouts();

  Dice dice_;
  Program p_;
  Graph& g_ = p_.graph;
};

Shape ProgramMaker::random_shape() {
  Shape shape;
  for (int64_t rank = dice_.roll(0, 6); rank > 0; --rank) shape.push_back(dice_.one_in(12) ? 0 : dice_.roll(1, 3));
  return shape;
}

Value ProgramMaker::fresh(DType t, const Shape& shape) {
  const auto slot = static_cast<int64_t>(p_.inputs.size());
  p_.inputs.push_back({.offset = 0,
                       .strides = c_strides(shape),
                       .buffer = static_cast<uint32_t>(slot),
                       .buffer_elements = num_elements(shape)});
  return g_.add(Op::parameter, t, shape, {}, {slot});
}

/// An older value of this type if the dice find one, else a new parameter.
Value ProgramMaker::value_of(DType t, const Shape& shape) {
  for (int tries = 0; tries < 20; ++tries)
    if (Value v = any(); g_.dtype(v) == t && g_.shape(v) == shape) return v;
  return fresh(t, shape);
}

void ProgramMaker::pair(Op op) {
  const DType part = dice_.one_in(2) ? DType::float32 : DType::float64;
  const Shape shape = random_shape();
  Value z = g_.add(Op::complex, complex_of(part), shape, {value_of(part, shape), value_of(part, shape)});
  if (dice_.one_in(2)) z = g_.add(Op::add, complex_of(part), shape, {z, fresh(complex_of(part), shape)});
  if (op != Op::complex) g_.add(op, part, shape, {z});
}

void ProgramMaker::elementwise(Op op) {
  if (is_of_pairs(op)) return pair(op);
  const bool chooses = op == Op::select;
  DType t = dice_.dtype(info(op).accepts);
  const Shape shape = random_shape();
  Shape result = shape;
  std::vector<Value> operands;
  for (int i = 0; i < info(op).arity; ++i) {
    Shape part = shape;
    if (dice_.one_in(3))
      for (int64_t& extent : part) extent = dice_.one_in(2) ? 1 : extent;
    if (dice_.one_in(3) && !part.empty()) part.erase(0);
    result = i ? joined(result, part) : part;
    operands.push_back(value_of(chooses && i == 0 ? DType::bool_ : t, part));
  }
  DType to = info(op).dtype_rule == DTypeRule::boolean ? DType::bool_ : t;
  if (op == Op::cast || op == Op::bitcast) {
    do to = dice_.dtype();
    while (op == Op::bitcast && size_of(to) != size_of(t));
  }
  g_.add(op, to, result, operands);
}

void ProgramMaker::slice(Op op) {
  const Value x = any();
  Shape region(g_.shape(x));
  std::vector<int64_t> attrs;
  for (int64_t& extent : region) {
    const int64_t whole = extent;
    extent = dice_.roll(0, whole);
    const int64_t step = extent < 2 ? dice_.roll(1, 5) : whole >= 2 * extent - 1 ? dice_.roll(1, 2) : 1;
    const int64_t span = extent ? (extent - 1) * step : 0;
    const int64_t start = extent ? dice_.roll(0, whole - 1 - span) : dice_.roll(0, 9);
    const bool reversed = dice_.one_in(2);
    attrs.push_back(reversed ? start + span : start);
    attrs.push_back(reversed ? -step : step);
  }
  if (op == Op::slice) {
    g_.add(op, g_.dtype(x), region, std::vector{x}, attrs);
  } else {
    const Value y = value_of(g_.dtype(x), region);
    g_.add(op, g_.dtype(x), g_.shape(x), std::vector{x, y}, attrs);
  }
}

/// A gather from, or a scatter to, places along some of the axes.
void ProgramMaker::indexed(Op op) {
  const Value x = any();
  const Shape from = g_.shape(x);
  Shape places;
  for (int64_t rank = dice_.roll(0, 2); rank > 0; --rank) places.push_back(dice_.roll(1, 3));
  Shape to = places;
  std::vector<int64_t> axes;
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] > 0 && dice_.one_in(2))
      axes.push_back(static_cast<int64_t>(i));
    else
      to.push_back(from[i]);
  if (axes.empty()) return;
  std::vector<Value> operands{x};
  if (op != Op::gather) operands.push_back(value_of(g_.dtype(x), to));
  for (size_t i = 0; i < axes.size(); ++i) operands.push_back(value_of(DType::int64, places));
  g_.add(op, g_.dtype(x), op == Op::gather ? to : from, operands, axes);
}

void ProgramMaker::add(Op op) {
  if (is_elementwise(op)) return elementwise(op);
  const Value x = g_.size() ? any() : fresh(DType::float32, {2, 3});
  const DType t = g_.dtype(x);
  const Shape from = g_.shape(x);
  Shape to(from);
  std::vector<int64_t> attrs;
  switch (op) {
    case Op::parameter: fresh(dice_.dtype(), random_shape()); return;
    case Op::scalar: g_.add(op, dice_.dtype(), Shape{}, {}, {p_.num_scalars++}); return;
    case Op::constant: {
      const DType literal = dice_.dtype();
      g_.add(op, literal, Shape{}, {}, {static_cast<int64_t>(dice_.element(literal))});
      return;
    }
    case Op::iota: g_.add(op, DType::int64, Shape{2, 0, 3}, {}, {dice_.roll(0, 2)}); return;
    case Op::empty: g_.add(op, dice_.dtype(), random_shape()); return;
    case Op::reshape: g_.add(op, t, Shape{num_elements(from), 1}, {x}); return;
    case Op::broadcast:
      to.insert(0, dice_.roll(0, 3));
      g_.add(op, t, to, {x});
      return;
    case Op::transpose:
      for (size_t i = 0; i < from.size(); ++i) attrs.push_back(static_cast<int64_t>(i));
      for (size_t i = attrs.size(); i > 1; --i) std::swap(attrs[i - 1], attrs[dice_.roll(0, i - 1)]);
      for (size_t i = 0; i < from.size(); ++i) to[i] = from[attrs[i]];
      g_.add(op, t, to, std::vector{x}, attrs);
      return;
    case Op::slice:
    case Op::update: slice(op); return;
    case Op::pad:
      for (int64_t& extent : to)
        for (int side = 0; side < 2; ++side) extent += attrs.emplace_back(dice_.roll(0, 2));
      g_.add(op, t, to, std::vector{x, value_of(t, {})}, attrs);
      return;
    case Op::gather:
    case Op::scatter:
    case Op::scatter_add:
    case Op::scatter_mul:
    case Op::scatter_min:
    case Op::scatter_max: indexed(op); return;
    case Op::argsort:
      if (!from.empty()) g_.add(op, DType::int64, from, {x}, {dice_.roll(0, static_cast<int64_t>(from.size()) - 1)});
      return;
    case Op::search_left:
    case Op::search_right: g_.add(op, DType::int64, from, {value_of(t, {5}), x}); return;
    case Op::scan_sum:
    case Op::scan_prod:
      if (!from.empty()) g_.add(op, t, from, {x}, {dice_.roll(0, static_cast<int64_t>(from.size()) - 1)});
      return;
    case Op::mark:
    case Op::move:
    case Op::checkpoint: g_.add(op, t, from, {x}, {dice_.roll(0, 9)}); return;
    case Op::stop: g_.add(op, t, from, {x}); return;
    case Op::custom: g_.add(op, t, from, {x, any()}, {dice_.roll(0, 9)}); return;
    case Op::matmul: g_.add(op, t, Shape{2, 3, 5}, {value_of(t, {2, 3, 4}), value_of(t, {2, 4, 5})}); return;
    default:
      to.clear();
      for (size_t i = 0; i < from.size(); ++i)
        if (dice_.one_in(2))
          attrs.push_back(static_cast<int64_t>(i));
        else
          to.push_back(from[i]);
      g_.add(op, t, to, std::vector{x}, attrs);
  }
}

/// Gives some inputs layouts of their own, and some outputs an order.
void ProgramMaker::layouts() {
  for (uint32_t id = 0; id < g_.size(); ++id) {
    Value v{id};
    if (g_.op(v) != Op::parameter || !dice_.one_in(3)) continue;
    InputLayout& layout = p_.inputs[g_.attr(v)];
    const Shape& shape = g_.shape(v);
    int64_t stride = dice_.roll(1, 2), low = 0;
    for (size_t i = 0; i < shape.size(); ++i) {  // the first axis varies fastest, some backwards
      layout.strides[i] = dice_.one_in(3) ? -stride : stride;
      if (layout.strides[i] < 0 && shape[i]) low += layout.strides[i] * (shape[i] - 1);
      stride *= std::max<int64_t>(shape[i], 1);
    }
    layout.offset = dice_.roll(0, 5) - low;
    layout.buffer_elements = layout.offset + stride + dice_.roll(0, 5);
    layout.donated = dice_.one_in(2);
  }
  for (size_t i = 0; i < g_.outputs.size(); ++i) {
    const auto rank = static_cast<int64_t>(g_.shape(g_.outputs[i]).size());
    Ints& order = p_.output_order.emplace_back();
    if (dice_.one_in(2))
      for (int64_t axis = rank; axis-- > 0;) order.push_back(axis);
  }
}

Program ProgramMaker::make() {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kNumOps; ++i)
      if (Op op = static_cast<Op>(i); class_of(op) != OpClass::kernel) add(op);
  }
  for (int i = 0; i < 5; ++i) g_.outputs.push_back(any());
  layouts();
  return std::move(p_);
}

class KernelMaker {
 public:
  explicit KernelMaker(uint64_t seed) : dice_(seed) {}
  Kernel make();

 private:
  Value any(DType t);
  void load();
  void elementwise(int count);
  void region(int depth);
  void fold();
  void store(Value v);

  Dice dice_;
  Kernel k_;
  Graph& g_ = k_.body;
  std::vector<Value> visible_;
  std::vector<Level> levels_;
};

Value KernelMaker::any(DType t) {
  for (int tries = 0; tries < 30 && !visible_.empty(); ++tries)
    if (Value v = visible_[dice_.roll(0, visible_.size() - 1)]; g_.dtype(v) == t) return v;
  const Value v = g_.add(Op::constant, t, {}, {}, {static_cast<int64_t>(dice_.element(t))});
  visible_.push_back(v);
  return v;
}

void KernelMaker::load() {
  Access a;
  const bool index = dice_.one_in(4), at = !index && dice_.one_in(3);
  a.kind = index ? Access::Kind::index : at ? Access::Kind::gather : Access::Kind::read;
  a.dtype = index ? DType::int64 : dice_.dtype();
  a.outer = static_cast<StrideClass>(dice_.roll(0, 2));
  a.in_row = k_.row_rank > 0 && dice_.one_in(2);
  if (a.in_row) a.row = static_cast<StrideClass>(dice_.roll(0, 2));
  k_.accesses.push_back(a);
  const auto number = static_cast<int64_t>(k_.accesses.size()) - 1;
  if (index)
    visible_.push_back(g_.add(Op::index, a.dtype, {}, {}, {number}));
  else if (at && dice_.one_in(2))
    visible_.push_back(g_.add(Op::load_at, a.dtype, {}, {any(DType::int64), any(DType::bool_)}, {number}));
  else if (at)
    visible_.push_back(g_.add(Op::load_at, a.dtype, {}, {any(DType::int64)}, {number}));
  else if (a.in_row && dice_.one_in(2))
    visible_.push_back(g_.add(Op::load, a.dtype, {}, {any(DType::bool_)}, {number}));
  else
    visible_.push_back(g_.add(Op::load, a.dtype, {}, {}, {number}));
}

void KernelMaker::elementwise(int count) {
  for (; count > 0; --count) {
    const Op op = static_cast<Op>(dice_.roll(0, kNumOps - 1));
    if (!is_elementwise(op) || is_of_pairs(op) || op == Op::cast || op == Op::bitcast) continue;
    const DType t = dice_.dtype(info(op).accepts);
    std::vector<Value> operands;
    for (int i = 0; i < info(op).arity; ++i) operands.push_back(any(op == Op::select && i == 0 ? DType::bool_ : t));
    visible_.push_back(g_.add(op, info(op).dtype_rule == DTypeRule::boolean ? DType::bool_ : t, {}, operands));
  }
}

void KernelMaker::region(int depth) {
  const DType t = dice_.dtype();
  const Value fast = any(t);
  const Value begin = g_.add(Op::cold_begin, DType::bool_, {}, {any(DType::bool_)});
  const size_t outside = visible_.size();
  elementwise(static_cast<int>(dice_.roll(0, 4)));
  if (depth < 3 && dice_.one_in(2)) region(depth + 1);
  const Value slow = any(t);
  visible_.resize(outside);
  visible_.push_back(g_.add(Op::cold_end, t, {}, {begin, slow, fast}));
}

void KernelMaker::fold() {
  constexpr Op kFolds[] = {Op::reduce_sum, Op::reduce_prod, Op::reduce_min,
                           Op::reduce_max, Op::scan_sum,    Op::scan_prod};
  levels_.clear();
  for (uint32_t id = 0; id < g_.size(); ++id) levels_.push_back(level_of(k_, levels_, {id}));
  std::vector<Value> elements;
  std::ranges::copy_if(visible_, std::back_inserter(elements),
                       [&](Value v) { return levels_[v.id] == Level::element; });
  if (elements.empty()) return;
  const Value x = elements[dice_.roll(0, elements.size() - 1)];
  visible_.push_back(g_.add(kFolds[dice_.roll(0, 5)], g_.dtype(x), {}, {x}));
}

void KernelMaker::store(Value v) {
  if (k_.row_rank == 0 && dice_.one_in(3)) {
    constexpr Op kStores[] = {Op::store_at, Op::add_at, Op::mul_at, Op::min_at, Op::max_at};
    const Value place = any(DType::int64);
    k_.accesses.push_back({.kind = Access::Kind::scatter, .dtype = g_.dtype(v)});
    const auto number = static_cast<int64_t>(k_.accesses.size()) - 1;
    g_.add(kStores[dice_.roll(0, 4)], g_.dtype(v), {}, {v, place}, {number});
    return;
  }
  Access a{.kind = Access::Kind::write, .dtype = g_.dtype(v), .in_row = k_.row_rank > 0};
  k_.accesses.push_back(a);
  g_.add(Op::store, a.dtype, {}, {v}, {static_cast<int64_t>(k_.accesses.size()) - 1});
}

Kernel KernelMaker::make() {
  k_.name = dice_.one_in(4) ? "a \"name\"\n\\" : "k" + std::to_string(dice_.roll(0, 99));
  k_.outer_rank = static_cast<int>(dice_.roll(1, 3));
  k_.row_rank = static_cast<int>(dice_.roll(0, 2));
  if (k_.row_rank) k_.schedule = static_cast<Schedule>(dice_.roll(1, 3));
  for (int64_t i = dice_.roll(0, 3); i > 0; --i) {
    k_.scalars.push_back(dice_.dtype());
    visible_.push_back(g_.add(Op::scalar, k_.scalars.back(), {}, {}, {static_cast<int64_t>(k_.scalars.size()) - 1}));
  }
  for (int round = 0; round < 6; ++round) {
    load();
    elementwise(static_cast<int>(dice_.roll(1, 10)));
    if (dice_.one_in(2)) region(0);
    if (k_.row_rank) fold();
    if (dice_.one_in(2)) store(visible_.back());
  }
  store(visible_.back());
  bool scans = false;
  for (uint32_t id = 0; id < g_.size(); ++id) scans |= class_of(g_.op({id})) == OpClass::scan;
  if (k_.schedule == Schedule::split && (scans || plan_rows(k_).phases.size() > 1)) k_.schedule = Schedule::row;
  return std::move(k_);
}

}  // namespace

ir::Program random_program(uint64_t seed) { return ProgramMaker(seed).make(); }
ir::Kernel random_kernel(uint64_t seed) { return KernelMaker(seed).make(); }

}  // namespace tarry::test
