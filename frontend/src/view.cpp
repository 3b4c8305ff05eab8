#include "view.h"

#include "axes.h"
#include "broadcast.h"
#include "order.h"
#include "record.h"
#include "value.h"
#include "view_info.h"

#include <tarry/ir/error.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

void set_numpy_strides(Cell& cell, ir::Strides strides) {
  cell.c_order = is_c_order(cell.shape, strides);
  if (!cell.c_order) cell.strides = std::move(strides);
}

CellPointer new_view(Cell& source) {
  CellPointer cell = new_cell();
  cell->dtype = source.dtype;
  cell->read_only = source.read_only;
  cell->frozen = source.frozen;
  cell->view = new_view_info();
  if (source.is_view()) {
    cell->view->base = source.view->base;
    cell->view->chain = source.view->chain;
  } else {
    cell->view->base = CellPointer::share(&source);
  }
  cell->state.store(CellState::view, std::memory_order_release);
  return cell;
}

/// Shape and places of what a movement shows of `from`.
void show(Cell& cell, const Cell& from, const Movement& m) {
  check_axes(m.extent.size());
  const ir::Strides compact = from.c_order ? ir::c_strides(from.shape) : ir::Strides();
  const ir::Strides& strides = from.c_order ? compact : from.strides;
  cell.offset = (from.is_view() ? from.offset : 0) + first_place(m, strides);
  cell.shape.resize(m.extent.size());
  cell.strides.resize(m.extent.size());
  for (size_t i = 0; i < m.extent.size(); ++i) {
    cell.shape[i] = m.extent[i];
    cell.strides[i] = stride_of(m, i, strides);
  }
  cell.c_order = is_c_order(cell.shape, cell.strides);
  cell.frozen |= repeats(m);
  cell.read_only |= cell.frozen;
}

/// Replaces -1, checks the number of elements.
ir::Shape complete(std::span<const int64_t> wanted, const Shape& from) {
  auto refuse = [&] {
    throw ValueError("cannot reshape array of size " + std::to_string(ir::num_elements(from)) + " into shape " +
                     dense_text(wanted));
  };
  ir::Shape shape(wanted);
  int64_t unknown = -1, known = 1;
  bool overflow = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] >= 0) {
      overflow |= __builtin_mul_overflow(known, shape[i], &known);
    } else if (unknown >= 0) {
      throw ValueError("can only specify one unknown dimension");
    } else {
      unknown = static_cast<int64_t>(i);
    }
  }
  const int64_t size = ir::num_elements(from);
  if (overflow) refuse();
  if (unknown >= 0) {
    if (known == 0 || size % known != 0) refuse();
    shape[unknown] = size / known;
  } else if (known != size) {
    refuse();
  }
  return shape;
}

}  // namespace

Array view(const Arg& source, runtime::FunctionRef<void(Movement&)> describe) {
  Cell& from = cell_of(source);
  CellPointer cell = new_view(from);
  std::vector<ViewStep>& chain = cell->view->chain;
  if (!chain.empty() && std::holds_alternative<Movement>(chain.back())) {
    Movement movement;
    describe(movement);
    show(*cell, from, movement);
    chain.back() = compose(std::get<Movement>(chain.back()), movement);
  } else {
    Movement& movement = std::get<Movement>(chain.emplace_back());
    describe(movement);
    show(*cell, from, movement);
  }
  return HandleAccess::make(std::move(cell));
}

Array view(const Arg& source, const Movement& movement) {
  return view(source, [&](Movement& m) { m = movement; });
}

Array view_of_part(const Arg& source, int part) {
  Cell& from = cell_of(source);
  CellPointer cell = new_view(from);
  cell->dtype = ir::part_of(from.dtype);
  cell->shape = from.shape;
  const Placement placed = place({from.is_view() ? from.offset : 0, from.numpy_strides()}, Part{part});
  cell->offset = placed.offset;
  set_numpy_strides(*cell, placed.strides);
  cell->view->chain.emplace_back(Part{part});
  return HandleAccess::make(std::move(cell));
}

Array reshape(const Arg& source, std::span<const int64_t> wanted) {
  check_axes(wanted.size());
  Cell& from = cell_of(source);
  const ir::Shape shape = complete(wanted, from.shape);
  std::optional<ir::Strides> strides = reshape_strides(from.shape, from.numpy_strides(), shape);
  if (!strides) {
    Recorder r("reshape", source.here());
    return r.strong_result(r.reshape(r.read(source), shape), Layout::c);
  }
  CellPointer cell = new_view(from);
  cell->shape = shape;
  cell->offset = from.is_view() ? from.offset : 0;
  set_numpy_strides(*cell, std::move(*strides));
  std::vector<ViewStep>& chain = cell->view->chain;
  if (!chain.empty() && std::holds_alternative<ir::Shape>(chain.back()))
    chain.back() = shape;
  else
    chain.emplace_back(shape);
  return HandleAccess::make(std::move(cell));
}

}  // namespace tarry::frontend
