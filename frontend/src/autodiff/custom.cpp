#include "autodiff/custom.h"

#include "autodiff/recording.h"
#include "flush.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

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

Array wrapped(Trace& trace, ir::Op op, const Array& a, const std::vector<ir::Value>& operands) {
  const int64_t number = trace.next_mark();
  const ir::Value v = operands[0];
  return array_like(trace,
                    trace.add(op, trace.graph.dtype(v), ir::Shape(trace.graph.shape(v)), operands,
                              std::span(&number, 1), trace.graph.location(v)),
                    a);
}

}  // namespace

namespace {

/// The rule, where the function was called makes its arrays.
FlatFunction in_context(FlatFunction rule, Context context) {
  if (!rule) return rule;
  return [rule = std::move(rule), context](const Arrays& given) {
    const ContextScope scope(context);
    return rule(given);
  };
}

}  // namespace

bool is_recording() { return Trace::current().recording(); }

Arrays custom_call(const Arrays& at, const Arrays& results, FlatFunction backward, FlatFunction forward) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  if (!trace.recording()) return results;
  auto call = std::make_shared<CustomCall>();
  call->arguments = kept(trace, at);
  call->backward = in_context(std::move(backward), current_context());
  call->forward = in_context(std::move(forward), current_context());
  Held arguments(trace);
  for (const Array& a : call->arguments) arguments.add(a);
  for (const Array& r : results) {
    Held result(trace);
    result.add(r);
    std::vector<ir::Value> operands{result.values[0]};
    operands.insert(operands.end(), arguments.values.begin(), arguments.values.end());
    call->results.push_back(wrapped(trace, ir::Op::custom, r, operands));
  }
  Arrays given = kept(trace, call->results);
  trace.custom_calls.push_back(std::move(call));
  return given;
}

Arrays snapshot(const Arrays& arrays) {
  Trace& trace = Trace::current();
  TraceLock lock(trace);
  return kept(trace, arrays);
}

Arrays with_tangents(const Arrays& given, const FlatFunction& f, TangentRule rule) {
  const Arrays at = snapshot(given);
  Arrays constants;
  for (const Array& a : at) constants.push_back(stop(a));
  const auto results = std::make_shared<Arrays>();
  const auto push = [at, results, rule = std::move(rule)](const Arrays& t) { return rule(at, *results, t); };
  const auto pull = [push, at](const Arrays& cotangents) { return transposed(push, at, cotangents); };
  *results = custom_call(at, f(constants), pull, push);
  return snapshot(*results);
}

Arrays transposed(const FlatFunction& tangents, const Arrays& at, const Arrays& cotangents) {
  Arrays zeros;
  for (const Array& a : at) zeros.push_back(numpy::zeros_like(a));
  return pull("custom_jvp", tangents, zeros).second(cotangents);
}

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
    ends.push_back(wrapped(trace, ir::Op::checkpoint, r, held.values));
  }
  return ends;
}

}  // namespace tarry::frontend
