#include <tarry/codegen/device.h>

#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <cstdio>

#include "gpu/device_product.h"
#include "gpu/label.h"
#include "gpu/mirror.h"
#include "gpu/routine.h"
#include "host_steps.h"

namespace tarry::codegen {
namespace {

namespace cuda = runtime::cuda;

/// Bytes of memory that is no whole word: the session begins its last word with zeros.
constexpr size_t kZeroedWord = 1;

class DeviceExecution {
 public:
  DeviceExecution(cuda::Session& session, const passes::Plan& plan, std::span<const InputMemory> inputs,
                  std::span<const uint64_t> scalars, Policy policy)
      : session_(session),
        plan_(plan),
        scalars_(scalars),
        policy_(policy),
        buffers_(plan.buffers.size()),
        offsets_(plan.buffers.size(), 0),
        works_(plan.steps.size()),
        mirror_(session),
        host_memory_(plan.buffers.size()),
        host_(host_memory_, scalars) {
    for (size_t b = 0; b < plan.buffers.size(); ++b) {
      const passes::PlanBuffer& buffer = plan.buffers[b];
      if (buffer.kind != passes::PlanBuffer::Kind::input) continue;
      buffers_[b] = *inputs[buffer.input].buffer;
      offsets_[b] = inputs[buffer.input].offset;
    }
  }

  /// All that can fail but for the device itself: kernels, memory, the policy.
  void prepare(const DeviceExecutors& executors) {
    session_.check();
    // What lay in a session that ended is lost, though the GPU may have a new one.
    for (size_t b = 0; b < plan_.buffers.size(); ++b)
      if (plan_.buffers[b].kind == passes::PlanBuffer::Kind::input) cuda::session_of(buffers_[b])->check();
    allocate();
    for (size_t s = 0; s < plan_.steps.size(); ++s) prepare_step(executors, s);
    if (scratch_bytes_) scratch_ = session_.allocate(static_cast<size_t>(scratch_bytes_));
    for (Work& work : works_)
      if (work.plan.scratch_bytes) work.plan.place_scratch(scratch_.device_address());
    prepare_host_steps(executors);
  }

  /// Ahead of prepare(): from here on it is seen whether an index lies outside.
  void watch() { outside_ = session_.allocate(kZeroedWord); }

  /// Whether each kernel that keeps indices within runs where that is seen.
  bool sees_all_indices() const {
    for (size_t s = 0; s < plan_.steps.size(); ++s)
      if (const auto* kernel = std::get_if<passes::KernelStep>(&plan_.steps[s].work))
        if (works_[s].on_host && looks_at_indices(*kernel->kernel)) return false;
    return true;
  }

  /// Waits.
  bool saw_one_outside() const {
    uint8_t seen = 0;
    session_.download(&seen, outside_, 0, 1);
    return seen != 0;
  }

  void run() {
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      if (works_[s].on_host)
        run_on_host(s);
      else
        launch(s);
    }
  }

  Outputs outputs() const {
    Outputs result;
    for (const passes::PlanOutput& out : plan_.outputs) result.push_back(buffers_[out.buffer]);
    return result;
  }

 private:
  struct Work {
    std::shared_ptr<DeviceKernel> kernel;
    std::shared_ptr<const DeviceKernel::Loaded> loaded;
    LaunchPlan plan;
    bool on_host = false;
    std::shared_ptr<const Executable> executable;  // on the host, of a kernel
  };

  void allocate() {
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b) {
      const passes::PlanBuffer& buffer = plan_.buffers[b];
      if (buffer.memory == b)
        buffers_[b] = session_.allocate(static_cast<size_t>(buffer.elements) * ir::size_of(buffer.dtype));
    }
    for (uint32_t b = 0; b < plan_.buffers.size(); ++b)
      if (const uint32_t from = plan_.buffers[b].memory; from != b && from != passes::kNoBuffer)
        buffers_[b] = buffers_[from];
  }

  void prepare_step(const DeviceExecutors& executors, size_t s) {
    const passes::Step& step = plan_.steps[s];
    if (policy_ == Policy::host_only) {
      works_[s].on_host = true;
      return;
    }
    std::string why;
    if (const auto* kernel = std::get_if<passes::KernelStep>(&step.work))
      why = plan_kernel(executors.on_device(*kernel), *kernel, s);
    else if (const std::optional<Routine> routine = routine_of(step))
      why = plan_kernel(routine->kernel, routine->step, s);
    else
      why = session_.why_no_product(product_of(std::get<passes::MatmulStep>(step.work)));
    if (why.empty()) return;
    fall_back(step, why);
    works_[s].on_host = true;
  }

  /// Why it has to run on the host, or nothing.
  std::string plan_kernel(const std::shared_ptr<DeviceKernel>& kernel, const passes::KernelStep& step, size_t s) {
    if (!kernel->why_not().empty()) return kernel->why_not();
    Work& work = works_[s];
    operands_.clear();
    ranges_.clear();
    shared_.clear();
    for (size_t a = 0; a < step.operands.size(); ++a) add_operand(step, a);
    values_.clear();
    for (const passes::ScalarBinding& v : step.scalars) values_.push_back(v.literal ? v.value : scalars_[v.value]);
    const Launch launch{step.extents, operands_, values_};
    const cuda::Properties& properties = cuda::properties_of(session_.device());
    try {
      work.kernel = kernel;
      work.loaded = kernel->load(session_, index_bits(*step.kernel, launch), launch, shared_,
                                 {kernel->label(), plan_.steps[s].where});
      work.plan = plan_launch(work.loaded->gpu, {launch, ranges_, properties.multiprocessors, properties.shared_bytes,
                                                 outside_ ? outside_.device_address() : 0});
    } catch (const NotOnDevice& e) {
      return e.what();
    }
    scratch_bytes_ = std::max(scratch_bytes_, work.plan.scratch_bytes);
    return {};
  }

  void add_operand(const passes::KernelStep& step, size_t a) {
    const passes::AccessBinding& binding = step.operands[a];
    Launch::Operand operand;
    operand.strides = binding.strides.data();
    if (binding.buffer == passes::kNoBuffer) {
      operand.offset = binding.offset;
      ranges_.push_back({});
    } else {
      const runtime::Buffer& buffer = buffers_[binding.buffer];
      const int64_t by =
          offsets_[binding.buffer] + binding.offset * static_cast<int64_t>(ir::size_of(step.kernel->accesses[a].dtype));
      operand.data = reinterpret_cast<void*>(buffer.device_address() + static_cast<uint64_t>(by));
      ranges_.push_back({buffer.device_address(), buffer.bytes()});
    }
    shared_.push_back(ranges_.back().address);
    operands_.push_back(operand);
  }

  cuda::DeviceProduct product_of(const passes::MatmulStep& step) const {
    return device_product(step, [&](const passes::MatmulStep::Matrix& m) {
      const int64_t by = offsets_[m.buffer] + m.offset * static_cast<int64_t>(ir::size_of(step.dtype));
      return buffers_[m.buffer].device_address() + static_cast<uint64_t>(by);
    });
  }

  void fall_back(const passes::Step& step, const std::string& why) {
    const std::string line = step.where.text();
    const std::string what = step_label(step) + (line.empty() ? "" : " (recorded at " + line + ")");
    if (policy_ == Policy::device_only)
      throw DeviceError(what + " has no kernel on gpu(" + std::to_string(session_.device()) + "): " + why +
                        ". The policy device_only forbids the host; prefer_device allows it");
    runtime::count(&runtime::Counters::fallbacks);
    if (runtime::config().logs("fallback"))
      std::fprintf(stderr, "tarry: fallback: %s runs on the host: %s\n", what.c_str(), why.c_str());
  }

  void prepare_host_steps(const DeviceExecutors& executors) {
    host_.reserve(plan_.steps);
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      if (!works_[s].on_host) continue;
      if (auto* kernel = std::get_if<passes::KernelStep>(&plan_.steps[s].work))
        works_[s].executable = executors.on_host(*kernel);
      for_buffers(plan_.steps[s], [&](uint32_t b, bool) { host_memory_[b] = mirror_.add(buffers_[b]) + offsets_[b]; });
    }
    for (size_t b = 0; b < plan_.buffers.size(); ++b)
      if (plan_.buffers[b].kind == passes::PlanBuffer::Kind::input) mirror_.written_on_device(buffers_[b]);
    host_.begin_rehearsal();
    for (size_t s = plan_.first_overwrite + size_t{1}; s < plan_.steps.size(); ++s)
      if (works_[s].on_host) host_.run(plan_.steps[s], works_[s].executable.get());
    host_.end_rehearsal();
  }

  void launch(size_t s) {
    const passes::Step& step = plan_.steps[s];
    const Work& work = works_[s];
    if (const auto* product = std::get_if<passes::MatmulStep>(&step.work); product && !work.kernel) {
      session_.multiply(product_of(*product), {"matmul", step.where});
      mirror_.written_on_device(buffers_[product->c.buffer]);
      return;
    }
    runtime::count(&runtime::Counters::kernels_launched);
    for (const GpuLaunch& l : work.plan.launches)
      session_.launch(
          {work.loaded->functions[static_cast<size_t>(l.entry)], l.blocks, l.threads, l.shared_bytes, l.words},
          {work.kernel->label(), step.where});
    for_buffers(step, [&](uint32_t b, bool written) {
      if (written) mirror_.written_on_device(buffers_[b]);
    });
  }

  void run_on_host(size_t s) {
    const passes::Step& step = plan_.steps[s];
    for_buffers(step, [&](uint32_t b, bool) { host_memory_[b] = mirror_.read(buffers_[b]) + offsets_[b]; });
    host_.run(step, works_[s].executable.get());
    for_buffers(step, [&](uint32_t b, bool written) {
      if (written) mirror_.give_back(buffers_[b]);
    });
  }

  cuda::Session& session_;
  const passes::Plan& plan_;
  std::span<const uint64_t> scalars_;
  Policy policy_;
  std::vector<runtime::Buffer> buffers_;
  std::vector<int64_t> offsets_;  // bytes, by plan buffer
  std::vector<Work> works_;       // by step
  int64_t scratch_bytes_ = 0;
  runtime::Buffer outside_;  // a word, where somebody watches: whether an index lay outside
  runtime::Buffer scratch_;  // one for all steps, as they run one behind the other
  std::vector<Launch::Operand> operands_;
  std::vector<DeviceRange> ranges_;
  std::vector<uint64_t> shared_;  // by access: where the memory begins that it lies in
  std::vector<uint64_t> values_;
  Mirror mirror_;
  std::vector<std::byte*> host_memory_;  // by plan buffer: its copy, for steps that run on the host
  HostSteps host_;
};

}  // namespace

Outputs execute_on(cuda::Session& session, const passes::Plan& plan, std::span<const InputMemory> inputs,
                   std::span<const uint64_t> scalars, const DeviceExecutors& executors, Policy policy) {
  DeviceExecution execution(session, plan, inputs, scalars, policy);
  execution.prepare(executors);
  Outputs outputs = execution.outputs();
  execution.run();
  return outputs;
}

std::optional<Outputs> execute_watching(cuda::Session& session, const passes::Plan& plan,
                                        std::span<const InputMemory> inputs, std::span<const uint64_t> scalars,
                                        const DeviceExecutors& executors, Policy policy) {
  DeviceExecution execution(session, plan, inputs, scalars, policy);
  execution.watch();
  execution.prepare(executors);
  if (!execution.sees_all_indices()) return {};
  Outputs outputs = execution.outputs();
  execution.run();
  if (execution.saw_one_outside()) return {};
  return outputs;
}

}  // namespace tarry::codegen
