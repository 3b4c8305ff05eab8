#include "host_steps.h"

#include <tarry/runtime/blas.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/threads.h>

#include <algorithm>

namespace tarry::codegen {

void HostSteps::reserve(std::span<const passes::Step> steps) {
  size_t operands = 0, scalars = 0;
  for (const passes::Step& step : steps) {
    const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
    if (!kernel) continue;
    operands = std::max(operands, kernel->operands.size());
    scalars = std::max(scalars, kernel->scalars.size());
  }
  operands_.reserve(operands);
  values_.reserve(scalars);
}

void HostSteps::begin_rehearsal() {
  runtime::make_thread_pool();
  workspace_.begin_rehearsal();
}

void HostSteps::run(const passes::Step& step, const Executable* executable) {
  workspace_.begin();
  if (auto* kernel = std::get_if<passes::KernelStep>(&step.work))
    launch(*kernel, *executable);
  else if (auto* matmul = std::get_if<passes::MatmulStep>(&step.work))
    multiply(*matmul);
  else
    sort(std::get<passes::SortStep>(step.work));
}

void HostSteps::count(std::atomic<uint64_t> runtime::Counters::*events) const {
  if (!workspace_.rehearses()) runtime::count(events);
}

void HostSteps::launch(const passes::KernelStep& step, const Executable& executable) {
  operands_.clear();
  for (size_t a = 0; a < step.operands.size(); ++a) {
    const passes::AccessBinding& binding = step.operands[a];
    Launch::Operand operand;
    operand.strides = binding.strides.data();
    if (binding.buffer == passes::kNoBuffer) {
      operand.offset = binding.offset;
    } else {
      // A padded read starts before its buffer; the predicate keeps it from being followed.
      const auto at = reinterpret_cast<uintptr_t>(memory_[binding.buffer]);
      const auto by = static_cast<uintptr_t>(binding.offset) * ir::size_of(step.kernel->accesses[a].dtype);
      operand.data = reinterpret_cast<void*>(at + by);
    }
    operands_.push_back(operand);
  }
  values_.clear();
  for (const passes::ScalarBinding& s : step.scalars) values_.push_back(s.literal ? s.value : scalars_[s.value]);
  count(&runtime::Counters::kernels_launched);
  if (recount_.from == 0 || step.extents.size() != 1)
    return executable.run({step.extents, operands_, values_}, workspace_);
  const int64_t extent = recount_(step.extents[0]);
  executable.run({std::span(&extent, 1), operands_, values_}, workspace_);
}

void HostSteps::multiply(const passes::MatmulStep& step) {
  const size_t size = ir::size_of(step.dtype);
  const std::byte* a = memory_[step.a.buffer];
  const std::byte* b = memory_[step.b.buffer];
  std::byte* c = memory_[step.c.buffer];
  count(&runtime::Counters::library_calls);
  for (int64_t i = 0; i < step.batch; ++i) {
    workspace_.begin();
    auto at = [&](const passes::MatmulStep::Matrix& m) {
      return (m.offset + i * m.batch_stride) * static_cast<int64_t>(size);
    };
    runtime::matmul(step.dtype, step.m, step.n, step.k, {a + at(step.a), step.a.row_stride, step.a.column_stride},
                    {b + at(step.b), step.b.row_stride, step.b.column_stride}, c + at(step.c), step.c.row_stride,
                    workspace_);
    if (workspace_.rehearses()) return;  // one is like the other
  }
}

void HostSteps::sort(const passes::SortStep& step) {
  auto array = [&](const passes::SortStep::Operand& o, ir::DType t) {
    return runtime::ArrayRef{memory_[o.buffer] + o.offset * static_cast<int64_t>(ir::size_of(t)), o.shape, o.strides};
  };
  count(&runtime::Counters::library_calls);
  const runtime::ArrayRef first = array(step.operands[0], step.dtype), to = array(step.result, step.result_dtype());
  if (step.elements) return runtime::sort(step.dtype, first, step.axis, to, workspace_);
  if (step.op == ir::Op::argsort) return runtime::argsort(step.dtype, first, step.axis, to, workspace_);
  runtime::search(step.dtype, first, array(step.operands[1], step.dtype), step.op == ir::Op::search_right, to,
                  workspace_);
}

}  // namespace tarry::codegen
