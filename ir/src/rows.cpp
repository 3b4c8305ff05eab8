#include <tarry/ir/kernel.h>
#include <tarry/ir/reduction.h>

#include <algorithm>
#include <bit>

namespace tarry::ir {
namespace {

/// For each node the cold_begin of the region it stands in, or invalid.
std::vector<Value> enclosing_regions(const Graph& g) {
  std::vector<Value> region(g.size());
  std::vector<Value> open;
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    if (g.op(v) == Op::cold_end) open.pop_back();
    if (!open.empty()) region[id] = open.back();
    if (g.op(v) == Op::cold_begin) open.push_back(v);
  }
  return region;
}

}  // namespace

Level level_of(const Kernel& k, const std::vector<Level>& levels, Value v) {
  const Graph& g = k.body;
  Level l = Level::uniform;
  switch (g.op(v)) {
    case Op::load:  // a predicate that varies makes the value vary
    case Op::load_at:
    case Op::index: l = k.accesses[g.attr(v)].in_row ? Level::element : Level::row; break;
    case Op::store:
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at: return k.accesses[g.attr(v)].in_row ? Level::element : Level::row;
    default: break;
  }
  if (is_reduce(g.op(v))) return Level::row;
  if (class_of(g.op(v)) == OpClass::scan) return Level::element;
  for (Value o : g.operands(v)) l = std::max(l, levels[o.id]);
  return l;
}

int cost(Op op, DType dtype) {
  if (op == Op::load_at || is_store_at(op)) return 4;
  if (class_of(op) != OpClass::elementwise) return 1;
  const int wide = dtype == DType::float64 ? 2 : 1;
  switch (op) {
    case Op::div:
    case Op::div0:
    case Op::sqrt: return 4 * wide;
    case Op::exp:
    case Op::exp2:
    case Op::expm1:
    case Op::log:
    case Op::log2:
    case Op::log10:
    case Op::log1p:
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::tanh:
    case Op::asinh:
    case Op::acosh:
    case Op::atanh:
    case Op::erf:
    case Op::cbrt:
    case Op::hypot:
    case Op::nextafter:
    case Op::floor_div:
    case Op::mod:
    case Op::fmod: return 16 * wide;
    case Op::gcd:
    case Op::pow:
    case Op::atan2: return 40 * wide;
    default: return 1;
  }
}

namespace {

class RowPlanner {
 public:
  RowPlanner(const Kernel& k, int keep_cost)
      : k_(k), g_(k.body), keep_cost_(keep_cost), region_(enclosing_regions(g_)) {}
  RowPlan run();

 private:
  void find_live();
  void levels_and_phases();
  void unite_regions();
  void weigh();
  void find_walks();
  void list_nodes();

  bool is_element(Value v) const { return plan_.level[v.id] == Level::element; }
  bool worth_keeping(Value v) const;
  uint64_t* walks(Value v) { return walks_.data() + v.id * words_; }
  bool in_walk(Value v, int p) { return walks(v)[p / 64] >> (p % 64) & 1; }
  void mark(Value v, int p) { walks(v)[p / 64] |= 1ull << (p % 64); }

  const Kernel& k_;
  const Graph& g_;
  const int keep_cost_;
  const std::vector<Value> region_;
  RowPlan plan_;
  int num_walks_ = 1;
  std::vector<bool> live_;
  std::vector<int> total_;  // cost of an element value with all that it takes
  // The walks that need each element value, as sets of bits.
  size_t words_ = 1;
  std::vector<uint64_t> walks_;
};

void RowPlanner::levels_and_phases() {
  plan_.level.resize(g_.size());
  plan_.phase.assign(g_.size(), 0);
  for (uint32_t id = 0; id < g_.size(); ++id) {
    Value v{id};
    plan_.level[id] = level_of(k_, plan_.level, v);
    for (Value o : g_.operands(v)) plan_.phase[id] = std::max(plan_.phase[id], plan_.phase[o.id]);
    if (is_reduce(g_.op(v))) ++plan_.phase[id];
    const int walks_until = is_reduce(g_.op(v)) ? plan_.phase[id] : is_element(v) ? plan_.phase[id] + 1 : 0;
    if (live_[id]) num_walks_ = std::max(num_walks_, walks_until);
  }
}

/// Only what a store needs is evaluated.
void RowPlanner::find_live() {
  live_.assign(g_.size(), false);
  for (uint32_t id = g_.size(); id-- > 0;) {
    if (is_store(g_.op({id}))) live_[id] = true;
    if (!live_[id]) continue;
    for (Value o : g_.operands({id})) live_[o.id] = true;
  }
}

/// A region is walked whole: what stands in it (but constants and scalars, which stand everywhere) and
/// its begin get level and phase of its end, which is at least as high as all live values in it. Outer
/// regions end later, so that they hand down theirs first.
void RowPlanner::unite_regions() {
  std::vector<Value> end(g_.size());
  auto join = [&](Value v, Value its_end) {
    plan_.level[v.id] = std::max(plan_.level[v.id], plan_.level[its_end.id]);
    plan_.phase[v.id] = std::max(plan_.phase[v.id], plan_.phase[its_end.id]);
  };
  for (uint32_t id = g_.size(); id-- > 0;) {
    Value v{id};
    if (region_[id].valid() && class_of(g_.op(v)) != OpClass::source) join(v, end[region_[id].id]);
    if (g_.op(v) == Op::cold_end) end[g_.operand(v, 0).id] = v;
    if (g_.op(v) == Op::cold_begin) join(v, end[id]);
  }
}

void RowPlanner::weigh() {
  total_.assign(g_.size(), 0);
  for (uint32_t id = 0; id < g_.size(); ++id) {
    Value v{id};
    if (!is_element(v)) continue;
    total_[id] = class_of(g_.op(v)) == OpClass::scan ? keep_cost_ : cost(g_.op(v), g_.dtype(v));
    for (Value o : g_.operands(v))
      if (is_element(o)) total_[id] += total_[o.id];
    total_[id] = std::min(total_[id], 1 << 20);
  }
}

/// Whether a value that several walks need is better read back than evaluated again.
bool RowPlanner::worth_keeping(Value v) const {
  const Op op = g_.op(v);
  return !region_[v.id].valid() && op != Op::cold_begin && op != Op::load && op != Op::load_at && op != Op::index &&
         total_[v.id] >= keep_cost_;
}

/// From users to operands: the walks of a sink are given, a value is needed in those of its users. A
/// kept value needs its operands in the first of its walks alone.
void RowPlanner::find_walks() {
  words_ = static_cast<size_t>(num_walks_ + 63) / 64;
  walks_.assign(g_.size() * words_, 0);
  std::vector<uint64_t> needed(words_);
  for (uint32_t id = g_.size(); id-- > 0;) {
    Value v{id};
    if (!live_[id] || (!is_element(v) && !is_reduce(g_.op(v)))) continue;
    if (is_reduce(g_.op(v))) mark(v, plan_.phase[id] - 1);
    if (is_store(g_.op(v))) mark(v, plan_.phase[id]);
    std::copy_n(walks(v), words_, needed.begin());
    int count = 0;
    for (uint64_t word : needed) count += std::popcount(word);
    if (count > 1 && worth_keeping(v)) {
      plan_.kept.push_back(v);
      bool first = true;
      for (uint64_t& word : needed) {
        word = first ? word & (~word + 1) : 0;
        first &= word == 0;
      }
    }
    auto need = [&](Value o) {
      for (size_t w = 0; w < words_; ++w) walks(o)[w] |= needed[w];
    };
    for (Value o : g_.operands(v))
      if (is_element(o)) need(o);
    if (region_[id].valid()) need(region_[id]);
  }
  std::reverse(plan_.kept.begin(), plan_.kept.end());
}

void RowPlanner::list_nodes() {
  plan_.phases.resize(num_walks_);
  std::vector<bool> kept(g_.size(), false);
  for (Value v : plan_.kept) kept[v.id] = true;
  for (uint32_t id = 0; id < g_.size(); ++id) {
    Value v{id};
    if (is_element(v) || is_reduce(g_.op(v))) {
      bool evaluated = false;
      for (int p = 0; p < num_walks_; ++p) {
        if (!in_walk(v, p)) continue;
        const bool restore = kept[id] && evaluated;
        (restore ? plan_.phases[p].restored : plan_.phases[p].elements).push_back(v);
        evaluated = true;
      }
    } else if (live_[id] && plan_.level[id] == Level::row) {
      const bool early = plan_.phase[id] < num_walks_ && !is_store(g_.op(v));
      (early ? plan_.phases[plan_.phase[id]].before : plan_.after).push_back(v);
    }
  }
}

RowPlan RowPlanner::run() {
  find_live();
  levels_and_phases();
  unite_regions();
  if (k_.row_rank > 0) {
    weigh();
    find_walks();
  }
  list_nodes();
  return std::move(plan_);
}

}  // namespace

RowPlan plan_rows(const Kernel& k, int keep_cost) { return RowPlanner(k, keep_cost).run(); }

}  // namespace tarry::ir
