#pragma once
/// Graphs for Graphviz.

#include <tarry/ir/graph.h>

#include <string>
#include <string_view>

namespace tarry::tools {

/// A digraph: one box per node, an edge from each operand to its user, outputs drawn bold.
std::string dot_text(const ir::Graph& g, std::string_view name);

}  // namespace tarry::tools
