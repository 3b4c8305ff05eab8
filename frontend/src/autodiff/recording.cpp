#include "autodiff/recording.h"

#include "autodiff/custom.h"
#include "autodiff/shared_memory.h"

#include "order.h"
#include "place.h"
#include "value.h"

#include <tarry/ir/error.h>

namespace tarry::frontend {
namespace {

/// The axes in memory in the order of another array's.
void set_order(Cell& cell, const Cell& like) {
  if (like.c_order || like.shape.size() != cell.shape.size()) return;
  ir::Strides strides = compact_strides(cell.shape, sort_axes(cell.shape.size(), like.numpy_strides()));
  cell.c_order = is_c_order(cell.shape, strides);
  if (!cell.c_order) cell.strides = std::move(strides);
}

}  // namespace

Recording::Recording() : trace_(Trace::current()), first_shared_(trace_.shared_memory.size()) {
  TraceLock lock(trace_);
  trace_.begin_recording();
}

Recording::~Recording() {
  trace_.shared_memory.resize(first_shared_);
  TraceLock lock(trace_);
  trace_.end_recording();
  if (!trace_.recording()) trace_.custom_calls.clear();
}

Array Recording::argument(const Array& a) {
  Cell& from = cell_of(a);
  TraceLock lock(trace_);
  const ir::Value v = value_of(trace_, from, {});
  trace_.hold(v);
  CellPointer cell = new_cell();
  cell->dtype = from.dtype;
  cell->shape = from.shape;
  cell->weak = from.weak;
  cell->read_only = from.read_only;
  set_order(*cell, from);
  adopt(trace_, *cell, trace_.add_mark(v));
  trace_.let_go(v);
  share_memory(trace_, *cell, from);
  Array given = HandleAccess::make(std::move(cell));
  given_.push_back({a, given});
  return given;
}

Array Recording::element(const Array& batched, int64_t axis, ir::Location where) {
  Cell& from = cell_of(batched);
  TraceLock lock(trace_);
  CellPointer cell = new_cell();
  cell->dtype = from.dtype;
  cell->shape = from.shape;
  cell->shape.erase(static_cast<size_t>(axis));
  const ir::Value hole = trace_.add_hole(cell->dtype, cell->shape, where);
  trace_.set_place(hole, place_of(trace_, from));
  adopt(trace_, *cell, hole);
  return HandleAccess::make(std::move(cell));
}

void Recording::write_back() {
  for (Given& g : given_) {
    Cell& functions = cell_of(g.functions);
    if (functions.version == 0) continue;
    Cell& callers = cell_of(g.callers);
    const ir::Value v = value_of(trace_, functions, {});
    trace_.hold(v);
    write_alone(trace_, callers, v, {});
    trace_.let_go(v);
  }
}

ir::Value held_value(Trace& trace, const Array& a) {
  const ir::Value v = value_of(trace, cell_of(a), {});
  trace.hold(v);
  return v;
}

Array array_like(Trace& trace, ir::Value v, const Array& like) {
  CellPointer cell = new_cell();
  cell->dtype = trace.graph.dtype(v);
  cell->shape = trace.graph.shape(v);
  const Cell& model = cell_of(like);
  cell->weak = model.weak && cell->shape.empty();
  set_order(*cell, model);
  adopt(trace, *cell, v);
  return HandleAccess::make(std::move(cell));
}

std::vector<Array> arrays_like(Trace& trace, const std::vector<ir::Value>& values, const std::vector<Array>& models) {
  std::vector<Array> result;
  for (size_t i = 0; i < values.size(); ++i)
    result.push_back(array_like(trace, moved_to(trace, values[i], models[i]), models[i]));
  return result;
}

}  // namespace tarry::frontend
