#pragma once
/// Which buffers a step touches, and what people call it.

#include <tarry/passes/plan.h>

#include <string>

namespace tarry::codegen {

/// visit(buffer of the plan, whether it is written).
template <class Visit>
void for_buffers(const passes::Step& step, const Visit& visit) {
  if (auto* k = std::get_if<passes::KernelStep>(&step.work)) {
    for (size_t a = 0; a < k->operands.size(); ++a) {
      if (k->operands[a].buffer == passes::kNoBuffer) continue;
      const ir::Access::Kind kind = k->kernel->accesses[a].kind;
      visit(k->operands[a].buffer, kind == ir::Access::Kind::write || kind == ir::Access::Kind::scatter);
    }
  } else if (auto* m = std::get_if<passes::MatmulStep>(&step.work)) {
    visit(m->a.buffer, false);
    visit(m->b.buffer, false);
    visit(m->c.buffer, true);
  } else {
    const passes::SortStep& sort = std::get<passes::SortStep>(step.work);
    for (const passes::SortStep::Operand& o : sort.operands) visit(o.buffer, false);
    visit(sort.result.buffer, true);
  }
}

inline std::string step_name(const passes::Step& step) {
  if (auto* k = std::get_if<passes::KernelStep>(&step.work))
    return k->kernel->name.empty() ? "kernel" : k->kernel->name;
  if (std::holds_alternative<passes::MatmulStep>(step.work)) return "matmul";
  return std::string(ir::info(std::get<passes::SortStep>(step.work).op).name);
}

}  // namespace tarry::codegen
