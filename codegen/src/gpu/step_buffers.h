#pragma once
/// Which buffers a step touches, and where.

#include <tarry/passes/plan.h>
#include <tarry/runtime/cuda/device.h>

namespace tarry::codegen {

/// visit(buffer of the plan, whether it is written).
template <class Visit>
void for_buffers(const passes::Step& step, const Visit& visit) {
  if (auto* k = std::get_if<passes::KernelStep>(&step.work)) {
    for (size_t a = 0; a < k->operands.size(); ++a) {
      if (k->operands[a].buffer == passes::kNoBuffer) continue;
      visit(k->operands[a].buffer, k->kernel->accesses[a].is_written());
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

/// A product whose matrices lie at address(matrix).
template <class Address>
runtime::cuda::DeviceProduct device_product(const passes::MatmulStep& step, const Address& address) {
  const auto placed = [&](const passes::MatmulStep::Matrix& m) {
    return runtime::cuda::DeviceMatrix{address(m), m.batch_stride, m.row_stride, m.column_stride};
  };
  return {step.dtype, step.batch, step.m, step.n, step.k, placed(step.a), placed(step.b), placed(step.c)};
}

}  // namespace tarry::codegen
