#include "autodiff/custom.h"

#include "autodiff/recording.h"
#include "flush.h"
#include "value.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <algorithm>
#include <string>

namespace tarry::frontend {
namespace {

/// The same values as other arrays, which nobody else writes to.
Arrays kept(Trace& trace, const Arrays& arrays) {
  Arrays all;
  for (const Array& a : arrays) {
    Held held(trace);
    held.add(a);
    all.push_back(array_like(trace, held.values[0], a));
  }
  return all;
}

/// The same value as another node.
ir::Value wrapped(Trace& trace, ir::Op op, ir::Value v) {
  const int64_t number = trace.next_mark();
  return trace.add(op, trace.graph.dtype(v), ir::Shape(trace.graph.shape(v)), std::span(&v, 1), std::span(&number, 1),
                   trace.graph.location(v));
}

/// The rule, where the function was called makes its arrays.
CustomRule in_context(CustomRule rule, Context context) {
  if (!rule) return rule;
  return [rule = std::move(rule), context](const CustomContext& call, const Arrays& given) {
    const ContextScope scope(context);
    return rule(call, given);
  };
}

/// Puts a call into the trace; its results, for the function that goes on.
Arrays recorded(Trace& trace, std::shared_ptr<CustomCall> call, const CustomContext& given) {
  constexpr size_t kMostArguments = ir::Graph::kMostOperands - 1;  // beside the result
  if (given.arguments.size() > kMostArguments)
    throw ValueError("a function with a derivative of its own takes at most " + std::to_string(kMostArguments) +
                     " arrays, found " + std::to_string(given.arguments.size()));
  CustomContext& own = call->context;
  own.arguments = kept(trace, given.arguments);
  own.residuals = kept(trace, given.residuals);
  Held arguments(trace);
  for (const Array& a : own.arguments) arguments.add(a);
  for (const Array& r : given.results) {
    Held result(trace);
    result.add(r);
    const ir::Value v = wrapped(trace, ir::Op::custom, result.values[0]);
    // The arguments are no operands: whoever computes the result has no way to go to them, call by call.
    trace.connect(v, arguments.values);
    own.results.push_back(array_like(trace, v, r));
  }
  Arrays results = kept(trace, own.results);
  trace.custom_calls.push_back(std::move(call));
  return results;
}

Arrays call_with_rules(const CustomContext& given, CustomRule backward, CustomRule forward) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  if (!trace.recording()) return given.results;
  auto call = std::make_shared<CustomCall>();
  call->backward = in_context(std::move(backward), current_context());
  call->forward = in_context(std::move(forward), current_context());
  return recorded(trace, std::move(call), given);
}

/// A rule gives derivatives by the arguments: those by anything else that the results depend on would be lost.
void refuse_captured(const CustomContext& call) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  Held arguments(trace), results(trace);
  for (const Array& a : call.arguments) arguments.add(a);
  for (const Array& r : call.results) results.add(r);
  std::vector<ir::Value> walk;
  const auto reach = [&](ir::Value v) {
    if (trace.followed(v) && trace.visit(v)) walk.push_back(v);
  };
  trace.begin_walk();
  for (ir::Value a : arguments.values) trace.visit(a);
  for (ir::Value r : results.values) reach(r);
  for (size_t i = 0; i < walk.size(); ++i) {
    if (trace.graph.op(walk[i]) == ir::Op::mark && trace.is_argument(walk[i]))
      throw TypeError(
          "a function with a derivative of its own (custom_vjp, custom_jvp) uses a value that a transform follows and "
          "that is none of its arguments: its rule says nothing of that derivative. Pass the value as an argument, or "
          "stop_gradient() of it");
    for (ir::Value o : trace.graph.operands(walk[i])) reach(o);
  }
}

}  // namespace

bool is_recording() { return Trace::current().recording(); }

Arrays custom_call(const CustomContext& given, CustomRule backward, CustomRule forward) {
  if (is_recording()) refuse_captured(given);
  return call_with_rules(given, std::move(backward), std::move(forward));
}

Arrays snapshot(const Arrays& arrays) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  return kept(trace, arrays);
}

CustomRule transposed(CustomRule tangents) {
  return [tangents = std::move(tangents)](const CustomContext& call, const Arrays& cotangents) {
    Arrays zeros;
    for (const Array& a : call.arguments) zeros.push_back(numpy::zeros_like(a));
    const Pullback pullback = pull(
                                  "custom_jvp", [&](const Arrays& t) { return tangents(call, t); }, zeros)
                                  .second;
    if (!pullback.is_linear())
      throw TypeError("the rule of a custom_jvp function is not linear in its tangents: reverse mode transposes it");
    return pullback(cotangents);
  };
}

// ---- functions that need values ----------------------------------------------------------------

namespace {

/// Results without values, of the types that a stack of none has.
Arrays waiting_call(const Arrays& at, const FlatFunction& stacked) {
  Arrays none;
  for (const Array& a : at) {
    ir::Shape shape = a.shape();
    shape.insert(0, 0);
    none.push_back(numpy::zeros(shape, a.dtype()));
  }
  CustomContext given{at, {}, {}};
  for (const Array& r : stacked(none)) {
    ir::Shape shape = r.shape();
    shape.erase(0);
    given.results.push_back(numpy::zeros(shape, r.dtype()));
  }
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  auto call = std::make_shared<CustomCall>();
  call->stacked = stacked;
  return recorded(trace, std::move(call), given);
}

bool any_value(const Arrays& arrays, bool (Trace::*is)(ir::Value) const) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  return std::ranges::any_of(arrays, [&](const Array& a) { return (trace.*is)(value_of(trace, cell_of(a), {})); });
}

}  // namespace

Arrays with_tangents(const Arrays& given, const FlatFunction& f, TangentRule rule) {
  const bool followed = any_value(given, &Trace::followed), abstract = any_value(given, &Trace::abstract);
  if (!followed && !abstract) return f(given);
  const FlatFunction stacked = [f, rule](const Arrays& stacks) { return with_tangents(stacks, f, rule); };
  if (!followed) return waiting_call(given, stacked);
  const Arrays at = snapshot(given);
  Arrays constants;
  for (const Array& a : at) constants.push_back(stop(a));
  const CustomRule push = [rule = std::move(rule)](const CustomContext& call, const Arrays& tangents) {
    Arrays received = rule(call.arguments, call.results, tangents);
    for (size_t i = 0; i < received.size(); ++i)
      if (const DType t = call.results[i].dtype(); received[i].dtype() != t) received[i] = received[i].astype(t);
    return received;
  };
  const Arrays values = abstract ? waiting_call(constants, stacked) : f(constants);
  return snapshot(call_with_rules({at, values, {}}, transposed(push), push));
}

// ---- batches -----------------------------------------------------------------------------------

namespace {

void append(Arrays& to, const Arrays& more) { to.insert(to.end(), more.begin(), more.end()); }

/// A rule for each element of a batch at once. `given_axes` are those of what the rule is given besides the context.
CustomRule batched_rule(CustomRule rule, std::vector<MapAxis> context_axes, std::vector<MapAxis> given_axes) {
  if (!rule) return nullptr;
  context_axes.insert(context_axes.end(), given_axes.begin(), given_axes.end());
  return [rule = std::move(rule), axes = std::move(context_axes)](const CustomContext& call, const Arrays& given) {
    Arrays all = call.arguments;
    for (const Arrays* more : {&call.results, &call.residuals, &given}) append(all, *more);
    const auto of_element = [&](const Arrays& e) {
      auto at = e.begin();
      const auto take = [&](size_t count) {
        Arrays part(at, at + static_cast<std::ptrdiff_t>(count));
        at += static_cast<std::ptrdiff_t>(count);
        return part;
      };
      CustomContext one;
      one.arguments = take(call.arguments.size());
      one.results = take(call.results.size());
      one.residuals = take(call.residuals.size());
      return rule(one, take(given.size()));
    };
    return batched("vmap", of_element, all, axes, 0);
  };
}

}  // namespace

Arrays batched_call(const CustomCall& call, const CustomContext& stacks, const std::vector<bool>& mapped) {
  if (call.stacked) return call.stacked(stacks.arguments);
  const auto axis = [&](size_t i) { return mapped[i] ? MapAxis(0) : MapAxis(); };
  std::vector<MapAxis> of_arguments, of_context;
  const std::vector<MapAxis> of_results(stacks.results.size(), MapAxis(0));
  for (size_t i = 0; i < stacks.arguments.size(); ++i) of_arguments.push_back(axis(i));
  of_context = of_arguments;
  of_context.insert(of_context.end(), of_results.begin(), of_results.end());
  for (size_t i = 0; i < stacks.residuals.size(); ++i) of_context.push_back(axis(of_arguments.size() + i));
  CustomRule backward = batched_rule(call.backward, of_context, of_results);
  if (backward)
    backward = [of_arguments, each = std::move(backward)](const CustomContext& c, const Arrays& cotangents) {
      Arrays received = each(c, cotangents);
      // What all elements share gets the sum of what they give.
      for (size_t i = 0; i < std::min(received.size(), of_arguments.size()); ++i)
        if (!of_arguments[i]) received[i] = numpy::sum(received[i], 0);
      return received;
    };
  return call_with_rules(stacks, std::move(backward), batched_rule(call.forward, of_context, of_arguments));
}

// ---- checkpoints -------------------------------------------------------------------------------

namespace {

void compute(Trace& trace, const Arrays& arrays) {
  Held held(trace);
  for (const Array& a : arrays) held.add(a);
  std::vector<ir::Value> roots;
  for (ir::Value v : held.values)
    if (!trace.abstract(v)) roots.push_back(v);
  if (!roots.empty()) flush(trace, roots);
}

}  // namespace

void begin_checkpoint(const Arrays& arguments) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  if (trace.recording()) compute(trace, arguments);
}

Arrays end_checkpoint(const Arrays& results) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  if (!trace.recording()) return results;
  compute(trace, results);
  Arrays ends;
  for (const Array& r : results) {
    Held held(trace);
    held.add(r);
    ends.push_back(array_like(trace, wrapped(trace, ir::Op::checkpoint, held.values[0]), r));
  }
  return ends;
}

}  // namespace tarry::frontend
