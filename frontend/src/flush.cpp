#include "flush.h"

#include "dump.h"
#include "index_check.h"
#include "known_plan.h"
#include "plan_cache.h"
#include "repeats.h"
#include "run_plan.h"
#include "seen_flush.h"
#include "selection.h"
#include "settle.h"
#include "users_line.h"
#include "value.h"

#include <tarry/ir/error.h>
#include <tarry/passes/pass.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/room.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/words.h>

#include <algorithm>
#include <optional>
#include <string>

namespace tarry::frontend {
namespace {

/// Nodes of a trace that are left for the next cut, since they fill no piece. It walks them again, so that they are to
/// be few among the ten thousand that it comes for.
constexpr uint32_t kLongestWait = 1024;

passes::Plan make_plan(ir::Program program) {
  passes::PipelineOptions options;
  std::string_view names = runtime::config().passes;
  while (!names.empty())
    if (const std::string_view name = runtime::take_until(names, ','); !name.empty()) options.passes.emplace_back(name);
  return compile_and_dump(std::move(program), std::move(options));
}

void count_flush(Trace& trace, std::span<const ir::Value> roots) {
  if (std::ranges::all_of(roots, [&](ir::Value r) { return trace.stored(trace.unmarked(r)); })) return;
  runtime::count(&runtime::Counters::ops_recorded, std::exchange(trace.ops_recorded, 0));
  runtime::count(&runtime::Counters::flushes);
}

void store_results(Trace& trace, const Selection& s, const CachedPlan& cached, codegen::Outputs results) {
  for (ir::Value v : s.skipped) trace.set_skipped(v);
  for (size_t i = 0; i < s.outputs.size(); ++i) {
    const passes::PlanOutput& out = cached.plan.outputs[i];
    // A plan of another size knows the order of the axes, which is that of C.
    const bool resized = s.elements != 0 && !out.strides.empty();
    trace.store(s.outputs[i], std::move(results[i]), out.offset,
                resized ? ir::c_strides(trace.graph.shape(s.outputs[i])) : out.strides);
  }
  for (size_t i = 0; i < s.outputs.size(); ++i) {
    for (Cell* cell = trace.cells(s.outputs[i]); cell; cell = cell->next) show_stored(trace, *cell);
  }
}

/// Runs a selection that has this plan.
void run_and_store(Trace& trace, const Selection& s, const CachedPlan& cached) {
  // Inputs may have been overwritten by then, so that nothing may fail any more.
  trace.prepare_to_store(s.outputs.size());
  runtime::Room<8 * sizeof(runtime::Buffer)> room;
  store_results(trace, s, cached, run_plan(trace, s, cached, &room));
}

RecentPlans& recent_plans(Trace& trace) {
  if (!trace.recent_plans) trace.recent_plans = std::make_unique<RecentPlans>();
  return *trace.recent_plans;
}

std::shared_ptr<const CachedPlan> find_plan(Trace& trace, Selection& s) {
  structure(trace, s);
  return plan_for(recent_plans(trace), s, [&] { return make_plan(make_program(trace, s)); });
}

/// `seen`, if any, gets a copy of what is run.
void run_selection(Trace& trace, std::span<const ir::Value> roots, Selection& s, SeenFlush* seen = nullptr) {
  if (s.outputs.empty()) return;
  std::shared_ptr<const CachedPlan> cached = find_plan(trace, s);
  if (seen) seen->runs.push_back(see_run(trace, s, cached, nullptr));
  run_and_store(trace, s, *cached);
  // One that runs on a device is not looked for by its place.
  if (s.words.size() <= kShortStructure && !trace.uses_devices())
    remember_plan(trace, recent_plans(trace), roots, s, std::move(cached));
}

void count_hit() { runtime::count(&runtime::Counters::plans_hit); }

bool run_all_again(Trace& trace, SeenFlush& seen) {
  for (const std::unique_ptr<SeenRun>& run : seen.runs) {
    if (!comes_again(trace, *run)) return false;
    count_hit();
    run_and_store(trace, run->selection, *run->plan);
  }
  return true;
}

/// Whether this is what ran last for roots of these places, of the same nodes, and has run. Else some of it may have:
/// what it computed is there.
bool run_again(Trace& trace, RecentPlans& recent, uint64_t place, std::span<const ir::Value> roots) {
  SeenFlush& kept = recent.place(place).seen;
  if (kept.runs.empty() || kept.forgotten) return false;
  SeenFlush seen = std::move(kept);
  const bool again = std::ranges::equal(seen.roots, roots) && run_all_again(trace, seen);
  if (!again) {
    seen.forgotten = true;
    seen.runs.resize(1);
    recent.place(place).root = {};
  }
  recent.place(place).seen = std::move(seen);
  return again;
}

/// From then on it is worth a copy.
bool comes_second_time(const Trace& trace, RecentPlans::Place& place, std::span<const ir::Value> roots) {
  const bool same_root = std::exchange(place.root, roots[0]) == roots[0];
  return std::exchange(place.epoch, trace.epoch()) == trace.epoch() && same_root;
}

void keep_seen(RecentPlans::Place& place, SeenFlush seen, std::span<const ir::Value> roots) {
  if (seen.runs.empty() || std::ranges::any_of(seen.runs, [](const auto& run) { return !run; })) return;
  seen.roots.assign(roots.begin(), roots.end());
  seen.forgotten = false;
  place.seen = std::move(seen);
}

/// Whether the plan that ran last for such roots was the plan, and has run.
bool run_known(Trace& trace, std::span<const ir::Value> roots) {
  if (trace.recording()) return false;
  RecentPlans& recent = recent_plans(trace);
  const uint64_t place = place_key(trace, roots);
  if (run_again(trace, recent, place, roots)) return true;
  ScratchSelection scratch(trace);
  std::shared_ptr<const CachedPlan> plan = known_plan(trace, recent, recent.place(place), roots, *scratch);
  if (!plan) return false;
  count_hit();
  SeenFlush seen;
  if (comes_second_time(trace, recent.place(place), roots)) {
    seen = std::move(recent.place(place).seen);
    seen.runs.resize(1);
    seen.runs[0] = see_run(trace, *scratch, plan, std::move(seen.runs[0]));
  }
  run_and_store(trace, *scratch, *plan);
  keep_seen(recent.place(place), std::move(seen), roots);
  recent.keep(std::move(plan));
  return true;
}

/// Runs a selection whose kernels see all its indices; false where nothing came of it, since one may lie outside.
bool run_watching(Trace& trace, Selection& s) {
  // Until that is known all stays as it is.
  s.donated.assign(s.donated.size(), false);
  const std::shared_ptr<const CachedPlan> cached = find_plan(trace, s);
  trace.prepare_to_store(s.outputs.size());
  std::optional<codegen::Outputs> results = run_plan_watching(trace, s, *cached);
  if (!results) return false;
  note_all_inside(trace, s);
  store_results(trace, s, *cached, std::move(*results));
  return true;
}

/// Computes what can be computed of a selection; gives the message of the first root that cannot.
std::optional<std::string> compute_whole(Trace& trace, Selection& s, std::span<const ir::Value> roots,
                                         SeenFlush* seen) {
  if (!needs_index_checks(trace, s)) {
    run_selection(trace, roots, s, seen);
    return {};
  }
  if (kernels_see_all_indices(trace, s) && run_watching(trace, s)) return {};
  const CheckedRoots checked = check_indices(trace, s, roots);
  run_program(trace, checked.sound);
  return checked.message;
}

/// Likewise of all that the roots need, a loop in pieces.
std::optional<std::string> compute_at_one_place(Trace& trace, std::span<const ir::Value> roots,
                                                Tail tail = Tail::computed, SeenFlush* seen = nullptr) {
  {
    ScratchSelection s(trace);
    select(trace, roots, true, *s);
    const Pieces pieces = find_pieces(trace, *s, roots, tail);
    if (pieces.roots.empty()) return compute_whole(trace, *s, roots, seen);
    // A failure is told of the roots that need what failed.
    for (const std::vector<ir::Value>& computed : pieces.roots)
      if (!computed.empty()) compute_at_one_place(trace, computed, Tail::computed, seen);
    if (tail == Tail::waits && pieces.rest <= kLongestWait) return {};
  }
  ScratchSelection s(trace);
  select(trace, roots, true, *s);
  return compute_whole(trace, *s, roots, seen);
}

/// The pieces of a loop that comes the second time are kept, for the next time.
std::optional<std::string> compute_on_host(Trace& trace, std::span<const ir::Value> roots, Tail tail) {
  if (run_known(trace, roots)) return {};
  if (trace.recording() || tail == Tail::waits) return compute_at_one_place(trace, roots, tail);
  RecentPlans& recent = recent_plans(trace);
  const uint64_t place = place_key(trace, roots);
  SeenFlush seen;
  const bool again = comes_second_time(trace, recent.place(place), roots);
  std::optional<std::string> message = compute_at_one_place(trace, roots, tail, again ? &seen : nullptr);
  if (seen.runs.size() > 1) keep_seen(recent.place(place), std::move(seen), roots);
  return message;
}

/// One program for each place that the roots live at.
std::optional<std::string> compute(Trace& trace, std::span<const ir::Value> roots, Tail tail = Tail::computed) {
  if (!trace.uses_devices()) [[likely]]
    return compute_on_host(trace, roots, tail);
  settle(trace, roots, [&](ir::Value v) { compute_at_one_place(trace, std::span(&v, 1)); });
  std::vector<ir::Value> rest(roots.begin(), roots.end()), here;
  std::optional<std::string> message;
  while (!rest.empty()) {
    const auto place_of_root = [&](ir::Value r) { return program_place(trace, trace.unmarked(r)); };
    const uint8_t place = place_of_root(rest[0]);
    here.clear();
    std::ranges::copy_if(rest, std::back_inserter(here), [&](ir::Value r) { return place_of_root(r) == place; });
    std::erase_if(rest, [&](ir::Value r) { return place_of_root(r) == place; });
    if (std::optional<std::string> one = compute_at_one_place(trace, here); one && !message) message = std::move(one);
  }
  return message;
}

}  // namespace

void run_program(Trace& trace, std::span<const ir::Value> roots) {
  if (roots.empty()) return;
  ScratchSelection s(trace);
  select(trace, roots, true, *s);
  run_selection(trace, roots, *s);
}

void flush(Trace& trace, std::span<const ir::Value> roots, ir::Location seen) {
  for (ir::Value r : roots) refuse_abstract(trace, r, seen);
  count_flush(trace, roots);
  if (const std::optional<std::string> message = compute(trace, roots)) throw IndexError(*message);
  for (ir::Value r : roots)
    if (trace.graph.op(r) == ir::Op::mark)
      for (Cell* cell = trace.cells(r); cell; cell = cell->next) show_stored(trace, *cell);
  trace.begin_turn();
}

void flush_all(Trace& trace) {
  std::vector<ir::Value> roots;
  for (uint32_t id = 0; id < trace.graph.size(); ++id)
    if (trace.alive({id}) && trace.cells({id}) && !trace.stored({id}) && !trace.failed({id}) && !trace.abstract({id}))
      roots.push_back({id});
  if (roots.empty()) return;
  count_flush(trace, roots);
  compute(trace, roots);
}

void cut(Trace& trace) {
  // What is filled with one value needs no memory before somebody writes to it.
  const auto is_filled = [&](ir::Value v) {
    while (trace.graph.op(v) == ir::Op::move && trace.portable(v)) v = trace.graph.operand(v, 0);
    const ir::Op op = trace.graph.op(v);
    return ir::class_of(op) == ir::OpClass::source ||
           (op == ir::Op::broadcast && ir::class_of(trace.graph.op(trace.graph.operand(v, 0))) == ir::OpClass::source);
  };
  std::vector<ir::Value> roots;
  for (uint32_t id = 0; id < trace.graph.size(); ++id) {
    const ir::Value v{id};
    if (trace.alive(v) && trace.cells(v) && !trace.stored(v) && !trace.failed(v) && !trace.abstract(v) && !is_filled(v))
      roots.push_back(v);
  }
  if (!roots.empty()) {
    count_flush(trace, roots);
    compute(trace, roots, Tail::waits);
  }
  trace.reset_limits();
}

}  // namespace tarry::frontend
