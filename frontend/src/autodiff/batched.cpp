// vmap: run the function on one element without values, batch what it recorded.

#include "autodiff/recording.h"
#include "autodiff/stages.h"
#include "axes.h"
#include "broadcast.h"
#include "flush.h"
#include "memory_check.h"
#include "place.h"
#include "value.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <tarry/ir/error.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

/// The extent of all mapped axes.
int64_t batch_size(std::string_view name, const Arrays& at, const std::vector<int64_t>& axes) {
  int64_t count = -1;
  for (size_t i = 0; i < at.size(); ++i) {
    if (axes[i] < 0) continue;
    const int64_t extent = at[i].shape()[static_cast<size_t>(axes[i])];
    if (count >= 0 && extent != count)
      throw ValueError(std::string(name) + " got inconsistent sizes for array axes to be mapped: " +
                       std::to_string(count) + " and " + std::to_string(extent));
    count = extent;
  }
  if (count < 0) throw ValueError(std::string(name) + " must have at least one argument that is mapped over an axis");
  return count;
}

/// Axes from the start; -1: not mapped.
std::vector<int64_t> normalized(const Arrays& at, const std::vector<MapAxis>& axes) {
  if (axes.size() != at.size())
    throw ValueError("vmap got " + std::to_string(axes.size()) + " axes for " + std::to_string(at.size()) + " arrays");
  std::vector<int64_t> result;
  for (size_t i = 0; i < at.size(); ++i) {
    if (axes[i] && at[i].ndim() == 0)
      throw ValueError("vmap was requested to map over an axis of argument " + std::to_string(i) +
                       ", which has rank 0");
    result.push_back(axes[i] ? normalize_axis(*axes[i], at[i].ndim()) : -1);
  }
  return result;
}

/// An array that outlives the call has no place for the values of all elements.
void refuse_written_outside(std::string_view name, Trace& trace, const Arrays& elements, const Arrays& values) {
  const auto holds = [](const Arrays& arrays, const Cell& cell) {
    return std::ranges::any_of(arrays, [&](const Array& a) { return &base_of(cell_of(a)) == &cell; });
  };
  for (ir::Value v : trace.innermost_tape())
    for (const Cell* cell = trace.cells(v); cell; cell = cell->next) {
      if (cell->version == 0 || holds(elements, *cell) || holds(values, *cell)) continue;
      const std::string line = trace.graph.location(v).text();
      throw ValueError(std::string(name) + ": the function wrote what depends on an element of the batch" +
                       (line.empty() ? "" : ", at " + line + ",") + " into an array of shape " +
                       dense_text(cell->shape) +
                       " that outlives it. Write into an array that the function makes, and return that.");
    }
}

}  // namespace

Arrays batched(std::string_view name, const FlatFunction& f, const Arrays& at, const std::vector<MapAxis>& given,
               int64_t out_axis, Here here) {
  const std::vector<int64_t> axes = normalized(at, given);
  const int64_t count = batch_size(name, at, axes);
  Arrays mapped, elements, arguments;
  Recording recording;
  for (size_t i = 0; i < at.size(); ++i) {
    arguments.push_back(at[i]);
    if (axes[i] < 0) continue;
    mapped.push_back(numpy::moveaxis(at[i], axes[i], 0));
    elements.push_back(recording.element(at[i], axes[i], {here.bits}));
    arguments.back() = elements.back();
  }
  const Arrays values = f(arguments);
  Arrays results;
  {
    Trace& trace = Trace::current();
    TraceLock lock(trace);
    Held roots(trace), seeds(trace);
    for (const Array& a : values) roots.add(a);
    refuse_written_outside(name, trace, elements, values);
    for (const Array& a : mapped) seeds.add(a);
    const Stages stages(trace, Transform::batch, recording.arguments(), roots.values, count);
    const Held made(trace, stages.map(trace, seeds.values));
    for (ir::Value v : made.values) {
      check_memory(trace.graph.dtype(v), trace.graph.shape(v));
      results.push_back(array_like(trace, moved_to(trace, v, mapped[0]), mapped[0]));
    }
    if (trace.due()) cut(trace);
  }
  if (out_axis != 0)
    for (Array& r : results) r = numpy::moveaxis(r, 0, out_axis);
  return results;
}

Array unit_arrays(const Array& like) {
  const frontend::Near near(like);
  Shape shape = like.shape();
  shape.insert(0, like.size());
  return numpy::identity(like.size(), like.dtype()).reshape(shape);
}

Array columns_to_jacobian(const Array& columns, const Array& argument) {
  const Array last = numpy::moveaxis(columns, 0, -1);
  Shape shape(std::span<const int64_t>(last.shape().data(), last.shape().size() - 1));
  for (int64_t extent : argument.shape()) shape.push_back(extent);
  return last.reshape(shape);
}

Array rows_to_jacobian(const Array& rows, const Array& value) {
  Shape shape = value.shape();
  for (size_t i = 1; i < rows.shape().size(); ++i) shape.push_back(rows.shape()[i]);
  return rows.reshape(shape);
}

}  // namespace tarry::frontend
