#include "ufunc.h"

#include "broadcast.h"
#include "cell.h"
#include "flush.h"
#include "memory_check.h"
#include "order.h"
#include "record.h"
#include "scalar.h"
#include "value.h"
#include "view_info.h"

#include <tarry/ir/verify.h>

#include <array>
#include <cmath>

namespace tarry::frontend {
namespace {

bool is_comparison(Op op) { return ir::info(op).dtype_rule == ir::DTypeRule::boolean && ir::info(op).arity == 2; }

/// Whether an argument is a C++ integer that the dtype cannot hold.
bool does_not_fit(const Arg& a, DType dtype) {
  const Cell& cell = cell_of(a);
  return cell.weak && cell.state.load(std::memory_order_relaxed) == CellState::host &&
         !fits(cell.dtype, cell.bits, dtype);
}

/// Comparing with an integer beyond the array's dtype is no error: every element is below it, or above.
Term operand_or_infinity(Recorder& r, const Arg& a, DType dtype) {
  if (!does_not_fit(a, dtype)) return r.cast(r.read(a), DType::float64);
  const Cell& cell = cell_of(a);
  const bool negative = ir::is_signed_int(cell.dtype) && static_cast<int64_t>(cell.bits) < 0;
  r.read(a);
  return r.scalar(DType::float64, negative ? -HUGE_VAL : HUGE_VAL);
}

}  // namespace

Term apply(Recorder& r, const Ufunc& f, const Arg& a, const Arg& b) {
  if (is_comparison(f.op)) {
    const DType dtype = r.common_dtype(a, b);
    if (does_not_fit(a, dtype) || does_not_fit(b, dtype))
      return r.op(f.op, operand_or_infinity(r, a, dtype), operand_or_infinity(r, b, dtype));
  }
  const auto [x, y] = r.operands(f.typing, a, b);
  return r.op(f.op, x, y);
}

void check_output_dtype(const Ufunc& f, DType from, DType to) {
  if (can_cast_same_kind(from, to)) return;
  throw TypeError("Cannot cast ufunc '" + std::string(f.name) + "' output from dtype('" +
                  std::string(ir::info(from).name) + "') to dtype('" + std::string(ir::info(to).name) +
                  "') with casting rule 'same_kind'");
}

namespace {

/// Whether a cell that is no view has a value of this thread's.
bool is_here(const Trace& own, const Cell& cell) {
  const CellState state = cell.state.load(std::memory_order_acquire);
  return (state == CellState::pending || state == CellState::stored) && !cell.pinned &&
         cell.home.load(std::memory_order_relaxed) == &own && cell.value.valid();
}

/// The node of an operand that needs nothing done to it: it is here, and leaves the result in C order.
ir::Value simple_value(const Trace& own, const Cell& cell) {
  return cell.c_order && is_here(own, cell) ? cell.value : ir::Value{};
}

/// The same for views too. Nothing refers to the node of one, which may be an input: nothing may fail before it is
/// recorded of, but for the sake of the long way, which reads the operand again.
ir::Value simple_value_or_view(Trace& own, Cell& cell, ir::Location where) {
  if (!cell.is_view()) return simple_value(own, cell);
  return is_here(own, *cell.view->base) && gives_c_order(cell) ? value_of(own, cell, where) : ir::Value{};
}

/// Whether operands live at one place, where then the result lives: nothing is to be moved.
bool at_one_place(const Trace& own, ir::Value x, ir::Value y) {
  if (!own.uses_devices()) [[likely]]
    return true;
  return own.place(x) != kAnywhere && own.place(x) == own.place(y);
}

/// Whether a C++ number becomes one of `dtype` beside an array of it.
bool is_simple_number(const Cell& cell, DType dtype) {
  if (!cell.weak || cell.state.load(std::memory_order_relaxed) != CellState::host) return false;
  if (ir::is_float(dtype)) return !ir::is_complex(cell.dtype);
  return ir::is_int(dtype) && ir::is_int(cell.dtype) && fits(cell.dtype, cell.bits, dtype);
}

/// Makes the value of an op an array.
[[gnu::always_inline]] inline Array finish_simple(Trace& own, DType dtype, const ir::Shape& shape, ir::Value v) {
  CellPointer result = new_cell(own);
  result->dtype = dtype;
  static_cast<ir::Shape&>(result->shape) = shape;
  ++own.ops_recorded;
  if (own.link_new(*result, v)) [[unlikely]]
    show_stored(own, *result);
  if (own.due()) [[unlikely]]
    cut(own);
  return HandleAccess::make(std::move(result));
}

/// Records an op on operands of one dtype; the result has the shape of one of them, and needs no more memory.
[[gnu::always_inline]] inline Array record_like(Trace& own, const Ufunc& f, const Cell& like, ir::Value value,
                                                std::span<const ir::Value> operands, ir::Location where) {
  const DType dtype = f.keeps_dtype ? like.dtype : ir::elementwise_dtype(f.op, like.dtype);
  return finish_simple(own, dtype, like.shape, own.add_like(f.op, dtype, value, operands, where));
}

Array record_broadcast(Trace& own, const Ufunc& f, const Cell& x, const Cell& y, std::span<const ir::Value> operands,
                       ir::Location where) {
  ir::Shape shape = x.shape;
  if (!broadcast_into(shape, y.shape)) return {};
  const DType dtype = ir::elementwise_dtype(f.op, x.dtype);
  check_memory(dtype, shape);
  return finish_simple(own, dtype, shape, own.add(f.op, dtype, shape, operands, {}, where));
}

/// What most calls are, without the ceremony of a Recorder: arrays of one dtype, or an array and a
/// number. Records exactly what the long way records. No array where the call is not that simple.
Array record_simple(Trace& own, const Ufunc& f, const Cell& x, ir::Value operand, ir::Location where) {
  if (!operand.valid() || x.weak || !f.has_own_loop(x.dtype) || !at_one_place(own, operand, operand)) return {};
  return record_like(own, f, x, operand, std::span(&operand, 1), where);
}

[[gnu::always_inline]] inline Array record_simple(Trace& own, bool outermost, const Ufunc& f, const Cell& x,
                                                  const Cell& y, std::array<ir::Value, 2> operands,
                                                  ir::Location where) {
  size_t like = 0;
  if (operands[0].valid() && operands[1].valid() && !x.weak && !y.weak) {
    if (x.dtype != y.dtype || !f.has_own_loop(x.dtype) || !at_one_place(own, operands[0], operands[1])) return {};
    if (!own.graph.share_shape(operands[0], operands[1])) return record_broadcast(own, f, x, y, operands, where);
  } else {
    if (x.weak == y.weak) return {};
    like = x.weak ? 1 : 0;
    const Cell& array = x.weak ? y : x;
    const Cell& number = x.weak ? x : y;
    const ir::Value of_array = operands[like];
    if (!of_array.valid() || !is_simple_number(number, array.dtype) || !f.has_own_loop(array.dtype) ||
        !at_one_place(own, of_array, of_array))
      return {};
    const uint64_t bits = convert_element(number.dtype, number.bits, array.dtype);
    // Inside a longer formula, values wait to be used that nothing refers to yet.
    operands[1 - like] =
        outermost ? own.add_scalar_again(array.dtype, bits, where) : own.add_scalar(array.dtype, bits, where);
  }
  return record_like(own, f, like == 0 ? x : y, operands[like], operands, where);
}

// Views are read only where the op is sure to be recorded, or the long way to read them again: an input that nothing
// refers to would keep its memory.

[[gnu::noinline]] Array call_on_views(Trace& own, const Ufunc& f, Cell& x, ir::Location where) {
  if (!f.has_own_loop(x.dtype)) return {};
  return record_simple(own, f, x, simple_value_or_view(own, x, where), where);
}

[[gnu::noinline]] Array call_on_views(Trace& own, bool outermost, const Ufunc& f, Cell& x, Cell& y,
                                      ir::Location where) {
  // A result of another shape may be too large.
  if (!x.weak && !y.weak && (x.dtype != y.dtype || !(x.shape == y.shape))) return {};
  if (!f.has_own_loop((x.weak ? y : x).dtype)) return {};
  const std::array operands{simple_value_or_view(own, x, where), simple_value_or_view(own, y, where)};
  return record_simple(own, outermost, f, x, y, operands, where);
}

Array call_simple(Trace& own, const Ufunc& f, Cell& x, ir::Location where) {
  if (x.is_view()) [[unlikely]]
    return call_on_views(own, f, x, where);
  return record_simple(own, f, x, simple_value(own, x), where);
}

Array call_simple(Trace& own, bool outermost, const Ufunc& f, Cell& x, Cell& y, ir::Location where) {
  if (x.is_view() || y.is_view()) [[unlikely]]
    return call_on_views(own, outermost, f, x, y, where);
  return record_simple(own, outermost, f, x, y, {simple_value(own, x), simple_value(own, y)}, where);
}

}  // namespace

Array call(const Ufunc& f, const Arg& a) {
  Cell& x = cell_of(a);
  {
    Trace& own = Trace::current();
    OwnTraceLock lock(own);
    if (lock.outermost()) {
      own.compact_if_worthwhile();
      if (own.may_carry()) own.carry(x);
    }
    if (Array simple = call_simple(own, f, x, {a.here().bits}); HandleAccess::cell(simple)) return simple;
  }
  Recorder r(f.name, a.here());
  const auto [operand] = r.operands(f.typing, a);
  return r.result(r.op(f.op, operand));
}

Array call(const Ufunc& f, const Arg& a, const Arg& b) {
  Cell& x = cell_of(a);
  Cell& y = cell_of(b);
  {
    Trace& own = Trace::current();
    OwnTraceLock lock(own);
    if (lock.outermost()) {
      own.compact_if_worthwhile();
      if (own.may_carry()) {
        own.carry(x);
        own.carry(y);
      }
    }
    Array simple = call_simple(own, lock.outermost(), f, x, y, {a.here().bits});
    if (HandleAccess::cell(simple)) return simple;
  }
  Recorder r(f.name, a.here());
  return r.result(apply(r, f, a, b));
}

void call_in_place(const Ufunc& f, const Array& target, const Arg& other) {
  Recorder r(f.name, other.here());
  const Arg self(target, other.here());
  const Cell& cell = cell_of(target);
  if (cell.read_only) throw ValueError("output array is read-only");
  const Term x = apply(r, f, self, other);
  check_output_dtype(f, r.dtype(x), cell.dtype);
  if (!(r.shape(x) == cell.shape))
    throw ValueError("non-broadcastable output operand with shape " + dense_text(cell.shape) +
                     " doesn't match the broadcast shape " + dense_text(r.shape(x)));
  r.write(target, x, "output array is read-only");
}

}  // namespace tarry::frontend
