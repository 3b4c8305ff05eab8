#pragma once
/// Between the trace and graphs that stand alone: what a transform takes out, and what it puts back.

#include "trace.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace tarry::frontend {

/// What regions end at: the arguments of a transform (marks, holes), then what one region hands on to later ones, each
/// with its number; and values of other regions that count as constant.
class Targets {
 public:
  explicit Targets(const std::vector<ir::Value>& arguments) {
    for (ir::Value v : arguments) first_ = std::min(first_, v);
    for (ir::Value v : arguments) add(v);
  }
  void add(ir::Value v) {
    add_constant(v);
    numbers_.emplace(v.id, static_cast<uint32_t>(numbers_.size()));
  }
  void add_constant(ir::Value v) {
    if (v.id - first_.id >= ends_.size()) ends_.resize(size_t{2} * (v.id - first_.id) + 1, false);
    ends_[v.id - first_.id] = true;
  }
  /// Nothing older depends on a target.
  ir::Value first() const { return first_; }
  size_t size() const { return numbers_.size(); }
  /// Whether a region ends at this value.
  bool is_end(ir::Value v) const { return v.id - first_.id < ends_.size() && ends_[v.id - first_.id]; }
  std::optional<uint32_t> number(ir::Value v) const {
    if (!is_end(v)) return std::nullopt;
    const auto at = numbers_.find(v.id);
    return at == numbers_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  std::unordered_map<uint32_t, uint32_t> numbers_;  // by value
  ir::Value first_;
  std::vector<bool> ends_;  // by value, from the first on
};

/// The part of a trace between targets and some roots, as a graph. Its first parameters are the targets that the roots
/// depend on; what does not depend on any is a parameter too (or a literal).
struct Region {
  ir::Graph graph;
  std::vector<ir::Value> values;  // in the trace, of each node of the graph
  std::vector<uint32_t> targets;  // the numbers of those that are reached, in the order of their parameters
  std::vector<bool> depends;      // by root: whether it depends on a target
};

/// Roots that depend on no target are outputs too.
Region take_region(Trace& trace, const Targets& targets, std::span<const ir::Value> roots);

/// A transformed region: a graph that begins with the region's own nodes.
struct Transformed {
  ir::Graph graph;
  uint32_t own_nodes = 0;        // those of the region, which the trace has already
  std::vector<ir::Value> seeds;  // parameters that came with the transform
  std::vector<ir::Value> order;  // nodes to be recorded, ascending
  std::vector<uint32_t> uses;    // by node: how often those read it
};

/// Completes a transform's result. `seeds` of its nodes, right behind the region's, are new parameters.
Transformed prepare(ir::Graph graph, uint32_t own_nodes, size_t seeds);

enum class Transform : uint8_t { forward, reverse, batch };

/// The transform of a region with respect to its targets; kept for regions that look the same.
/// `count`: elements of the batch.
std::shared_ptr<const Transformed> transformed(Transform kind, const Region& region, int64_t count = 0);

/// Records a transformed region's nodes. `values` are those of the region in the trace, by node. Returns
/// the values of its outputs, held; the caller lets them go. While recording it computes what waits to be
/// read whenever much is pending.
std::vector<ir::Value> record(Trace& trace, const Transformed& t, std::span<const ir::Value> values,
                              std::span<const ir::Value> seeds);

}  // namespace tarry::frontend
