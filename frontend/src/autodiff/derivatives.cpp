// Transforms of functions of lists of arrays: run the function, take out what it recorded, transform
// that, record the result.

#include "autodiff/recording.h"
#include "autodiff/stages.h"
#include "flush.h"
#include "place.h"

#include <tarry/autodiff.h>
#include <tarry/ir/error.h>
#include <tarry/ir/literal.h>
#include <tarry/numpy.h>
#include <tarry/passes/autodiff.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

std::string dtype_name(const Array& a) { return std::string(ir::info(a.dtype()).name); }

void check_arguments(std::string_view name, const Arrays& at) {
  for (const Array& a : at)
    if (!passes::is_differentiable(a.dtype()))
      throw TypeError(
          std::string(name) +
          " requires real- or complex-valued inputs (input dtype that is a sub-dtype of np.inexact), but got " +
          dtype_name(a) + ".");
}

/// Results that are no floats are carried along, but one has to be.
void check_values(std::string_view name, const Arrays& values) {
  if (values.empty()) throw TypeError(std::string(name) + " requires a function that returns an array");
  if (std::ranges::any_of(values, [](const Array& a) { return passes::is_differentiable(a.dtype()); })) return;
  throw TypeError(std::string(name) +
                  " requires real-valued outputs (output dtype that is a sub-dtype of np.floating), but got " +
                  dtype_name(values[0]) + ".");
}

/// A gradient is of real numbers.
void check_real(std::string_view name, const Arrays& values) {
  for (const Array& a : values)
    if (ir::is_complex(a.dtype()))
      throw TypeError(std::string(name) +
                      " requires real-valued outputs (output dtype that is a sub-dtype of np.floating), but got " +
                      dtype_name(a) + ". For holomorphic functions use jvp, vjp or a jacobian.");
}

/// Cotangents and tangents have the types of what they belong to.
void check_likeness(std::string_view what, const Arrays& given, const Arrays& model) {
  if (given.size() != model.size())
    throw ValueError(std::to_string(given.size()) + " " + std::string(what) + " for " + std::to_string(model.size()) +
                     " arrays");
  for (size_t i = 0; i < given.size(); ++i) {
    if (!(given[i].shape() == model[i].shape()))
      throw ValueError("a " + std::string(what) + " of shape " + ir::tuple_text(given[i].shape()) +
                       " for an array of shape " + ir::tuple_text(model[i].shape()));
  }
}

/// As the dtype that the array has which it belongs to; weak numbers and other floats are converted.
Arrays converted(const Arrays& given, const Arrays& model) {
  Arrays result;
  for (size_t i = 0; i < given.size(); ++i)
    result.push_back(given[i].dtype() == model[i].dtype() ? given[i] : given[i].astype(model[i].dtype()));
  return result;
}

Arrays marked(Recording& recording, const Arrays& at) {
  Arrays arguments;
  for (const Array& a : at) arguments.push_back(recording.argument(a));
  return arguments;
}

ir::Value literal(Trace& trace, ir::DType dtype, double value) {
  const auto bits = static_cast<int64_t>(ir::bits_of(dtype, value));
  return trace.add(ir::Op::constant, dtype, {}, {}, std::span(&bits, 1), {});
}

ir::Value ones(Trace& trace, ir::Value like) {
  const ir::Shape shape = trace.graph.shape(like);
  const ir::DType dtype = trace.graph.dtype(like);
  ir::Value v = literal(trace, ir::part_of(dtype), 1.0);
  if (ir::is_complex(dtype)) {
    const ir::Value parts[] = {v, literal(trace, ir::part_of(dtype), 0.0)};
    v = trace.add(ir::Op::complex, dtype, {}, parts, {}, {});
  }
  return shape.empty() ? v : trace.add(ir::Op::broadcast, dtype, shape, std::span(&v, 1), {}, {});
}

/// Arrays of held values; zeros where there are none.
Arrays gradients(Trace& trace, const std::vector<ir::Value>& values, const Arrays& at) {
  Arrays result;
  for (size_t i = 0; i < at.size(); ++i) {
    if (values[i].valid()) {
      result.push_back(array_like(trace, moved_to(trace, values[i], at[i]), at[i]));
      trace.let_go(values[i]);
    } else {
      result.push_back(numpy::zeros_like(at[i]));
    }
  }
  return result;
}

}  // namespace

Differentiated reverse(std::string_view name, const FlatFunction& f, const Arrays& at) {
  check_arguments(name, at);
  Recording recording;
  Differentiated d;
  d.values = f(marked(recording, at));
  check_values(name, d.values);
  check_real(name, d.values);
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held roots(trace), seeds(trace);
  for (const Array& a : d.values) roots.add(a);
  for (ir::Value v : roots.values) {
    seeds.values.push_back(ones(trace, v));
    trace.hold(seeds.values.back());
  }
  const Stages stages(trace, Transform::reverse, recording.arguments(), roots.values);
  d.derivatives = gradients(trace, stages.pull(trace, seeds.values), at);
  recording.write_back();
  if (trace.due()) cut(trace);
  return d;
}

Differentiated forward(std::string_view name, const FlatFunction& f, const Arrays& at, const Arrays& given) {
  check_arguments(name, at);
  check_likeness("tangent", given, at);
  const Arrays tangents = converted(given, at);
  Recording recording;
  Differentiated d;
  d.values = f(marked(recording, at));
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held roots(trace), seeds(trace);
  for (const Array& a : d.values) roots.add(a);
  for (const Array& a : tangents) seeds.add(a);
  const Stages stages(trace, Transform::forward, recording.arguments(), roots.values);
  const Held results(trace, stages.push(trace, seeds.values));
  d.derivatives = arrays_like(trace, results.values, d.values);
  recording.write_back();
  if (trace.due()) cut(trace);
  return d;
}

struct Pullback::State {
  std::optional<Stages> stages;
  Arrays arguments, values;  // models of shape, dtype and order
};

std::pair<Arrays, Pullback> pull(std::string_view name, const FlatFunction& f, const Arrays& at) {
  check_arguments(name, at);
  Recording recording;
  auto state = std::make_shared<Pullback::State>();
  state->arguments = at;
  state->values = f(marked(recording, at));
  check_values(name, state->values);
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held roots(trace);
  for (const Array& a : state->values) roots.add(a);
  state->stages.emplace(trace, Transform::reverse, recording.arguments(), roots.values);
  state->stages->keep(trace, state->values[0]);
  recording.write_back();
  Pullback pullback;
  Arrays values = state->values;
  pullback.state_ = std::move(state);
  return {std::move(values), std::move(pullback)};
}

Arrays Pullback::operator()(const Arrays& given) const {
  check_likeness("cotangent", given, state_->values);
  const Arrays cotangents = converted(given, state_->values);
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held seeds(trace);
  for (const Array& a : cotangents) seeds.add(a);
  Arrays results = gradients(trace, state_->stages->pull(trace, seeds.values), state_->arguments);
  if (trace.due()) cut(trace);
  return results;
}

bool Pullback::is_linear() const { return state_->stages->is_linear(); }

std::vector<size_t> checked_positions(std::string_view name, const std::vector<int>& positions, size_t count) {
  std::vector<size_t> result;
  for (int p : positions) {
    const auto n = static_cast<int64_t>(count);
    if (p < -n || p >= n)
      throw ValueError(std::string(name) + " with respect to argument " + std::to_string(p) + " of a call with " +
                       std::to_string(count));
    const auto position = static_cast<size_t>(p < 0 ? p + n : p);
    if (std::ranges::find(result, position) != result.end())
      throw ValueError(std::string(name) + " with respect to argument " + std::to_string(position) + " twice");
    result.push_back(position);
  }
  return result;
}

void refuse_position(std::string_view name, size_t position) {
  throw TypeError(std::string(name) + " with respect to argument " + std::to_string(position) +
                  ", which is no Array: give the position at compile time, as in grad<" + std::to_string(position) +
                  ">(f)");
}

void refuse_axes(size_t axes, size_t arguments) {
  throw ValueError("vmap with " + std::to_string(axes) + " axes of a call with " + std::to_string(arguments) +
                   " arguments");
}

void refuse_count(size_t count) { throw TypeError("the function does not take " + std::to_string(count) + " arrays"); }

Array stop(const Array& x) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held held(trace);
  held.add(x);
  const ir::Value v = held.values[0];
  const ir::Value stopped =
      trace.add(ir::Op::stop, trace.graph.dtype(v), ir::Shape(trace.graph.shape(v)), std::span(&v, 1), {}, {});
  return array_like(trace, stopped, x);
}

}  // namespace tarry::frontend
