#pragma once
/// Runs plans.

#include <tarry/codegen/backend.h>
#include <tarry/passes/plan.h>
#include <tarry/runtime/buffer.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace tarry::codegen {

/// Gives the executable of a step's kernel: the policy of tiers and caches is the caller's.
using ChooseExecutable = std::function<std::shared_ptr<const Executable>(const passes::KernelStep&)>;

/// Runs all steps. `inputs` by InputLayout::buffer, `scalars` by slot of the program. Returns the buffer
/// of each output; offsets and strides are the plan's. Fresh buffers are allocated at the first step
/// that touches them and go back to the pool after the last. Throws what allocation and the
/// executables throw; nothing but donated inputs has then changed.
std::vector<runtime::Buffer> execute(const passes::Plan& plan, std::span<const runtime::Buffer> inputs,
                                     std::span<const uint64_t> scalars, const ChooseExecutable& choose);

/// The executable of one backend for every kernel, compiled anew each time: for tests and tools.
ChooseExecutable always(const Backend& backend);

}  // namespace tarry::codegen
