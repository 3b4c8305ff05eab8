// The walks: forwards for jvp, backwards for vjp.

#include "rules.h"

#include <tarry/passes/autodiff.h>

#include <algorithm>
#include <vector>

namespace tarry::passes {

using ir::Graph;
using ir::Op;
using ir::Shape;
using ir::Value;

namespace {

int64_t count_parameters(const Graph& g) {
  int64_t count = 0;
  for (uint32_t id = 0; id < g.size(); ++id)
    if (g.op({id}) == Op::parameter) count = std::max(count, g.attr({id}) + 1);
  return count;
}

/// The values that a derivative flows through: they depend on `wrt` and are differentiable.
std::vector<bool> active_values(const Graph& g, std::span<const Value> wrt) {
  std::vector<bool> active(g.size(), false);
  for (Value v : wrt) active[v.id] = is_differentiable(g.dtype(v));
  for (uint32_t id = 0; id < g.size(); ++id) {
    if (active[id] || !is_differentiable(g.dtype({id}))) continue;
    for (Value o : g.operands({id})) active[id] = active[id] || active[o.id];
  }
  return active;
}

/// The graph without what no output needs, but for the first `kept` nodes.
Graph without_dead(const Graph& g, uint32_t kept) {
  std::vector<bool> needed(g.size(), false);
  for (Value v : g.outputs) needed[v.id] = true;
  for (uint32_t id = g.size(); id-- > kept;)
    if (needed[id])
      for (Value o : g.operands({id})) needed[o.id] = true;
  Graph out;
  std::vector<Value> made(g.size()), operands;
  for (uint32_t id = 0; id < g.size(); ++id) {
    const Value v{id};
    if (id >= kept && !needed[id]) continue;
    operands.clear();
    for (Value o : g.operands(v)) operands.push_back(made[o.id]);
    const bool unique = g.op(v) == Op::parameter;
    made[id] = unique ? out.append(g.op(v), g.dtype(v), g.shape(v), g.attrs(v), g.location(v))
                      : out.add(g.op(v), g.dtype(v), g.shape(v), operands, g.attrs(v), g.location(v));
  }
  for (Value v : g.outputs) out.outputs.push_back(made[v.id]);
  return out;
}

/// The backward walk: what a node's tangent rule writes is transposed on the spot.
class Pullback {
 public:
  Pullback(const Graph& g, std::span<const Value> wrt) : out_(g), b_(out_), active_(active_values(g, wrt)) {
    cotangents_.resize(g.size());
    stop_.resize(g.size(), false);
    for (Value v : wrt) stop_[v.id] = true;
  }

  Graph run(std::span<const Value> wrt) {
    const std::vector<Value> outputs = std::move(out_.outputs);
    out_.outputs.clear();
    const uint32_t primal = out_.size();
    int64_t slot = count_parameters(out_);
    std::vector<Value> seeds;
    for (Value v : outputs) {
      seeds.push_back(out_.append(Op::parameter, out_.dtype(v), Shape(out_.shape(v)), std::span(&slot, 1), {}));
      ++slot;
    }
    for (size_t i = 0; i < outputs.size(); ++i)
      if (Value& ct = cotangents_[outputs[i].id]; active_[outputs[i].id]) ct = b_.add(ct, seeds[i]);
    for (uint32_t id = primal; id-- > 0;)
      if (active_[id] && !stop_[id] && cotangents_[id].valid()) pull({id});
    for (Value v : wrt) out_.outputs.push_back(b_.or_zeros(cotangents_[v.id], v));
    return without_dead(out_, primal + static_cast<uint32_t>(outputs.size()));
  }

 private:
  /// From the cotangent of v to those of its operands.
  void pull(Value v) {
    const std::vector<Value> operands(out_.operands(v).begin(), out_.operands(v).end());
    tangents_.assign(operands.size(), Value{});
    const uint32_t base = out_.size();
    for (size_t i = 0; i < operands.size(); ++i) {
      if (!active_[operands[i].id]) continue;
      const auto same = std::ranges::find(operands, operands[i]) - operands.begin();
      constexpr int64_t kTangent = 0;  // a place holder; nothing that is kept refers to it
      tangents_[i] = static_cast<size_t>(same) < i
                         ? tangents_[same]
                         : out_.append(Op::parameter, out_.dtype(operands[i]), Shape(out_.shape(operands[i])),
                                       std::span(&kTangent, 1), {});
    }
    const uint32_t first = out_.size();
    const Value tangent = tangent_of(b_, v, tangents_);
    if (!tangent.valid()) return;
    const uint32_t last = out_.size();
    linear_.assign(last - base, false);
    local_.assign(last - base, Value{});
    for (uint32_t id = base; id < first; ++id) linear_[id - base] = true;
    for (uint32_t id = first; id < last; ++id)
      for (Value o : out_.operands({id}))
        if (o.id >= base) linear_[id - base] = linear_[id - base] || linear_[o.id - base];
    const auto is_linear = [&](Value o) { return o.id >= base && linear_[o.id - base]; };
    const auto give = [&](Value o, Value ct) {
      if (is_linear(o)) local_[o.id - base] = b_.add(local_[o.id - base], ct);
    };
    if (tangent.id < base) return;
    local_[tangent.id - base] = cotangents_[v.id];
    for (uint32_t id = last; id-- > first;)
      if (linear_[id - base] && local_[id - base].valid()) transpose_node(b_, {id}, local_[id - base], is_linear, give);
    for (size_t i = 0; i < operands.size(); ++i) {
      if (!tangents_[i].valid()) continue;
      Value& ct = local_[tangents_[i].id - base];
      cotangents_[operands[i].id] = b_.add(cotangents_[operands[i].id], ct);
      ct = {};  // an operand may stand there twice
    }
  }

  Graph out_;
  Builder b_;
  std::vector<bool> active_, stop_;
  std::vector<Value> cotangents_;
  std::vector<Value> tangents_;
  std::vector<bool> linear_;  // of the nodes that a rule wrote
  std::vector<Value> local_;  // their cotangents
};

}  // namespace

Graph vjp(const Graph& g, std::span<const Value> wrt) { return Pullback(g, wrt).run(wrt); }

Graph jvp(const Graph& g, std::span<const Value> wrt) {
  Graph out = g;
  Builder b(out);
  const std::vector<bool> active = active_values(g, wrt);
  std::vector<Value> tangents(g.size());
  int64_t slot = count_parameters(g);
  for (Value v : wrt) {
    const Value t = out.append(Op::parameter, g.dtype(v), g.shape(v), std::span(&slot, 1), {});
    ++slot;
    if (active[v.id]) tangents[v.id] = t;
  }
  std::vector<Value> of_operands;
  for (uint32_t id = 0; id < g.size(); ++id) {
    if (!active[id] || tangents[id].valid()) continue;
    of_operands.clear();
    bool any = false;
    for (Value o : g.operands({id})) {
      of_operands.push_back(tangents[o.id]);
      any |= tangents[o.id].valid();
    }
    if (any) tangents[id] = tangent_of(b, {id}, of_operands);
  }
  out.outputs.clear();
  for (Value v : g.outputs)
    out.outputs.push_back(is_differentiable(g.dtype(v)) ? b.or_zeros(tangents[v.id], v) : b.or_zeros({}, v));
  return out;
}

}  // namespace tarry::passes
