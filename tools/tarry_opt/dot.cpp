#include "tarry_opt/dot.h"

#include <tarry/ir/text.h>

#include <set>

namespace tarry::tools {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string_view color(ir::Op op) {
  switch (ir::class_of(op)) {
    case ir::OpClass::source: return "lightblue";
    case ir::OpClass::movement:
    case ir::OpClass::gather: return "lightcyan";
    case ir::OpClass::update: return "lightyellow";
    case ir::OpClass::elementwise: return "white";
    case ir::OpClass::reduce:
    case ir::OpClass::scan: return "lightpink";
    case ir::OpClass::library: return "lightsalmon";
    case ir::OpClass::transform: return "palegreen";
    case ir::OpClass::kernel: return "lightgrey";
  }
  return "white";
}

}  // namespace

std::string dot_text(const ir::Graph& g, std::string_view name) {
  std::string out = "digraph " + quoted(name) + " {\n  node [shape=box, style=filled];\n";
  std::set<ir::Value> outputs(g.outputs.begin(), g.outputs.end());
  for (uint32_t id = 0; id < g.size(); ++id) {
    const ir::Value v{id};
    const std::string self = "v" + std::to_string(id);
    out += "  " + self + " [label=" + quoted(ir::print(g, v)) + ", fillcolor=" + std::string(color(g.op(v))) +
           (outputs.contains(v) ? ", penwidth=3" : "") + "];\n";
    for (ir::Value o : g.operands(v)) out += "  v" + std::to_string(o.id) + " -> " + self + ";\n";
  }
  return out + "}\n";
}

}  // namespace tarry::tools
