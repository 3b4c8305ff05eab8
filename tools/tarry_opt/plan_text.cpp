#include "tarry_opt/plan_text.h"

#include <tarry/ir/literal.h>
#include <tarry/ir/text.h>
#include <tarry/passes/expand.h>

namespace tarry::tools {
namespace {

std::string number(uint64_t n) { return std::to_string(n); }

/// "buffer 1, offset 0, strides (4, 1)".
std::string place(uint32_t buffer, int64_t offset, const ir::Strides& strides) {
  const std::string from = buffer == passes::kNoBuffer ? "no buffer" : "buffer " + number(buffer);
  return from + ", offset " + std::to_string(offset) + ", strides " + ir::tuple_text(strides);
}

std::string buffer_text(const passes::PlanBuffer& b) {
  if (b.kind == passes::PlanBuffer::Kind::input) return "input buffer " + number(b.input);
  return "fresh, " + std::to_string(b.elements) + " x " + std::string(ir::info(b.dtype).text) + ", steps " +
         number(b.first_step) + " to " + number(b.last_step);
}

std::string indented(const std::string& text, std::string_view by) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    out += by;
    out += text.substr(at, end - at + 1);
    at = end + 1;
  }
  return out;
}

std::string kernel_step(const passes::KernelStep& step, bool expanded) {
  std::string out = "kernel over " + ir::tuple_text(step.extents) + "\n";
  for (size_t i = 0; i < step.operands.size(); ++i) {
    const passes::AccessBinding& b = step.operands[i];
    out += "    access " + number(i) + ": " + place(b.buffer, b.offset, b.strides) + "\n";
  }
  for (size_t i = 0; i < step.scalars.size(); ++i) {
    const passes::ScalarBinding& s = step.scalars[i];
    const std::string value =
        s.literal ? ir::literal_text(step.kernel->scalars[i], s.value) : "slot " + number(s.value);
    out += "    scalar " + number(i) + ": " + value + "\n";
  }
  return out + indented(ir::print(expanded ? passes::expand(*step.kernel) : *step.kernel), "    ");
}

std::string matmul_step(const passes::MatmulStep& step) {
  auto matrix = [](const char* name, const passes::MatmulStep::Matrix& m) {
    return std::string("    ") + name + ": " +
           place(m.buffer, m.offset, {m.batch_stride, m.row_stride, m.column_stride}) + "\n";
  };
  return "matmul " + std::string(ir::info(step.dtype).text) + ", batch " + std::to_string(step.batch) + ", m " +
         std::to_string(step.m) + ", n " + std::to_string(step.n) + ", k " + std::to_string(step.k) + "\n" +
         matrix("a", step.a) + matrix("b", step.b) + matrix("c", step.c);
}

std::string sort_step(const passes::SortStep& step) {
  std::string out = std::string(step.name()) + " " + std::string(ir::info(step.dtype).text) + ", axis " +
                    std::to_string(step.axis) + "\n";
  for (const passes::SortStep::Operand& o : step.operands)
    out += "    " + ir::tuple_text(o.shape) + ": " + place(o.buffer, o.offset, o.strides) + "\n";
  return out + "    to " + place(step.result.buffer, step.result.offset, step.result.strides) + "\n";
}

}  // namespace

std::string plan_text(const passes::Plan& plan, std::string_view name, bool expanded) {
  std::string out = "plan @" + std::string(name) + " with " + number(plan.steps.size()) + " steps {\n";
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    out += "  buffer " + number(i) + ": " + buffer_text(plan.buffers[i]) + "\n";
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const passes::Step& step = plan.steps[i];
    out += "  step " + number(i) + " (" + (step.reason.empty() ? "output" : step.reason) + "): ";
    if (const auto* kernel = std::get_if<passes::KernelStep>(&step.work))
      out += kernel_step(*kernel, expanded);
    else if (const auto* matmul = std::get_if<passes::MatmulStep>(&step.work))
      out += matmul_step(*matmul);
    else
      out += sort_step(std::get<passes::SortStep>(step.work));
  }
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    const passes::PlanOutput& o = plan.outputs[i];
    out += "  output " + number(i) + ": " + place(o.buffer, o.offset, o.strides) + "\n";
  }
  return out + "}\n";
}

}  // namespace tarry::tools
