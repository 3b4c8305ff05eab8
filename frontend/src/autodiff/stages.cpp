#include "autodiff/stages.h"

#include "place.h"
#include "value.h"

#include <tarry/autodiff.h>
#include <tarry/numpy.h>

#include <tarry/ir/error.h>
#include <tarry/passes/autodiff.h>

#include <algorithm>

namespace tarry::frontend {
namespace {

using ir::Value;

std::vector<Value> values_of(Trace& trace, const Arrays& arrays) {
  std::vector<Value> values;
  for (const Array& a : arrays) values.push_back(value_of(trace, cell_of(a), {}));
  return values;
}

/// What is scattered goes into the sum, not into zeros of its own.
Value sum_of(Trace& trace, Value a, Value b) {
  const ir::Graph& g = trace.graph;
  const ir::DType dtype = g.dtype(b);
  const ir::Shape shape = g.shape(b);
  if (g.op(b) == ir::Op::scatter_add && !trace.stored(b) && passes::is_literal_zero(g, g.operand(b, 0))) {
    std::vector<Value> operands(g.operands(b).begin(), g.operands(b).end());
    operands[0] = a;
    return trace.add(ir::Op::scatter_add, dtype, shape, operands, ir::Ints(g.attrs(b)), g.location(b));
  }
  const Value operands[] = {a, b};
  return trace.add(ir::Op::add, dtype, shape, operands, {}, {});
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
      const Value both = sum_of(trace_, sum, held);
      trace_.hold(both);
      trace_.let_go(sum);
      trace_.let_go(held);
      sum = both;
    } else {
      sum = held;
    }
  }
  /// Gives a held value away.
  Value take(size_t i) { return std::exchange(sums_[i], Value{}); }

 private:
  Trace& trace_;
  std::vector<Value> sums_;
};

/// What a batch needs of a call besides its arguments: what it gave, unless it waits for the batch, and what it kept.
void append_values(Trace& trace, const CustomCall& call, const std::vector<Value>& results, std::vector<Value>& ends) {
  if (call.stacked) return;
  for (Value r : results) ends.push_back(trace.graph.operand(r, 0));
  for (Value r : values_of(trace, call.context.residuals)) ends.push_back(r);
}

void check_rule(const Arrays& given, const Arrays& models, const char* what) {
  if (given.size() != models.size())
    throw ValueError(std::string("a custom derivative rule gave ") + std::to_string(given.size()) + " " + what +
                     " for " + std::to_string(models.size()) + " arrays");
  const auto type = [](const Array& a) {
    return "shape " + ir::tuple_text(a.shape()) + " and dtype " + std::string(ir::info(a.dtype()).name);
  };
  for (size_t i = 0; i < given.size(); ++i)
    if (!(given[i].shape() == models[i].shape()) || given[i].dtype() != models[i].dtype())
      throw ValueError(std::string("a custom derivative rule gave ") + what + " of " + type(given[i]) +
                       " for an array of " + type(models[i]));
}

/// From the cotangents of a call's results, of which `first` is the number of the first, to those of its arguments,
/// held; invalid: zero.
std::vector<Value> pulled_call(Trace& trace, const CustomCall& call, Sums& sums, size_t first) {
  const Arrays& results = call.context.results;
  std::vector<Value> held(call.context.arguments.size());
  Arrays given;
  bool any = false;
  for (size_t i = 0; i < results.size(); ++i) {
    const Held arrived(trace, {sums.take(first + i)});
    const Value v = arrived.values[0];
    any |= v.valid();
    given.push_back(v.valid() ? array_like(trace, moved_to(trace, v, results[i]), results[i])
                              : numpy::zeros_like(results[i]));
  }
  if (!any) return held;
  if (!call.backward) throw TypeError("this function has no rule for reverse mode");
  const Arrays received = call.backward(call.context, given);
  check_rule(received, call.context.arguments, "cotangents");
  for (size_t i = 0; i < held.size(); ++i) held[i] = held_value(trace, received[i]);
  return held;
}

/// Puts zeros where a cotangent is missing and the transform reads it.
void fill_missing(Trace& trace, const Transformed& t, std::vector<Value>& cotangents) {
  for (size_t i = 0; i < cotangents.size(); ++i) {
    const Value seed = t.seeds[i];
    if (cotangents[i].valid() || t.uses[seed.id] == 0) continue;
    cotangents[i] = held_value(trace, numpy::zeros(t.graph.shape(seed), t.graph.dtype(seed)));
  }
}

/// What a stage hands on becomes targets of later ones; what is left are the ends of its call.
void move_handed_on(const Stage& s, std::vector<Value>& from, std::vector<Value>& targets) {
  const auto first = from.end() - static_cast<std::ptrdiff_t>(s.num_handed);
  targets.insert(targets.end(), first, from.end());
  from.erase(first, from.end());
}

Shape with_batch(Shape shape, int64_t count) {
  shape.insert(0, count);
  return shape;
}

}  // namespace

Stages::Stages(Trace& trace, Transform kind, const std::vector<Value>& arguments, const std::vector<Value>& roots,
               int64_t count)
    : kind_(kind), num_arguments_(arguments.size()), count_(count) {
  Targets targets(arguments);
  is_handed_.resize(targets.size(), false);
  const std::vector<std::vector<Value>> ends = find_calls(trace, targets.first(), roots);
  Targets all_results = targets;
  for (const std::shared_ptr<CustomCall>& call : calls_)
    for (Value r : values_of(trace, call->context.results)) all_results.add(r);
  const std::vector<HandedOn> handed_on = divide(trace, all_results, ends, kind == Transform::batch);
  for (size_t c = 0; c < calls_.size(); ++c) {
    of_calls_.push_back(stage(trace, targets, ends[c], handed_on[c]));
    is_handed_.resize(targets.size(), true);
    for (Value r : values_of(trace, calls_[c]->context.results)) targets.add(r);
    is_handed_.resize(targets.size(), false);
  }
  of_roots_ = stage(trace, targets, ends.back(), handed_on.back());
}

std::vector<std::vector<Value>> Stages::find_calls(Trace& trace, Value first, const std::vector<Value>& roots) {
  std::vector<std::shared_ptr<CustomCall>> calls;
  std::vector<std::vector<Value>> ends;
  CallsByResult by_result;
  for (const std::shared_ptr<CustomCall>& call : trace.custom_calls) {
    const std::vector<Value> results = values_of(trace, call->context.results);
    if (results.empty() || !trace.taped(results[0]) || results[0] < first) continue;
    for (Value r : results) by_result.emplace(r.id, calls.size());
    ends.push_back(values_of(trace, call->context.arguments));
    if (kind_ == Transform::batch) append_values(trace, *call, results, ends.back());
    calls.push_back(call);
  }
  const std::vector<bool> needed = needed_calls(trace, first, by_result, ends, roots);
  std::vector<std::vector<Value>> needed_ends;
  for (size_t c = 0; c < calls.size(); ++c) {
    if (!needed[c]) continue;
    calls_.push_back(std::move(calls[c]));
    needed_ends.push_back(std::move(ends[c]));
  }
  needed_ends.push_back(roots);
  return needed_ends;
}

Stage Stages::stage(Trace& trace, Targets& targets, std::vector<Value> roots, const HandedOn& handed_on) const {
  roots.insert(roots.end(), handed_on.targets.begin(), handed_on.targets.end());
  Region region = take_region(trace, targets, roots);
  Stage s;
  s.transformed = transformed(kind_, region, count_);
  s.values = std::move(region.values);
  s.targets = std::move(region.targets);
  s.depends = std::move(region.depends);
  s.first_handed = targets.size();
  s.num_handed = handed_on.targets.size();
  for (Value v : handed_on.targets) targets.add(v);
  for (Value v : handed_on.constants) targets.add_constant(v);
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

namespace {

/// Whether the cotangents of these of its targets, its first nodes, read something of the region that depends on them.
bool reads_of(const Stage& s, const std::vector<bool>& targets) {
  const Transformed& t = *s.transformed;
  std::vector<bool> dependent(t.own_nodes, false), read(t.graph.size(), false);
  for (size_t i = 0; i < s.targets.size(); ++i) {
    dependent[i] = targets[s.targets[i]];
    if (dependent[i]) read[t.graph.outputs[i].id] = true;
  }
  for (uint32_t id = t.graph.size(); id-- > t.own_nodes;)
    if (read[id])
      for (Value o : t.graph.operands({id})) read[o.id] = true;
  for (uint32_t id = 0; id < t.own_nodes; ++id) {
    for (Value o : t.graph.operands({id})) dependent[id] = dependent[id] || dependent[o.id];
    if (dependent[id] && read[id]) return true;
  }
  return false;
}

}  // namespace

bool Stages::is_linear() const {
  std::vector<bool> dependent(num_arguments_, true);  // by target
  for (size_t c = 0; c < calls_.size(); ++c) {
    const Stage& s = of_calls_[c];
    if (reads_of(s, dependent)) return false;
    const bool any = std::ranges::any_of(s.targets, [&](uint32_t t) { return dependent[t]; });
    dependent.resize(s.first_handed + s.num_handed + calls_[c]->context.results.size(), any);
  }
  return !reads_of(of_roots_, dependent);
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

std::vector<Value> Stages::run_from(Trace& trace, const Stage& s, const std::vector<Value>& of_targets) const {
  std::vector<Value> seeds;
  for (uint32_t t : s.targets) seeds.push_back(of_targets[t]);
  return run(trace, s, seeds);
}

std::vector<Value> Stages::pull(Trace& trace, const std::vector<Value>& cotangents) const {
  Sums sums(trace, is_handed_.size());
  const auto pull_stage = [&](const Stage& s, const std::vector<Value>& seeds) {
    const std::vector<Value> results = run(trace, s, seeds);
    const ir::Graph& g = s.transformed->graph;
    for (size_t i = 0; i < results.size(); ++i) {
      if (is_handed_[s.targets[i]] && passes::is_literal_zero(g, g.outputs[i]))
        trace.let_go(results[i]);
      else
        sums.add(s.targets[i], results[i]);
    }
  };
  pull_stage(of_roots_, cotangents);
  for (size_t c = calls_.size(); c-- > 0;) {
    const Stage& s = of_calls_[c];
    if (s.targets.empty()) continue;
    Held seeds(trace, pulled_call(trace, *calls_[c], sums, s.first_handed + s.num_handed));
    for (size_t i = 0; i < s.num_handed; ++i) seeds.values.push_back(sums.take(s.first_handed + i));
    if (std::ranges::none_of(seeds.values, &Value::valid)) continue;
    fill_missing(trace, *s.transformed, seeds.values);
    pull_stage(s, seeds.values);
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
    const Arrays& results = call.context.results;
    if (of_calls_[c].targets.empty()) {
      for (const Array& r : results) seeds.add(numpy::zeros_like(r));
      continue;
    }
    Held pushed(trace, run_from(trace, of_calls_[c], seeds.values));
    move_handed_on(of_calls_[c], pushed.values, seeds.values);
    if (!call.forward) throw TypeError("can't apply forward-mode differentiation (jvp) to a custom_vjp function.");
    const Arrays received = call.forward(call.context, arrays_like(trace, pushed.values, call.context.arguments));
    check_rule(received, results, "tangents");
    for (const Array& a : received) seeds.add(a);
  }
  return run_from(trace, of_roots_, seeds.values);
}

Arrays Stages::mapped_results(Trace& trace, size_t c, std::vector<Value>& targets) const {
  const CustomCall& call = *calls_[c];
  const Stage& s = of_calls_[c];
  const CustomContext& one = call.context;
  const size_t num_arguments = one.arguments.size(), num_results = call.stacked ? 0 : one.results.size();
  Held values(trace, run_from(trace, s, targets));
  move_handed_on(s, values.values, targets);
  CustomContext stacks;
  std::vector<bool> mapped;  // of arguments and residuals
  for (size_t i = 0; i < values.values.size(); ++i) {
    const bool is_argument = i < num_arguments, is_result = !is_argument && i < num_arguments + num_results;
    Arrays& to = is_argument ? stacks.arguments : is_result ? stacks.results : stacks.residuals;
    const Array& model = is_argument ? one.arguments[i]
                         : is_result ? one.results[i - num_arguments]
                                     : one.residuals[i - num_arguments - num_results];
    // What all elements share goes as it is, but for calls of whole stacks.
    const bool shared = !is_result && !call.stacked && !s.depends[i];
    to.push_back(shared ? model : array_like(trace, values.values[i], model));
    if (!is_result) mapped.push_back(!shared);
  }
  return batched_call(call, stacks, mapped);
}

std::vector<Value> Stages::map(Trace& trace, const std::vector<Value>& batches) const {
  Held targets(trace, batches);
  for (Value v : batches) trace.hold(v);
  for (size_t c = 0; c < calls_.size(); ++c) {
    const Arrays& results = calls_[c]->context.results;
    if (!of_calls_[c].targets.empty()) {
      for (const Array& r : mapped_results(trace, c, targets.values)) targets.add(r);
    } else {
      for (const Array& r : results) targets.add(numpy::broadcast_to(r, with_batch(r.shape(), count_)));
    }
  }
  return run_from(trace, of_roots_, targets.values);
}

}  // namespace tarry::frontend
