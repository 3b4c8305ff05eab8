#pragma once
/// A program (array-level graph with its inputs' layouts) and the plan that executes it.

#include <tarry/ir/graph.h>
#include <tarry/ir/kernel.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tarry::passes {

/// How an input lies in its buffer.
struct InputLayout {
  int64_t offset = 0;    // elements from the start of the buffer
  ir::Strides strides;   // elements
  uint32_t buffer = 0;   // inputs with the same number share one buffer
  bool donated = false;  // nobody needs the buffer's content after the flush: it may be overwritten
  int64_t buffer_elements = 0;  // size of the whole buffer
};

/// What a flush computes: `parameter` slots index `inputs`, `scalar` slots index the scalars given
/// at execution; `graph.outputs` are stored, each in a fresh buffer (or a donated one), compact,
/// with axes ordered slowest first as in `output_order` (empty: C order).
struct Program {
  ir::Graph graph;
  std::vector<InputLayout> inputs;
  std::vector<ir::Ints> output_order;
  uint32_t num_scalars = 0;
};

inline constexpr uint32_t kNoBuffer = UINT32_MAX;

struct PlanBuffer {
  enum class Kind : uint8_t { input, fresh };
  Kind kind = Kind::fresh;
  uint32_t input = 0;    // Kind::input: InputLayout::buffer
  ir::DType dtype = ir::DType::float32;
  int64_t elements = 0;  // Kind::fresh: size to allocate
  uint32_t first_step = 0, last_step = 0;  // live range, in steps; outputs live to the end
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

struct Step {
  std::variant<KernelStep, MatmulStep> work;
  ir::Location where;  // of the op that made it
  std::string reason;  // why this is a step of its own, for `explain`
};

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
};

/// The whole way from a program to a plan: simplify, fuse, lower. Pure.
Plan compile(const Program& program);

}  // namespace tarry::passes
