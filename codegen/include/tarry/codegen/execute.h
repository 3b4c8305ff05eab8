#pragma once
/// Runs plans.

#include <tarry/codegen/backend.h>
#include <tarry/passes/plan.h>
#include <tarry/runtime/buffer.h>

#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <vector>

namespace tarry::codegen {

/// Gives the executable of a step's kernel: the policy of tiers and caches is the caller's.
using ChooseExecutable = std::function<std::shared_ptr<const Executable>(const passes::KernelStep&)>;

/// A buffer that a plan reads, which outlives the run, and how many bytes after its start the plan's offsets begin.
struct InputMemory {
  const runtime::Buffer* buffer = nullptr;
  int64_t offset = 0;
};

/// The buffer of each output of a plan.
using Outputs = std::pmr::vector<runtime::Buffer>;

/// A count of elements that stands for another one in a plan, wherever that stands: in buffers and extents.
struct Recount {
  int64_t from = 0, to = 0;
  int64_t operator()(int64_t n) const { return n == from ? to : n; }
};
inline constexpr Recount kAsPlanned;

/// Runs all steps. `inputs` by InputLayout::buffer, `scalars` by slot of the program. Returns the buffer
/// of each output, listed in `room`; offsets and strides are the plan's, from the same start as those of the inputs.
/// Memory is found for all steps before the first one runs; buffers whose last use is over serve later
/// ones. Throws what allocation and `choose` throw, before anything has changed.
Outputs execute(const passes::Plan& plan, std::span<const InputMemory> inputs, std::span<const uint64_t> scalars,
                const ChooseExecutable& choose, const Recount& recount = kAsPlanned,
                std::pmr::memory_resource* room = std::pmr::get_default_resource());
Outputs execute(const passes::Plan& plan, std::span<const runtime::Buffer> inputs, std::span<const uint64_t> scalars,
                const ChooseExecutable& choose);

/// The executable of one backend for every kernel, compiled anew each time: for tests and tools.
ChooseExecutable always(const Backend& backend);

}  // namespace tarry::codegen
