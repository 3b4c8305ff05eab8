#include "random_kernel.h"

#include <tarry/ir/text.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace tarry::test {
namespace {

constexpr DType kDTypes[] = {DType::float32, DType::float64, DType::int32,   DType::int64,
                             DType::uint8,   DType::int16,   DType::float16, DType::bfloat16};

}  // namespace

RandomKernel::RandomKernel(uint64_t seed)
    : random_(seed), maker_(1 + below(3), below(4) == 0 ? 0 : 1 + below(2)), extents_(choose_extents()) {
  build();
}

std::vector<int64_t> RandomKernel::choose_extents() {
  constexpr int64_t kSizes[] = {1, 2, 3, 5, 7, 16, 31, 33, 64, 100, 257, 513, 1030, 2500, 6000, 70000};
  std::vector<int64_t> extents;
  int64_t room = below(12) == 0 ? 150000 : 12000;
  const int rank = maker_.kernel.outer_rank + maker_.kernel.row_rank;
  for (int a = 0; a < rank; ++a) {
    int64_t extent = kSizes[below(16)];
    while (extent > room) extent = kSizes[below(16)];
    if (a >= maker_.kernel.outer_rank && below(25) == 0) extent = 0;
    room /= std::max<int64_t>(extent, 1);
    extents.push_back(extent);
  }
  std::shuffle(extents.begin(), extents.begin() + maker_.kernel.outer_rank, random_);
  return extents;
}

/// A layout of some axes in random order, with gaps, reversals and, where allowed, broadcasts.
RandomKernel::Array RandomKernel::array(DType t, bool in_row, bool may_broadcast) {
  const int rank = static_cast<int>(extents_.size());
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (below(2))
    std::reverse(order.begin(), order.end());  // innermost first: C order
  else
    std::shuffle(order.begin(), order.end(), random_);
  Array made{Data(t), Data(t), std::vector<int64_t>(rank, 0)};
  int64_t step = below(6) ? 1 : 2, low = 0, high = 0;
  for (int axis : order) {
    if (axis >= maker_.kernel.outer_rank && !in_row) continue;
    if (may_broadcast && below(5) == 0) continue;
    made.strides[axis] = below(6) ? step : -step;
    const int64_t reach = (extents_[axis] - 1) * made.strides[axis];
    (reach < 0 ? low : high) += extents_[axis] ? reach : 0;
    step *= std::max<int64_t>(extents_[axis], 1) + (below(6) == 0);
  }
  made.base = -low;
  made.data = made.initial = random_values(t, high - low + 1, random_());
  return made;
}

Value RandomKernel::pick(DType t) {
  std::vector<Value> fitting;
  for (Value v : visible_)
    if (maker_.kernel.body.dtype(v) == t) fitting.push_back(v);
  if (!fitting.empty()) return fitting[below(static_cast<int>(fitting.size()))];
  const Value any = visible_[below(static_cast<int>(visible_.size()))];
  return maker_.add(Op::cast, t, {any});
}

Value RandomKernel::load(bool masked) {
  const DType t = kDTypes[below(8)];
  const bool in_row = has_rows() && below(4);
  const Value predicate = masked ? this->predicate() : Value{};
  if (masked && !in_row && level(predicate) == ir::Level::element) return load(false);
  arrays_.push_back(array(t, in_row, true));
  return masked ? maker_.read_where(predicate, t, in_row) : maker_.read(t, in_row);
}

Value RandomKernel::index() {
  const bool in_row = has_rows() && below(2);
  arrays_.push_back(array(DType::int64, in_row, true));
  arrays_.back().offset = below(1000) - 500;
  return maker_.index(in_row);
}

constexpr int kReach = 16;  // elements behind its place that a computed one may lie

/// Some int64 from 0 to kReach - 1.
Value RandomKernel::distance() {
  if (below(2))
    return maker_.add(Op::within, DType::int64, {pick(DType::int64), maker_.constant(DType::int64, kReach)});
  return maker_.same(Op::and_, pick(DType::int64), maker_.constant(DType::int64, kReach - 1));
}

Value RandomKernel::load_at(bool masked) {
  const DType t = kDTypes[below(8)];
  const bool in_row = has_rows() && below(3);
  arrays_.push_back(array(t, in_row, true));
  Array& a = arrays_.back();
  a.data = a.initial = random_values(t, static_cast<int64_t>(a.data.size()) + kReach, random_());
  const Value behind = distance();
  if (!masked) return maker_.add(Op::load_at, t, {behind}, {maker_.access(ir::Access::Kind::gather, t, in_row)});
  const Value p = predicate();
  return maker_.add(Op::load_at, t, {behind, p}, {maker_.access(ir::Access::Kind::gather, t, in_row)});
}

/// Places that several points meet at, so that their order counts.
void RandomKernel::store_at(Value v) {
  constexpr Op kStores[] = {Op::store_at, Op::add_at, Op::mul_at, Op::min_at, Op::max_at};
  const DType t = maker_.kernel.body.dtype(v);
  const Value behind = distance();
  arrays_.push_back(array(t, false, true));
  Array& a = arrays_.back();
  // Whole words, in which a GPU folds smaller numbers.
  const int64_t elements = (static_cast<int64_t>(a.data.size()) + kReach + 3) / 4 * 4;
  a.data = a.initial = random_values(t, elements, random_());
  maker_.add(kStores[below(5)], t, {v, behind}, {maker_.access(ir::Access::Kind::scatter, t, false)});
}

ir::Level RandomKernel::level(Value v) {
  std::vector<ir::Level> levels;
  for (uint32_t id = 0; id <= v.id; ++id) levels.push_back(ir::level_of(maker_.kernel, levels, Value{id}));
  return levels[v.id];
}

Value RandomKernel::predicate() {
  const DType t = kDTypes[below(8)];
  constexpr Op kCompare[] = {Op::lt, Op::ge, Op::eq, Op::ne};
  return maker_.add(kCompare[below(4)], DType::bool_, {pick(t), pick(t)});
}

Value RandomKernel::elementwise() {
  const DType t = kDTypes[below(8)];
  constexpr Op kBinary[] = {Op::add, Op::sub, Op::mul, Op::min, Op::max};
  switch (below(7)) {
    case 0: return maker_.add(Op::select, t, {predicate(), pick(t), pick(t)});
    case 1: return maker_.same(below(2) ? Op::neg : Op::abs, pick(t));
    case 2: return maker_.add(Op::cast, t, {pick(kDTypes[below(8)])});
    case 3: return ir::is_float(t) ? maker_.same(Op::div, pick(t), pick(t)) : maker_.same(Op::xor_, pick(t), pick(t));
    default: return maker_.same(kBinary[below(5)], pick(t), pick(t));
  }
}

Value RandomKernel::fold() {
  const Value x = pick(kDTypes[below(8)]);
  if (!has_rows() || level(x) != ir::Level::element) return elementwise();
  constexpr Op kFolds[] = {Op::reduce_sum, Op::reduce_prod, Op::reduce_min,
                           Op::reduce_max, Op::scan_sum,    Op::scan_prod};
  return maker_.same(kFolds[below(below(3) ? 4 : 6)], x);
}

Value RandomKernel::cold() {
  const DType t = kDTypes[below(8)];
  const Value fast = pick(t), p = predicate();
  const Value begin = maker_.add(Op::cold_begin, DType::bool_, {p});
  const size_t outside = visible_.size();
  for (int i = below(4); i-- > 0;) visible_.push_back(below(6) ? elementwise() : cold());
  const Value slow = pick(t);
  visible_.resize(outside);
  return maker_.add(Op::cold_end, t, {begin, slow, fast});
}

void RandomKernel::build() {
  visible_.push_back(load(false));
  for (int i = below(3); i-- > 0;) visible_.push_back(load(false));
  const DType t = kDTypes[below(8)];
  visible_.push_back(maker_.scalar(t));
  scalar_ = random_values(t, 1, random_()).bits(0);
  for (int i = 3 + below(14); i-- > 0;) {
    const int kind = below(16);
    visible_.push_back(kind == 0   ? load(true)
                       : kind == 1 ? index()
                       : kind == 2 ? cold()
                       : kind == 3 ? load_at(below(3) == 0)
                       : kind < 7  ? fold()
                                   : elementwise());
  }
  for (int i = 1 + below(3); i-- > 0;) {
    const Value v = visible_[visible_.size() - 1 - below(std::min<int>(4, static_cast<int>(visible_.size())))];
    if (!has_rows() && below(6) == 0) {
      store_at(v);
      continue;
    }
    const bool in_row = level(v) == ir::Level::element || (has_rows() && below(6) == 0);
    arrays_.push_back(array(maker_.kernel.body.dtype(v), in_row, false));
    maker_.write(v, in_row);
  }
}

void RandomKernel::classify() {
  for (size_t i = 0; i < arrays_.size(); ++i) {
    ir::Access& a = maker_.kernel.accesses[i];
    auto along = [&](size_t axis) {
      const int64_t stride = arrays_[i].strides[axis];
      if (below(8) == 0) return ir::StrideClass::any;
      return stride == 0   ? ir::StrideClass::zero
             : stride == 1 ? ir::StrideClass::unit
             : stride == 2 ? ir::StrideClass::two
                           : ir::StrideClass::any;
    };
    a.outer = along(maker_.kernel.outer_rank - 1);
    a.row = a.in_row ? along(extents_.size() - 1) : ir::StrideClass::zero;
  }
}

bool RandomKernel::has_scans() const {
  for (uint32_t id = 0; id < maker_.kernel.body.size(); ++id)
    if (ir::class_of(maker_.kernel.body.op({id})) == ir::OpClass::scan) return true;
  return false;
}

std::vector<Data> RandomKernel::run(const std::function<void(const codegen::Launch&)>& execute) {
  std::vector<codegen::Launch::Operand> operands;
  for (Array& a : arrays_) {
    a.data = a.initial;
    codegen::Launch::Operand o;
    if (maker_.kernel.accesses[operands.size()].kind == ir::Access::Kind::index)
      o.offset = a.offset;
    else
      o.data = a.data.as<std::byte>() + a.base * static_cast<int64_t>(ir::size_of(a.data.dtype));
    o.strides = a.strides.data();
    operands.push_back(o);
  }
  execute(codegen::Launch{extents_, operands, {&scalar_, 1}});
  std::vector<Data> contents;
  for (const Array& a : arrays_) contents.push_back(a.data);
  return contents;
}

std::vector<std::span<std::byte>> RandomKernel::memory() {
  std::vector<std::span<std::byte>> all;
  for (Array& a : arrays_) all.push_back({a.data.as<std::byte>(), a.data.bytes.size()});
  return all;
}

std::string RandomKernel::describe() const {
  std::string text = ir::print(maker_.kernel) + "extents";
  for (int64_t e : extents_) text += " " + std::to_string(e);
  for (const Array& a : arrays_) {
    text += "\nstrides";
    for (int64_t s : a.strides) text += " " + std::to_string(s);
  }
  return text;
}

void expect_same(const std::vector<Data>& expected, const std::vector<Data>& got) {
  ASSERT_EQ(expected.size(), got.size());
  for (size_t access = 0; access < got.size(); ++access)
    for (size_t i = 0; i < got[access].size(); ++i)
      ASSERT_TRUE(same_value(got[access].dtype, expected[access].bits(i), got[access].bits(i)))
          << "access " << access << " element " << i << std::hex << ": " << got[access].bits(i) << ", not "
          << expected[access].bits(i);
}

}  // namespace tarry::test
