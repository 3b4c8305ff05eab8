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
  for (uint32_t i = 0; i < plan.steps.size(); ++i) {
    if (auto* k = std::get_if<KernelStep>(&plan.steps[i].work)) {
      for (const AccessBinding& b : k->operands)
        if (b.buffer != kNoBuffer) use(b.buffer, i);
    } else if (auto* m = std::get_if<MatmulStep>(&plan.steps[i].work)) {
      for (uint32_t b : {m->a.buffer, m->b.buffer, m->c.buffer}) use(b, i);
    } else {
      const SortStep& sort = std::get<SortStep>(plan.steps[i].work);
      for (const SortStep::Operand& o : sort.operands) use(o.buffer, i);
      use(sort.result.buffer, i);
    }
  }
  const uint32_t end = static_cast<uint32_t>(plan.steps.size());
  for (const PlanOutput& out : plan.outputs) {
    plan.buffers[out.buffer].last_step = end;
    if (!seen[out.buffer]) plan.buffers[out.buffer].first_step = 0;
    seen[out.buffer] = true;
  }
  return seen;
}

/// Products and sorts have fresh results.
bool overwrites_input(const Plan& plan, const Step& step) {
  const auto* kernel = std::get_if<KernelStep>(&step.work);
  if (!kernel) return false;
  for (size_t a = 0; a < kernel->operands.size(); ++a)
    if (kernel->kernel->accesses[a].is_written() &&
        plan.buffers[kernel->operands[a].buffer].kind == PlanBuffer::Kind::input)
      return true;
  return false;
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
