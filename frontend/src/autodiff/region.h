#pragma once
/// Between the trace and graphs that stand alone: what a transform takes out, and what it puts back.

#include "trace.h"

#include <memory>
#include <span>
#include <vector>

namespace tarry::frontend {

/// The part of a trace between the arguments of a transform and its results, as a graph. Its first
/// parameters are the arguments; what does not depend on them is a parameter too (or a literal).
struct Region {
  ir::Graph graph;
  std::vector<ir::Value> values;  // in the trace, of each node of the graph
  size_t num_arguments = 0;
  std::vector<bool> reached;  // by argument: whether a root depends on it
  std::vector<bool> depends;  // by root: whether it depends on an argument
};

/// `arguments` are marks, holes, or what stands for them. Roots that do not depend on them are outputs too.
Region take_region(Trace& trace, std::span<const ir::Value> arguments, std::span<const ir::Value> roots);

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

/// The transform of a region with respect to its arguments; kept for regions that look the same.
/// `count`: elements of the batch.
std::shared_ptr<const Transformed> transformed(Transform kind, const Region& region, int64_t count = 0);

/// Records a transformed region's nodes. `values` are those of the region in the trace, by node. Returns
/// the values of its outputs, held; the caller lets them go. While recording it computes what waits to be
/// read whenever much is pending.
std::vector<ir::Value> record(Trace& trace, const Transformed& t, std::span<const ir::Value> values,
                              std::span<const ir::Value> seeds);

}  // namespace tarry::frontend
