#include "autodiff/stages.h"

#include "place.h"
#include "value.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <tarry/ir/error.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

using ir::Value;

std::vector<Value> values_of(Trace& trace, const Arrays& arrays) {
  std::vector<Value> values;
  for (const Array& a : arrays) values.push_back(value_of(trace, cell_of(a), {}));
  return values;
}

/// Sums of what arrives at each target, held.
class Sums {
 public:
  Sums(Trace& trace, size_t count) : trace_(trace), sums_(count) {}
  ~Sums() {
    for (Value v : sums_)
      if (v.valid()) trace_.let_go(v);
  }
  Sums(const Sums&) = delete;

  /// Takes over a held value.
  void add(size_t i, Value held) {
    Value& sum = sums_[i];
    if (sum.valid()) {
      const Value operands[] = {sum, held};
      const Value both =
          trace_.add(ir::Op::add, trace_.graph.dtype(held), ir::Shape(trace_.graph.shape(held)), operands, {}, {});
      trace_.hold(both);
      trace_.let_go(sum);
      trace_.let_go(held);
      sum = both;
    } else {
      sum = held;
    }
  }
  Value get(size_t i) const { return sums_[i]; }
  /// Gives a held value away.
  Value take(size_t i) { return std::exchange(sums_[i], Value{}); }

 private:
  Trace& trace_;
  std::vector<Value> sums_;
};

void check_rule(const Arrays& given, const Arrays& models, const char* what) {
  if (given.size() != models.size())
    throw ValueError(std::string("a custom derivative rule gave ") + std::to_string(given.size()) + " " + what +
                     " for " + std::to_string(models.size()) + " arrays");
  for (size_t i = 0; i < given.size(); ++i)
    if (!(given[i].shape() == models[i].shape()) || given[i].dtype() != models[i].dtype())
      throw ValueError(std::string("a custom derivative rule gave ") + what + " of shape " +
                       ir::tuple_text(given[i].shape()) + " for an array of shape " +
                       ir::tuple_text(models[i].shape()));
}

}  // namespace

Stages::Stages(Trace& trace, Transform kind, const std::vector<Value>& arguments, const std::vector<Value>& roots)
    : kind_(kind), num_arguments_(arguments.size()) {
  std::vector<Value> targets = arguments;
  const Value first = std::ranges::min(arguments);
  for (const std::shared_ptr<CustomCall>& call : trace.custom_calls) {
    const std::vector<Value> results = values_of(trace, call->results);
    if (results.empty() || !trace.taped(results[0]) || results[0] < first) continue;
    // Towards its arguments only earlier calls stand in the way.
    of_calls_.push_back(stage(trace, targets, values_of(trace, call->arguments)));
    calls_.push_back(call);
    targets.insert(targets.end(), results.begin(), results.end());
  }
  of_roots_ = stage(trace, targets, roots);
  find_needed();
}

void Stages::find_needed() {
  needed_.assign(calls_.size(), false);
  const auto reach_calls = [&](const Stage& s) {
    for (size_t c = 0; c < calls_.size(); ++c)
      for (size_t i = first_target(c); i < std::min(first_target(c + 1), s.reached.size()); ++i)
        needed_[c] = needed_[c] || s.reached[i];
  };
  reach_calls(of_roots_);
  for (size_t c = calls_.size(); c-- > 0;)
    if (needed_[c]) reach_calls(of_calls_[c]);
}

Stage Stages::stage(Trace& trace, const std::vector<Value>& targets, const std::vector<Value>& roots) const {
  Region region = take_region(trace, targets, roots);
  Stage s;
  s.transformed = transformed(kind_, region);
  s.values = std::move(region.values);
  s.reached = std::move(region.reached);
  return s;
}

void Stages::keep(Trace& trace, const Array& like) {
  const auto keep_one = [&](Stage& s) {
    for (uint32_t id = 0; id < s.values.size(); ++id)
      if (s.transformed->uses[id] != 0) s.residuals.emplace_back(id, array_like(trace, s.values[id], like));
    s.values.clear();
  };
  for (Stage& s : of_calls_) keep_one(s);
  keep_one(of_roots_);
}

size_t Stages::first_target(size_t call) const {
  size_t at = num_arguments_;
  for (size_t i = 0; i < call; ++i) at += calls_[i]->results.size();
  return at;
}

std::vector<Value> Stages::run(Trace& trace, const Stage& s, const std::vector<Value>& seeds) const {
  if (!s.values.empty() || s.residuals.empty()) {
    std::vector<Value> values = s.values;
    values.resize(s.transformed->own_nodes);
    return record(trace, *s.transformed, values, seeds);
  }
  std::vector<Value> values(s.transformed->own_nodes);
  Held held(trace);
  for (const auto& [id, a] : s.residuals) {
    held.add(a);
    values[id] = held.values.back();
  }
  return record(trace, *s.transformed, values, seeds);
}

std::vector<Value> Stages::pull(Trace& trace, const std::vector<Value>& cotangents) const {
  Sums sums(trace, first_target(calls_.size()));
  const auto pull_stage = [&](const Stage& s, const std::vector<Value>& seeds) {
    const std::vector<Value> results = run(trace, s, seeds);
    for (size_t i = 0; i < results.size(); ++i) {
      if (s.reached[i])
        sums.add(i, results[i]);
      else
        trace.let_go(results[i]);
    }
  };
  pull_stage(of_roots_, cotangents);
  for (size_t c = calls_.size(); c-- > 0;) {
    const CustomCall& call = *calls_[c];
    const size_t first = first_target(c);
    Arrays given;
    bool any = false;
    for (size_t i = 0; i < call.results.size(); ++i) {
      const Value v = sums.get(first + i);
      any |= v.valid();
      given.push_back(v.valid() ? array_like(trace, moved_to(trace, v, call.results[i]), call.results[i]) : numpy::zeros_like(call.results[i]));
    }
    if (!any) continue;
    if (!call.backward) throw TypeError("this function has no rule for reverse mode");
    const Arrays received = call.backward(given);
    check_rule(received, call.arguments, "cotangents");
    const Held seeds(trace, [&] {
      std::vector<Value> held;
      for (const Array& a : received) held.push_back(held_value(trace, a));
      return held;
    }());
    pull_stage(of_calls_[c], seeds.values);
  }
  std::vector<Value> results;
  for (size_t i = 0; i < num_arguments_; ++i) results.push_back(sums.take(i));
  return results;
}

std::vector<Value> Stages::push(Trace& trace, const std::vector<Value>& tangents) const {
  Held seeds(trace, tangents);
  for (Value v : tangents) trace.hold(v);
  for (size_t c = 0; c < calls_.size(); ++c) {
    const CustomCall& call = *calls_[c];
    if (!needed_[c]) {  // nobody reads its tangents
      for (size_t i = 0; i < call.results.size(); ++i) {
        seeds.values.push_back(seeds.values[0]);
        trace.hold(seeds.values[0]);
      }
      continue;
    }
    const Held pushed(trace, run(trace, of_calls_[c], seeds.values));
    const bool any = std::ranges::find(of_calls_[c].reached, true) != of_calls_[c].reached.end();
    if (!any)
      for (const Array& r : call.results) seeds.add(numpy::zeros_like(r));
    if (!any) continue;
    if (!call.forward) throw TypeError("can't apply forward-mode differentiation (jvp) to a custom_vjp function.");
    const Arrays received = call.forward(arrays_like(trace, pushed.values, call.arguments));
    check_rule(received, call.results, "tangents");
    for (const Array& a : received) seeds.add(a);
  }
  return run(trace, of_roots_, seeds.values);
}

}  // namespace tarry::frontend
