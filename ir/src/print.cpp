#include <tarry/ir/literal.h>
#include <tarry/ir/text.h>

#include "text_words.h"

#include <algorithm>
#include <optional>

namespace tarry::ir {
namespace {

void append(std::string& out, int64_t n) { out += std::to_string(n); }

void append(std::string& out, Value v) {
  out += '%';
  out += std::to_string(v.id);
}

/// "(1, 2)"; the one-element form has no trailing comma here.
void append_list(std::string& out, std::span<const int64_t> list) {
  out += '(';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i) out += ", ";
    append(out, list[i]);
  }
  out += ')';
}

void append_pairs(std::string& out, std::span<const int64_t> list, std::string_view between) {
  out += '[';
  for (size_t i = 0; i < list.size(); i += 2) {
    if (i) out += ", ";
    append(out, list[i]);
    out += between;
    append(out, list[i + 1]);
  }
  out += ']';
}

void append_type(std::string& out, DType dtype, std::span<const int64_t> shape) {
  out += info(dtype).text;
  if (shape.empty()) return;
  out += '[';
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i) out += ", ";
    append(out, shape[i]);
  }
  out += ']';
}

/// Whether the attributes have the number that their kind calls for, so that its own form can show them.
bool well_formed(AttrKind kind, size_t count) {
  switch (kind) {
    case AttrKind::none: return count == 0;
    case AttrKind::slot:
    case AttrKind::literal:
    case AttrKind::axis:
    case AttrKind::access: return count == 1;
    case AttrKind::axes:
    case AttrKind::perm: return true;
    case AttrKind::slice:
    case AttrKind::pad: return count % 2 == 0;
  }
  return false;
}

void append_attrs(std::string& out, AttrKind kind, DType dtype, std::span<const int64_t> attrs) {
  if (!well_formed(kind, attrs.size())) {
    out += "attrs ";
    return append_list(out, attrs);
  }
  const std::string_view word = attr_word(kind);
  out += word;
  if (!word.empty()) out += ' ';
  switch (kind) {
    case AttrKind::none: break;
    case AttrKind::literal: out += literal_text(dtype, static_cast<uint64_t>(attrs[0])); break;
    case AttrKind::slot:
    case AttrKind::axis:
    case AttrKind::access: append(out, attrs[0]); break;
    case AttrKind::axes:
    case AttrKind::perm: append_list(out, attrs); break;
    case AttrKind::slice: append_pairs(out, attrs, "::"); break;
    case AttrKind::pad: append_pairs(out, attrs, ":"); break;
  }
}

/// A node without result states no type when it is the usual one: that of its first operand.
bool type_is_implied(const Graph& g, Value v) {
  if (info(g.op(v)).dtype_rule != DTypeRule::none || g.operands(v).empty() || !g.shape(v).empty()) return false;
  const Value first = g.operand(v, 0);
  return first.id < v.id && g.dtype(first) == g.dtype(v);
}

void append_node(std::string& out, const Graph& g, Value v) {
  append(out, v);
  out += " = ";
  out += info(g.op(v)).name;
  std::string_view separator = " ";
  for (Value o : g.operands(v)) {
    out += separator;
    append(out, o);
    separator = ", ";
  }
  if (!g.attrs(v).empty()) {
    out += separator;
    append_attrs(out, info(g.op(v)).attrs, g.dtype(v), g.attrs(v));
  }
  if (type_is_implied(g, v)) return;
  out += " : ";
  append_type(out, g.dtype(v), g.shape(v));
}

void append_graph(std::string& out, const Graph& g, int indent, PrintOptions options) {
  int depth = 0;
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (g.op(v) == Op::cold_end && depth > 0) --depth;
    out.append(static_cast<size_t>(indent + 2 * std::min(depth, 16)), ' ');
    append_node(out, g, v);
    if (g.op(v) == Op::cold_begin) ++depth;
    if (options.locations && g.location(v).file()) out += "  ; " + g.location(v).text();
    out += '\n';
  }
  if (g.outputs.empty()) return;
  out.append(static_cast<size_t>(indent), ' ');
  out += "return ";
  for (size_t i = 0; i < g.outputs.size(); ++i) {
    if (i) out += ", ";
    append(out, g.outputs[i]);
  }
  out += '\n';
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

void append_name(std::string& out, std::string_view name) {
  out += '@';
  if (is_plain_name(name)) {
    out += name;
    return;
  }
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte != 127 && c != '"' && c != '\\') {
      out += c;
    } else {
      out += '\\';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  out += '"';
}

/// For each input slot the parameter that reads it, or an invalid value.
std::vector<Value> parameters_by_slot(const Program& p) {
  std::vector<Value> parameter(p.inputs.size());
  for (uint32_t id = 0; id < p.graph.size(); ++id) {
    Value v{id};
    if (p.graph.op(v) != Op::parameter || p.graph.attrs(v).empty()) continue;
    const int64_t slot = p.graph.attr(v);
    if (slot >= 0 && slot < static_cast<int64_t>(parameter.size()) && !parameter[slot].valid()) parameter[slot] = v;
  }
  return parameter;
}

void append_input(std::string& out, uint32_t slot, const InputLayout& layout) {
  out += "  input " + std::to_string(slot) + ": strides ";
  append_list(out, layout.strides);
  out += ", offset " + std::to_string(layout.offset) + ", buffer " + std::to_string(layout.buffer) + ", elements " +
         std::to_string(layout.buffer_elements);
  if (layout.donated) out += ", donated";
  out += '\n';
}

}  // namespace

std::string type_text(DType dtype, std::span<const int64_t> shape) {
  std::string out;
  append_type(out, dtype, shape);
  return out;
}

std::string print(const Graph& g, PrintOptions options) {
  std::string out;
  append_graph(out, g, 0, options);
  return out;
}

std::string print(const Graph& g, Value v) {
  std::string out;
  append_node(out, g, v);
  return out;
}

std::string print(const Program& p, std::string_view name, PrintOptions options) {
  std::string out = "program ";
  append_name(out, name);
  out += " {\n";
  const std::vector<Value> parameter = parameters_by_slot(p);
  for (uint32_t slot = 0; slot < p.inputs.size(); ++slot) {
    const bool stated = parameter[slot].valid();
    const auto usual = stated ? default_layout(slot, p.graph.shape(parameter[slot])) : std::nullopt;
    if (!usual || p.inputs[slot] != *usual) append_input(out, slot, p.inputs[slot]);
  }
  for (size_t i = 0; i < p.output_order.size(); ++i) {
    if (p.output_order[i].empty()) continue;
    out += "  output " + std::to_string(i) + ": order ";
    append_list(out, p.output_order[i]);
    out += '\n';
  }
  if (p.num_scalars != implied_scalars(p.graph)) out += "  scalars " + std::to_string(p.num_scalars) + "\n";
  append_graph(out, p.graph, 2, options);
  return out + "}\n";
}

std::string print(const Kernel& k, PrintOptions options) {
  std::string out = "kernel ";
  append_name(out, k.name);
  out += " schedule ";
  out += kScheduleWords[static_cast<int>(k.schedule)];
  out += ", outer " + std::to_string(k.outer_rank) + ", row " + std::to_string(k.row_rank) + " {\n";
  for (size_t i = 0; i < k.accesses.size(); ++i) {
    const Access& a = k.accesses[i];
    out += "  access " + std::to_string(i) + ": ";
    out += kAccessWords[static_cast<int>(a.kind)];
    out += ' ';
    out += info(a.dtype).text;
    out += ' ';
    out += kStrideWords[static_cast<int>(a.outer)];
    out += '|';
    out += kStrideWords[static_cast<int>(a.row)];
    if (a.in_row) out += " in_row";
    out += '\n';
  }
  for (size_t i = 0; i < k.scalars.size(); ++i) {
    out += "  scalar " + std::to_string(i) + ": ";
    out += info(k.scalars[i]).text;
    out += '\n';
  }
  append_graph(out, k.body, 2, options);
  return out + "}\n";
}

std::string print(const File& f, PrintOptions options) {
  std::string out;
  for (const Function& function : f.functions) {
    if (!out.empty()) out += '\n';
    if (const auto* program = std::get_if<Program>(&function.body))
      out += print(*program, function.name, options);
    else
      out += print(std::get<Kernel>(function.body), options);
  }
  return out;
}

}  // namespace tarry::ir
