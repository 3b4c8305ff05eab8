#include <tarry/codegen/execute.h>

#include <tarry/runtime/blas.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/stats.h>

namespace tarry::codegen {
namespace {

class Execution {
 public:
  Execution(const passes::Plan& plan, std::span<const InputMemory> inputs, std::span<const uint64_t> scalars)
      : plan_(plan), scalars_(scalars), buffers_(plan.buffers.size()), offsets_(plan.buffers.size(), 0) {
    for (size_t b = 0; b < plan.buffers.size(); ++b) {
      const passes::PlanBuffer& buffer = plan.buffers[b];
      if (buffer.kind != passes::PlanBuffer::Kind::input) continue;
      buffers_[b] = inputs[buffer.input].buffer;
      offsets_[b] = inputs[buffer.input].offset;
    }
  }

  /// All that can fail: executables and memory.
  void prepare(const ChooseExecutable& choose) {
    for (const passes::Step& step : plan_.steps) {
      const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
      executables_.push_back(kernel ? choose(*kernel) : nullptr);
    }
    allocate();
    size_t operands = 0, scalars = 0;
    for (const passes::Step& step : plan_.steps) {
      const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
      if (!kernel) continue;
      operands = std::max(operands, kernel->operands.size());
      scalars = std::max(scalars, kernel->scalars.size());
    }
    operands_.reserve(operands);
    values_.reserve(scalars);
  }

  void run() {
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      if (auto* kernel = std::get_if<passes::KernelStep>(&plan_.steps[s].work))
        launch(*kernel, *executables_[s]);
      else if (auto* matmul = std::get_if<passes::MatmulStep>(&plan_.steps[s].work))
        multiply(*matmul);
      else
        sort(std::get<passes::SortStep>(plan_.steps[s].work));
    }
  }

  std::vector<runtime::Buffer> outputs() const {
    std::vector<runtime::Buffer> result;
    for (const passes::PlanOutput& out : plan_.outputs) result.push_back(buffers_[out.buffer]);
    return result;
  }

 private:
  void allocate() {
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b)
      if (plan_.buffers[b].memory == b) buffers_[b] = runtime::Buffer::allocate(bytes_of(plan_.buffers[b]));
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b)
      if (const uint32_t from = plan_.buffers[b].memory; from != b && from != passes::kNoBuffer)
        buffers_[b] = buffers_[from];
  }

  static size_t bytes_of(const passes::PlanBuffer& buffer) {
    return static_cast<size_t>(buffer.elements) * ir::size_of(buffer.dtype);
  }

  std::byte* memory(uint32_t b) const { return static_cast<std::byte*>(buffers_[b].data()) + offsets_[b]; }

  void launch(const passes::KernelStep& step, const Executable& executable) {
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
    runtime::counters().kernels_launched.fetch_add(1, std::memory_order_relaxed);
    executable.run({step.extents, operands_, values_});
  }

  void multiply(const passes::MatmulStep& step) {
    const size_t size = ir::size_of(step.dtype);
    const std::byte* a = memory(step.a.buffer);
    const std::byte* b = memory(step.b.buffer);
    std::byte* c = memory(step.c.buffer);
    runtime::counters().library_calls.fetch_add(1, std::memory_order_relaxed);
    for (int64_t i = 0; i < step.batch; ++i) {
      auto at = [&](const passes::MatmulStep::Matrix& m) {
        return (m.offset + i * m.batch_stride) * static_cast<int64_t>(size);
      };
      runtime::matmul(step.dtype, step.m, step.n, step.k, {a + at(step.a), step.a.row_stride, step.a.column_stride},
                      {b + at(step.b), step.b.row_stride, step.b.column_stride}, c + at(step.c), step.c.row_stride);
    }
  }

  void sort(const passes::SortStep& step) {
    auto array = [&](const passes::SortStep::Operand& o, ir::DType t) {
      return runtime::ArrayRef{memory(o.buffer) + o.offset * static_cast<int64_t>(ir::size_of(t)), o.shape, o.strides};
    };
    runtime::counters().library_calls.fetch_add(1, std::memory_order_relaxed);
    const runtime::ArrayRef first = array(step.operands[0], step.dtype), to = array(step.result, ir::DType::int64);
    if (step.op == ir::Op::argsort) return runtime::argsort(step.dtype, first, step.axis, to);
    runtime::search(step.dtype, first, array(step.operands[1], step.dtype), step.op == ir::Op::search_right, to);
  }

  const passes::Plan& plan_;
  std::span<const uint64_t> scalars_;
  std::vector<runtime::Buffer> buffers_;
  std::vector<int64_t> offsets_;                                // bytes, by plan buffer
  std::vector<std::shared_ptr<const Executable>> executables_;  // by step; null for library calls
  std::vector<Launch::Operand> operands_;
  std::vector<uint64_t> values_;
};

}  // namespace

std::vector<runtime::Buffer> execute(const passes::Plan& plan, std::span<const InputMemory> inputs,
                                     std::span<const uint64_t> scalars, const ChooseExecutable& choose) {
  Execution execution(plan, inputs, scalars);
  execution.prepare(choose);
  std::vector<runtime::Buffer> outputs = execution.outputs();
  execution.run();
  return outputs;
}

std::vector<runtime::Buffer> execute(const passes::Plan& plan, std::span<const runtime::Buffer> inputs,
                                     std::span<const uint64_t> scalars, const ChooseExecutable& choose) {
  std::vector<InputMemory> memory;
  for (const runtime::Buffer& buffer : inputs) memory.push_back({buffer, 0});
  return execute(plan, memory, scalars, choose);
}

ChooseExecutable always(const Backend& backend) {
  return [&backend](const passes::KernelStep& step) { return backend.compile(*step.kernel); };
}

}  // namespace tarry::codegen
