#include <tarry/codegen/execute.h>

#include <tarry/runtime/blas.h>
#include <tarry/runtime/stats.h>

namespace tarry::codegen {
namespace {

class Execution {
 public:
  Execution(const passes::Plan& plan, std::span<const runtime::Buffer> inputs, std::span<const uint64_t> scalars)
      : plan_(plan), scalars_(scalars), buffers_(plan.buffers.size()), used_until_(plan.steps.size()) {
    for (size_t b = 0; b < plan.buffers.size(); ++b) {
      const passes::PlanBuffer& buffer = plan.buffers[b];
      if (buffer.kind == passes::PlanBuffer::Kind::input) buffers_[b] = inputs[buffer.input];
      else if (buffer.last_step < plan.steps.size()) used_until_[buffer.last_step].push_back(static_cast<uint32_t>(b));
    }
  }

  void run(const ChooseExecutable& choose) {
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      if (auto* kernel = std::get_if<passes::KernelStep>(&plan_.steps[s].work)) launch(*kernel, choose);
      else multiply(std::get<passes::MatmulStep>(plan_.steps[s].work));
      for (uint32_t b : used_until_[s]) buffers_[b] = {};
    }
  }

  std::vector<runtime::Buffer> outputs() {
    std::vector<runtime::Buffer> result;
    for (const passes::PlanOutput& out : plan_.outputs) {
      memory(out.buffer);
      result.push_back(buffers_[out.buffer]);
    }
    return result;
  }

 private:
  std::byte* memory(uint32_t b) {
    const passes::PlanBuffer& buffer = plan_.buffers[b];
    if (!buffers_[b])
      buffers_[b] = runtime::Buffer::allocate(static_cast<size_t>(buffer.elements) * ir::size_of(buffer.dtype));
    return static_cast<std::byte*>(buffers_[b].data());
  }

  void launch(const passes::KernelStep& step, const ChooseExecutable& choose) {
    operands_.clear();
    for (size_t a = 0; a < step.operands.size(); ++a) {
      const passes::AccessBinding& binding = step.operands[a];
      Launch::Operand operand;
      operand.strides = binding.strides.data();
      if (binding.buffer == passes::kNoBuffer) {
        operand.offset = binding.offset;
      } else {
        // A padded read starts before its buffer; the predicate keeps it from being followed.
        const auto at = reinterpret_cast<uintptr_t>(memory(binding.buffer));
        const auto by = static_cast<uintptr_t>(binding.offset) * ir::size_of(step.kernel->accesses[a].dtype);
        operand.data = reinterpret_cast<void*>(at + by);
      }
      operands_.push_back(operand);
    }
    values_.clear();
    for (const passes::ScalarBinding& s : step.scalars) values_.push_back(s.literal ? s.value : scalars_[s.value]);
    const std::shared_ptr<const Executable> executable = choose(step);
    runtime::counters().kernels_launched.fetch_add(1, std::memory_order_relaxed);
    executable->run({step.extents, operands_, values_});
  }

  void multiply(const passes::MatmulStep& step) {
    const size_t size = ir::size_of(step.dtype);
    const std::byte* a = memory(step.a.buffer);
    const std::byte* b = memory(step.b.buffer);
    std::byte* c = memory(step.c.buffer);
    runtime::counters().library_calls.fetch_add(1, std::memory_order_relaxed);
    for (int64_t i = 0; i < step.batch; ++i) {
      auto at = [&](const passes::MatmulStep::Matrix& m) { return (m.offset + i * m.batch_stride) * static_cast<int64_t>(size); };
      runtime::matmul(step.dtype, step.m, step.n, step.k, {a + at(step.a), step.a.row_stride, step.a.column_stride},
                      {b + at(step.b), step.b.row_stride, step.b.column_stride}, c + at(step.c), step.c.row_stride);
    }
  }

  const passes::Plan& plan_;
  std::span<const uint64_t> scalars_;
  std::vector<runtime::Buffer> buffers_;
  std::vector<std::vector<uint32_t>> used_until_;  // by step: fresh buffers whose last use it is
  std::vector<Launch::Operand> operands_;
  std::vector<uint64_t> values_;
};

}  // namespace

std::vector<runtime::Buffer> execute(const passes::Plan& plan, std::span<const runtime::Buffer> inputs,
                                     std::span<const uint64_t> scalars, const ChooseExecutable& choose) {
  Execution execution(plan, inputs, scalars);
  execution.run(choose);
  return execution.outputs();
}

ChooseExecutable always(const Backend& backend) {
  return [&backend](const passes::KernelStep& step) { return backend.compile(*step.kernel); };
}

}  // namespace tarry::codegen
