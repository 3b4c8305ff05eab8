#include "compiled.h"

#include <bit>
#include <stdexcept>

namespace bench {

using tarry::ir::DType;
using tarry::ir::Op;
using tarry::ir::Value;
namespace passes = tarry::passes;
namespace codegen = tarry::codegen;

Value ArrayProgram::input() {
  const auto slot = static_cast<uint32_t>(program_.inputs.size());
  passes::InputLayout layout;
  layout.strides = {1};
  layout.buffer = slot;
  layout.buffer_elements = length_;
  program_.inputs.push_back(layout);
  return program_.graph.add(Op::parameter, dtype_, std::span<const int64_t>(&length_, 1), {}, {slot});
}

Value ArrayProgram::number(double value) {
  const int64_t slot = program_.num_scalars++;
  numbers_.push_back(dtype_ == DType::float32 ? std::bit_cast<uint32_t>(static_cast<float>(value))
                                              : std::bit_cast<uint64_t>(value));
  return program_.graph.add(Op::scalar, dtype_, {}, {}, {slot});
}

Value ArrayProgram::apply(Op op, std::initializer_list<Value> operands) {
  return program_.graph.add(op, dtype_, std::span<const int64_t>(&length_, 1), operands);
}

CompiledKernel::CompiledKernel(const ArrayProgram& program) : plan_(passes::compile(program.program())) {
  if (plan_.steps.size() != 1) throw std::runtime_error("not one kernel: " + std::to_string(plan_.steps.size()));
  const auto& step = std::get<passes::KernelStep>(plan_.steps[0].work);
  for (const passes::ScalarBinding& scalar : step.scalars)
    scalars_.push_back(scalar.literal ? scalar.value : program.numbers()[scalar.value]);
  executable_ = codegen::llvm_cpu().compile(*step.kernel);
}

void CompiledKernel::run(std::span<const void* const> inputs, void* output) const {
  const auto& step = std::get<passes::KernelStep>(plan_.steps[0].work);
  std::vector<codegen::Launch::Operand> operands;
  for (const passes::AccessBinding& access : step.operands) {
    codegen::Launch::Operand operand;
    const auto& buffer = plan_.buffers[access.buffer];
    operand.data = buffer.kind == passes::PlanBuffer::Kind::input ? const_cast<void*>(inputs[buffer.input]) : output;
    operand.strides = access.strides.data();
    operands.push_back(operand);
  }
  executable_->run({.extents = step.extents, .operands = operands, .scalars = scalars_});
}

}  // namespace bench
