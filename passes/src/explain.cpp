#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>

#include <algorithm>
#include <vector>

namespace tarry::passes {
namespace {

std::string buffer_text(const Plan& plan, uint32_t b) {
  const PlanBuffer& buffer = plan.buffers[b];
  return (buffer.kind == PlanBuffer::Kind::input ? "input " + std::to_string(buffer.input)
                                                 : "buffer " + std::to_string(b));
}

std::string_view access_text(ir::Access::Kind kind) {
  switch (kind) {
    case ir::Access::Kind::read: return "    reads  ";
    case ir::Access::Kind::write: return "    writes ";
    case ir::Access::Kind::gather: return "    reads at computed places ";
    case ir::Access::Kind::scatter: return "    writes at computed places, in order, ";
    case ir::Access::Kind::index: return "";
  }
  return "";
}

std::string kernel_text(const Plan& plan, const KernelStep& k) {
  static constexpr std::string_view kSchedules[] = {"map", "row", "column", "split"};
  int ops = 0;
  for (uint32_t id = 0; id < k.kernel->body.size(); ++id) {
    const ir::OpClass cls = ir::class_of(k.kernel->body.op({id}));
    ops += cls == ir::OpClass::elementwise || cls == ir::OpClass::reduce || cls == ir::OpClass::scan;
  }
  std::string text = "kernel (" + std::string(kSchedules[static_cast<int>(k.kernel->schedule)]) + ") of " +
                     std::to_string(ops) + " ops over " + ir::tuple_text(k.extents) + "\n";
  for (size_t a = 0; a < k.operands.size(); ++a) {
    const ir::Access& access = k.kernel->accesses[a];
    if (access.kind == ir::Access::Kind::index) continue;
    text += std::string(access_text(access.kind)) + buffer_text(plan, k.operands[a].buffer) + " at " +
            std::to_string(k.operands[a].offset) + " strides " + ir::tuple_text(k.operands[a].strides) + "\n";
  }
  return text;
}

/// What steps hand on to later ones: of a derivative its residuals.
std::string kept_text(const Plan& plan) {
  std::vector<bool> is_output(plan.buffers.size(), false);
  for (const PlanOutput& out : plan.outputs) is_output[out.buffer] = true;
  std::vector<int64_t> change(plan.steps.size() + 1, 0);  // of the bytes that are kept, by step
  std::string text;
  for (uint32_t b = 0; b < plan.buffers.size(); ++b) {
    const PlanBuffer& buffer = plan.buffers[b];
    if (buffer.kind != PlanBuffer::Kind::fresh || is_output[b] || buffer.last_step <= buffer.first_step) continue;
    const int64_t bytes = buffer.elements * static_cast<int64_t>(ir::size_of(buffer.dtype));
    change[buffer.first_step] += bytes;
    if (buffer.last_step + 1 < change.size()) change[buffer.last_step + 1] -= bytes;
    text += "    " + buffer_text(plan, b) + ": " + std::to_string(buffer.elements) + " x " +
            std::string(ir::info(buffer.dtype).text) + ", " + std::to_string(bytes) + " bytes, from step " +
            std::to_string(buffer.first_step) + " to " + std::to_string(buffer.last_step) + "\n";
  }
  if (text.empty()) return text;
  int64_t now = 0, most = 0;
  for (int64_t c : change) most = std::max(most, now += c);
  return "kept between steps, at most " + std::to_string(most) + " bytes at a time:\n" + text;
}

}  // namespace

std::string explain(const Plan& plan, const std::function<std::string(const Step&)>& remark) {
  std::string text;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    text += "step " + std::to_string(i) + ": ";
    if (auto* k = std::get_if<KernelStep>(&step.work)) {
      text += kernel_text(plan, *k);
    } else if (auto* sort = std::get_if<SortStep>(&step.work)) {
      text += std::string(sort->name()) + " of " + ir::tuple_text(sort->operands.back().shape) + "\n";
    } else {
      const MatmulStep& m = std::get<MatmulStep>(step.work);
      text += "matrix product, batch " + std::to_string(m.batch) + ": " +
              ir::tuple_text(std::initializer_list<int64_t>{m.m, m.k}) + " x " +
              ir::tuple_text(std::initializer_list<int64_t>{m.k, m.n}) + "\n";
    }
    text += "    a step of its own because: " + (step.reason.empty() ? "output" : step.reason);
    const std::string where = step.where.text();
    text += (where.empty() ? "" : " (" + where + ")") + "\n";
    if (const std::string more = remark ? remark(step) : ""; !more.empty()) text += "    " + more + "\n";
  }
  return text.empty() ? "nothing to run\n" : text + kept_text(plan);
}

}  // namespace tarry::passes
