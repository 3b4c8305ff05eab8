#include "memory.h"

#include <algorithm>
#include <unordered_map>

namespace tarry::passes {
namespace {

size_t bytes_of(const PlanBuffer& buffer) { return static_cast<size_t>(buffer.elements) * ir::size_of(buffer.dtype); }

/// Which buffers are used at all.
std::vector<bool> set_live_ranges(Plan& plan) {
  std::vector<bool> seen(plan.buffers.size(), false);
  auto use = [&](uint32_t buffer, uint32_t step) {
    PlanBuffer& b = plan.buffers[buffer];
    if (!seen[buffer]) b.first_step = step;
    seen[buffer] = true;
    b.last_step = step;
  };
  for (uint32_t i = 0; i < plan.steps.size(); ++i)
    for_buffers(plan.steps[i], [&](uint32_t buffer, bool) { use(buffer, i); });
  const uint32_t end = static_cast<uint32_t>(plan.steps.size());
  for (const PlanOutput& out : plan.outputs) {
    plan.buffers[out.buffer].last_step = end;
    if (!seen[out.buffer]) plan.buffers[out.buffer].first_step = 0;
    seen[out.buffer] = true;
  }
  return seen;
}

bool overwrites_input(const Plan& plan, const Step& step) {
  bool any = false;
  for_buffers(step,
              [&](uint32_t b, bool written) { any |= written && plan.buffers[b].kind == PlanBuffer::Kind::input; });
  return any;
}

}  // namespace

void plan_memory(Plan& plan) {
  const auto overwrites = [&](const Step& step) { return overwrites_input(plan, step); };
  plan.first_overwrite = static_cast<uint32_t>(std::ranges::find_if(plan.steps, overwrites) - plan.steps.begin());
  const std::vector<bool> used = set_live_ranges(plan);
  std::vector<uint32_t> fresh;
  for (uint32_t b = 0; b < plan.buffers.size(); ++b)
    if (plan.buffers[b].kind == PlanBuffer::Kind::fresh && used[b]) fresh.push_back(b);
  std::vector<uint32_t> dying = fresh;
  std::ranges::stable_sort(fresh, {}, [&](uint32_t b) { return plan.buffers[b].first_step; });
  std::ranges::stable_sort(dying, {}, [&](uint32_t b) { return plan.buffers[b].last_step; });
  std::unordered_multimap<size_t, uint32_t> free;  // by bytes: who allocates that memory
  size_t dead = 0;
  for (uint32_t b : fresh) {
    PlanBuffer& wanted = plan.buffers[b];
    for (; dead < dying.size() && plan.buffers[dying[dead]].last_step < wanted.first_step; ++dead)
      free.emplace(bytes_of(plan.buffers[dying[dead]]), plan.buffers[dying[dead]].memory);
    wanted.memory = b;
    if (auto at = free.find(bytes_of(wanted)); at != free.end()) {
      wanted.memory = at->second;
      free.erase(at);
    }
  }
}

}  // namespace tarry::passes
