#pragma once
/// The plan that executes a program.

#include <tarry/ir/graph.h>
#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tarry::passes {

using ir::InputLayout;
using ir::Program;

inline constexpr uint32_t kNoBuffer = UINT32_MAX;
/// A single row of an array of several dimensions is one of few, which threads share, when it is longer than this.
inline constexpr int64_t kShortRow = 16 * 1024;

struct PlanBuffer {
  enum class Kind : uint8_t { input, fresh };
  Kind kind = Kind::fresh;
  uint32_t input = 0;  // Kind::input: InputLayout::buffer
  ir::DType dtype = ir::DType::float32;
  int64_t elements = 0;                    // Kind::fresh: size to allocate
  uint32_t first_step = 0, last_step = 0;  // live range, in steps; outputs live to the end
  /// Kind::fresh: the buffer whose memory it takes, which is dead by then and has the same size; itself where memory is
  /// allocated, kNoBuffer where it is never used.
  uint32_t memory = kNoBuffer;
};

struct AccessBinding {
  uint32_t buffer = kNoBuffer;  // kNoBuffer for index accesses
  int64_t offset = 0;
  ir::Strides strides;  // outer then row
};

struct ScalarBinding {
  bool literal = false;
  uint64_t value = 0;  // literal: the bits; else the program's scalar slot
};

/// One launch.
struct KernelStep {
  std::shared_ptr<const ir::Kernel> kernel;
  ir::Shape extents;  // outer then row
  std::vector<AccessBinding> operands;
  std::vector<ScalarBinding> scalars;
};

/// Batched matrix product, all operands row-major or transposed: c[b] = a[b] · b[b].
struct MatmulStep {
  ir::DType dtype = ir::DType::float32;
  int64_t batch = 1, m = 0, n = 0, k = 0;
  struct Matrix {
    uint32_t buffer = kNoBuffer;
    int64_t offset = 0;
    int64_t batch_stride = 0, row_stride = 0, column_stride = 0;  // elements
  } a, b, c;
};

/// argsort, search_left or search_right on arrays as they lie.
struct SortStep {
  ir::Op op = ir::Op::argsort;
  bool elements = false;                 // argsort: the result is the elements in that order, not their places
  ir::DType dtype = ir::DType::float32;  // of the operands
  struct Operand {
    uint32_t buffer = kNoBuffer;
    int64_t offset = 0;
    ir::Shape shape;
    ir::Strides strides;
  };
  std::vector<Operand> operands;
  Operand result;
  int64_t axis = 0;  // argsort

  ir::DType result_dtype() const { return elements ? dtype : ir::DType::int64; }
  std::string_view name() const { return elements ? "sort" : ir::info(op).name; }
};

struct Step {
  std::variant<KernelStep, MatmulStep, SortStep> work;
  ir::Location where;  // of the op that made it
  std::string reason;  // why this is a step of its own, for `explain`
};

/// visit(buffer of the plan, whether the step writes to it) for each operand: what is read before what is written in
/// products and sorts; a buffer comes as often as the step has operands in it.
template <class Visit>
void for_buffers(const Step& step, const Visit& visit) {
  if (auto* k = std::get_if<KernelStep>(&step.work)) {
    for (size_t a = 0; a < k->operands.size(); ++a)
      if (k->operands[a].buffer != kNoBuffer) visit(k->operands[a].buffer, k->kernel->accesses[a].is_written());
  } else if (auto* m = std::get_if<MatmulStep>(&step.work)) {
    visit(m->a.buffer, false);
    visit(m->b.buffer, false);
    visit(m->c.buffer, true);
  } else {
    const SortStep& sort = std::get<SortStep>(step.work);
    for (const SortStep::Operand& o : sort.operands) visit(o.buffer, false);
    visit(sort.result.buffer, true);
  }
}

/// Where an output of the program ends up.
struct PlanOutput {
  uint32_t buffer = 0;
  int64_t offset = 0;
  ir::Strides strides;
};

struct Plan {
  std::vector<PlanBuffer> buffers;
  std::vector<Step> steps;
  std::vector<PlanOutput> outputs;  // as Program::graph.outputs
  /// The first step that writes to an input; the number of steps where none does. Those behind it must not fail.
  uint32_t first_overwrite = 0;
};

struct PipelineOptions;

/// The whole way from a program to a plan: the passes, fuse, lower. Pure. pass.h has the options.
Plan compile(Program program);
Plan compile(Program program, const PipelineOptions& options);

}  // namespace tarry::passes
