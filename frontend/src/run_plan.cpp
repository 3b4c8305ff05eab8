#include "run_plan.h"

#include "transfer.h"

#include <tarry/codegen/device.h>
#include <tarry/device.h>
#include <tarry/runtime/room.h>

#include <deque>
#include <optional>

namespace tarry::frontend {
namespace {

/// The kernel of a step, by its place among the plan's steps.
CachedKernel& kernel_of(const CachedPlan& cached, const passes::KernelStep& step) {
  const auto at =
      reinterpret_cast<const std::byte*>(&step) - reinterpret_cast<const std::byte*>(cached.plan.steps.data());
  return *cached.kernels[static_cast<size_t>(at) / sizeof(passes::Step)];
}

codegen::Policy policy() {
  switch (current_policy()) {
    case Policy::prefer_device: return codegen::Policy::prefer_device;
    case Policy::host_only: return codegen::Policy::host_only;
    case Policy::device_only: return codegen::Policy::device_only;
  }
  return {};
}

/// Outputs that are copies of something at this place for another one.
void send_copies(const Trace& trace, const Selection& s, codegen::Outputs& results) {
  for (size_t i = 0; i < results.size(); ++i) {
    const uint8_t wanted = trace.place(s.outputs[i]);
    if (wanted != kAnywhere && wanted != results[i].place())
      results[i] = copy_to_place(results[i], 0, results[i].bytes(), wanted);
  }
}

/// What a plan is run with: by reference to the trace, which is locked meanwhile.
class Arguments {
 public:
  Arguments(const Trace& trace, const Selection& s) : inputs(s.buffers.size(), &room_), scalars(&room_) {
    for (size_t i = 0; i < s.inputs.size(); ++i) {
      const ir::Value v = s.inputs[i];
      codegen::InputMemory& input = inputs[s.buffer_of[i]];
      if (!input.buffer)
        input = memory_of(s, s.buffers[s.buffer_of[i]], trace.buffer(trace.input(v)).buffer,
                          static_cast<int64_t>(ir::size_of(trace.graph.dtype(v))));
    }
    scalars.reserve(s.scalars.size());
    for (ir::Value v : s.scalars) scalars.push_back(trace.scalar_bits(v));
  }
  Arguments(const Arguments&) = delete;

 private:
  /// The window of a program's buffer, at the program's place.
  codegen::InputMemory memory_of(const Selection& s, const BufferWindow& window, const runtime::Buffer& buffer,
                                 int64_t element_bytes) {
    const int64_t start = window.start * element_bytes;
    if (buffer.place() == s.place) [[likely]]
      return {&buffer, start};
    if (!copies_) copies_.emplace();
    if (window.elements < 0) return {&copies_->emplace_back(copy_to_place(buffer, 0, buffer.bytes(), s.place)), start};
    const auto bytes = static_cast<size_t>(window.elements * element_bytes);
    return {&copies_->emplace_back(copy_to_place(buffer, static_cast<size_t>(start), bytes, s.place)), 0};
  }

  // Off the heap, as long as they are short.
  runtime::Room<512> room_;
  std::optional<std::deque<runtime::Buffer>> copies_;  // of what lives at another place

 public:
  std::pmr::vector<codegen::InputMemory> inputs;
  std::pmr::vector<uint64_t> scalars;
};

/// Of a plan that stands for another count of elements. Both outlive what is returned.
codegen::ChooseExecutable on_host(const CachedPlan& cached, const codegen::Recount& recount) {
  return [&cached, &recount](const passes::KernelStep& step) {
    return kernel_of(cached, step).choose(launch_size(*step.kernel, step.extents, recount));
  };
}

/// Results are there and inputs may be gone: what a request meets is not for the caller.
void request_wanted(const CachedPlan& cached) {
  for (const std::shared_ptr<CachedKernel>& kernel : cached.kernels)
    if (kernel) kernel->request_if_wanted();
}

codegen::DeviceExecutors on_device(const CachedPlan& cached) {
  return {[&](const passes::KernelStep& step) { return kernel_of(cached, step).on_device(); },
          on_host(cached, codegen::kAsPlanned)};
}

}  // namespace

codegen::Outputs run_plan(const Trace& trace, const Selection& s, const CachedPlan& cached,
                          std::pmr::memory_resource* room) {
  const Arguments with(trace, s);
  const codegen::Recount recount = s.elements ? codegen::Recount{cached.flat_elements, s.elements} : codegen::Recount{};
  codegen::Outputs results =
      s.place == 0 ? codegen::execute(cached.plan, with.inputs, with.scalars, on_host(cached, recount), recount, room)
                   : codegen::execute_on(runtime::cuda::session_of(s.place - 1), cached.plan, with.inputs, with.scalars,
                                         on_device(cached), policy());
  request_wanted(cached);
  if (trace.uses_devices()) [[unlikely]]
    send_copies(trace, s, results);
  return results;
}

std::optional<codegen::Outputs> run_plan_watching(const Trace& trace, const Selection& s, const CachedPlan& cached) {
  const Arguments with(trace, s);
  std::optional<codegen::Outputs> results = codegen::execute_watching(
      runtime::cuda::session_of(s.place - 1), cached.plan, with.inputs, with.scalars, on_device(cached), policy());
  request_wanted(cached);
  if (results) send_copies(trace, s, *results);
  return results;
}

}  // namespace tarry::frontend
