#pragma once
/// From cells to values of the calling thread's trace, and back.

#include "trace.h"
#include "view_info.h"

namespace tarry::frontend {

/// The node of `own`, whose lock is held, that stands for the current value of a cell.
ir::Value value_of(Trace& own, Cell& cell, ir::Location where);

/// Tells a cell, linked to a stored node, where its elements are.
void show_stored(Trace& own, Cell& cell);

/// Makes a cell, which is not linked, hold `v`, stored or not. The cell has its dtype and shape.
inline void adopt(Trace& own, Cell& cell, ir::Value v) {
  own.link(cell, v);
  if (own.stored(own.unmarked(v))) show_stored(own, cell);
}

/// What an in-place op or an assignment does: from now on the array is `v`, which has the array's
/// dtype and shape. Through a view, the base becomes a new version of itself.
void write(Trace& own, Cell& cell, ir::Value v, ir::Location where);
/// The same, but for what shares the memory under a transform (autodiff/shared_memory.h).
void write_alone(Trace& own, Cell& cell, ir::Value v, ir::Location where);

/// Unlinks a cell from another thread's trace, so that `own` can have it.
void take_home(Trace& own, Cell& cell);

/// Whether a transform that is recording follows this array's value: copying its elements would lose it.
bool is_followed(const Array& a);
/// Whether it has no value: it depends on an element of a batch.
bool is_abstract(const Array& a);

/// Whether the user holds the memory of this array too.
bool is_pinned(const Cell& cell);

/// Movements as nodes.
ir::Value record_movement(Trace& own, ir::Value source, const Movement& m, ir::Location where);
/// `source` with `value` in the places that the movement shows.
ir::Value record_write(Trace& own, ir::Value source, const Movement& m, ir::Value value, ir::Location where);

/// The base of a view, else the cell itself.
inline Cell& base_of(Cell& cell) { return cell.is_view() ? *cell.view->base : cell; }
inline const Cell& base_of(const Cell& cell) { return cell.is_view() ? *cell.view->base : cell; }

}  // namespace tarry::frontend
