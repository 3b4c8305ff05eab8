#include "settle.h"

#include "kept_alive.h"

#include <algorithm>
#include <vector>

namespace tarry::frontend {
namespace {

bool is_computed(const Trace& t, ir::Value v) { return t.stored(v) || t.failed(v); }

/// A copy of what was, or has to be, computed at another place.
bool is_transfer(const Trace& t, ir::Value v) {
  if (is_computed(t, v) || t.graph.op(v) != ir::Op::move) return false;
  const ir::Value from = t.unmarked(t.graph.operand(v, 0));
  return !t.portable(from) && t.place(from) != t.place(v);
}

uint8_t home(uint8_t place) { return place == kAnywhere ? 0 : place; }

}  // namespace

uint8_t program_place(const Trace& t, ir::Value v) {
  return home(t.place(is_transfer(t, v) ? t.graph.operand(v, 0) : v));
}

void settle(Trace& t, std::span<const ir::Value> roots, const std::function<void(ir::Value)>& compute) {
  std::vector<ir::Value> nodes, wanted;
  t.begin_walk();
  for (ir::Value r : roots)
    if (r = t.unmarked(r); t.visit(r)) nodes.push_back(r);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const ir::Value v = nodes[i];
    if (is_computed(t, v)) continue;
    if (is_transfer(t, v)) wanted.push_back(v);
    const uint8_t at = program_place(t, v);
    for (ir::Value o : t.graph.operands(v)) {
      const ir::Value from = t.unmarked(o);
      if (!is_computed(t, from) && !t.portable(from) && home(t.place(from)) != at) wanted.push_back(from);
      if (t.visit(o)) nodes.push_back(o);
    }
  }
  // Operands are older than what reads them.
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  for (ir::Value v : wanted) {
    const KeptAlive kept(t, v);
    if (!is_computed(t, v)) compute(v);
  }
}

}  // namespace tarry::frontend
