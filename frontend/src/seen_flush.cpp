#include "seen_flush.h"

#include "index_check.h"
#include "known_plan.h"
#include "selection_parts.h"

#include <algorithm>
#include <utility>

namespace tarry::frontend {
namespace {

constexpr size_t kMostNodes = 256;

/// The handles may want another order in memory than those of the last time.
bool same_orders(const Trace& t, const SeenRun& seen) {
  const uint64_t* w = seen.plan->structure.data() + seen.plan->outputs;
  for (ir::Value output : seen.selection.outputs) {
    const ir::Ints order = order_of(t, output);
    if (order.size() != *w++ >> 32) return false;
    for (int64_t axis : order)
      if (static_cast<uint64_t>(axis) != *w++) return false;
  }
  return true;
}

/// Who else holds the inputs' buffers is not a matter of this trace alone.
bool same_donations(const Trace& t, Selection& s) {
  std::swap(s.donated, s.marks);
  s.donated.clear();
  choose_donations(t, s);
  return s.donated == s.marks;
}

/// Inputs may lie elsewhere, and no longer share their buffers with the same others.
void number_again(Trace& t, Selection& s) {
  s.inputs.clear();
  s.scalars.clear();
  s.buffers.clear();
  s.buffer_of.clear();
  number_sources(t, s);
}

}  // namespace

bool comes_again(Trace& t, SeenRun& seen) {
  if (seen.epoch != t.epoch()) return false;
  Selection& s = seen.selection;
  bool moved = false;
  for (size_t i = 0; i < s.nodes.size(); ++i) {
    const uint64_t standing = t.standing(s.nodes[i]);
    if (standing == seen.standings[i]) continue;
    if ((standing | Trace::kChecked) == seen.standings[i] && all_known_inside(t, s.nodes[i])) continue;
    if (!Trace::both_stored(standing, seen.standings[i])) return false;
    seen.standings[i] = standing;
    moved = true;
  }
  if (moved) number_again(t, s);
  return seen.worth_storing == t.worth_storing.size() && same_orders(t, seen) && same_donations(t, s) &&
         (!moved || same_inputs(t, *seen.plan, s));
}

std::unique_ptr<SeenRun> see_run(const Trace& t, const Selection& s, std::shared_ptr<const CachedPlan> plan,
                                 std::unique_ptr<SeenRun> seen) {
  if (s.nodes.size() > kMostNodes) return nullptr;
  if (!seen) seen = std::make_unique<SeenRun>();
  seen->plan = std::move(plan);
  seen->selection = s;
  seen->standings.clear();
  for (ir::Value v : s.nodes) seen->standings.push_back(t.standing(v));
  seen->epoch = t.epoch();
  seen->worth_storing = t.worth_storing.size();
  return seen;
}

}  // namespace tarry::frontend
