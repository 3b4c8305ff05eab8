#include "record.h"

#include "broadcast.h"
#include "flush.h"
#include "index_check.h"
#include "memory_check.h"
#include "order.h"
#include "place.h"
#include "scalar.h"
#include "value.h"

#include "numpy/complex/complex.h"

#include <tarry/ir/literal.h>
#include <tarry/ir/verify.h>

#include <algorithm>

namespace tarry::frontend {

Recorder::Recorder(std::string_view name, Here here)
    : trace_(Trace::current()), lock_(trace_), name_(name), where_{here.bits} {
  if (lock_.outermost()) trace_.compact_if_worthwhile();
}

Recorder::~Recorder() {
  for (uint8_t i = 0; i < num_held_; ++i) trace_.let_go(held_[i]);
  for (ir::Value v : more_held_) trace_.let_go(v);
}

Term Recorder::hold(ir::Value v) {
  if (num_held_ < held_.size())
    held_[num_held_++] = v;
  else
    more_held_.push_back(v);
  trace_.hold(v);
  return {v};
}

// ---- arguments ---------------------------------------------------------------------------------

void Recorder::note(Cell& cell) {
  all_weak_ &= cell.weak;
  read_any_ = true;
  run_now_ |= is_pinned(cell);
  if (cell.c_order && cell.shape.size() < 2) return;  // has no say in the order of axes
  if (num_read_ < read_.size()) read_[num_read_++] = CellPointer::share(&cell);
}

void Recorder::carry(Cell& cell) {
  if (lock_.outermost() && trace_.may_carry()) trace_.carry(cell);
}

void Recorder::prepare(const Array& array) {
  if (Cell& cell = cell_of(array); cell.is_view()) carry(cell);
}

Term Recorder::read(const Arg& a) {
  Cell& cell = cell_of(a);
  carry(cell);
  note(cell);
  const ir::Value v = value_of(trace_, cell, where_);
  if (trace_.uses_devices()) [[unlikely]]
    note_place(v);
  return hold(v);
}

/// All arrays that are read live at one place; 0-d ones of the host go with any.
void Recorder::note_place(ir::Value v) {
  const uint8_t place = trace_.place(v);
  if (place == kAnywhere || (place == 0 && trace_.graph.shape(v).empty())) return;
  if (place_ == kAnywhere) place_ = place;
  if (place != place_) refuse_places(name_, place_, place);
}

/// The result where the arrays live that were read; what was made of none, where new arrays are made.
Term Recorder::placed(Term x) {
  const uint8_t is = trace_.place(x.value);
  if (place_ == kAnywhere && read_any_ && shape(x).empty()) return x;
  const uint8_t wanted = place_ == kAnywhere ? static_cast<uint8_t>(current_place()) : place_;
  return is == wanted ? x : Term{moved(trace_, x.value, wanted, where_)};
}

/// Held: it might be taken for a dead one, that may have another value.
Term Recorder::number(DType dtype, uint64_t bits) {
  return hold(lock_.outermost() ? trace_.add_scalar_again(dtype, bits, where_)
                                : trace_.add_scalar(dtype, bits, where_));
}

Term Recorder::read(const Arg& a, DType dtype) {
  Cell& cell = cell_of(a);
  if (cell.weak && cell.state.load(std::memory_order_relaxed) == CellState::host) {
    note(cell);
    const HostNumber value = convert_weak_number(cell.dtype, {cell.bits, cell.imag_bits}, dtype);
    const DType part = ir::part_of(dtype);
    const Term real = number(part, value.bits);
    return ir::is_complex(dtype) ? op(Op::complex, real, number(part, value.imag_bits)) : real;
  }
  return cast(read(a), dtype);
}

DTypeClass Recorder::dtype_class(const Arg& a) {
  const Cell& cell = raw_cell(a);
  return {cell.dtype, cell.weak};
}

DType Recorder::common(std::initializer_list<DTypeClass> classes, Typing typing) const {
  return loop_dtype(name_, typing, std::span(classes.begin(), classes.size()));
}

// ---- nodes -------------------------------------------------------------------------------------

Term Recorder::add_all(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Term> operands,
                       std::span<const int64_t> attrs) {
  static_assert(sizeof(Term) == sizeof(ir::Value));
  if (!operands.empty() && ir::is_complex(trace_.graph.dtype(operands[0].value)) &&
      !ir::accepts(ir::info(op).accepts, trace_.graph.dtype(operands[0].value))) [[unlikely]]
    throw InternalError(std::string(ir::info(op).name) + " of complex numbers is recorded as it stands");
  ++trace_.ops_recorded;
  const ir::Value* values = operands.size() ? &operands.begin()->value : nullptr;
  return {trace_.add(op, dtype, shape, std::span(values, operands.size()), attrs, where_)};
}

Term Recorder::op(Op op, std::initializer_list<Term> operands) {
  const Term* last = operands.end() - 1;
  if (ir::is_complex(dtype(*last)) && !ir::accepts(ir::info(op).accepts, dtype(*last)))
    return complex_op(*this, op, operands);
  const DType result = ir::elementwise_dtype(op, dtype(*last));
  // Mostly all operands have one shape, or are 0-d.
  const ir::Shape* common = &shape(*operands.begin());
  bool simple = true;
  for (const Term& t : operands) {
    const ir::Shape& s = shape(t);
    if (s.empty() || &s == common || s == *common) continue;
    if (common->empty())
      common = &s;
    else
      simple = false;
  }
  if (simple) return add(op, result, ir::Shape(*common), operands);
  ir::Shape all;
  for (const Term& t : operands)
    if (!broadcast_into(all, shape(t))) refuse_shapes(operands);
  check_countable(result, all);
  return add(op, result, all, operands);
}

void Recorder::refuse_shapes(std::initializer_list<Term> operands) const {
  std::string text = "operands could not be broadcast together with shapes";
  for (const Term& t : operands) text += " " + dense_text(shape(t));
  throw ValueError(text);
}

Term Recorder::cast(Term x, DType to) {
  if (dtype(x) == to) return x;
  return add(Op::cast, to, ir::Shape(shape(x)), {x});
}

Term Recorder::literal(DType dtype, double value) {
  if (ir::is_complex(dtype)) return cast(literal(ir::part_of(dtype), value), dtype);
  const int64_t bits = static_cast<int64_t>(ir::bits_of(dtype, value));
  return {trace_.add(Op::constant, dtype, {}, {}, std::span(&bits, 1), where_)};
}

Term Recorder::literal_int(DType dtype, int64_t value) {
  if (ir::is_complex(dtype)) return cast(literal_int(ir::part_of(dtype), value), dtype);
  const int64_t bits = static_cast<int64_t>(convert_element(DType::int64, static_cast<uint64_t>(value), dtype));
  return {trace_.add(Op::constant, dtype, {}, {}, std::span(&bits, 1), where_)};
}

Term Recorder::scalar(DType dtype, double value) {
  if (ir::is_complex(dtype)) return cast(scalar(ir::part_of(dtype), value), dtype);
  return number(dtype, ir::bits_of(dtype, value));
}

Term Recorder::scalar_int(DType dtype, int64_t value) {
  if (ir::is_complex(dtype)) return cast(scalar_int(ir::part_of(dtype), value), dtype);
  return number(dtype, convert_element(DType::int64, static_cast<uint64_t>(value), dtype));
}

Term Recorder::iota(std::span<const int64_t> shape, int64_t axis) {
  return add(Op::iota, DType::int64, shape, {}, std::span(&axis, 1));
}

Term Recorder::empty(DType dtype, std::span<const int64_t> shape) { return add(Op::empty, dtype, shape, {}); }

Term Recorder::reshape(Term x, std::span<const int64_t> to) {
  return std::ranges::equal(shape(x), to) ? x : add(Op::reshape, dtype(x), to, {x});
}

Term Recorder::transpose(Term x, std::span<const int64_t> perm) {
  if (std::ranges::is_sorted(perm)) return x;
  ir::Shape to;
  for (int64_t axis : perm) to.push_back(shape(x)[axis]);
  return add(Op::transpose, dtype(x), to, {x}, perm);
}

Term Recorder::broadcast(Term x, std::span<const int64_t> to) {
  return std::ranges::equal(shape(x), to) ? x : add(Op::broadcast, dtype(x), to, {x});
}

namespace {
ir::Ints interleave(std::span<const int64_t> a, std::span<const int64_t> b) {
  ir::Ints both;
  for (size_t i = 0; i < a.size(); ++i) {
    both.push_back(a[i]);
    both.push_back(b[i]);
  }
  return both;
}
}  // namespace

Term Recorder::slice(Term x, std::span<const int64_t> start, std::span<const int64_t> step,
                     std::span<const int64_t> extents) {
  return add(Op::slice, dtype(x), extents, {x}, interleave(start, step));
}

Term Recorder::update(Term x, Term value, std::span<const int64_t> start, std::span<const int64_t> step) {
  return add(Op::update, dtype(x), ir::Shape(shape(x)), {x, value}, interleave(start, step));
}

Term Recorder::index(const Arg& a, int64_t axis, int64_t size, IndexUse use) {
  if (!ir::is_int(cell_of(a).dtype)) throw IndexError("arrays used as indices must be of integer (or boolean) type");
  const Term given = read(a);
  const bool empty = ir::num_elements(shape(given)) == 0;
  // No place of an empty axis can be read, so that it must be known now.
  if (size == 0 && !empty && !trace_.stored(given.value)) flush(trace_, {given.value});
  const Term x = cast(given, DType::int64);
  if (empty) {
    note_range(x, {});
  } else if (trace_.stored(given.value)) {
    if (use == IndexUse::read && size != 0 && is_known_to_device_alone(trace_, given.value, size)) return x;
    if (!lies_inside(trace_, given.value, size)) throw IndexError(out_of_bounds_text(trace_, given.value, axis, size));
    copy_range(given, x);
  }
  return x;
}

void Recorder::copy_range(Term from, Term to) {
  if (const IndexRange* range = trace_.known_range(from.value)) note_range(to, IndexRange(*range));
}

Term Recorder::spread_index(Term x, std::span<const int64_t> to) {
  const Term wide = broadcast(x, to);
  copy_range(x, wide);
  return wide;
}

Term Recorder::gather(Term x, std::span<const Term> indices, std::span<const int64_t> axes) {
  ir::Shape to = shape(indices[0]);
  for (size_t i = 0, next = 0; i < shape(x).size(); ++i) {
    if (next < axes.size() && axes[next] == static_cast<int64_t>(i))
      ++next;
    else
      to.push_back(shape(x)[i]);
  }
  std::vector<Term> operands{x};
  operands.insert(operands.end(), indices.begin(), indices.end());
  return add_all(Op::gather, dtype(x), to, operands, axes);
}

Term Recorder::scatter(Op op, Term x, Term value, std::span<const Term> indices, std::span<const int64_t> axes) {
  std::vector<Term> operands{x, value};
  operands.insert(operands.end(), indices.begin(), indices.end());
  return add_all(op, dtype(x), ir::Shape(shape(x)), operands, axes);
}

Term Recorder::pad(Term x, Term value, std::span<const int64_t> before, std::span<const int64_t> after) {
  ir::Shape to = shape(x);
  for (size_t i = 0; i < to.size(); ++i) to[i] += before[i] + after[i];
  return add(Op::pad, dtype(x), to, {x, value}, interleave(before, after));
}

Term Recorder::reduce(Op op, Term x, std::span<const int64_t> axes, KeepDims keep) {
  if (axes.empty()) return x;
  ir::Shape dropped, kept = shape(x);
  for (int64_t axis : axes) kept[static_cast<size_t>(axis)] = 1;
  size_t next = 0;  // axes ascend
  for (size_t i = 0; i < kept.size(); ++i)
    if (next < axes.size() && axes[next] == static_cast<int64_t>(i))
      ++next;
    else
      dropped.push_back(kept[i]);
  const bool composed = ir::is_complex(dtype(x)) && op != Op::reduce_sum;
  const Term folded = composed ? complex_reduce(*this, op, x, axes) : add(op, dtype(x), dropped, {x}, axes);
  return keep == KeepDims::yes ? reshape(folded, kept) : folded;
}

Term Recorder::scan(Op op, Term x, int64_t axis) {
  if (ir::is_complex(dtype(x)) && op == Op::scan_prod) return complex_cumprod(*this, x, axis);
  return add(op, dtype(x), ir::Shape(shape(x)), {x}, std::span(&axis, 1));
}

Term Recorder::argsort(Term x, int64_t axis) {
  if (ir::is_complex(dtype(x))) return complex_argsort(*this, x, axis);
  const Term order = add(Op::argsort, DType::int64, ir::Shape(shape(x)), {x}, std::span(&axis, 1));
  note_range(order, {0, shape(x)[static_cast<size_t>(axis)] - 1});
  return order;
}

Term Recorder::search(Op op, Term sorted, Term values) {
  if (ir::is_complex(dtype(sorted))) return complex_search(*this, op, sorted, values);
  const Term places = add(op, DType::int64, ir::Shape(shape(values)), {sorted, values});
  note_range(places, {0, shape(sorted)[0]});
  return places;
}

Term Recorder::matmul(Term a, Term b) {
  ir::Shape to = shape(a);
  to[to.size() - 1] = shape(b).back();
  return add(Op::matmul, dtype(a), to, {a, b});
}

// ---- the end -----------------------------------------------------------------------------------

Array Recorder::result(Term x, Layout layout) {
  ir::Strides strides;
  if (num_read_ != 0 && layout != Layout::c) {
    const Cell& first = *read_[0];
    const bool same_rank = first.shape.size() == shape(x).size();
    if (layout == Layout::keep)
      strides = keep_order(shape(x), std::span(read_.data(), num_read_));
    else if (layout == Layout::like && same_rank)
      strides = order_like(shape(x), first);
    else if (same_rank && is_f_order(first.shape, first.numpy_strides()) && !first.c_order)
      strides = fortran_strides(shape(x));
  }
  return finish(x, std::move(strides), all_weak_ && shape(x).empty());
}

Array Recorder::strong_result(Term x, Layout layout) {
  all_weak_ = false;
  return result(x, layout);
}

Array Recorder::joined_result(Term x, std::span<const Array> arrays, int64_t added) {
  ir::Strides strides = compact_strides(shape(x), join_axes(arrays, shape(x).size(), added));
  if (is_c_order(shape(x), strides)) strides.clear();
  return finish(x, std::move(strides), false);
}

Array Recorder::reduced_result(Term x, std::span<const int64_t> axes, KeepDims keep) {
  ir::Strides strides;
  if (num_read_ == 1 && !read_[0]->c_order && shape(x).size() > 1) {
    // The axes that are left, sorted as those of the operand are.
    const Cell& cell = *read_[0];
    ir::Ints order;
    for (int64_t axis : sort_axes(cell.shape.size(), cell.numpy_strides())) {
      const bool folded = std::ranges::find(axes, axis) != axes.end();
      if (folded && keep == KeepDims::no) continue;
      int64_t before = 0;
      if (keep == KeepDims::no) before = std::ranges::count_if(axes, [&](int64_t a) { return a < axis; });
      order.push_back(axis - before);
    }
    strides = compact_strides(shape(x), order);
    if (is_c_order(shape(x), strides)) strides.clear();
  }
  return finish(x, std::move(strides), all_weak_ && shape(x).empty());
}

/// A result that is nothing but elements of a larger or a shared buffer would keep that alive, or
/// change with it: it has to be a value of its own.
bool Recorder::needs_copy(Term x) const {
  const ir::Value v = trace_.unmarked(x.value);
  if (!trace_.stored(v)) return false;
  const Input& in = trace_.input(v);
  const size_t bytes = static_cast<size_t>(ir::num_elements(shape(x))) * ir::size_of(dtype(x));
  if (run_now_ || trace_.buffer(in).buffer.bytes() != bytes) return true;
  // Places that repeat: a write in place would be seen in several elements.
  for (size_t i = 0; i < in.strides.size(); ++i)
    if (in.strides[i] == 0 && shape(x)[i] > 1) return true;
  return false;
}

Array Recorder::result_at(Term x, uint8_t place) {
  place_ = place;
  return strong_result(x, Layout::keep);
}

Array Recorder::finish(Term x, ir::Strides strides, bool weak) {
  check_memory(dtype(x), shape(x));
  if (trace_.uses_devices()) [[unlikely]]
    x = placed(x);
  CellPointer cell = new_cell();
  cell->dtype = dtype(x);
  cell->shape = shape(x);
  cell->weak = weak;
  cell->c_order = strides.empty();
  cell->strides = std::move(strides);
  if (needs_copy(x)) x = slice(x, ir::Ints(cell->shape.size(), 0), ir::Ints(cell->shape.size(), 1), cell->shape);
  adopt(trace_, *cell, x.value);
  if (run_now_)
    flush(trace_, {x.value});
  else if (trace_.due())
    cut(trace_);
  return HandleAccess::make(std::move(cell));
}

void Recorder::write(const Array& target, Term x, const char* refusal) {
  Cell& cell = cell_of(target);
  if (cell.read_only) throw ValueError(refusal);
  if (ir::num_elements(cell.shape) == 0) return;
  if (trace_.uses_devices() && place_ != kAnywhere) [[unlikely]]
    if (const uint8_t of_target = place_of(trace_, cell); of_target != place_ && of_target != kAnywhere)
      refuse_places(name_, of_target, place_);
  const Term value = cast(x, cell.dtype);
  frontend::write(trace_, cell, value.value, where_);
  const Cell& base = base_of(cell);
  if (run_now_ && !base.pinned)
    flush(trace_, {base.value});
  else if (trace_.due())
    cut(trace_);
}

}  // namespace tarry::frontend
