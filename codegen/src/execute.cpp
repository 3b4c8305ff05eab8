#include <tarry/codegen/execute.h>

#include "host_steps.h"

#include <tarry/runtime/room.h>

#include <algorithm>

namespace tarry::codegen {
namespace {

/// Lists as long as those of a small plan stay off the heap: a small flush should not spend its time in malloc.
class Execution {
 public:
  Execution(const passes::Plan& plan, std::span<const InputMemory> inputs, std::span<const uint64_t> scalars,
            const Recount& recount)
      : plan_(plan),
        inputs_(inputs),
        recount_(recount),
        buffers_(plan.buffers.size(), &room_),
        memory_(plan.buffers.size(), &room_),
        steps_(memory_, scalars, recount, &room_),
        executables_(&room_) {
    for (size_t b = 0; b < plan.buffers.size(); ++b) {
      const passes::PlanBuffer& buffer = plan.buffers[b];
      if (buffer.kind != passes::PlanBuffer::Kind::input) continue;
      const InputMemory& input = inputs[buffer.input];
      memory_[b] = static_cast<std::byte*>(input.buffer->data()) + input.offset;
    }
  }

  /// All that can fail: executables and memory. A single step gets its own before it writes.
  void prepare(const ChooseExecutable& choose) {
    executables_.reserve(plan_.steps.size());
    for (const passes::Step& step : plan_.steps) {
      const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
      executables_.push_back(kernel ? choose(*kernel) : nullptr);
    }
    allocate();
    steps_.reserve(plan_.steps);
    if (plan_.first_overwrite + size_t{1} < plan_.steps.size()) rehearse();
  }

  void run() {
    for (size_t s = 0; s < plan_.steps.size(); ++s) steps_.run(plan_.steps[s], executables_[s].get());
  }

  /// Steps know where their memory is: its handles can go.
  Outputs outputs(std::pmr::memory_resource* room) {
    Outputs result(room);
    result.reserve(plan_.outputs.size());
    for (const passes::PlanOutput& out : plan_.outputs) {
      const auto same = [&](const passes::PlanOutput& o) { return o.buffer == out.buffer; };
      if (plan_.buffers[out.buffer].kind == passes::PlanBuffer::Kind::input)
        result.push_back(buffer(out.buffer));
      else if (runtime::Buffer& own = buffers_[out.buffer])
        result.push_back(std::move(own));
      else
        result.push_back(result[std::ranges::find_if(plan_.outputs, same) - plan_.outputs.begin()]);
    }
    return result;
  }

 private:
  /// A step that failed behind one that has written over an input would leave that changed.
  void rehearse() {
    steps_.begin_rehearsal();
    for (size_t s = plan_.first_overwrite + size_t{1}; s < plan_.steps.size(); ++s)
      steps_.run(plan_.steps[s], executables_[s].get());
    steps_.end_rehearsal();
  }

  void allocate() {
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b) {
      if (plan_.buffers[b].memory != b) continue;
      buffers_[b] = runtime::Buffer::allocate(bytes_of(plan_.buffers[b]));
      memory_[b] = static_cast<std::byte*>(buffers_[b].data());
    }
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b) {
      const uint32_t from = plan_.buffers[b].memory;
      if (from == b || from == passes::kNoBuffer) continue;
      buffers_[b] = buffer(from);
      memory_[b] = memory_[from];
    }
  }

  size_t bytes_of(const passes::PlanBuffer& buffer) const {
    return static_cast<size_t>(recount_(buffer.elements)) * ir::size_of(buffer.dtype);
  }

  const runtime::Buffer& buffer(uint32_t b) const {
    const passes::PlanBuffer& of_plan = plan_.buffers[b];
    return of_plan.kind == passes::PlanBuffer::Kind::input ? *inputs_[of_plan.input].buffer : buffers_[b];
  }

  const passes::Plan& plan_;
  const std::span<const InputMemory> inputs_;
  const Recount& recount_;
  runtime::Room<1024> room_;
  std::pmr::vector<runtime::Buffer> buffers_;  // of what is no input
  std::pmr::vector<std::byte*> memory_;        // where the plan's offsets begin, by plan buffer
  HostSteps steps_;
  std::pmr::vector<std::shared_ptr<const Executable>> executables_;  // by step; null for library calls
};

}  // namespace

void Executable::run(const Launch& launch) const {
  runtime::Workspace workspace;
  run(launch, workspace);
}

Outputs execute(const passes::Plan& plan, std::span<const InputMemory> inputs, std::span<const uint64_t> scalars,
                const ChooseExecutable& choose, const Recount& recount, std::pmr::memory_resource* room) {
  Execution execution(plan, inputs, scalars, recount);
  execution.prepare(choose);
  Outputs outputs = execution.outputs(room);
  execution.run();
  return outputs;
}

Outputs execute(const passes::Plan& plan, std::span<const runtime::Buffer> inputs, std::span<const uint64_t> scalars,
                const ChooseExecutable& choose) {
  std::vector<InputMemory> memory;
  for (const runtime::Buffer& buffer : inputs) memory.push_back({&buffer, 0});
  return execute(plan, memory, scalars, choose);
}

ChooseExecutable always(const Backend& backend) {
  return [&backend](const passes::KernelStep& step) { return backend.compile(*step.kernel); };
}

}  // namespace tarry::codegen
