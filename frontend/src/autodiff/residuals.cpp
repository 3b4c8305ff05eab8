#include "autodiff/residuals.h"

#include <tarry/ir/dtype.h>

#include <algorithm>
#include <functional>

namespace tarry::frontend {

using ir::Value;

namespace {

/// Costs nothing to compute again; what it is made of has to be there.
bool is_free(ir::Op op) {
  const ir::OpClass c = ir::class_of(op);
  return c == ir::OpClass::source || c == ir::OpClass::movement || c == ir::OpClass::transform;
}

}  // namespace

void Residuals::index_function() {
  if (!nodes_.empty()) return;
  last_user_.assign(t_.own_nodes, 0);
  wanted_.assign(t_.own_nodes, false);
  for (uint32_t id = 0; id < t_.own_nodes; ++id) {
    if (made_[id].valid()) nodes_.emplace_back(made_[id], id);
    for (Value o : t_.graph.operands({id})) last_user_[o.id] = id;
  }
  std::ranges::sort(nodes_);
}

/// The function's nodes that computing the roots computes, descending.
std::vector<uint32_t> Residuals::on_the_way(std::span<const Value> roots) {
  std::vector<Value> walk;
  trace_.begin_walk();
  for (Value r : roots)
    if (r = trace_.unmarked(r); trace_.visit(r)) walk.push_back(r);
  std::vector<uint32_t> own;
  for (size_t i = 0; i < walk.size(); ++i) {
    const Value v = walk[i];
    if (trace_.stored(v) || trace_.failed(v)) continue;
    const auto at = std::ranges::lower_bound(nodes_, v, {}, &std::pair<Value, uint32_t>::first);
    if (at != nodes_.end() && at->first == v) own.push_back(at->second);
    for (Value o : trace_.graph.operands(v))
      if (trace_.visit(o)) walk.push_back(o);
  }
  std::ranges::sort(own, std::greater());
  return own;
}

/// Whether the trace can give the memory back later: it keeps what the value is made of, and no handle shows it.
bool Residuals::may_store(uint32_t id) const {
  const Value v = made_[id];
  return trace_.taped(v) && !trace_.cells(v) && !trace_.abstract(v);
}

uint64_t Residuals::bytes_of(uint32_t id) const {
  const ir::Graph& g = t_.graph;
  return static_cast<uint64_t>(ir::num_elements(g.shape({id}))) * ir::size_of(g.dtype({id}));
}

/// Whether a value shows so little of what it is made of that it is kept itself, not the whole.
bool Residuals::is_small_part(uint32_t id) const {
  constexpr uint64_t kSmall = 8;
  return t_.graph.op({id}) == ir::Op::slice && bytes_of(id) * kSmall <= bytes_of(t_.graph.operand({id}, 0).id);
}

void Residuals::add_kept(std::vector<Value>& roots, std::span<const uint32_t> left) {
  index_function();
  const std::vector<uint32_t> own = on_the_way(roots);
  kept_before_ = kept_.size();
  // Behind what is computed now stands what reads it: in forward mode the function goes on from there.
  const auto goes_on = [&](uint32_t id) {
    const uint32_t last = last_user_[id];
    return last > own.front() && made_[last].valid() && !trace_.stored(made_[last]);
  };
  for (uint32_t id : own) {
    if (left[id] != 0 || goes_on(id)) wanted_[id] = true;
    if (!wanted_[id]) continue;
    wanted_[id] = false;
    if (is_free(t_.graph.op({id})) && !is_small_part(id)) {
      for (Value o : t_.graph.operands({id})) wanted_[o.id] = made_[o.id].valid() && !trace_.stored(made_[o.id]);
      continue;
    }
    // The last ones first, which reverse mode reads next.
    if (!may_store(id) || bytes_ + bytes_of(id) > Trace::residual_limit()) continue;
    bytes_ += bytes_of(id);
    kept_.push_back(id);
    roots.push_back(made_[id]);
  }
}

void Residuals::release_read(std::span<const uint32_t> left) {
  const auto is_read = [&](uint32_t id) { return left[id] == 0; };
  const auto new_ones = kept_.begin() + static_cast<std::ptrdiff_t>(kept_before_);
  const auto rest = std::stable_partition(kept_.begin(), new_ones, [&](uint32_t id) { return !is_read(id); });
  for (auto at = rest; at != new_ones; ++at) {
    bytes_ -= bytes_of(*at);
    trace_.forget(made_[*at]);
  }
  kept_.erase(rest, new_ones);
}

}  // namespace tarry::frontend
