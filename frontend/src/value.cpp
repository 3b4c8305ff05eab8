#include "value.h"

#include "autodiff/shared_memory.h"

#include "copy.h"
#include "flush.h"
#include "masked.h"
#include "order.h"
#include "place.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <functional>
#include <span>

namespace tarry::frontend {
namespace {

/// Computes a cell that waits in another thread's trace.
void evaluate_foreign(Trace& own, Cell& cell) {
  TraceUnlock away(own);
  Trace& home = *cell.home.load(std::memory_order_relaxed);
  TraceLock lock(home);
  if (cell.state.load(std::memory_order_relaxed) != CellState::pending) return;
  if (!home.stored(home.unmarked(cell.value))) flush(home, {cell.value});
  // Memory may have been short for telling the cell.
  if (cell.state.load(std::memory_order_relaxed) == CellState::pending) show_stored(home, cell);
}

/// What another thread's derivative follows would be a constant here.
void refuse_followed(Trace& own, const Cell& cell) {
  Trace* home = cell.home.load(std::memory_order_acquire);
  if (!home || home == &own || !home->may_be_recording()) return;
  TraceUnlock away(own);
  TraceLock lock(*home);
  if (cell.home.load(std::memory_order_relaxed) == home && cell.linked() && home->followed(cell.value))
    throw ValueError(
        "a value that a derivative follows cannot be read by another thread, which would take it for a constant; "
        "give it stop_gradient of it");
}

/// An input for elements of memory that the user holds too. Ops on it run at the call; but a derivative is computed
/// later, and reads what was there.
ir::Value shared_input(Trace& own, const runtime::Buffer& buffer, const Cell& cell, const Placement& at) {
  if (!own.recording() || buffer.place() != 0)
    return own.add_input(buffer, cell.dtype, cell.shape, at.offset, at.strides, true);
  const auto count = static_cast<size_t>(ir::num_elements(cell.shape));
  const runtime::Buffer kept = runtime::Buffer::allocate(count * ir::size_of(cell.dtype));
  const ir::Strides compact = ir::c_strides(cell.shape);
  copy_strided(cell.dtype, cell.shape, buffer.data(), at.offset, at.strides, kept.data(), 0, compact);
  return own.add_input(kept, cell.dtype, cell.shape, 0, compact, true);
}

/// An input for elements of a buffer as `cell` shows them.
ir::Value input_of(Trace& own, const runtime::Buffer& buffer, const Cell& cell, const Placement& at, bool pinned) {
  if (pinned) [[unlikely]]
    return shared_input(own, buffer, cell, at);
  return own.add_input(buffer, cell.dtype, cell.shape, at.offset, at.strides, false);
}

ir::Value stored_value(Trace& own, Cell& cell) {
  const bool at_home = cell.home.load(std::memory_order_relaxed) == &own;
  if (at_home && cell.value.valid()) return cell.value;
  const ir::Value v = input_of(own, cell.buffer, cell, {cell.offset, cell.buffer_strides()}, cell.pinned);
  if (at_home && !cell.pinned) own.link(cell, v);
  return v;
}

ir::Value record_part(Trace& own, ir::Value z, int part, ir::Location where) {
  const ir::Op op = part == 0 ? ir::Op::real : ir::Op::imag;
  return own.add(op, ir::part_of(own.graph.dtype(z)), ir::Shape(own.graph.shape(z)), std::span(&z, 1), {}, where);
}

/// A complex value with `v` for one of its parts.
ir::Value replace_part(Trace& own, ir::Value z, int part, ir::Value v, ir::Location where) {
  const ir::Value other = record_part(own, z, 1 - part, where);
  const ir::Value parts[] = {part == 0 ? v : other, part == 0 ? other : v};
  return own.add(ir::Op::complex, own.graph.dtype(z), ir::Shape(own.graph.shape(z)), parts, {}, where);
}

/// The chain's values, from the base's to the view's.
std::vector<ir::Value> record_chain(Trace& own, ir::Value base, std::span<const ViewStep> chain, ir::Location where) {
  std::vector<ir::Value> values{base};
  const StepCases record{
      [&](const Movement& m) { return record_movement(own, values.back(), m, where); },
      [&](Part part) { return record_part(own, values.back(), part.number, where); },
      [&](const ir::Shape& shape) {
        const ir::Value x = values.back();
        return own.add(ir::Op::reshape, own.graph.dtype(x), shape, std::span(&x, 1), {}, where);
      },
  };
  for (const ViewStep& step : chain) values.push_back(std::visit(record, step));
  return values;
}

/// Whether a cell's value is one of this trace's nodes.
bool linked_at_home(const Trace& own, const Cell& cell) {
  return cell.home.load(std::memory_order_relaxed) == &own && cell.linked();
}

/// The node of a cell at home here, which may be none.
ir::Value own_value(const Trace& own, const Cell& cell) {
  return cell.home.load(std::memory_order_relaxed) == &own ? cell.value : ir::Value{};
}

/// What tells the elements of an input from others that its node had or may get.
uint64_t input_version(const Trace& own, ir::Value v) {
  return own.graph.op(v) == ir::Op::parameter && own.stored(v) ? own.input(v).version : 0;
}

ir::Value view_value(Trace& own, Cell& cell, ir::Location where) {
  ViewInfo& view = *cell.view;
  Cell& base = *view.base;
  refuse_followed(own, base);
  if (base.state.load(std::memory_order_acquire) == CellState::pending &&
      base.home.load(std::memory_order_relaxed) != &own)
    evaluate_foreign(own, base);
  const bool base_stored = base.state.load(std::memory_order_acquire) == CellState::stored;
  const bool at_home = cell.home.load(std::memory_order_relaxed) == &own;
  if (at_home && cell.value.valid() && view.epoch == own.epoch() && view.base_version == base.version &&
      view.base_value == own_value(own, base) && !base.pinned && (own.alive(cell.value) || !base_stored) &&
      view.input_version == input_version(own, cell.value))
    return cell.value;

  ir::Value v;
  // What a derivative has to follow is not just a place.
  const bool followed = linked_at_home(own, base) && own.taped(base.value);
  if (base_stored && !followed) {
    if (!base.physical && base.dtype == cell.dtype) {
      // The base lies as NumPy has it, and so do its elements.
      v = input_of(own, base.buffer, cell, {base.offset + cell.offset, cell.numpy_strides()}, base.pinned);
    } else if (std::optional<Placement> p = place({base.offset, base.buffer_strides()}, base.shape, view.chain)) {
      v = input_of(own, base.buffer, cell, *p, base.pinned);
    }
  }
  if (!v.valid()) v = record_chain(own, value_of(own, base, where), view.chain, where).back();
  if (at_home) {
    cell.value = v;
    view.epoch = own.epoch();
    view.base_version = base.version;
    view.base_value = own_value(own, base);
    view.input_version = input_version(own, v);
  }
  return v;
}

bool overlap(const runtime::Buffer& a, const runtime::Buffer& b) {
  const auto* const p = static_cast<const std::byte*>(a.data());
  const auto* const q = static_cast<const std::byte*>(b.data());
  return std::less<>()(p, q + b.bytes()) && std::less<>()(q, p + a.bytes());
}

/// Writes in place into memory that the user holds too: all of the cell's, or of a view of it, which has the type and
/// shape of `v`; `place` counts in its elements.
void write_pinned(Trace& own, Cell& cell, ir::Value v, const Placement& place) {
  if (own.followed(v))
    throw ValueError(
        "memory that is shared with the user cannot take a value that a derivative follows; write stop_gradient of it, "
        "or into a copy()");
  CellPointer holder = new_cell();
  holder->dtype = own.graph.dtype(v);
  holder->shape = own.graph.shape(v);
  own.link(*holder, v);
  flush(own, {v});
  const Input& in = own.input(own.unmarked(v));
  const runtime::Buffer& from = own.buffer(in).buffer;
  if (overlap(from, cell.buffer)) {
    // What is read may lie where is written.
    const ir::Strides compact = ir::c_strides(holder->shape);
    const auto count = static_cast<size_t>(ir::num_elements(holder->shape));
    const runtime::Buffer aside = runtime::Buffer::allocate(count * ir::size_of(holder->dtype));
    copy_strided(holder->dtype, holder->shape, from.data(), in.offset, in.strides, aside.data(), 0, compact);
    copy_strided(holder->dtype, holder->shape, aside.data(), 0, compact, cell.buffer.data(), place.offset,
                 place.strides);
  } else {
    copy_strided(holder->dtype, holder->shape, from.data(), in.offset, in.strides, cell.buffer.data(), place.offset,
                 place.strides);
  }
  ++cell.version;
}

void set_value(Trace& own, Cell& cell, ir::Value v) {
  if (own.uses_devices()) [[unlikely]]
    if (const uint8_t place = place_of(own, cell); place != own.place(v) && place != kAnywhere)
      v = moved(own, v, place, own.graph.location(v));
  if (cell.pinned) {
    write_pinned(own, cell, v, {cell.offset, cell.buffer_strides()});
    return;
  }
  take_home(own, cell);
  const bool was_linked = cell.value.valid();
  if (was_linked)
    own.relink(cell, v);
  else
    own.link(cell, v);
  cell.buffer = {};
  cell.physical = nullptr;
  cell.offset = 0;
  cell.state.store(CellState::pending, std::memory_order_release);
  ++cell.version;
  if (own.stored(own.unmarked(v))) show_stored(own, cell);
}

ir::Value host_value(Trace& own, const Cell& cell, ir::Location where) {
  if (!ir::is_complex(cell.dtype)) return own.add_scalar(cell.dtype, cell.bits, where);
  const DType part = ir::part_of(cell.dtype);
  const ir::Value parts[] = {own.add_scalar(part, cell.bits, where), own.add_scalar(part, cell.imag_bits, where)};
  return own.add(ir::Op::complex, cell.dtype, {}, parts, {}, where);
}

}  // namespace

ir::Value value_of(Trace& own, Cell& cell, ir::Location where) {
  refuse_followed(own, cell);
  switch (cell.state.load(std::memory_order_acquire)) {
    case CellState::pending:
      if (cell.home.load(std::memory_order_relaxed) == &own) return cell.value;
      evaluate_foreign(own, cell);
      return stored_value(own, cell);
    case CellState::host: return host_value(own, cell, where);
    case CellState::stored: return stored_value(own, cell);
    case CellState::view: return view_value(own, cell, where);
    case CellState::masked: {
      resolve_masked(own, cell);
      return value_of(own, cell, where);
    }
  }
  return {};
}

void show_stored(Trace& own, Cell& cell) {
  const Input& in = own.input(own.unmarked(cell.value));
  std::unique_ptr<ir::Strides> physical;
  if (!same_places(cell.shape, in.strides, cell.numpy_strides())) physical = std::make_unique<ir::Strides>(in.strides);
  cell.physical = std::move(physical);
  cell.buffer = own.buffer(in).buffer;
  cell.offset = in.offset;
  cell.state.store(CellState::stored, std::memory_order_release);
}

void write(Trace& own, Cell& cell, ir::Value v, ir::Location where) {
  write_alone(own, cell, v, where);
  if (!own.shared_memory.empty()) [[unlikely]]
    write_shared(own, cell, v, where);
}

void write_alone(Trace& own, Cell& cell, ir::Value v, ir::Location where) {
  resolve_masked_of(own, base_of(cell));
  if (!cell.is_view()) {
    set_value(own, cell, v);
    return;
  }
  Cell& base = *cell.view->base;
  const std::vector<ViewStep>& chain = cell.view->chain;
  if (base.pinned) {
    // Of shared memory, which may be large, only the view's part is touched.
    if (const std::optional<Placement> p = place({base.offset, base.buffer_strides()}, base.shape, chain)) {
      write_pinned(own, base, v, *p);
      return;
    }
  }
  // Not the view's own value, which nobody reads: on the tape of a recording it would keep the base's old version.
  const std::span<const ViewStep> outer = std::span(chain).first(std::max<size_t>(chain.size(), 1) - 1);
  const std::vector<ir::Value> values = record_chain(own, value_of(own, base, where), outer, where);
  size_t i = chain.size();
  const StepCases write_into{
      [&](const Movement& m) { return record_write(own, values[i], m, v, where); },
      [&](Part part) { return replace_part(own, values[i], part.number, v, where); },
      [&](const ir::Shape&) {
        const ir::Shape shape = own.graph.shape(values[i]);
        return own.add(ir::Op::reshape, own.graph.dtype(v), shape, std::span(&v, 1), {}, where);
      },
  };
  while (i-- > 0) v = std::visit(write_into, chain[i]);
  set_value(own, base, v);
}

bool is_followed(const Array& a) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  if (!own.recording()) return false;
  const ir::Value v = value_of(own, cell_of(a), {});
  return own.followed(v) || own.abstract(v);
}

bool is_abstract(const Array& a) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  return own.recording() && own.abstract(value_of(own, cell_of(a), {}));
}

bool is_pinned(const Cell& cell) { return base_of(cell).pinned; }

void take_home(Trace& own, Cell& cell) {
  Trace* home = cell.home.load(std::memory_order_relaxed);
  if (home == &own) return;
  TraceUnlock away(own);
  TraceLock lock(*home);
  if (cell.linked()) home->unlink(cell);
}

}  // namespace tarry::frontend
