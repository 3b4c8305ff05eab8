#include "known_plan.h"

#include "index_check.h"
#include "selection_parts.h"

#include <algorithm>
#include <utility>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::OpClass;

bool same_list(std::span<const int64_t> values, const uint64_t*& w) {
  for (int64_t v : values)
    if (static_cast<uint64_t>(v) != *w++) return false;
  return true;
}

/// Compares a structure, as structure() in selection.h writes it, with what is below some values of a trace.
class Comparison {
 public:
  Comparison(Trace& trace, const CachedPlan& plan, std::span<const ir::Value> roots, Selection& s,
             bool of_another_shape)
      : t_(trace), plan_(plan), roots_(roots), s_(s), of_another_shape_(of_another_shape) {
    const size_t nodes = plan.starts.size();
    s_.nodes.assign(nodes, {});
    s_.counts.assign(nodes, 0);  // references that this flush makes go
    s_.reads.assign(nodes, 0);   // reads from inside
    s_.marks.assign(nodes, false);
    s_.live.assign(nodes, false);
    for (const uint64_t* w = outputs(); w != end(); w += 1 + order_length(*w)) s_.marks[number_of(*w)] = true;
    t_.begin_walk();
  }

  /// Whether node `number` may be `v`.
  bool place(uint32_t number, ir::Value v) {
    if (s_.nodes[number].valid()) return s_.nodes[number] == v;
    s_.nodes[number] = v;
    return t_.visit(v);
  }

  bool same() {
    for (auto i = static_cast<uint32_t>(s_.nodes.size()); i-- > 0;)
      if (!s_.nodes[i].valid() || !same_node(i)) return false;
    number_sources(t_, s_);
    choose_donations(t_, s_);
    return same_inputs(t_, plan_, s_) && same_outputs();
  }

 private:
  static uint32_t number_of(uint64_t output) { return static_cast<uint32_t>(output); }
  static size_t order_length(uint64_t output) { return output >> 32; }
  const uint64_t* words(uint32_t node) const { return plan_.structure.data() + plan_.starts[node]; }
  const uint64_t* end() const { return plan_.structure.data() + plan_.structure.size(); }
  const uint64_t* outputs() const { return plan_.structure.data() + plan_.outputs; }

  /// Of a plan that is the same for all shapes, all arrays have the first one's.
  bool same_shape(const ir::Shape& shape, const uint64_t*& w) {
    if (!of_another_shape_ || shape.empty()) return same_list(shape, w);
    w += shape.size();
    if (s_.elements == 0) {
      shape_ = shape;
      s_.elements = ir::num_elements(shape);
      return s_.elements >= 1;
    }
    return shape == shape_;
  }

  /// All but what only makes sense when all nodes are known. Users were compared before.
  bool same_node(uint32_t i) {
    const ir::Value v = s_.nodes[i];
    const uint64_t* w = words(i);
    const bool stored = t_.stored(v);
    const Op op = stored ? Op::parameter : t_.graph.op(v);
    const ir::Shape& shape = t_.graph.shape(v);
    std::span<const ir::Value> operands;
    std::span<const int64_t> attrs;
    if (!stored) {
      if (t_.failed(v) || ir::class_of(op) == OpClass::transform) return false;
      operands = t_.graph.operands(v);
      if (op != Op::scalar) attrs = t_.graph.attrs(v);
    }
    if (*w++ != first_word(op, t_.graph.dtype(v), shape.size(), operands.size(), attrs.size())) return false;
    if (!same_shape(shape, w)) return false;
    if (stored) return !s_.marks[i];
    if (!same_liveness(i, op, operands, w)) return false;
    w += (operands.size() + 1) / 2;
    return same_list(attrs, w);
  }

  /// The operands are those of the structure, and the same is stored.
  bool same_liveness(uint32_t i, Op op, std::span<const ir::Value> operands, const uint64_t* w) {
    const ir::Value v = s_.nodes[i];
    // What is told of such a value is for select() to find out.
    if (t_.skipped(v) || ((op == Op::gather || ir::is_scatter(op)) && !all_known_inside(t_, v))) return false;
    const bool live = s_.live[i] || t_.cells(v) || t_.references(v) > s_.reads[i];
    const bool output = is_root(v) || (live && worth_storing(t_, v));
    if (output != s_.marks[i]) return false;
    if (live && !output && !is_free(op)) s_.skipped.push_back(v);
    const bool released = output || s_.counts[i] == t_.references(v);
    for (size_t k = 0; k < operands.size(); ++k) {
      const auto number = static_cast<uint32_t>(w[k / 2] >> (k % 2 * 32));
      if (!place(number, operands[k])) return false;
      ++s_.reads[number];
      if (live && !output && shows_operand(op)) s_.live[number] = true;
      s_.counts[number] += released;
    }
    return true;
  }

  bool is_root(ir::Value v) const { return std::ranges::find(roots_, v) != roots_.end(); }

  bool same_outputs() {
    for (const uint64_t* w = outputs(); w != end();) {
      const size_t length = order_length(*w);
      s_.outputs.push_back(s_.nodes[number_of(*w++)]);
      const ir::Ints order = order_of(t_, s_.outputs.back());
      if (order.size() != length || !same_list(order, w)) return false;
    }
    return true;
  }

  Trace& t_;
  const CachedPlan& plan_;
  std::span<const ir::Value> roots_;
  Selection& s_;
  const bool of_another_shape_;
  ir::Shape shape_;
};

/// Whether a node of a plan is an array of another shape than `shape`, of the same rank.
bool differs(const CachedPlan& plan, uint32_t node, const ir::Shape& shape) {
  const uint64_t* w = plan.structure.data() + plan.starts[node];
  const size_t rank = *w++ >> 16 & 0xffff;
  return rank == shape.size() &&
         !std::ranges::equal(shape, std::span(w, rank), {}, [](int64_t e) { return static_cast<uint64_t>(e); });
}

}  // namespace

bool same_inputs(const Trace& t, const CachedPlan& plan, const Selection& s) {
  uint32_t node = 0;
  for (size_t i = 0; i < s.inputs.size(); ++i) {
    while (s.nodes[node] != s.inputs[i]) ++node;
    const Input& in = t.input(s.inputs[i]);
    const ir::Shape& shape = t.graph.shape(s.inputs[i]);
    const BufferWindow& window = s.buffers[s.buffer_of[i]];
    const uint64_t* w = plan.structure.data() + plan.starts[node] + 1 + shape.size();
    // Of another shape than the plan was made for all arrays are compact.
    const bool resized = s.elements != 0 && !shape.empty();
    if (resized ? in.strides != ir::c_strides(shape) : !same_list(in.strides, w)) return false;
    if (resized) w += shape.size();
    if (*w++ != static_cast<uint64_t>(in.offset - window.start)) return false;
    if (*w++ != (static_cast<uint64_t>(s.buffer_of[i]) << 1 | (s.donated[i] ? 1 : 0))) return false;
    const auto elements = resized ? static_cast<uint64_t>(s.elements) : *w;
    if (elements != static_cast<uint64_t>(elements_seen(t, window, s.inputs[i]))) return false;
  }
  return true;
}

uint64_t place_key(const Trace& t, std::span<const ir::Value> roots) {
  uint64_t key = roots.size();
  for (ir::Value r : roots) key = key * 31 + place_in_code(t, t.unmarked(r));
  return key ^ key >> 32;
}

std::shared_ptr<const CachedPlan> known_plan(Trace& t, RecentPlans& recent, RecentPlans::Place& place,
                                             std::span<const ir::Value> roots, Selection& s) {
  const CachedPlan* plan = recent.plan_at(place);
  if (!plan || place.roots.size() != roots.size()) return nullptr;
  const bool other = plan->flat_elements != 0 && differs(*plan, place.roots[0], t.graph.shape(roots[0]));
  Comparison comparison(t, *plan, roots, s, other);
  for (size_t i = 0; i < roots.size(); ++i)
    if (t.stored(roots[i]) || !comparison.place(place.roots[i], roots[i])) return nullptr;
  if (!comparison.same()) return nullptr;
  return recent.take(place);
}

void remember_plan(Trace& t, RecentPlans& recent, std::span<const ir::Value> roots, const Selection& s,
                   std::shared_ptr<const CachedPlan> plan) {
  RecentPlans::Place& place = recent.place(place_key(t, roots));
  place.hash = plan->hash;
  place.roots.clear();
  for (ir::Value r : roots) {
    const auto at = std::ranges::find(s.nodes, r);
    if (at != s.nodes.end()) place.roots.push_back(static_cast<uint32_t>(at - s.nodes.begin()));
  }
  recent.keep(std::move(plan));
}

}  // namespace tarry::frontend
