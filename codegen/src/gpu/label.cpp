#include "gpu/label.h"

#include <tarry/codegen/device.h>

#include "gpu/device_product.h"
#include "gpu/routine.h"

namespace tarry::codegen {
namespace {

bool says_something(ir::Op op) {
  switch (ir::class_of(op)) {
    case ir::OpClass::elementwise:
    case ir::OpClass::reduce:
    case ir::OpClass::scan: return true;
    default: return op == ir::Op::load_at || op == ir::Op::store_at || op == ir::Op::add_at;
  }
}

}  // namespace

std::string kernel_label(const ir::Kernel& kernel) {
  if (!kernel.name.empty()) return kernel.name;
  constexpr int kMost = 6;
  std::string label;
  int count = 0;
  for (uint32_t id = 0; id < kernel.body.size(); ++id) {
    const ir::Op op = kernel.body.op({id});
    if (!says_something(op)) continue;
    if (count++ == kMost) return label + "+…";
    label += (label.empty() ? "" : "+") + std::string(ir::info(op).name);
  }
  return label.empty() ? "copy" : label;
}

std::string step_label(const passes::Step& step) {
  if (auto* k = std::get_if<passes::KernelStep>(&step.work)) return kernel_label(*k->kernel);
  if (std::holds_alternative<passes::MatmulStep>(step.work)) return "matmul";
  return std::string(std::get<passes::SortStep>(step.work).name());
}

std::string why_not_on_device(const passes::Step& step) {
  if (auto* k = std::get_if<passes::KernelStep>(&step.work)) return why_not_on_gpu(*k->kernel);
  if (has_routine(step)) return "";
  const auto& m = std::get<passes::MatmulStep>(step.work);
  return runtime::cuda::why_no_product(device_product(m, [](const auto&) { return uint64_t{0}; }));
}

}  // namespace tarry::codegen
