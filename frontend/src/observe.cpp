#include "observe.h"

#include "copy.h"
#include "flush.h"
#include "format.h"
#include "kept_alive.h"
#include "memory_check.h"
#include "order.h"
#include "scalar.h"
#include "transfer.h"
#include "value.h"
#include "view.h"

#include <tarry/ir/error.h>

#include <cmath>
#include <ostream>

namespace tarry::frontend {
namespace {

void show(const runtime::Buffer& buffer, int64_t offset, ir::Strides strides, HostView& h) {
  HostElements e = on_host(buffer, h.dtype, h.shape, offset, strides);
  h.buffer = std::move(e.buffer);
  h.data = e.first;
  h.strides = std::move(strides);
}

void show_input(const Trace& trace, ir::Value v, HostView& h) {
  const Input& in = trace.input(v);
  show(trace.buffer(in).buffer, in.offset, in.strides, h);
}

/// Computes a value that no cell of its own holds.
void look_at_value(Trace& own, ir::Value v, ir::Location seen, HostView& h) {
  const KeptAlive kept(own, v);
  if (!own.stored(own.unmarked(v))) flush(own, {v}, seen);
  show_input(own, own.unmarked(v), h);
}

}  // namespace

HostView look(const Array& a, Here here) {
  Cell& cell = cell_of(a);
  Trace& own = Trace::current();
  TraceLock lock(own);
  HostView h;
  h.dtype = cell.dtype;
  h.shape = cell.shape;
  const CellState state = cell.state.load(std::memory_order_acquire);
  if (state == CellState::host) {
    h.buffer = runtime::Buffer::allocate(sizeof(HostNumber));
    store_number(cell.dtype, {cell.bits, cell.imag_bits}, h.buffer.data());
    h.data = h.buffer.data();
  } else if (state == CellState::stored) {
    show(cell.buffer, cell.offset, cell.buffer_strides(), h);
  } else {
    look_at_value(own, value_of(own, cell, {here.bits}), {here.bits}, h);
  }
  return h;
}

CompactView compact(const Array& a, Here here) {
  HostView h = look(a, here);
  CompactView c{std::move(h.buffer), h.data, h.dtype, h.shape};
  if (is_c_order(h.shape, h.strides)) return c;
  runtime::Buffer copy =
      runtime::Buffer::allocate(static_cast<size_t>(ir::num_elements(h.shape)) * ir::size_of(h.dtype));
  copy_strided(h.dtype, h.shape, h.data, 0, h.strides, copy.data(), 0, ir::c_strides(h.shape));
  c.buffer = std::move(copy);
  c.data = c.buffer.data();
  return c;
}

Array array_over(runtime::Buffer buffer, DType dtype, const Shape& shape) {
  CellPointer cell = new_cell();
  cell->dtype = dtype;
  cell->shape = shape;
  cell->buffer = std::move(buffer);
  cell->state.store(CellState::stored, std::memory_order_release);
  return HandleAccess::make(std::move(cell));
}

Array new_array(DType dtype, const Shape& shape) {
  check_memory(dtype, shape);
  return array_over(runtime::Buffer::allocate(static_cast<size_t>(ir::num_elements(shape)) * ir::size_of(dtype)), dtype,
                    shape);
}

Array broadcast_to(const Arg& a, std::span<const int64_t> shape) {
  const ir::Shape own = cell_of(a).shape;
  Movement m = Movement::whole(own);
  m.axis = ir::Ints(shape.size() - own.size(), -1);
  for (size_t i = 0; i < own.size(); ++i) m.axis.push_back(static_cast<int64_t>(i));
  m.extent = ir::Ints(shape);
  return view(a, m);
}

}  // namespace tarry::frontend

namespace tarry {

using frontend::CompactView;

void Array::item_into(DType dtype, void* value, Here here) const {
  if (size() != 1) throw ValueError("can only convert an array of size 1 to a Python scalar");
  const frontend::HostView h = frontend::look(*this, here);
  frontend::store_number(dtype, frontend::convert_number(h.dtype, frontend::load_number(h.dtype, h.data), dtype),
                         value);
}

void Array::convert_into(DType dtype, void* value) const {
  if (size() != 1) {
    if (!ir::is_bool(dtype)) throw TypeError("only 0-dimensional arrays can be converted to Python scalars");
    if (size() == 0)
      throw ValueError(
          "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.");
    throw ValueError("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()");
  }
  const bool counts = ir::is_int(dtype);
  if (ir::is_complex(this->dtype()) && (counts || ir::is_float(dtype)))
    throw TypeError(counts ? "int() argument must be a string, a bytes-like object or a real number, not 'complex'"
                           : "float() argument must be a string or a real number, not 'complex'");
  if (counts && ir::is_float(this->dtype())) {
    const double number = item<double>(Here(nullptr, 0));
    if (std::isnan(number)) throw ValueError("cannot convert float NaN to integer");
    if (std::isinf(number)) throw ValueError("cannot convert float infinity to integer");
  }
  item_into(dtype, value, Here(nullptr, 0));
}

void Array::copy_into(DType dtype, void* values, Here here) const {
  if (dtype != this->dtype()) return astype(dtype, here).copy_into(dtype, values, here);
  const frontend::HostView h = frontend::look(*this, here);
  frontend::copy_strided(dtype, h.shape, h.data, 0, h.strides, values, 0, ir::c_strides(h.shape));
}

std::string to_string(const Array& array, Here here) {
  const CompactView c = frontend::compact(array, here);
  return frontend::array_str(c.dtype, c.shape, c.data, frontend::current_print_options());
}

std::ostream& operator<<(std::ostream& out, Arg array) { return out << to_string(array.array(), array.here()); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << ir::tuple_text(shape); }

}  // namespace tarry
