#include "nvptx/shape.h"

#include <tarry/ir/reduction.h>

#include <algorithm>
#include <numeric>

namespace tarry::codegen {
namespace {

using Kind = GpuObject::Kind;

/// Likewise of accesses: each takes an address as well.
constexpr int kMostAccessLanes = 64;
/// Evaluations beyond which the turns of a loop cost little beside them.
constexpr int kFewEvaluations = 160;
/// Steps of one turn where these are few: what is kept goes round registers without moves.
constexpr int kCarriedSteps = 4;
/// What it costs to keep a value in shared memory, in units of ir::cost: in the time of a store of 16 bytes a thread a
/// multiprocessor does four additions for each of these elements. What is kept is read in place of its operands.
constexpr int kNearKeepCost = 4;

bool is_scan(ir::Op op) { return ir::class_of(op) == ir::OpClass::scan; }

bool any_node(const ir::Graph& g, bool (*is)(ir::Op)) {
  for (uint32_t id = 0; id < g.size(); ++id)
    if (is(g.op({id}))) return true;
  return false;
}

/// As many as make the most common accesses 16 bytes wide.
int choose_lanes(const ir::Kernel& k) {
  if (ir::is_ordered(k)) return 1;
  int of_size[9] = {};
  for (const ir::Access& a : k.accesses) {
    const bool along = k.schedule == ir::Schedule::row || k.schedule == ir::Schedule::split
                           ? a.in_row && a.row == ir::StrideClass::unit
                           : a.outer == ir::StrideClass::unit;
    if (a.kind != ir::Access::Kind::index && along) ++of_size[ir::size_of(a.dtype)];
  }
  // Of a gather the elements count, not their indices.
  const bool gathers = any_node(k.body, [](ir::Op op) { return op == ir::Op::load_at; });
  int size = 0;
  for (int s = 1; s <= 8; s *= 2)
    if (of_size[s] > 0 && of_size[s] >= of_size[size] + (gathers ? 1 : 0)) size = s;
  if (size == 0) return 1;
  int lanes = kAccessBytes / size;
  for (uint32_t id = 0; id < k.body.size(); ++id)
    if (ir::is_reduce(k.body.op({id})))
      lanes = std::min(lanes, kMostLanesBytes / scratch_bytes(ir::accumulator(k.body.dtype({id}))));
  const int accesses = static_cast<int>(k.accesses.size());
  while (lanes > 1 && (lanes * evaluations(k) > kMostEvaluations || lanes * accesses > kMostAccessLanes)) lanes /= 2;
  return lanes;
}

bool contains(const std::vector<ir::Value>& list, ir::Value v) {
  return std::find(list.begin(), list.end(), v) != list.end();
}

/// What is read in several walks is read once and kept.
ir::RowPlan keep_loads(const ir::Kernel& k, ir::RowPlan plan) {
  const ir::Graph& g = k.body;
  std::vector<bool> read(g.size(), false), inside(g.size(), false);
  int depth = 0;
  for (uint32_t id = 0; id < g.size(); ++id) {
    if (g.op({id}) == ir::Op::cold_begin) ++depth;
    inside[id] = depth > 0;
    if (g.op({id}) == ir::Op::cold_end) --depth;
  }
  for (ir::RowPlan::Phase& phase : plan.phases) {
    std::vector<ir::Value> elements;
    for (ir::Value v : phase.elements) {
      const bool load = (g.op(v) == ir::Op::load || g.op(v) == ir::Op::load_at) && !inside[v.id];
      if (load && read[v.id]) {
        phase.restored.push_back(v);
        if (!contains(plan.kept, v)) plan.kept.push_back(v);
      } else {
        elements.push_back(v);
      }
      read[v.id] = read[v.id] || load;
    }
    phase.elements = std::move(elements);
  }
  return plan;
}

void add_kept(const ir::Kernel& k, const ir::RowPlan& plan, std::vector<GpuObject>& objects) {
  for (ir::Value v : plan.kept) objects.push_back({Kind::kept, v, -1, scratch_bytes(k.body.dtype(v))});
}

void add_reductions(const ir::Kernel& k, const ir::RowPlan& plan, Kind kind, std::vector<GpuObject>& objects) {
  for (const ir::RowPlan::Phase& phase : plan.phases)
    for (ir::Value v : phase.elements)
      if (ir::is_reduce(k.body.op(v)))
        objects.push_back({kind, v, -1, scratch_bytes(ir::accumulator(k.body.dtype(v)))});
}

void add_sort(GpuShape& s) {
  for (int i = 0; i < 2; ++i) s.objects.push_back({Kind::pairs, {}, -1, kPairBytes});
  s.functions.push_back(GpuFunction::sort_runs);
  s.functions.push_back(GpuFunction::merge_runs);
}

void shape_routine(GpuShape& s) {
  switch (s.routine) {
    case GpuRoutine::run: break;
    case GpuRoutine::product: s.functions = {GpuFunction::product_tiles}; break;
    case GpuRoutine::search_left:
    case GpuRoutine::search_right: s.functions = {GpuFunction::search}; break;
    case GpuRoutine::argsort:
      s.functions = {GpuFunction::keys, GpuFunction::positions};
      add_sort(s);
      break;
    case GpuRoutine::sort: s.functions = {GpuFunction::keys, GpuFunction::elements}; add_sort(s);
  }
}

/// Updates whose order shows in the bits.
std::vector<ir::Value> ordered_updates(const ir::Graph& g) {
  std::vector<ir::Value> some;
  for (uint32_t id = 0; id < g.size(); ++id)
    if (ir::is_store_at(g.op({id})) && g.op({id}) != ir::Op::store_at && ir::is_float(g.dtype(g.operand({id}, 0))))
      some.push_back({id});
  return some;
}

void shape_map(GpuShape& s) {
  s.ordered = ordered_updates(s.kernel.body);
  s.tiles = !ir::is_ordered(s.kernel) && kTileLanes * evaluations(s.kernel) <= kFewEvaluations &&
            kTileLanes * s.kernel.accesses.size() <= kMostAccessLanes;
  for (uint32_t id = 0; id < s.kernel.body.size(); ++id)
    if (s.kernel.body.op({id}) == ir::Op::store_at)
      s.objects.push_back({Kind::table, {id}, static_cast<int>(s.kernel.body.attr({id})), 0});
  if (!s.objects.empty()) s.functions = {GpuFunction::clear, GpuFunction::claim};
  s.plain_stores = s.ordered.empty();
  for (uint32_t id = 0; id < s.kernel.body.size(); ++id)
    if (ir::is_store(s.kernel.body.op({id})) && !contains(s.ordered, {id})) s.plain_stores = true;
  if (s.plain_stores) s.functions.push_back(GpuFunction::points);
  if (!s.carry.empty()) {
    s.functions.push_back(GpuFunction::carried);
    s.steps = kCarriedSteps;
    while (s.steps > 1 && s.steps * evaluations(s.kernel) > kFewEvaluations) s.steps /= 2;
  }
  if (s.ordered.empty()) return;
  add_sort(s);
  for (int i = 0; i < static_cast<int>(s.ordered.size()); ++i) {
    s.functions.emplace_back(GpuFunction::pairs, i);
    s.functions.emplace_back(GpuFunction::fold_points, i);
  }
}

/// A plan, and where what it keeps lies in shared memory.
struct Near {
  ir::RowPlan plan;
  std::vector<GpuObject> objects;
  std::vector<int> object_of;

  int bytes() const {
    return std::accumulate(objects.begin(), objects.end(), 0, [](int n, const GpuObject& o) { return n + o.bytes; });
  }
};

/// Values lie in shared memory one behind the other in time: where a walk reads one for the last time, it may leave
/// another one. Not where scans let threads beyond the end read what belongs to other ones.
Near place_near(const ir::Kernel& k, ir::RowPlan plan, bool scans) {
  struct Span {
    size_t kept;
    int first, last;
  };
  std::vector<Span> spans;
  Near near{std::move(plan), {}, {}};
  const auto& phases = near.plan.phases;
  for (ir::Value v : near.plan.kept) {
    Span span{spans.size(), -1, 0};
    for (int p = 0; p < static_cast<int>(phases.size()); ++p) {
      if (!contains(phases[p].elements, v) && !contains(phases[p].restored, v)) continue;
      if (span.first < 0) span.first = p;
      span.last = p;
    }
    spans.push_back(span);
  }
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
  std::vector<int> last_read;  // of the objects
  near.object_of.resize(spans.size());
  for (const Span& span : spans) {
    const ir::Value v = near.plan.kept[span.kept];
    const int bytes = scratch_bytes(k.body.dtype(v));
    size_t place = 0;
    auto free = [&] { return !scans && near.objects[place].bytes == bytes && last_read[place] <= span.first; };
    while (place < near.objects.size() && !free()) ++place;
    if (place == near.objects.size()) {
      near.objects.push_back({Kind::kept, v, -1, bytes});
      last_read.push_back(0);
    }
    last_read[place] = span.last;
    near.object_of[span.kept] = static_cast<int>(place);
  }
  return near;
}

/// Memory decides how many rows a multiprocessor takes at once: what is cheap is kept where that takes no more of it.
void plan_near(GpuShape& s) {
  Near near = place_near(s.kernel, std::move(s.plan), s.scans);
  Near more = place_near(s.kernel, keep_loads(s.kernel, ir::plan_rows(s.kernel, kNearKeepCost)), s.scans);
  if (more.bytes() <= near.bytes()) near = std::move(more);
  s.plan = std::move(near.plan);
  s.near = std::move(near.objects);
  s.near_of = std::move(near.object_of);
}

void shape_rows(GpuShape& s) {
  plan_near(s);
  s.functions = {GpuFunction::rows};
  if (s.lanes > 1) s.functions.push_back(GpuFunction::rows_wide);
  if (s.chunks) {
    add_reductions(s.kernel, s.plan, Kind::lanes, s.objects);
    s.functions.push_back(GpuFunction::finish_rows);
    return;
  }
  add_kept(s.kernel, s.far_plan, s.objects);
  s.parts = !s.scans && s.far_plan.phases.size() > 1;
  if (!s.parts) {
    if (!s.near.empty()) s.functions.push_back(GpuFunction::rows_far);
    return;
  }
  add_reductions(s.kernel, s.far_plan, Kind::lanes, s.objects);
  add_reductions(s.kernel, s.far_plan, Kind::folded, s.objects);
  for (int p = 0; p < static_cast<int>(s.far_plan.phases.size()); ++p) {
    if (s.far_plan.phases[p].elements.empty()) continue;
    s.functions.emplace_back(GpuFunction::walk_chunks, p);
    if (!reductions_of(s.kernel, s.far_plan, p).empty()) s.functions.emplace_back(GpuFunction::fold_chunks, p);
  }
}

void shape_columns(GpuShape& s) {
  add_kept(s.kernel, s.far_plan, s.objects);
  if (s.scans) {
    add_reductions(s.kernel, s.far_plan, Kind::lanes, s.objects);
    add_reductions(s.kernel, s.far_plan, Kind::levels, s.objects);
    s.functions = {GpuFunction::scans};
    return;
  }
  s.functions = {GpuFunction::columns};
  if (s.lanes > 1) s.functions.push_back(GpuFunction::columns_wide);
  if (!s.chunks) return;
  add_reductions(s.kernel, s.far_plan, Kind::lanes, s.objects);
  s.functions.push_back(GpuFunction::finish_columns);
}

}  // namespace

int evaluations(const ir::Kernel& k) {
  int nodes = 0;
  for (uint32_t id = 0; id < k.body.size(); ++id) nodes += ir::class_of(k.body.op({id})) != ir::OpClass::source;
  return nodes;
}

const char* name_of(GpuFunction f) {
  switch (f) {
    case GpuFunction::points: return "points";
    case GpuFunction::carried: return "carried";
    case GpuFunction::clear: return "clear";
    case GpuFunction::claim: return "claim";
    case GpuFunction::pairs: return "pairs";
    case GpuFunction::sort_runs: return "sort_runs";
    case GpuFunction::merge_runs: return "merge_runs";
    case GpuFunction::fold_points: return "fold_points";
    case GpuFunction::product_tiles: return "product_tiles";
    case GpuFunction::keys: return "keys";
    case GpuFunction::positions: return "positions";
    case GpuFunction::elements: return "elements";
    case GpuFunction::search: return "search";
    case GpuFunction::rows: return "rows";
    case GpuFunction::rows_wide: return "rows_wide";
    case GpuFunction::rows_far: return "rows_far";
    case GpuFunction::finish_rows: return "finish_rows";
    case GpuFunction::walk_chunks: return "walk_chunks";
    case GpuFunction::fold_chunks: return "fold_chunks";
    case GpuFunction::columns: return "columns";
    case GpuFunction::columns_wide: return "columns_wide";
    case GpuFunction::finish_columns: return "finish_columns";
    case GpuFunction::scans: return "scans";
  }
  return "";
}

std::string GpuFunctionOf::name() const {
  std::string name = name_of(function);
  if (phase > 0) name.append(1, '_').append(std::to_string(phase));
  return name;
}

std::vector<ir::Value> reductions_of(const ir::Kernel& kernel, const ir::RowPlan& plan, int phase) {
  std::vector<ir::Value> some;
  for (ir::Value v : plan.phases[phase].elements)
    if (ir::is_reduce(kernel.body.op(v))) some.push_back(v);
  return some;
}

bool looks_at_indices(const ir::Kernel& kernel) {
  return any_node(kernel.body, [](ir::Op op) { return op == ir::Op::within; });
}

GpuShape shape_of(ir::Kernel primitive, GpuRoutine routine, Carry carry) {
  GpuShape s;
  s.routine = routine;
  s.kernel = std::move(primitive);
  s.carry = std::move(carry);
  if (routine != GpuRoutine::run) {
    shape_routine(s);
    return s;
  }
  s.lanes = choose_lanes(s.kernel);
  if (s.kernel.row_rank == 0) {
    shape_map(s);
    return s;
  }
  s.scans = any_node(s.kernel.body, is_scan);
  if (s.scans) s.lanes = 1;
  s.far_plan = ir::plan_rows(s.kernel);
  s.plan = keep_loads(s.kernel, s.far_plan);
  const auto& first = s.plan.phases[0].elements;
  const bool reduces =
      std::any_of(first.begin(), first.end(), [&](ir::Value v) { return ir::is_reduce(s.kernel.body.op(v)); });
  s.chunks = s.plan.phases.size() == 1 && reduces && !s.scans;
  if (s.kernel.schedule == ir::Schedule::column)
    shape_columns(s);
  else
    shape_rows(s);
  return s;
}

std::string why_not_on_gpu(const GpuShape& s) {
  if (GpuLayout(s).words() > kMostWords) return "more arguments than a kernel on a GPU can have";
  return "";
}

}  // namespace tarry::codegen
