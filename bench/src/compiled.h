#pragma once
/// One kernel outside the front end, where the cost of a flush would blur what is measured.

#include <tarry/codegen/backend.h>
#include <tarry/passes/plan.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace bench {

/// A program over compact arrays of one length and dtype: inputs in the order of their slots, one output.
class ArrayProgram {
 public:
  ArrayProgram(tarry::ir::DType dtype, int64_t length) : dtype_(dtype), length_(length) {}
  tarry::ir::Value input();
  /// A number that is an argument of the launch.
  tarry::ir::Value number(double value);
  tarry::ir::Value apply(tarry::ir::Op op, std::initializer_list<tarry::ir::Value> operands);
  void set_output(tarry::ir::Value value) { program_.graph.outputs = {value}; }

  const tarry::passes::Program& program() const { return program_; }
  std::span<const uint64_t> numbers() const { return numbers_; }

 private:
  tarry::ir::DType dtype_;
  int64_t length_;
  tarry::passes::Program program_;
  std::vector<uint64_t> numbers_;
};

/// The program's only kernel, compiled by LLVM. Throws std::runtime_error when the plan has more steps than one.
class CompiledKernel {
 public:
  explicit CompiledKernel(const ArrayProgram& program);
  /// Reads the inputs, in the order of their slots, and writes the output.
  void run(std::span<const void* const> inputs, void* output) const;

 private:
  tarry::passes::Plan plan_;
  std::vector<uint64_t> scalars_;
  std::shared_ptr<const tarry::codegen::Executable> executable_;
};

}  // namespace bench
