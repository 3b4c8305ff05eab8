#include "autodiff/division.h"

#include <tarry/passes/autodiff.h>

#include <algorithm>

namespace tarry::frontend {

using ir::Op;
using ir::Value;

std::vector<bool> needed_calls(Trace& trace, Value first, const CallsByResult& calls,
                               std::span<const std::vector<Value>> ends, std::span<const Value> roots) {
  std::vector<bool> needed(ends.size(), false);
  std::vector<Value> nodes;
  const auto reach = [&](Value v) {
    if (first <= v && trace.taped(v) && !trace.failed(v) && trace.visit(v)) nodes.push_back(v);
  };
  trace.begin_walk();
  for (Value r : roots) reach(r);
  while (!nodes.empty()) {
    const Value v = nodes.back();
    nodes.pop_back();
    const auto call = trace.graph.op(v) == Op::custom ? calls.find(v.id) : calls.end();
    if (call == calls.end()) {
      for (Value o : trace.graph.operands(v)) reach(o);
    } else if (!needed[call->second]) {
      needed[call->second] = true;
      for (Value e : ends[call->second]) reach(e);
    }
  }
  return needed;
}

namespace {

class Division {
 public:
  Division(Trace& trace, const Targets& targets, bool integers, size_t stretches)
      : trace_(trace), targets_(targets), integers_(integers), handed_(stretches) {}

  void add_stretch(std::span<const Value> ends) {
    start_ = nodes_.size();
    std::vector<Value> found;
    const auto reach = [&](Value v) {
      if (!is_inside(v) || !trace_.visit(v)) return;
      trace_.set_number(v, kNew);
      found.push_back(v);
    };
    for (Value e : ends) reach(e);
    for (size_t i = 0; i < found.size(); ++i)
      for (Value o : trace_.graph.operands(found[i])) reach(o);
    std::ranges::sort(found);
    for (Value v : found) {
      trace_.set_number(v, static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back({stretch_, depends(v)});
      for (Value o : trace_.graph.operands(v)) read(o, carries(v));
    }
    for (Value e : ends) read(e, true);
    ++stretch_;
  }

  std::vector<HandedOn> handed_on() {
    for (const auto& [v, node] : read_)
      (nodes_[node].carried ? handed_[nodes_[node].stretch].targets : handed_[nodes_[node].stretch].constants)
          .push_back(v);
    return std::move(handed_);
  }

 private:
  static constexpr uint32_t kNew = UINT32_MAX;  // visited, but not numbered yet
  struct Node {
    size_t stretch;
    bool dependent;
    bool read = false, carried = false;  // by a later stretch; along a way of derivatives
  };

  /// What has failed has forgotten its operands; whoever takes the region tells.
  bool is_inside(Value v) const {
    return targets_.first() <= v && trace_.taped(v) && !targets_.is_end(v) && !trace_.failed(v);
  }
  bool depends(Value v) const {
    return std::ranges::any_of(trace_.graph.operands(v), [&](Value o) {
      return targets_.is_end(o) || (is_inside(o) && nodes_[trace_.number(o)].dependent);
    });
  }
  /// Whether what this node reads can matter to a derivative of what it gives.
  bool carries(Value v) const {
    return integers_ || (passes::is_differentiable(trace_.graph.dtype(v)) && trace_.graph.op(v) != Op::stop);
  }
  void read(Value v, bool carries) {
    if (!is_inside(v) || trace_.number(v) >= start_) return;
    Node& node = nodes_[trace_.number(v)];
    if (!std::exchange(node.read, true)) read_.emplace_back(v, trace_.number(v));
    node.carried |= carries && node.dependent && (integers_ || passes::is_differentiable(trace_.graph.dtype(v)));
  }

  Trace& trace_;
  const Targets& targets_;
  bool integers_;
  std::vector<HandedOn> handed_;                  // by stretch
  std::vector<Node> nodes_;                       // by number
  std::vector<std::pair<Value, uint32_t>> read_;  // by later stretches, and their numbers
  size_t start_ = 0, stretch_ = 0;
};

}  // namespace

std::vector<HandedOn> divide(Trace& trace, const Targets& targets, std::span<const std::vector<Value>> ends,
                             bool integers) {
  Division division(trace, targets, integers, ends.size());
  trace.begin_walk();
  for (const std::vector<Value>& e : ends) division.add_stretch(e);
  return division.handed_on();
}

}  // namespace tarry::frontend
